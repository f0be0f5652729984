#!/usr/bin/env bash
# bench/store/policies.sh BUILD_FOLDER [ROWS] [ROUNDS]
#
# What does a conflict policy cost? penstock stores the rows into a keyed table that holds 0, 1 or 50 % of their keys
# already, spread evenly. Prints the median rate of each, and the median of its ratios to the policy error without
# conflicts in the same round. Under error with 1 % of conflicts every tenth item of ten rows is a dead letter; with
# 50 %, four to six rows of each, all of them are. Fails if a row is missing or is not the one that the policy keeps.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) rows=$((${2:-200000} / 10 * 10)) rounds=${3:-5}

# shellcheck source=../set_up.sh
source "$here/../set_up.sh"
start_postgresql

# In each hundred rows so many are old ones. 37 has no factor in common with 100, so that they are not next to each other.
old() { echo "id * 37 % 100 < $1"; } # PERCENT
run() { # POLICY PERCENT
    psql -qX "$url" -c "drop table if exists filings; create table filings(id bigint primary key, company bigint not null,
        filed date not null, form text not null, amount float8 not null, note text not null);
        insert into filings select id, 0, '2000-01-01', 'old', 0, 'old' from generate_series(0::bigint, $rows - 1) id
        where $(old "$2"); analyze filings" -c checkpoint 2>/dev/null
    "$build/bench/store/store_penstock" "$url" "$rows" "$1"
    # Of an item that is dead only the old rows are there, of all others every row.
    local wrong
    wrong=$(psql -qAtX "$url" -c "select count(*) from (
            select id, $(old "$2") as old, '$1' = 'error' and bool_or($(old "$2")) over (partition by id / 10) as dead
            from generate_series(0::bigint, $rows - 1) id) wanted full join filings using (id)
        where case when not dead or old then old and '$1' in ('error', 'ignore') end is distinct from (form = 'old')")
    [ "$wrong" = 0 ] || { echo "$wrong rows wrong or lost under $1 with $2 %" >&2; exit 1; }
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
