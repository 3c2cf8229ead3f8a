#!/bin/sh
# Builds the rpm and leaves it in build/release/.  Two builds give the same
# bytes.
set -eu
version=$(cat VERSION)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
sh packaging/tarball.sh
work=${FLOWVERIFY_RPM_WORK:-$(pwd)/build/rpm}
rm -rf "$work"
mkdir -p "$work/SOURCES" "$work/SPECS"
cp "build/release/flowverify-$version.tar.gz" "$work/SOURCES/"
rpmbuild -bb --nodeps --quiet --define "_topdir $work" \
    --define "flowverify_version $version" packaging/rpm/flowverify.spec \
    > "$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; exit 1; }
cp "$work"/RPMS/*/flowverify-"$version"-1.*.rpm build/release/
ls build/release/flowverify-"$version"-1.*.rpm
