#!/usr/bin/env bash
# The example that resumes: killed twice, stopped by Ctrl-C, and started once more, it leaves every row once.
set -euo pipefail
resuming_job=$1 serve_folder=$2
work=$(mktemp -d)
finish() { exec 3>&- || true; wait || true; rm -rf "$work"; }
trap finish EXIT

pages=1000  # At 100 a second: nobody who is killed in the midst of it comes to its end.
mkdir "$work/site"
for ((page = 0; page < pages; ++page)); do
    echo "{\"data\":[{\"symbol\":\"A\",\"price\":1.5,\"at_ms\":$page},{\"symbol\":\"B\",\"price\":2,\"at_ms\":$page}]}" >"$work/site/$page.json"
    echo "$page.json"
done >"$work/pages"

mkfifo "$work/to_server"
"$serve_folder" "$work/site" <"$work/to_server" >"$work/address" &
exec 3>"$work/to_server"
until [ -s "$work/address" ]; do sleep 0.02; done
sed "s#^#$(cat "$work/address")#" "$work/pages" >"$work/urls"

rows() { sqlite3 "$work/quotes.db" "SELECT count(*) FROM $1" 2>/dev/null || echo 0; }
# Runs in the background until some rows more are there, which takes it a fraction of its work.
begin() {
    local before
    before=$(rows quotes)
    "$resuming_job" --urls "$work/urls" --into "sqlite:$work/quotes.db" --rejects "$work/rejects.ndjson" --rate 100 >"$work/output" &
    job=$!
    until [ "$(rows quotes)" -gt "$before" ]; do kill -0 "$job"; sleep 0.02; done
}

for ((kills = 0; kills < 2; ++kills)); do
    begin
    kill -KILL "$job"
    wait "$job" 2>/dev/null || true
done
begin
kill -INT "$job"
status=0
wait "$job" || status=$?
[ "$status" = 1 ]
grep -q '^stopped: ' "$work/output"
[ "$(rows quotes)" -lt $((2 * pages)) ]

"$resuming_job" --urls "$work/urls" --into "sqlite:$work/quotes.db" --rejects "$work/rejects.ndjson" | tee "$work/output"
grep -q "completed: $pages taken, .* skipped" "$work/output"
[ "$(rows quotes)" = $((2 * pages)) ]
[ "$(rows '(SELECT DISTINCT symbol, at_ms FROM quotes)')" = $((2 * pages)) ]
