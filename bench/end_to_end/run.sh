#!/usr/bin/env bash
# What does the whole job cost? Sets up servers and a PostgreSQL of its own in a temporary folder, lets the contenders
# load the same pages in turn, checks every row, and prints what each of them cost.
#
#   run.sh [MODE] [PAGES] [PAIRS]
#
# MODE    A  nginx with static files, 128 connections
#         B  a cheap server that answers after 50 ms, 1000 connections
#         Z  the cheap server without the delay, 128 connections
# PAGES   20000 unless said; the thread pool and the serial loop load fewer
# PAIRS   how often penstock and hand_tuned take turns; 5 unless said
#
# By the environment: BUILD, a build folder made with PENSTOCK_BENCH=ON (build/release of the repository unless said;
# made and built if need be); CONNECTIONS, instead of the mode's; BASELINES=0 leaves out thread_pool and serial;
# CONTENDERS, the two that take turns ("penstock hand_tuned"); KEEP=1 prints the variables of the job and waits for
# Enter before it ends, so that a contender can be looked at by hand.
#
# Fails if a contender fails or if its table is not equal to the reference.
set -euo pipefail
export LC_ALL=C.UTF-8  # awk and printf may want commas in numbers else.
PATH=$PATH:/usr/sbin  # Where nginx is, and users do not look.

mode=${1:-A}
pages=${2:-20000}
pairs=${3:-5}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
build=${BUILD:-$repository/build/release}
bin=$build/bench/end_to_end
read -r -a contenders <<<"${CONTENDERS:-penstock hand_tuned}"
database=filings_bench

case $mode in
A) connections=${CONNECTIONS:-128} server='nginx, no delay' ;;
B) connections=${CONNECTIONS:-1000} server='serve_pages, 50 ms' ;;
Z) connections=${CONNECTIONS:-128} server='serve_pages, no delay' ;;
*) echo "run.sh: the mode is A, B or Z" >&2 && exit 2 ;;
esac

say() { echo "run.sh: $*" >&2; }

install_packages() {
    local more=()
    command -v nginx >/dev/null || more+=(nginx-light)
    command -v pgrep >/dev/null || more+=(procps)
    "$repository/cmake/install_packages.sh" "${more[@]}" >&2
}

build_all() {
    if [ ! -e "$build/CMakeCache.txt" ]; then
        if [ -n "${BUILD:-}" ]; then
            cmake -S "$repository" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPENSTOCK_BENCH=ON \
                -DPENSTOCK_TESTS=OFF -DPENSTOCK_EXAMPLES=OFF >/dev/null
        else
            # What bench/README.md has people do by hand, for the folder is not only this script's.
            (cd "$repository" && cmake --preset release >/dev/null)
        fi
    fi
    local targets=(make_pages measure serve_pages "${contenders[@]}")
    [ "${BASELINES:-1}" = 0 ] || targets+=(thread_pool serial)
    cmake --build "$build" --parallel "${JOBS:-$(nproc)}" --target "${targets[@]/#/end_to_end_}" >"$folder/build.log" ||
        { cat "$folder/build.log" >&2 && exit 1; }
}

# Replaces this process, so that its id is the server's.
never_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        exec setpriv --reuid postgres --regid postgres --init-groups "$@"
    else
        exec "$@"
    fi
}

server_pid=''
finish() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    wait
    "$repository/tests/postgresql/server.sh" stop "$folder/postgresql" || true
    rm -rf "$folder"
}

query() { PGOPTIONS="-c client_min_messages=warning" psql -qXAt -v ON_ERROR_STOP=1 "$DATABASE_URL" "$@"; }

start_postgresql() {
    "$repository/tests/postgresql/server.sh" start "$folder/postgresql"
    # Over its socket: what the loopback costs is no question here.
    local port
    port=$(sed -E 's#.*:([0-9]+)/.*#\1#' "$folder/postgresql/url")
    local place
    place="host=$(readlink "$folder/postgresql/cluster")&port=$port"
    psql -qX "postgresql://postgres@/postgres?$place" -c "create database $database"
    export DATABASE_URL="postgresql://postgres@/$database?$place"
}

