#!/bin/sh
# Who may include whom: a folder uses its own row and the rows below it.
# Each library has one home.
set -u
bad=0
fail() { echo "$1"; bad=1; }

row() {
    case $1 in
    engine/base/*) echo 0 ;;
    engine/model/*) echo 1 ;;
    engine/compile/*) echo 2 ;;
    engine/judge/*) echo 3 ;;
    config/*) echo 10 ;;
    exporter/clock.* | exporter/log.* | exporter/counters.* | exporter/build.*) echo 20 ;;
    exporter/render/escape.* | exporter/source/feed.*) echo 20 ;;
    exporter/parse/*) echo 25 ;;
    exporter/snapshot.* | exporter/changes.*) echo 30 ;;
    exporter/source/*) echo 30 ;;
    exporter/state.*) echo 22 ;;
    exporter/render/*) echo 40 ;;
    exporter/cycle* | exporter/explain_change.*) echo 45 ;;
    exporter/scheduler* | exporter/web/*) echo 50 ;;
    exporter/*) echo 60 ;;
    *) echo 99 ;;
    esac
}

for file in $(find engine config exporter -name '*.[ch]' | sort); do
    own=$(row "$file")
    for used in $(sed -nE 's/^#include "([a-z]+\/[^"]+)".*/\1/p' "$file"); do
        if [ "$(row "$used")" -gt "$own" ]; then
            fail "$file includes $used, which is above it"
        fi
        case $file:$used in
        exporter/render/*:exporter/source/feed.h | \
        exporter/render/*:exporter/snapshot.h) ;;
        exporter/render/*:exporter/source/*) fail "$file: render reads snapshots, never a source" ;;
        exporter/web/*:exporter/source/feed.h) ;;
        exporter/web/*:exporter/source/*) fail "$file: web reads snapshots, never a source" ;;
        exporter/web/*:exporter/scheduler.h) fail "$file: web and scheduler do not know each other" ;;
        esac
    done
done

home() {
    for file in $(git grep --untracked -lE "^#include <$1>" -- engine config exporter); do
        echo "$file" | grep -qE "$2" || fail "$file includes <$1>: its home is $2"
    done
}
home 'curl/.*' '^exporter/source/http_curl'
home 'cjson/.*' '^exporter/parse/|^exporter/source/token|^exporter/source/arm|^exporter/state'
home 'gnutls/.*' '^exporter/source/token|^exporter/web/tls'
home 'libconfig.h' '^config/'
home 'microhttpd.h' '^exporter/web/'
home 'dlfcn.h' '^exporter/source/http_curl'
home 'pthread.h' '^exporter/(scheduler|snapshot|changes|log|counters|clock|render/tail|web/|source/http_curl)'
exit $bad
