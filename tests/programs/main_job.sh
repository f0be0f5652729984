#!/usr/bin/env bash
# The main example on two small pages and a bad one: rows in the table, one dead letter, exit status 1.
set -euo pipefail
main_job=$1 serve_folder=$2
work=$(mktemp -d)
finish() { exec 3>&- || true; wait || true; rm -rf "$work"; }
trap finish EXIT

mkdir "$work/site"
record() { echo "{\"alpha_3\":\"$1\",\"name\":\"$2\",\"scope\":\"I\",\"type\":\"L\"}"; }
echo "{\"data\":[$(record aaa Ghotuo),$(record aab Alumu-Tesu)]}" >"$work/site/0.json"
echo "{\"data\":[$(record aac Ari)]}" >"$work/site/1.json"
echo "{\"data\":[" >"$work/site/2.json"

mkfifo "$work/to_server"
"$serve_folder" "$work/site" <"$work/to_server" >"$work/address" &
exec 3>"$work/to_server"
until [ -s "$work/address" ]; do sleep 0.02; done
sed "s#^#$(cat "$work/address")#" >"$work/urls" <<<$'0.json\n1.json\n2.json'

run() { "$main_job" --urls "$work/urls" --into "sqlite:$work/example.db" --rejects "$work/rejects.ndjson" "$@"; }
status=0
run --queue-size 2 --max-workers 1 | tee "$work/output" || status=$?
[ "$status" = 1 ]
grep -q 'completed: 3 taken, 2 committed, 1 dead, 3 rows' "$work/output"
[ "$(sqlite3 "$work/example.db" 'SELECT group_concat(code) FROM (SELECT code FROM languages ORDER BY code)')" = aaa,aab,aac ]
[ "$(wc -l <"$work/rejects.ndjson")" = 1 ]
grep -q '2.json' "$work/rejects.ndjson"

# Bad input is told before anything is fetched.
for wrong in "--queue-size 0" "--urls $work/none" "--into sqlite:$work/no/such/folder.db" "--into mysql://x"; do
    status=0
    # shellcheck disable=SC2086
    run $wrong >"$work/output" 2>&1 || status=$?
    cat "$work/output"
    [ "$status" = 2 ]
done
