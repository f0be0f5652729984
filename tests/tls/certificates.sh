#!/usr/bin/env bash
# Makes what the TLS tests trust and do not trust, into the folder FOLDER: an authority, and servers' certificates.
set -euo pipefail
folder=$1
mkdir -p "$folder"
cd "$folder"

make_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key" 2>/dev/null; }

# sign NAME ALT_NAMES VALIDITY...: a certificate of the authority's.
sign() {
    make_key "$1"
    openssl req -new -key "$1.key" -subj "/CN=$1" -addext "subjectAltName=$2" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key -CAcreateserial "${@:3}" \
        -copy_extensions copy -out "$1.pem" 2>/dev/null
}

make_key authority
openssl req -x509 -new -key authority.key -subj "/CN=penstock test authority" -days 3650 -out authority.pem
# Newer versions refuse a certificate that ends before it begins, and older ones know no dates.
past=(-days -1)
if openssl x509 -help 2>&1 | grep -q -- -not_after; then past=(-not_before 20200101000000Z -not_after 20200201000000Z); fi
sign good DNS:localhost,IP:127.0.0.1 -days 3650
sign expired DNS:localhost,IP:127.0.0.1 "${past[@]}"
sign other_host DNS:other.example -days 3650
make_key self_signed
openssl req -x509 -new -key self_signed.key -subj /CN=localhost -days 3650 \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -out self_signed.pem
touch made
