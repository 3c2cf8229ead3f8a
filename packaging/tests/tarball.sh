#!/bin/sh
# The source tarball: the same bytes twice, and outside of git it knows its
# revision and its lint scripts find what they look at.
set -eu
version=$(cat VERSION)
tarball=$(pwd)/build/release/flowverify-$version.tar.gz
revision=$(git rev-parse --short=12 HEAD)
sh packaging/tarball.sh
first=$(sha256sum "$tarball" | cut -d' ' -f1)
(umask 077 && TZ=Pacific/Apia sh packaging/tarball.sh)
second=$(sha256sum "$tarball" | cut -d' ' -f1)
[ "$first" = "$second" ] || { echo "two tarballs differ: $first $second"; exit 1; }
echo "ok: two tarballs are alike, sha256 $first"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$tarball" -C "$work"
# Another project's tree around it must not matter.
git init -q "$work"
cd "$work/flowverify-$version"
make -pn help | grep -qx "revision := $revision" || { echo "the tarball does not know its revision"; exit 1; }
for script in layers log_lines; do
    sh tests/lint/$script.sh || { echo "tests/lint/$script.sh fails in the tarball"; exit 1; }
done
sed -i '1i #include "exporter/cycle.h"' engine/base/text.c
if sh tests/lint/layers.sh >/dev/null; then
    echo "tests/lint/layers.sh looks at nothing in the tarball"
    exit 1
fi
echo "ok: the tarball stands for itself"
