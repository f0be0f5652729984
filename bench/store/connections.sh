#!/usr/bin/env bash
# bench/store/connections.sh BUILD_FOLDER [ROWS] [ROUNDS]
#
# What do several connections bring? penstock stores the same rows on 1, 2 and 4 of them, in turn, into a table without
# a key and into one with a key. Prints the median rate of each; the tables must be the same.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) rows=${2:-500000} rounds=${3:-5}

# shellcheck source=../set_up.sh
source "$here/../set_up.sh"
start_postgresql

echo "$rows rows, $rounds rounds; thousands of rows a second"
for key in '' 'primary key'; do
    same=
    for ((round = 0; round <= rounds; ++round)); do
        for connections in 1 2 4; do
            psql -qX "$url" -c "drop table if exists filings; create table filings(id bigint not null $key, company bigint
                not null, filed date not null, form text not null, amount float8 not null, note text not null)" \
                -c checkpoint 2>/dev/null
            seconds=$("$build/bench/store/store_penstock" "$url" "$rows" none "$connections")
            found=$(psql -qAtX "$url" -c "select count(*), sum(hashtextextended(filings::text, 0)) from filings")
            [ "${same:=$found}" = "$found" ] || { echo "another table on $connections connections" >&2; exit 1; }
            [ "$round" -eq 0 ] || echo "$seconds" >>"$work/$connections.$key"  # The first warms up.
        done
    done
    for connections in 1 2 4; do
        median <"$work/$connections.$key" |
            awk -v c=$connections -v k="${key:-no key}" -v r="$rows" '{ printf "%-11s %d  %6.0f\n", k, c, r / $1 / 1000 }'
    done
done
