#!/bin/sh
# usage: sh tests/bench/peers/run.sh OUT DUMP
# Builds and runs the peers whose packages are installed, on the rule sets
# that "bench --dump" wrote, and names those that are absent.
set -u
out=$1
dump=$2
mkdir -p "$out/tests/bench/peers"
cc=${CC:-gcc}
cxx=${CXX:-g++}

# run NAME PACKAGE HEADER COMPILE...
run() {
    name=$1 package=$2 header=$3
    shift 3
    if ! echo "#include <$header>" | $cxx -x c++ -E $flags - >/dev/null 2>&1; then
        echo "$name: absent (package $package)"
        return
    fi
    if ! "$@" -o "$out/tests/bench/peers/$name" $libs 2>"$dump/$name.log"; then
        echo "$name: could not be built"
        tail -n 3 "$dump/$name.log"
        return
    fi
    timeout "${PEER_TIMEOUT:-600}" "$out/tests/bench/peers/$name" "$dump" \
        || echo "$name: ended with $?"
}

flags='' libs=-lz3
run z3 libz3-dev z3.h $cc -std=c11 -O2 -D_DEFAULT_SOURCE tests/bench/peers/z3.c
flags='' libs=-lbdd
run buddy libbdd-dev bdd.h $cxx -O2 tests/bench/peers/buddy.cc
flags=$(pkg-config --cflags libdpdk 2>/dev/null || echo) \
libs=$(pkg-config --libs libdpdk 2>/dev/null || echo)
run librte_acl libdpdk-dev rte_acl.h $cc -O2 -D_GNU_SOURCE $flags \
    tests/bench/peers/librte_acl.c
if python3 -c 'import capirca' 2>/dev/null; then
    python3 tests/bench/peers/aclcheck.py "$dump" \
        || echo "aclcheck: ended with $?"
else
    echo "aclcheck: absent (package python3-capirca)"
fi
exit 0
