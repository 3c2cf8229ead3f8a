#!/bin/sh
# Builds the Debian package from what git has committed, in a folder of its
# own, and leaves it in build/release/.  Two builds give the same bytes: times
# come from the last commit.
set -eu
version=$(cat VERSION)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
top=$(pwd)
work=${FLOWVERIFY_DEB_WORK:-$top/build/deb}
rm -rf "$work"
mkdir -p "$work/flowverify-$version" build/release
git archive HEAD | tar -x -C "$work/flowverify-$version"
cd "$work/flowverify-$version"
git -C "$top" rev-parse --short=12 HEAD > REVISION
cp -r packaging/debian debian
rm debian/build.sh debian/changelog.in
sed "s/@VERSION@/$version/g; s/@DATE@/$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")/" \
    packaging/debian/changelog.in > debian/changelog
dpkg-buildpackage -us -uc -ui -b ${FLOWVERIFY_DEB_ARGS:-} > "$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    exit 1
}
cp ../flowverify*_"$version"_*.deb ../flowverify_"$version"_*.changes \
    ../flowverify_"$version"_*.buildinfo "$top/build/release/"
ls "$top"/build/release/flowverify_"$version"_*.deb
