#!/usr/bin/env bash
# Installs the Debian packages that penstock is built from and tested with, and those that are named besides, if any is
# missing. Needs root, or sudo, for what is missing.
#
#   install_packages.sh [PACKAGE...]
set -euo pipefail

packages=(
    g++ cmake ninja-build pkg-config
    libtbb-dev libcurl4-openssl-dev libsimdjson-dev libspdlog-dev libsqlite3-dev libpqxx-dev libpq-dev
    libgtest-dev libgmock-dev libbenchmark-dev libcli11-dev
    iso-codes sqlite3 postgresql openssl python3 python3-h2
    tinyproxy-bin squid microsocks
    "$@"
)
# Debian 13 has left it out.
[ "$(. /etc/os-release && echo "${VERSION_ID:-}")" != 12 ] || packages+=(dante-server)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
# Debian starts the servers that it installs, now and at each boot. These are not wanted: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    "${as_root[@]}" install -m 755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
fi
# The tests start servers of their own, so PostgreSQL's package need not make one where there was none.
if [[ " ${missing[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
"${as_root[@]}" apt-get update -qq
# Not by export: sudo hands on no variables.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
for server in squid:squid dante-server:danted nginx-light:nginx; do # Package and service.
    [[ -d /run/systemd/system && " ${missing[*]} " == *" ${server%:*} "* ]] || continue
    "${as_root[@]}" systemctl disable --quiet "${server#*:}" || true
done
