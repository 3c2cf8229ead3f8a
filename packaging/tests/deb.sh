#!/bin/sh
# The Debian package: built twice in folders and time zones of its own with
# the same bytes, clean for lintian, the unit's exposure bounded.
set -eu
command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null \
    || { echo "skipped: dpkg-dev and debhelper are not installed"; exit 77; }
# The tests ran already where this is called after "make test".
export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-nocheck parallel=2}"
sh packaging/debian/build.sh
version=$(cat VERSION)
deb=$(ls build/release/flowverify_"$version"_*.deb)
first=$(sha256sum "$deb" | cut -d' ' -f1)

elsewhere=$(mktemp -d /tmp/flowverify-deb-elsewhere.XXXXXX)
trap 'rm -rf "$elsewhere"' EXIT
TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 FLOWVERIFY_DEB_WORK=$elsewhere/a/deeper/folder \
    sh packaging/debian/build.sh
second=$(sha256sum "$deb" | cut -d' ' -f1)
[ "$first" = "$second" ] || { echo "two builds differ: $first $second"; exit 1; }
echo "ok: two builds give the same package, sha256 $first"

if command -v lintian >/dev/null; then
    lintian --fail-on error,warning --allow-root "$deb"
    echo "ok: lintian finds neither error nor warning"
fi
if command -v systemd-analyze >/dev/null; then
    systemd-analyze security --offline=true --threshold=15 \
        packaging/systemd/flowverify_exporter.service | tail -n 1 | sed 's/.*level/exposure/'
fi
size=$(dpkg-deb -f "$deb" Installed-Size)
echo "size of the package: $(stat -c %s "$deb") bytes, $size KiB installed"
