#!/bin/sh
# usage: sh tests/e2e/fresh_root.sh [SUITE]
# What a newcomer sees: a root with git and make and nothing else, a clone of
# this tree, "make run" until the first scrape, then "make test".  Prints how
# many seconds that took.  Needs root and mmdebstrap (it installs that where
# it can); the root is made under /tmp and ends with the script.
set -eu
suite=${1:-bookworm}

skip() { echo "skipped: $1"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip "not root"
if ! command -v mmdebstrap >/dev/null 2>&1; then
    command -v apt-get >/dev/null 2>&1 || skip "no mmdebstrap"
    apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null 2>&1 \
        || skip "no mmdebstrap"
fi

root=$(mktemp -d /tmp/flowverify-root-XXXXXX)
running=
cleanup() {
    [ -z "$running" ] || kill -- "-$running" 2>/dev/null || true
    umount "$root/proc" 2>/dev/null || true
    rm -rf --one-file-system "$root"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# The root has no curl; bash can speak HTTP for itself.
scrape() {
    bash -c 'exec 3<>/dev/tcp/127.0.0.1/16863 || exit 1
        printf "GET /metrics HTTP/1.0\r\n\r\n" >&3
        grep -q "flow_verdict{flow=\"web-to-logic\",verdict=\"allow\"} 1" <&3' \
        2>/dev/null
}
chmod 755 "$root"

mmdebstrap --quiet --variant=minbase --include=git,make "$suite" "$root" \
    >/tmp/flowverify-root.log 2>&1 || { tail -n 5 /tmp/flowverify-root.log; skip "no root could be made"; }
cp /etc/resolv.conf "$root/etc/"
mount -t proc proc "$root/proc" 2>/dev/null || true

# The clone is of what is committed; a path is as good as a URL.
git bundle create -q "$root/tmp/flowverify.bundle" HEAD
start=$(date +%s)
chroot "$root" git clone -q /tmp/flowverify.bundle /root/flowverify

# A session of its own, so that the exporter below make ends with it.
setsid chroot "$root" make -C /root/flowverify run >"$root/tmp/run.log" 2>&1 &
running=$!
until scrape; do
    if ! kill -0 "$running" 2>/dev/null \
        || [ $(($(date +%s) - start)) -ge 200 ]; then
        echo "make run did not come to serve the example:"
        tail -n 40 "$root/tmp/run.log"
        exit 1
    fi
    sleep 1
done
echo "seconds from git clone to the first scrape: $(($(date +%s) - start))"
grep -a '^Installing' "$root/tmp/run.log" || true
kill -- "-$running"
wait "$running" 2>/dev/null || true
running=

start=$(date +%s)
chroot "$root" make -C /root/flowverify test >"$root/tmp/test.log" 2>&1 || {
    tail -n 60 "$root/tmp/test.log"
    exit 1
}
echo "seconds of make test, built before: $(($(date +%s) - start))"
grep -a " passed, " "$root/tmp/test.log" | tail -n 1