columns='company_id bigint not null, filing_id bigint not null, filed date not null, type text not null,
         amount float8 not null, note text not null'
sums='select count(*), sum(round(amount * 100)::bigint), count(distinct filing_id),
      sum(hashtext(concat_ws($$|$$, company_id, filing_id, filed, type, note))::bigint) from'

load_reference() {
    "$bin/make_pages" "$folder" "$pages" >&2
    query -c "create table reference ($columns)" -c "\\copy reference from '$folder/rows.copy'" -c 'analyze reference'
}

# Whether it is our server that has the port: nobody else has a file of that name.
is_served() { # PORT
    local status
    status=$({ exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /%s HTTP/1.0\r\n\r\n' "${folder##*/}" >&3 &&
        read -r -t 2 line <&3 && echo "$line"; } 2>/dev/null) || return
    [[ $status == HTTP/1.?' 200 '* ]]
}

start_nginx() {
    mkdir "$folder/nginx"
    : >"$folder/${folder##*/}"
    [ "$(id -u)" -ne 0 ] || chown postgres "$folder/nginx"
    local tries
    for ((tries = 0; tries < 20; ++tries)); do
        local port=$((20000 + RANDOM % 10000))
        cat >"$folder/nginx.conf" <<CONF
daemon off;
worker_processes 1;
worker_rlimit_nofile 4096;
pid $folder/nginx/pid;
error_log $folder/nginx/error.log crit;
events {
    worker_connections 4000;
    multi_accept on;
}
http {
    access_log off;
    etag off;
    default_type application/json;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
    sendfile off;
    client_body_temp_path $folder/nginx/body;
    proxy_temp_path $folder/nginx/proxy;
    fastcgi_temp_path $folder/nginx/fastcgi;
    uwsgi_temp_path $folder/nginx/uwsgi;
    scgi_temp_path $folder/nginx/scgi;
    server {
        listen 127.0.0.1:$port backlog=4096;
        root $folder;
    }
}
CONF
        never_as_root nginx -e "$folder/nginx/error.log" -c "$folder/nginx.conf" &
        server_pid=$!
        # Where the port is taken, nginx tries for some seconds before it ends.
        local asked
        for ((asked = 0; asked < 100; ++asked)); do
            if is_served "$port"; then
                export BASE_URL=http://127.0.0.1:$port
                return
            fi
            kill -0 "$server_pid" 2>/dev/null || break
            sleep 0.1
        done
        kill "$server_pid" 2>/dev/null || true
        wait "$server_pid" || true
        server_pid=''
    done
    say 'nginx does not start' && cat "$folder/nginx/error.log" >&2 && exit 1
}

start_serve_pages() { # delay in ms
    mkfifo "$folder/port"
    "$bin/serve_pages" "$pages" "$1" >"$folder/port" &
    server_pid=$!
    local port
    read -r port <"$folder/port"
    export BASE_URL=http://127.0.0.1:$port
}

# User and system time of the server so far, in clock ticks.
server_ticks() {
    local pid=$server_pid
    [ "$mode" != A ] || pid=$(pgrep -P "$server_pid")
    sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }'
}

# A line for each run: contender pages wall user system KiB server-ticks
run_one() { # contender, pages
    local before after got want result
    query -c 'drop table if exists filings' -c "create table filings ($columns)" -c checkpoint
    before=$(server_ticks)
    PAGES=$2 CONNECTIONS=$connections "$bin/measure" "$folder/cost" "$bin/$1" >"$folder/$1.log" 2>&1
    after=$(server_ticks)
    read -r -a result <"$folder/cost"
    if [ "${result[4]}" -ne 0 ]; then
        say "$1 failed with status ${result[4]}" && cat "$folder/$1.log" >&2 && exit 1
    fi
    want=$(query -c "$sums reference where company_id < $2")
    got=$(query -c "$sums filings")
    if [ "$got" != "$want" ]; then
        say "$1 loaded $got instead of $want" && cat "$folder/$1.log" >&2 && exit 1
    fi
    echo "$1 $2 ${result[*]:0:4} $((after - before))" >>"$folder/results"
}

