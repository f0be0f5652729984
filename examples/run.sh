#!/usr/bin/env bash
# The main job on real HTTP: installs what is needed, builds, serves the ISO codes of Debian's iso-codes package as
# JSON pages on 127.0.0.1, loads them into a database, shows what it did, and checks every row.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake/install_packages.sh
build=build/examples
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPENSTOCK_TESTS=OFF >/dev/null
cmake --build "$build" --target main_job serve_folder

work=$(mktemp -d)
server=
finish() {
    # The server ends with its standard input.
    exec 3>&- || true
    [ -z "$server" ] || wait "$server" || true
    rm -rf "$work"
}
trap finish EXIT

# Cuts a data set into pages of four records each, and lists their URLs below the server's address.
source=/usr/share/iso-codes/json
cut_pages() { # NAME FILE KEY
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

database=penstock-example.db
rm -f "$database" "$database"-wal "$database"-shm
for what in languages subdivisions; do
    echo
    echo "--- $what"
    "$build/examples/main_job" --what "$what" --urls "$work/$what.urls" --into "sqlite:$database" \
        --rejects "$work/rejects.ndjson"
done

echo
echo "--- the countries with the most subdivisions, from $database"
sqlite3 -box "$database" "
    SELECT substr(code, 1, 2) AS country, count(*) AS subdivisions, min(name) AS for_example
    FROM subdivisions GROUP BY country ORDER BY subdivisions DESC LIMIT 5"

# Both ways, so that a row too many is seen as well as one too few. The reference is read by SQLite's own JSON parser.
differences=$(sqlite3 "$database" "
    CREATE TEMP TABLE reference_languages AS
        SELECT value ->> 'alpha_3', value ->> 'name', value ->> 'scope', value ->> 'type', value ->> 'inverted_name'
        FROM json_each(readfile('$source/iso_639-3.json'), '\$.639-3');
    CREATE TEMP TABLE reference_subdivisions AS
        SELECT value ->> 'code', value ->> 'name', value ->> 'type', value ->> 'parent'
        FROM json_each(readfile('$source/iso_3166-2.json'), '\$.3166-2');
    SELECT (SELECT count(*) FROM (SELECT * FROM languages EXCEPT SELECT * FROM reference_languages))
         + (SELECT count(*) FROM (SELECT * FROM reference_languages EXCEPT SELECT * FROM languages))
         + (SELECT count(*) FROM (SELECT * FROM subdivisions EXCEPT SELECT * FROM reference_subdivisions))
         + (SELECT count(*) FROM (SELECT * FROM reference_subdivisions EXCEPT SELECT * FROM subdivisions))
         + (SELECT abs((SELECT count(*) FROM languages) - (SELECT count(*) FROM reference_languages)))
         + (SELECT abs((SELECT count(*) FROM subdivisions) - (SELECT count(*) FROM reference_subdivisions)))")
rows=$(sqlite3 "$database" "SELECT (SELECT count(*) FROM languages) + (SELECT count(*) FROM subdivisions)")
echo
if [ "$differences" != 0 ]; then
    echo "WRONG: $differences differences between the data set and the database" >&2
    exit 1
fi
echo "checked: all $rows rows are those of the data set"
