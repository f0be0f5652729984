#!/usr/bin/env bash
# Installs the Debian packages that penstock is built from and tested with, if any is missing. Needs root, or sudo.
set -euo pipefail

packages=(
    g++ cmake ninja-build pkg-config
    libtbb-dev libcurl4-openssl-dev libsimdjson-dev libspdlog-dev libsqlite3-dev
    libgtest-dev libgmock-dev libbenchmark-dev libcli11-dev
    iso-codes sqlite3
)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
