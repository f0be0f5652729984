#!/usr/bin/env bash
# bench/store/run.sh BUILD_FOLDER [ROWS] [PAIRS]
#
# How fast is store by itself? On a PostgreSQL of its own, with batches of 5,000 rows: psql's \copy, libpq in blocks of
# 64 KiB, and penstock, in turn. Prints each one's median, and the medians of the ratios within a round.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) rows=${2:-1000000} pairs=${3:-7}

# shellcheck source=../set_up.sh
source "$here/../set_up.sh"
start_postgresql
mkdir "$work/text"
"$build/bench/store/store_write_rows" "$rows" "$work/text"
echo "$rows rows, $(du -sm --apparent-size "$work/text" | cut -f1) MB of text, $pairs rounds"

table() { # KEY
    psql -qX "$url" -c "drop table if exists filings; create table filings(id bigint not null $1, company bigint not null,
        filed date not null, form text not null, amount float8 not null, note text not null)" -c checkpoint 2>/dev/null
}
check() {
    local found
    found=$(psql -qAtX "$url" -c 'select count(*) from filings')
    [ "$found" = "$rows" ] || { echo "$found rows instead of $rows" >&2; exit 1; }
}

for key in '' 'primary key'; do
    : >"$work/times"
    for ((round = 0; round <= pairs; ++round)); do
        table "$key"; psql=$("$here/psql_copy.sh" "$url" "$work/text"); check
        table "$key"; libpq=$("$build/bench/store/store_libpq_blocks" "$url" "$work/text"); check
        table "$key"; penstock=$("$build/bench/store/store_penstock" "$url" "$rows"); check
        [ "$round" -eq 0 ] || echo "$psql $libpq $penstock" >>"$work/times"  # The first warms up.
    done
    echo "${key:-no key}:"
    names=('psql \copy' 'libpq blocks' 'penstock')
    for i in 0 1 2; do
        seconds=$(awk -v i=$((i + 1)) '{ print $i }' "$work/times" | median)
        awk -v n="${names[$i]}" -v s="$seconds" -v r="$rows" 'BEGIN { printf "  %-12s %7.0f k rows/s\n", n, r / s / 1000 }'
    done
    printf '  penstock / psql \\copy    %.3f (times as fast, median of %s pairs)\n' "$(awk '{ print $1 / $3 }' "$work/times" | median)" "$pairs"
    printf '  penstock / libpq blocks  %.3f\n' "$(awk '{ print $2 / $3 }' "$work/times" | median)"
done
