#!/bin/sh
# "make install" below folders of one's own: the unit finds program and
# configuration there, a second install keeps what was edited, and uninstall
# leaves the configuration alone.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { echo "FAILED: $*"; exit 1; }
for where in "/usr /etc" "/usr/local /etc" "/opt/fv /opt/fv/etc"; do
    prefix=${where% *}
    etc=${where#* }
    root=$work/$(echo "$prefix" | tr / _)
    mkdir "$root"
    (umask 077 && make -s DESTDIR="$root" PREFIX="$prefix" install >/dev/null)
    unit=$root$prefix/lib/systemd/system/flowverify_exporter.service
    start=$(sed -n 's/^ExecStart=//p' "$unit")
    [ -x "$root${start%% *}" ] || die "$prefix: no program at ${start%% *}"
    # What the unit names, or what the program looks for by itself.
    config=$(echo "$start" | sed -n 's/.*--config.file=\([^ ]*\).*/\1/p')
    config=${config:-$("$root$prefix/bin/flowverify_exporter" --help | grep -oE '/[^ ]*flowverify\.cfg' | head -n 1)}
    [ "$config" = "$etc/flowverify/flowverify.cfg" ] && [ -e "$root$config" ] \
        || die "$prefix: the unit reads $config"
    arguments=$(sed -n 's/^EnvironmentFile=-//p' "$unit")
    [ -e "$root$arguments" ] || die "$prefix: no $arguments"
    [ -z "$(find "$root" -perm /022 ! -type l)" ] || die "$prefix: others can write there"
    closed=$(find "$root" -mindepth 1 ! -perm -044 | head -n 3)
    [ -z "$closed" ] || die "$prefix: closed to others: $closed"
    for edited in "$config" "$arguments"; do
        echo '# mine' >>"$root$edited"
    done
    make -s DESTDIR="$root" PREFIX="$prefix" install >/dev/null
    for edited in "$config" "$arguments"; do
        grep -qx '# mine' "$root$edited" || die "$prefix: a second install lost $edited"
    done
    make -s DESTDIR="$root" PREFIX="$prefix" uninstall
    left=$(cd "$root" && find . -type f | sort | paste -sd' ')
    [ "$left" = ".$etc/default/flowverify_exporter .$etc/flowverify/flowverify.cfg" ] \
        || die "$prefix: left behind: $left"
done
echo "ok: installs below /usr, /usr/local and /opt, again, and uninstalls"