print_table() {
    awk -v hertz="$(getconf CLK_TCK)" '
        function median(of, count,   i, j, held) {
            for (i = 2; i <= count; ++i)
                for (j = i; j > 1 && of[j - 1] > of[j]; --j) { held = of[j]; of[j] = of[j - 1]; of[j - 1] = held }
            return count % 2 ? of[(count + 1) / 2] : (of[count / 2] + of[count / 2 + 1]) / 2
        }
        function middle(what, who,   i, values) {
            for (i = 1; i <= runs[who]; ++i) values[i] = seen[what, who, i]
            return median(values, runs[who])
        }
        {
            if (!($1 in runs)) order[++contenders] = $1
            i = ++runs[$1]
            pages[$1] = $2
            seen["rate", $1, i] = $2 / $3
            seen["user", $1, i] = $4 / $2 * 1e6
            seen["system", $1, i] = $5 / $2 * 1e6
            seen["cpu", $1, i] = ($4 + $5) / $2 * 1e6
            seen["memory", $1, i] = $6 / 1024
            seen["server", $1, i] = $7 / hertz / $2 * 1e6
        }
        END {
            row = "%-12s %8s %5s %9s | %7s %7s %7s | %8s | %9s %6s\n"
            printf row, "contender", "pages", "runs", "pages/s", "CPU", "user", "system", "RSS MiB", "server", "rows"
            for (i = 1; i <= contenders; ++i) {
                who = order[i]
                printf row, who, pages[who], runs[who], sprintf("%.0f", middle("rate", who)),
                       sprintf("%.1f", middle("cpu", who)), sprintf("%.1f", middle("user", who)),
                       sprintf("%.1f", middle("system", who)), sprintf("%.1f", middle("memory", who)),
                       sprintf("%.1f", middle("server", who)), "equal"
            }
            print "Medians; CPU, user, system: µs of the client a page; server: µs of the server a page."
            a = order[1]; b = order[2]
            for (i = 1; i <= runs[a]; ++i) {
                ratio[i] = seen["cpu", a, i] / seen["cpu", b, i]
                rate[i] = seen["rate", a, i] / seen["rate", b, i]
            }
            count = runs[a]
            whole = median(ratio, count)
            printf "client CPU a page, %s / %s: %.2f (median of %d pairs, %.2f to %.2f); pages/s: %.2f\n", a, b, whole,
                   count, ratio[1], ratio[count], median(rate, count)
        }' "$folder/results"
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/penstock-bench-XXXXXX")
chmod 755 "$folder"
trap finish EXIT
trap 'exit 130' INT TERM
hard=$(ulimit -Hn)
if [ "$hard" = unlimited ] || [ "$hard" -ge 4096 ]; then ulimit -n 4096; fi

install_packages
build_all
start_postgresql
load_reference
case $mode in
A) start_nginx ;;
B) start_serve_pages 50 ;;
Z) start_serve_pages 0 ;;
esac

for ((pair = 0; pair < pairs; ++pair)); do
    for contender in "${contenders[@]}"; do run_one "$contender" "$pages"; done
done
if [ "${BASELINES:-1}" != 0 ]; then
    at_most() { echo $(($1 < pages ? $1 : pages)); }
    run_one thread_pool "$(at_most 10000)"
    # One page takes 50 ms there, and there is but one at a time.
    if [ "$mode" = B ]; then run_one serial "$(at_most 400)"; else run_one serial "$(at_most 10000)"; fi
fi
echo "mode $mode: $server, $connections connections"
[ "$pairs" -eq 0 ] || print_table
if [ "${KEEP:-0}" = 1 ]; then
    query -c 'drop table if exists filings' -c "create table filings ($columns)"
    echo "export BASE_URL='$BASE_URL' DATABASE_URL='$DATABASE_URL' PAGES=$pages CONNECTIONS=$connections"
    read -r _ || true
fi
