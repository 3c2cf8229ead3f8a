#!/bin/sh
# The rpm: built twice with the same bytes, holding what the spec promises.
set -eu
command -v rpmbuild >/dev/null || { echo "skipped: rpmbuild is not installed"; exit 77; }
version=$(cat VERSION)
sh packaging/rpm/build.sh
rpm=$(ls build/release/flowverify-"$version"-1.*.rpm)
first=$(sha256sum "$rpm" | cut -d' ' -f1)
TZ=America/Anchorage sh packaging/rpm/build.sh
second=$(sha256sum "$rpm" | cut -d' ' -f1)
[ "$first" = "$second" ] || { echo "two builds differ: $first $second"; exit 1; }
echo "ok: two builds give the same rpm, sha256 $first"
rpm -qpl "$rpm" 2>/dev/null > build/packaging/rpm.files
for file in /usr/bin/flowverify /usr/bin/flowverify_exporter \
    /etc/flowverify/flowverify.cfg; do
    grep -qx "$file" build/packaging/rpm.files || { echo "$file is missing"; exit 1; }
done
for page in flowverify.1 flowverify.cfg.5 flowverify_exporter.8; do
    grep -q "/$page" build/packaging/rpm.files || { echo "$page is missing"; exit 1; }
done
echo "ok: the rpm holds programs, unit, configuration and man pages"
