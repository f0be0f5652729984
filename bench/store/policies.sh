#!/usr/bin/env bash
# bench/store/policies.sh BUILD_FOLDER [ROWS] [ROUNDS]
#
# What does a conflict policy cost? penstock stores the rows into a keyed table that holds 0, 1 or 50 % of their keys
# already, spread evenly. Prints the median rate of each, and the median of its ratios to the policy error without
# conflicts in the same round. Under error with 1 % of conflicts every tenth item of ten rows is a dead letter; with
# 50 % all of them are.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) rows=${2:-200000} rounds=${3:-5}

# shellcheck source=../set_up.sh
source "$here/../set_up.sh"
start_postgresql

run() { # POLICY PERCENT
    psql -qX "$url" -c "drop table if exists filings; create table filings(id bigint primary key, company bigint not null,
        filed date not null, form text not null, amount float8 not null, note text not null);
        insert into filings select id, 0, '2000-01-01', 'old', 0, 'old' from generate_series(0, $rows - 1) id
        where id % 100 < $2; analyze filings" -c checkpoint 2>/dev/null
    "$build/bench/store/store_penstock" "$url" "$rows" "$1"
    local wrong
    wrong=$(psql -qAtX "$url" -c "select count(*) from filings where (form = 'old') <> ('$1' in ('error', 'ignore') and id % 100 < $2)")
    [ "$wrong" = 0 ] || { echo "$wrong wrong rows under $1 with $2 %" >&2; exit 1; }
}

for ((round = 0; round <= rounds; ++round)); do
    plain=$(run error 0)
    for policy in error ignore update update_if_different; do
        for percent in 0 1 50; do
            seconds=$(run $policy $percent)
            [ "$round" -eq 0 ] || echo "$seconds $plain" >>"$work/$policy.$percent"  # The first warms up.
        done
    done
done
echo "$rows rows, $rounds rounds; thousands of rows a second, and times as fast as error without conflicts"
for policy in error ignore update update_if_different; do
    for percent in 0 1 50; do
        awk '{ print $1 }' "$work/$policy.$percent" | median |
            awk -v p="$policy" -v c="$percent" -v r="$rows" '{ printf "%-20s %2d %%  %6.0f", p, c, r / $1 / 1000 }'
        printf '   %.3f\n' "$(awk '{ print $2 / $1 }' "$work/$policy.$percent" | median)"
    done
done
