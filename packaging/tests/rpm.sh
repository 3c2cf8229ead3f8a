#!/bin/sh
# The rpm: built twice with the same bytes, requiring each library that its
# programs are linked with; in a root of its own installed, verified, run,
# upgraded and erased.
set -eu
command -v rpmbuild >/dev/null || { echo "skipped: rpmbuild is not installed"; exit 77; }
version=$(cat VERSION)
sh packaging/rpm/build.sh
rpm=$(ls build/release/flowverify-"$version"-1.*.rpm)
first=$(sha256sum "$rpm" | cut -d' ' -f1)
TZ=America/Anchorage sh packaging/rpm/build.sh
second=$(sha256sum "$rpm" | cut -d' ' -f1)
[ "$first" = "$second" ] || { echo "two builds differ: $first $second"; exit 1; }
echo "ok: two builds give the same rpm, sha256 $first"

die() { echo "FAILED: $*"; exit 1; }
mkdir -p build/packaging
files=build/packaging/rpm.files
requires=build/packaging/rpm.requires
rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILENAMES}\n]' "$rpm" >$files
rpm -qp --requires "$rpm" >$requires
for program in flowverify flowverify_exporter; do
    grep -qx -- "-rwxr-xr-x root:root /usr/bin/$program" $files || die "/usr/bin/$program"
done
if grep -v '/usr/bin/' $files | grep -vE '^(-rw-r--r--|drwxr-xr-x|lrwxrwxrwx) root:root '; then
    die "modes or owners"
fi
for page in flowverify.1 flowverify.cfg.5 flowverify_exporter.8; do
    grep -q "/$page" $files || die "$page is missing"
done
mkdir -p build/packaging/rpm.root
rpm2archive - <"$rpm" | tar -xz -C build/packaging/rpm.root
libraries=$(readelf -d build/packaging/rpm.root/usr/bin/flowverify* \
    | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u)
echo "$libraries" | grep -q '^libc\.so' || die "what is linked cannot be seen"
for library in $libraries; do
    case $library in ld-linux*) continue ;; esac
    grep -q "^$library(" $requires || die "$library is needed, but not required"
done
rm -r build/packaging/rpm.root
echo "ok: modes are right, and all libraries that are linked are required"

if [ "$(id -u)" -ne 0 ] || ! command -v mmdebstrap >/dev/null; then
    echo "not installed: that needs root and mmdebstrap"
    exit 0
fi
root=$(mktemp -d /tmp/flowverify-rpm.XXXXXX)
trap 'rm -rf "$root"' EXIT
sh packaging/tests/base_root.sh "$root/system"
root_system=$root/system
# Says what the scriptlets ask of systemd.
cat >"$root_system/usr/bin/systemctl.new" <<'STUB'
#!/bin/sh
echo "$@" >>/systemctl.log
STUB
chmod 755 "$root_system/usr/bin/systemctl.new"
mv "$root_system/usr/bin/systemctl.new" "$root_system/usr/bin/systemctl"
# Without dependencies: this root has the libraries, but no rpm of them.
manage() { rpm --force-debian --root "$root_system" --dbpath /var/lib/rpm "$@"; }
asked() { # WORDS...: what systemctl was asked since the last time
    printf '%s\n' "$@" | cmp -s - "$root_system/systemctl.log" \
        || { cat "$root_system/systemctl.log"; die "systemctl was not asked for: $*"; }
    rm "$root_system/systemctl.log"
}
rpmdb --root "$root_system" --dbpath /var/lib/rpm --initdb
manage -i --nodeps "$rpm" 2>"$root/err" || { cat "$root/err"; die "rpm -i"; }
[ ! -s "$root/err" ] || { cat "$root/err"; die "rpm -i complains"; }
asked "daemon-reload"
manage -V --nodeps flowverify || die "rpm -V finds differences"
chroot "$root_system" flowverify check-config /etc/flowverify/flowverify.cfg \
    || die "the configuration that is installed has errors"
code=0
chroot "$root_system" flowverify run --config.file=/usr/share/flowverify/example/flowverify.cfg \
    >"$root/run" || code=$?
[ $code -eq 1 ] && grep -q '2 violated' "$root/run" || { cat "$root/run"; die "the example ends with $code"; }
echo "ok: the rpm installs, verifies and runs"

printf '# mine\n' >>"$root_system/etc/flowverify/flowverify.cfg"
work=${FLOWVERIFY_RPM_WORK:-$(pwd)/build/rpm}
CFLAGS=-O0 rpmbuild -bb --nodeps --quiet --define "_topdir $work" \
    --define "flowverify_version $version" --define "flowverify_release 2" \
    packaging/rpm/flowverify.spec >"$work/log" 2>&1 || { tail "$work/log"; die "the next rpm"; }
manage -U --nodeps "$work"/RPMS/*/flowverify-"$version"-2.*.rpm || die "rpm -U"
asked "daemon-reload" "daemon-reload" "try-restart flowverify_exporter.service"
grep -qx '# mine' "$root_system/etc/flowverify/flowverify.cfg" || die "the upgrade lost the configuration"
[ "$(manage -V --nodeps flowverify | awk '{print $NF}')" = /etc/flowverify/flowverify.cfg ] \
    || die "the upgrade changed more than the configuration"
manage -e flowverify || die "rpm -e"
asked "--no-reload disable --now flowverify_exporter.socket flowverify_exporter.service" \
    "daemon-reload"
[ -e "$root_system/etc/flowverify/flowverify.cfg.rpmsave" ] || die "the configuration is lost"
left=$(cd "$root_system" && find . -xdev -path '*flowverify*' ! -name '*.rpmsave' ! -path ./etc/flowverify)
[ -z "$left" ] || die "left behind: $left"
echo "ok: the rpm upgrades, keeping the configuration, and erases"
