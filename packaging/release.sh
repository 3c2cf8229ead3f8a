#!/bin/sh
# Builds every artefact into build/release/ and prints their digests.
set -eu
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
rm -rf build/release
mkdir -p build/release
step() {
    tool=$1
    shift
    if command -v "$tool" >/dev/null 2>&1; then
        "$@"
    else
        echo "left out: $* ($tool is not installed)"
    fi
}
sh packaging/tarball.sh
step dpkg-buildpackage sh packaging/debian/build.sh
step rpmbuild sh packaging/rpm/build.sh
make --no-print-directory all
step buildah sh packaging/container/build.sh
sh packaging/helm/build.sh
for artefact in build/release/*.tar.gz build/release/*.deb build/release/*.rpm \
    build/release/*.tgz build/release/*-image; do
    [ -e "$artefact" ] || continue
    python3 packaging/sbom/sbom.py "$artefact" > "$artefact.cdx.json"
done
(cd build/release && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' \
    | sort | xargs sha256sum | tee SHA256SUMS)
