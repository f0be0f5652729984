#!/usr/bin/env bash
# bench/fetch/run.sh BUILD_FOLDER [REQUESTS] [PAIRS] [DELAY_MS]
#
# What does fetch cost the client a request, against a bare loop over one curl multi? Both take turns at each number in
# flight; pages are dropped as they come. Prints CPU microseconds a request and the median of the ratios of the pairs.
set -euo pipefail
build=$(cd "$1" && pwd) requests=${2:-20000} pairs=${3:-5} delay=${4:-10}
pages=1000
export LC_ALL=C.UTF-8  # awk and printf may want commas in numbers else.
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d /tmp/penstock-bench-fetch-XXXXXX)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
"$build/bench/end_to_end/serve_pages" "$pages" "$delay" >"$work/port" &
server=$!
for ((i = 0; i < 100; ++i)); do
    [ -s "$work/port" ] && break
    sleep 0.1
done
base=http://127.0.0.1:$(cat "$work/port")

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

echo "$requests requests, $pairs pairs, $delay ms an answer"
printf '%9s %14s %14s %8s %s\n' 'in flight' 'bare µs' 'penstock µs' ratio '(extremes), requests/s bare and penstock'
for in_flight in 16 64 256 1000; do
    : >"$work/pairs"
    for ((pair = 0; pair <= pairs; ++pair)); do
        bare=$("$build/bench/fetch/fetch_bare_multi" "$base" "$in_flight" "$requests" "$pages")
        ours=$("$build/bench/fetch/fetch_penstock" "$base" "$in_flight" "$requests" "$pages")
        [ "$pair" -eq 0 ] || echo "$bare $ours" >>"$work/pairs"  # The first warms up.
    done
    awk '{ print $3 / $1 }' "$work/pairs" | sort -n >"$work/ratios"
    column() { awk -v i="$1" '{ print $i }' "$work/pairs" | median; }
    printf '%9s %14.1f %14.1f %8.2f (%.2f to %.2f), %.0f %.0f\n' "$in_flight" "$(column 1)" "$(column 3)" \
        "$(median <"$work/ratios")" "$(head -1 "$work/ratios")" "$(tail -1 "$work/ratios")" "$(column 2)" "$(column 4)"
done
