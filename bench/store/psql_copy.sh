#!/usr/bin/env bash
# psql_copy.sh URL FOLDER: the files of a folder by psql's \copy, a transaction each; prints the seconds that psql's own
# clock counts for them, without its start.
set -euo pipefail
{
    echo '\timing on'
    for file in "$2"/*.copy; do echo "\\copy filings from '$file'"; done
} | psql -qX -v ON_ERROR_STOP=1 "$1" | awk '/^Time:/ { sum += $2 } END { print sum / 1000 }'
