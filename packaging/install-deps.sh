#!/bin/sh
# Installs the packages that building flowverify needs and that are missing.
# It says what it installs, and never touches what is already there.
set -eu

modules="libmicrohttpd libcurl libcjson libconfig zlib gnutls"
tools="cc pkg-config make"

have_all() {
    for tool in $tools; do
        command -v "$tool" >/dev/null 2>&1 || return 1
    done
    for module in $modules; do
        pkg-config --exists "$module" || return 1
    done
    for header in cmocka.h crypt.h; do
        echo "#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <$header>" | cc -E - >/dev/null 2>&1 || return 1
    done
}

if have_all; then
    exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root=$(command -v sudo || true)
fi

can_install() {
    [ "$(id -u)" -eq 0 ] || [ -n "$as_root" ]
}

missing() {
    for package in "$@"; do
        $query "$package" >/dev/null 2>&1 || printf '%s ' "$package"
    done
}

if command -v apt-get >/dev/null 2>&1; then
    installed_deb() { dpkg-query -W -f '${Status}' "$1" | grep -q '^install ok installed'; }
    query=installed_deb
    packages="gcc libc6-dev make pkg-config libmicrohttpd-dev libcurl4-openssl-dev
        libcjson-dev libconfig-dev libcmocka-dev zlib1g-dev
        libgnutls28-dev
        libcrypt-dev"
    install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
    refresh="apt-get update -qq"
elif command -v dnf >/dev/null 2>&1; then
    query="rpm -q"
    packages="gcc make pkgconf-pkg-config libmicrohttpd-devel libcurl-devel
        cjson-devel libconfig-devel libcmocka-devel zlib-devel
        gnutls-devel
        libxcrypt-devel"
    install="dnf install -y -q"
    refresh=true
elif command -v apk >/dev/null 2>&1; then
    query="apk info -e"
    packages="gcc musl-dev make pkgconf libmicrohttpd-dev curl-dev cjson-dev
        libconfig-dev cmocka-dev zlib-dev libxcrypt-dev
        gnutls-dev"
    install="apk add -q"
    refresh=true
else
    echo "flowverify needs a C compiler, make, pkg-config and the development" >&2
    echo "files of libmicrohttpd, libcurl, cJSON, libconfig, cmocka, GnuTLS," >&2
    echo "zlib and libcrypt. Please install them; no apt, dnf or apk is here." >&2
    exit 1
fi

# shellcheck disable=SC2086
needed=$(missing $packages)
if [ -z "$needed" ]; then
    exit 0
fi
if ! can_install; then
    echo "These packages are missing, and installing them needs root:" >&2
    echo "  $install $needed" >&2
    exit 1
fi
echo "Installing what is missing: $needed"
# shellcheck disable=SC2086
$as_root $refresh
# shellcheck disable=SC2086
$as_root $install $needed >/dev/null
