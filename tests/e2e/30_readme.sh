#!/bin/sh
# What the README shows of the programs is what they print.
set -eu
exec python3 "$(dirname "$0")/readme.py"
