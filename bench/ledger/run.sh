#!/usr/bin/env bash
# bench/ledger/run.sh BUILD_FOLDER [ROWS] [PAIRS] [KEYS]
#
# What does a ledger cost, and how does it grow? On a PostgreSQL of its own and on SQLite: rows/s with a ledger against
# none, at 10 rows an item and at 1, in batches of 5,000 rows, the medians of the ratios within a round. Then keys.sh
# with KEYS items.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) rows=${2:-500000} pairs=${3:-5} keys=${4:-1000000}

# shellcheck source=../set_up.sh
source "$here/../set_up.sh"
start_postgresql

fresh() { # DATABASE
    if [ "$1" = sqlite ]; then
        rm -f "$work"/bench.db*
    else
        psql -qX "$url" -c 'drop table if exists filings, penstock_ledger, penstock_ledgers' -c checkpoint 2>/dev/null
    fi
}
address() { if [ "$1" = sqlite ]; then echo "sqlite:$work/bench.db"; else echo "$url"; fi; }

echo "$rows rows in batches of 5,000, $pairs rounds"
for database in postgresql sqlite; do
    for in_an_item in 10 1; do
        : >"$work/times"
        for ((round = 0; round <= pairs; ++round)); do
            fresh "$database"; without=$("$build/bench/ledger/ledger_cost" "$(address "$database")" "$rows" "$in_an_item")
            fresh "$database"; with=$("$build/bench/ledger/ledger_cost" "$(address "$database")" "$rows" "$in_an_item" x)
            [ "$round" -eq 0 ] || echo "$without $with" >>"$work/times"  # The first warms up.
        done
        awk -v r="$rows" -v d="$database" -v n="$in_an_item" \
            -v without="$(awk '{ print $1 }' "$work/times" | median)" -v with="$(awk '{ print $2 }' "$work/times" | median)" \
            -v ratio="$(awk '{ print $2 / $1 }' "$work/times" | median)" 'BEGIN {
            printf "%-10s %2d rows an item: %4.0f k rows/s without, %4.0f k with a ledger: %3.0f %% fewer\n",
                   d, n, r / without / 1000, r / with / 1000, 100 * (1 - 1 / ratio) }'
    done
done

"$here/keys.sh" "$build" "$keys"
