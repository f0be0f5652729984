# For scripts to source: a folder for their work, a PostgreSQL on request, and what they count with.

export LC_ALL=C.UTF-8  # awk and printf may want commas in numbers else.
work=$(mktemp -d /tmp/penstock-bench-XXXXXX)
server=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tests/postgresql" && pwd)/server.sh
trap '[ ! -e "$work/server" ] || "$server" stop "$work/server" || true; rm -rf "$work"' EXIT

# Starts a PostgreSQL of the script's own, at $url.
start_postgresql() {
    "$server" start "$work/server"
    url=$(cat "$work/server/url")
}

# Of the numbers that are read, one a line.
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
