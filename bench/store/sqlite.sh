#!/usr/bin/env bash
# bench/store/sqlite.sh BUILD_FOLDER [ROWS] [PAIRS]
#
# How fast is store into a SQLite file? Beside the sqlite3 shell's .import of the same rows, a transaction for each 5,000
# of both, WAL and synchronous=FULL for both. Prints each one's median and the median of the ratios of pairs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) rows=${2:-500000} pairs=${3:-7}
# shellcheck source=../set_up.sh
source "$here/../set_up.sh"
mkdir "$work/text"
"$build/bench/store/store_write_rows" "$rows" "$work/text"
file=$work/filings.db

table() { # KEY
    rm -f "$file"*
    sqlite3 "$file" "pragma journal_mode = wal" "create table filings(id integer not null $1, company integer not null,
        filed text not null, form text not null, amount real not null, note text not null) strict" >/dev/null
}
check() {
    local found
    found=$(sqlite3 "$file" 'select count(*) from filings')
    [ "$found" = "$rows" ] || { echo "$found rows instead of $rows" >&2; exit 1; }
}
import() { # The rows hold nothing that COPY would escape, so its text is also the shell's.
    {
        echo 'pragma synchronous = full;'
        echo '.mode tabs'
        for text in "$work"/text/*.copy; do echo ".import '$text' filings"; done
    } >"$work/script"
    local began=$EPOCHREALTIME
    sqlite3 "$file" <"$work/script"
    awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

for key in '' 'primary key'; do
    : >"$work/times"
    for ((round = 0; round <= pairs; ++round)); do
        table "$key"; shell=$(import); check
        table "$key"; penstock=$("$build/bench/store/store_penstock" "sqlite:$file" "$rows"); check
        [ "$round" -eq 0 ] || echo "$shell $penstock" >>"$work/times"  # The first warms up.
    done
    echo "${key:-no key}:"
    for i in 1 2; do
        awk -v i=$i '{ print $i }' "$work/times" | median |
            awk -v i=$i -v r="$rows" '{ printf "  %-10s %6.0f k rows/s\n", i == 1 ? ".import" : "penstock", r / $1 / 1000 }'
    done
    printf '  penstock / .import  %.3f (times as fast, median of %s pairs)\n' "$(awk '{ print $1 / $2 }' "$work/times" | median)" "$pairs"
done
