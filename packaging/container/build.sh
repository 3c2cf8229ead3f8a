#!/bin/sh
# Builds the container image with buildah, without a daemon, and leaves it as
# an OCI folder in build/release/.  Two builds give the same digest.
set -eu
umask 022
version=$(cat VERSION)
revision=$(git rev-parse --short=12 HEAD)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
programs=${FLOWVERIFY_PROGRAMS:-build/release-gcc}
work=${FLOWVERIFY_IMAGE_WORK:-build/image}
rm -rf "$work"
root=$work/context/root
mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$root/etc/flowverify" \
    "$root/var/lib/flowverify" "$root/tmp" build/release

# The programs, and the closure of the libraries that the loader would find,
# with that of curl, which is loaded when the source is Azure.  Debug
# information has no use in an image.
for program in flowverify_exporter flowverify; do
    strip -o "$root/usr/bin/$program" "$programs/$program"
    chmod 755 "$root/usr/bin/$program"
done
LD_PRELOAD=libcurl.so.4 ldd "$programs/flowverify_exporter" "$programs/flowverify" \
    | grep -oE '/[^ ]+\.so[^ ]*' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
    chmod 755 "$root$library"
done
find "$root" -name libcurl.so.4 | grep -q . || { echo "libcurl.so.4 is missing"; exit 1; }
# What is given on comes with its licence.
owner() { # LIBRARY: the package that it is from; its folder may be a link
    dpkg -S "$1" 2>/dev/null || dpkg -S "/usr$1" 2>/dev/null || dpkg -S "${1#/usr}"
}
for package in ca-certificates $(find "$root" -name '*.so*' | while read -r library; do
    owner "$(realpath "${library#"$root"}")"
done | sed 's/[:,].*//' | sort -u); do
    mkdir -p "$root/usr/share/doc/$package"
    cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done
mkdir -p "$root/usr/share/doc/flowverify"
cp LICENSE "$root/usr/share/doc/flowverify/copyright"
# Names are looked up by glibc's own files and dns modules.
printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"
printf 'flowverify:x:65532:65532::/:/sbin/nologin\n' > "$root/etc/passwd"
printf 'flowverify:x:65532:\n' > "$root/etc/group"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
cp config/flowverify.cfg "$root/etc/flowverify/flowverify.cfg"
chmod 1777 "$root/tmp"
chown 65532:65532 "$root/var/lib/flowverify" 2>/dev/null || true
cp packaging/container/Containerfile "$work/context/"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

store="--root $work/store --runroot $work/run --storage-driver vfs"
# shellcheck disable=SC2086
buildah $store bud --quiet --isolation chroot --timestamp "$SOURCE_DATE_EPOCH" \
    --identity-label=false --build-arg "VERSION=$version" \
    --build-arg "REVISION=$revision" \
    -t "localhost/flowverify:$version" "$work/context" >/dev/null
rm -rf "build/release/flowverify-$version-image"
# shellcheck disable=SC2086
buildah $store push --quiet --digestfile "build/release/flowverify-$version-image.digest" \
    "localhost/flowverify:$version" \
    "oci:build/release/flowverify-$version-image:$version" >/dev/null
printf 'image %s, %s of root\n' \
    "$(cat "build/release/flowverify-$version-image.digest")" \
    "$(du -sh "$root" | cut -f1)"
