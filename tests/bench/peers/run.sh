#!/bin/sh
# usage: sh tests/bench/peers/run.sh OUT DUMP
# Builds and runs the peers whose packages are installed, on the rule sets
# that "bench --dump" wrote, and names those that are absent.  A peer tells
# which of our rows its value stands next to; the ratio is how much better we
# are.
set -u
out=$1
dump=$2
rows=${BENCH_ROWS:-/dev/null}
mkdir -p "$out/tests/bench/peers"
cc=${CC:-gcc}
cxx=${CXX:-g++}

# Puts the lines "row|OURS|ALSO|PEER|VALUE|UNIT|BETTER|RATIO" next to ours.
join_rows() {
    awk -F'|' -v rows="$rows" '
        $1 != "row" { print; next }
        {
            ours = ""
            while ((getline line < rows) > 0) {
                if (index(line, $2) && index(line, $3) && !index(line, " vs "))
                    ours = line
            }
            close(rows)
            if (ours == "") next
            name = ours; sub(/^.*name":"/, "", name); sub(/".*$/, "", name)
            value = ours; sub(/^.*"value":/, "", value); sub(/,.*$/, "", value)
            if ($7 == "lower") ratio = $5 / value; else ratio = value / $5
            better = $8 > 0 ? $8 : 1
            if ($7 == "lower") goal = $5 / better; else goal = $5 * better
            printf "%-58s %10.4g %-5s", name " vs " $4, value, $6
            if ($8 > 0) printf " >= %gx %s", $8, (ratio >= $8) ? "met" : "MISSED"
            printf "  (%s %.4g: %.3gx)\n", $4, $5, ratio
            json = sprintf("{\"name\":\"%s vs %s\",\"value\":%s,\"unit\":\"%s\"", name, $4, value, $6)
            if ($8 > 0)
                json = json sprintf(",\"target\":%.6g,\"met\":%s", goal, (ratio >= $8) ? "true" : "false")
            json = json sprintf(",\"peer\":\"%s\",\"peer_value\":%s,\"ratio\":%.6g}", $4, $5, ratio)
            print json >> rows
            close(rows)
        }'
}

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
        2>"$dump/$name.log" || echo "$name: failed, $(tail -n 1 "$dump/$name.log")"
}

{
    flags='' libs=-lz3
    run z3 libz3-dev z3.h $cc -std=c11 -O2 -D_DEFAULT_SOURCE tests/bench/peers/z3.c
    flags='' libs=-lbdd
    run buddy libbdd-dev bdd.h $cxx -O2 tests/bench/peers/buddy.cc
    flags=$(pkg-config --cflags libdpdk 2>/dev/null)
    libs=$(pkg-config --libs libdpdk 2>/dev/null)
    run librte_acl libdpdk-dev rte_acl.h $cc -O2 -D_GNU_SOURCE $flags \
        tests/bench/peers/librte_acl.c
    python=
    for candidate in python3 /usr/bin/python3; do
        $candidate -c 'import capirca' 2>/dev/null && python=$candidate
    done
    if [ -n "$python" ]; then
        $python tests/bench/peers/aclcheck.py "$dump" 2>"$dump/aclcheck.log" \
            || echo "aclcheck: failed, $(tail -n 1 "$dump/aclcheck.log")"
    else
        echo "aclcheck: absent (package python3-capirca)"
    fi
} | join_rows
exit 0
