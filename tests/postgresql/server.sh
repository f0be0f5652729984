#!/usr/bin/env bash
# A throw-away PostgreSQL server for tests and benchmarks, never run as root.
#
#   server.sh start FOLDER   makes it; its address is in FOLDER/url then
#   server.sh stop FOLDER    ends it and removes all it had
#   server.sh crash FOLDER   `pg_ctl stop -m immediate`: what it had stays
#   server.sh again FOLDER   starts it again, on the same port
#   server.sh standby FOLDER makes a second one that follows it and can only be read; FOLDER/standby_url has its address
#
# Trusts everybody on its own socket and on 127.0.0.1, but for the role with_password, whose password is
# planted-marker. FOLDER/cluster links to a folder with a short name that the server's user can reach, wherever FOLDER
# is: the path of a socket has no more than 107 bytes.
set -euo pipefail
verb=$1 folder=$2

binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$binaries" ] || { echo "server.sh: no PostgreSQL server in /usr/lib/postgresql" >&2; exit 1; }
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}
stop() {
    [ -L "$folder/cluster" ] || return 0
    local cluster
    cluster=$(readlink "$folder/cluster")
    [ ! -d "$cluster/standby" ] || as_owner "$binaries/pg_ctl" -D "$cluster/standby" -m "$1" -w stop >/dev/null 2>&1 || true
    as_owner "$binaries/pg_ctl" -D "$cluster/data" -m "$1" -w stop >/dev/null 2>&1 || true
}
# Starts the server in the folder $1 of the cluster on a port of its own; prints the port.
start() {
    local try port
    for ((try = 0; ; ++try)); do
        port=$((20000 + RANDOM % 10000))  # Below the ports that the system gives out by itself.
        as_owner "$binaries/pg_ctl" -D "$cluster/$1" -l "$cluster/log" -o "-p $port" -w start >/dev/null && break
        [ "$try" -lt 9 ] || { cat "$cluster/log" >&2; exit 1; }
    done
    echo "$port"
}
remove() {
    [ -L "$folder/cluster" ] || return 0
    local cluster
    cluster=$(readlink "$folder/cluster")
    rm -f "$folder/cluster" "$folder/url"
    case $cluster in /tmp/penstock-postgresql-*) rm -rf -- "$cluster" ;; esac
}

case $verb in
start)
    mkdir -p "$folder"
    stop immediate  # One that an interrupted run left behind.
    remove
    cluster=$(as_owner mktemp -d /tmp/penstock-postgresql-XXXXXX)
    ln -s "$cluster" "$folder/cluster"
    as_owner "$binaries/initdb" -D "$cluster/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    as_owner tee -a "$cluster/data/postgresql.conf" >/dev/null <<SETTINGS
fsync = on
listen_addresses = '127.0.0.1'
unix_socket_directories = '$cluster'
shared_buffers = 128MB
max_connections = 50
max_wal_size = 4GB
logging_collector = off
SETTINGS
    as_owner sed -i '1i host all with_password 127.0.0.1/32 scram-sha-256' "$cluster/data/pg_hba.conf"
    port=$(start data)
    as_owner "$binaries/psql" -qX -h "$cluster" -p "$port" -U postgres -d postgres \
        -c "create role with_password login password 'planted-marker'; create role without_rights login"
    echo "postgresql://postgres@127.0.0.1:$port/postgres" >"$folder/url"
    ;;
stop)
    stop fast
    remove
    ;;
crash) stop immediate ;;
again)
    cluster=$(readlink "$folder/cluster")
    port=$(sed 's|.*:\([0-9]*\)/.*|\1|' "$folder/url")
    as_owner "$binaries/pg_ctl" -D "$cluster/data" -l "$cluster/log" -o "-p $port" -w start >/dev/null
    ;;
standby)
    cluster=$(readlink "$folder/cluster")
    as_owner "$binaries/pg_basebackup" -d "$(cat "$folder/url")" -D "$cluster/standby" -R -c fast --no-sync
    echo "postgresql://postgres@127.0.0.1:$(start standby)/postgres" >"$folder/standby_url"
    ;;
*) echo "server.sh: start, stop, crash, again or standby, not $verb" >&2; exit 2 ;;
esac
