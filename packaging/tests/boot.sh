#!/bin/sh
# The package in a small system that really boots: installed, started by
# systemd with TLS and users against the stand-in for Azure, scraped, reloaded,
# upgraded, purged.  The system has no network but its own loopback.
set -eu
for tool in mmdebstrap systemd-nspawn; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "skipped: booting a system needs root"; exit 77; }
version=$(cat VERSION)
deb=$(ls build/release/flowverify_"$version"_*.deb 2>/dev/null | head -n 1)
[ -n "$deb" ] || { sh packaging/debian/build.sh; deb=$(ls build/release/flowverify_"$version"_*.deb); }

root=build/boot/root
mkdir -p build/boot
rm -rf $root
sh packaging/tests/base_root.sh $root

mkdir $root/test
cp "$deb" $root/test/flowverify.deb
cp -r tests/simulator config/example $root/test/
cp packaging/tests/boot_probe.sh $root/test/
# The same package one version up, for the upgrade.
mkdir build/boot/upgrade
dpkg-deb -R "$deb" build/boot/upgrade
sed -i "s/^Version:.*/Version: $version+1/" build/boot/upgrade/DEBIAN/control
dpkg-deb --root-owner-group -b build/boot/upgrade $root/test/flowverify-next.deb >/dev/null
rm -rf build/boot/upgrade

ln -sf /dev/null $root/etc/systemd/system/systemd-networkd-wait-online.service
cat > $root/etc/systemd/system/probe.service <<'UNIT'
[Unit]
After=basic.target dbus.service

[Service]
Type=oneshot
ExecStart=/bin/sh /test/boot_probe.sh
ExecStopPost=/bin/systemctl poweroff --force --force
StandardOutput=file:/test/output
StandardError=file:/test/output
TimeoutStartSec=90
UNIT
mkdir -p $root/etc/systemd/system/multi-user.target.wants
ln -s ../probe.service $root/etc/systemd/system/multi-user.target.wants/

SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0 timeout 120 systemd-nspawn --quiet --register=no \
    --keep-unit -D $root --private-network --boot --console=pipe \
    > build/boot/console 2>&1 || true
cat $root/test/output
grep -qx 'probe: all passed' $root/test/output || { tail -n 20 build/boot/console; exit 1; }
rm -rf $root
