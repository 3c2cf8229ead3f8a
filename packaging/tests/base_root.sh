#!/bin/sh
# usage: base_root.sh FOLDER
# Unpacks a small Debian with systemd and the libraries of the package into
# FOLDER, which is made.  The archive of it is made once, in build/boot.
set -eu
base=build/boot/base.tar
if [ ! -s $base ]; then
    version=$(cat VERSION)
    deb=$(ls build/release/flowverify_"$version"_*.deb 2>/dev/null | head -n 1)
    [ -n "$deb" ] || { sh packaging/debian/build.sh; deb=$(ls build/release/flowverify_"$version"_*.deb); }
    packages=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/ *(.*//; s/|.*//; s/^ *//' | paste -sd,)
    mkdir -p build/boot
    # It makes an archive only where the name ends like one's.
    mmdebstrap --quiet --variant=minbase \
        --include="systemd,systemd-sysv,dbus,python3,curl,openssl,$packages" bookworm build/boot/new.tar
    mv build/boot/new.tar $base
fi
mkdir "$1"
tar -C "$1" -xf $base
