#!/usr/bin/env bash
# The main job on real HTTP: installs what is needed, builds, serves the ISO codes of Debian's iso-codes package as
# JSON pages on 127.0.0.1, loads them into a database, shows what it did, and checks every row.
#
#   examples/run.sh                     into an SQLite file, penstock-example.db
#   examples/run.sh --into postgresql   into a PostgreSQL of its own, which is gone afterwards
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

into=sqlite
case "$*" in
'' | '--into sqlite') ;;
'--into postgresql') into=postgresql ;;
*) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

cmake/install_packages.sh
build=build/examples
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPENSTOCK_TESTS=OFF >/dev/null
cmake --build "$build" --target main_job serve_folder

work=$(mktemp -d)
server=
finish() {
    [ "$into" = sqlite ] || tests/postgresql/server.sh stop "$work/postgresql"
    exec 3>&- || true  # The HTTP server ends with its standard input.
    [ -z "$server" ] || wait "$server" || true
    rm -rf "$work"
}
trap finish EXIT

# What the tables must hold, read from the data set by SQLite's own JSON parser.
source=/usr/share/iso-codes/json
languages="SELECT value ->> 'alpha_3', value ->> 'name', value ->> 'scope', value ->> 'type', value ->> 'inverted_name'
           FROM json_each(readfile('$source/iso_639-3.json'), '\$.639-3')"
subdivisions="SELECT value ->> 'code', value ->> 'name', value ->> 'type', value ->> 'parent'
              FROM json_each(readfile('$source/iso_3166-2.json'), '\$.3166-2')"

# Cuts a data set into pages of four records each, and lists their URLs below the server's address.
cut_pages() { # NAME FILE KEY ADDRESS
    mkdir -p "$work/site/$1"
    sqlite3 :memory: "
        SELECT count(writefile('$work/site/$1/' || number || '.json', page))
        FROM (SELECT key / 4 AS number, json_object('page', key / 4, 'data', json_group_array(json(value))) AS page
              FROM json_each(readfile('$source/$2'), '\$.$3') GROUP BY number)" >/dev/null
    find "$work/site/$1" -name '*.json' -printf "%f\n" | sort -n | sed "s#^#$4$1/#" >"$work/$1.urls"
}

mkfifo "$work/to_server"
mkdir "$work/site"
"$build/examples/serve_folder" "$work/site" <"$work/to_server" >"$work/address" &
server=$!
exec 3>"$work/to_server"
until [ -s "$work/address" ]; do kill -0 "$server"; sleep 0.05; done
address=$(cat "$work/address")

cut_pages languages iso_639-3.json 639-3 "$address"
cut_pages subdivisions iso_3166-2.json 3166-2 "$address"
echo "serving $(cat "$work"/*.urls | wc -l) pages at $address"

if [ "$into" = sqlite ]; then
    database=penstock-example.db
    rm -f "$database" "$database"-wal "$database"-shm
    url=sqlite:$database
    query() { sqlite3 -box "$database" "$1"; }
    # Every row of the reference and of the table that the other does not have, with how often.
    differences() { # TABLE REFERENCE
        sqlite3 "$database" "
            CREATE TEMP TABLE reference AS $2;
            SELECT (SELECT count(*) FROM (SELECT * FROM $1 EXCEPT SELECT * FROM reference))
                 + (SELECT count(*) FROM (SELECT * FROM reference EXCEPT SELECT * FROM $1))
                 + (SELECT abs((SELECT count(*) FROM $1) - (SELECT count(*) FROM reference)))"
    }
else
    chmod 711 "$work"  # The server runs as a user of its own.
    tests/postgresql/server.sh start "$work/postgresql" 3>&-
    url=$(cat "$work/postgresql/url")
    database=$url
    query() { psql -qX "$url" -c "$1"; }
    differences() { # TABLE REFERENCE
        sqlite3 -csv -nullvalue '(null)' :memory: "$2" >"$work/$1.csv"
        psql -qAtX "$url" <<SQL
            CREATE TEMP TABLE reference AS SELECT * FROM $1 WHERE false;
            \\copy reference FROM '$work/$1.csv' WITH (FORMAT csv, NULL '(null)')
            SELECT (SELECT count(*) FROM (SELECT * FROM $1 EXCEPT SELECT * FROM reference) AS more)
                 + (SELECT count(*) FROM (SELECT * FROM reference EXCEPT SELECT * FROM $1) AS less)
                 + (SELECT abs((SELECT count(*) FROM $1) - (SELECT count(*) FROM reference)));
SQL
    }
fi

for what in languages subdivisions; do
    echo
    echo "--- $what"
    "$build/examples/main_job" --what "$what" --urls "$work/$what.urls" --into "$url" --rejects "$work/rejects.ndjson"
done

echo
echo "--- the countries with the most subdivisions, from $database"
query "SELECT substr(code, 1, 2) AS country, count(*) AS subdivisions, min(name) AS for_example
       FROM subdivisions GROUP BY substr(code, 1, 2) ORDER BY subdivisions DESC LIMIT 5"

for what in languages subdivisions; do
    wrong=$(differences "$what" "${!what}")
    if [ "$wrong" != 0 ]; then
        echo "WRONG: $wrong differences between the data set and the table $what" >&2
        exit 1
    fi
    echo "checked: every row of $what is that of the data set, and none is missing"
done
