#!/bin/sh
# usage: embed.sh FILE... > assets.c
# Turns files into a C source with the table of exporter/web/assets.h.
set -eu

echo '#include "exporter/web/assets.h"'
n=0
for file in "$@"; do
    echo
    echo "static const unsigned char bytes_$n[] = {"
    od -An -v -tu1 "$file" | sed 's/  */,/g; s/^,//; s/$/,/'
    echo '};'
    n=$((n + 1))
done

echo
echo 'const struct asset assets[] = {'
n=0
for file in "$@"; do
    case $file in
    *.css) type='text/css; charset=utf-8' ;;
    *.js) type='text/javascript; charset=utf-8' ;;
    *.svg) type='image/svg+xml' ;;
    *) type='application/octet-stream' ;;
    esac
    sum=$(sha256sum "$file" | cut -c 1-16)
    echo "    { \"$(basename "$file")\", \"$type\", \"\\\"$sum\\\"\","
    echo "      bytes_$n, sizeof bytes_$n },"
    n=$((n + 1))
done
echo '    { 0 },'
echo '};'
