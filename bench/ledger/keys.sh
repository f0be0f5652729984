#!/usr/bin/env bash
# bench/ledger/keys.sh BUILD_FOLDER [KEYS] [LOOKED_UP]
#
# Does a ledger grow well? On a PostgreSQL of its own and on SQLite: a run settles LOOKED_UP items and another one looks
# them all up again. Then SQL puts in what is missing to KEYS, in the random order of real keys, and a third run looks up
# the same items. Of each run: keys/s, the time from its start to the first item that is settled, the most memory it had;
# of the ledger the bytes that a key takes, its share of the index included.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) keys=${2:-1000000} looked_up=${3:-$((keys < 1000000 ? keys : 1000000))}

# shellcheck source=../set_up.sh
source "$here/../set_up.sh"
start_postgresql
file=$work/keys.db

run() { "$build/bench/ledger/ledger_keys" "$1" "$looked_up" "${@:2}"; }
fill_postgresql() {
    psql -qX "$url" -c "insert into penstock_ledger (ledger, key, state, batch)
        select id, md5(n::text)::uuid, 1, (random() * 9e18)::bigint
        from penstock_ledgers, generate_series(1, $((keys - looked_up))::bigint) as n" -c checkpoint
}
fill_sqlite() {
    sqlite3 "$file" "pragma cache_size = -2000000" \
        "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < $((keys - looked_up)))
        insert into penstock_ledger (ledger, key, state, settled, batch)
        select id, randomblob(16), 1, unixepoch(), abs(random()) from penstock_ledgers, numbers where $keys > $looked_up" \
        "pragma wal_checkpoint(truncate)" >/dev/null
}
# How many keys there are, and what each takes.
size_postgresql() {
    psql -qAtX "$url" -c "select count(*) || ' keys, ' || pg_total_relation_size('penstock_ledger') / count(*) ||
        ' bytes each' from penstock_ledger"
}
size_sqlite() {
    local found
    found=$(sqlite3 "$file" "select count(*) from penstock_ledger")
    echo "$found keys, $(($(stat -c %s "$file") / found)) bytes each"
}

for database in postgresql sqlite; do
    address=$([ "$database" = sqlite ] && echo "sqlite:$file" || echo "$url")
    echo "$database:"
    # Not within the words of echo, which would drop what they end with.
    found=$(run "$address" 40000)
    echo "  settled:   $found"
    found=$(run "$address")
    echo "  looked up: $found"
    found=$("size_$database")
    echo "  in all:    $found"
    "fill_$database"
    found=$("size_$database")
    echo "  filled up: $found"
    found=$(run "$address")
    echo "  looked up: $found"
done
