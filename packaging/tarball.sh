#!/bin/sh
# Makes the source tarball of what git has committed; two calls give the same
# bytes.
set -eu
version=$(cat VERSION)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
mkdir -p build/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/flowverify-$version"
git archive HEAD | tar -x -C "$work/flowverify-$version"
git rev-parse --short=12 HEAD > "$work/flowverify-$version/REVISION"
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    --mode='u+rwX,go+rX,go-w' --format=gnu -C "$work" -cf - "flowverify-$version" \
    | gzip -n -9 > "build/release/flowverify-$version.tar.gz"
