#!/bin/sh
# The container image: built twice with the same digest, run as its numeric
# user in its own root, and scraped.
set -eu
command -v buildah >/dev/null || { echo "skipped: buildah is not installed"; exit 77; }
[ "$(id -u)" -eq 0 ] || { echo "skipped: building without a daemon needs root here"; exit 77; }
version=$(cat VERSION)
digest=build/release/flowverify-$version-image.digest
sh packaging/container/build.sh
first=$(cat "$digest")
(umask 077 && TZ=Asia/Kathmandu FLOWVERIFY_IMAGE_WORK=build/image-again sh packaging/container/build.sh >/dev/null)
second=$(cat "$digest")
rm -rf build/image-again
[ "$first" = "$second" ] || { echo "two builds differ: $first $second"; exit 1; }
echo "ok: two builds give the same digest, $first"

# One for each package of the bill of materials, ours, and the authorities'.
licences=$(find build/image/context/root/usr/share/doc -name copyright -size +0 | wc -l)
packages=$(python3 packaging/sbom/sbom.py LICENSE | grep -c '"type": "library"')
[ "$licences" -eq $((packages + 2)) ] \
    || { echo "$licences licences for $packages packages"; exit 1; }
echo "ok: the licences of $packages packages are in the image"

# Its root, unpacked, is what a container would see: read-only but for the
# state folder, numeric user, no capabilities needed.
root=build/image/run-root
rm -rf $root
mkdir -p $root
cp -a build/image/context/root/. $root/
cp -r config/example $root/etc/flowverify/example
chmod -R go+rX $root/etc
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
chroot --userspec=65532:65532 $root /usr/bin/flowverify_exporter \
    --config.file=/etc/flowverify/example/flowverify.cfg \
    --storage.path=/var/lib/flowverify \
    --web.listen-address=127.0.0.1:"$port" 2>build/packaging/image-exporter.log &
pid=$!
trap 'kill $pid 2>/dev/null || true' EXIT
for _ in $(seq 50); do
    curl -fs "http://127.0.0.1:$port/-/ready" >/dev/null 2>&1 && break
    sleep 0.1
done
curl -fs "http://127.0.0.1:$port/metrics" | grep -q '^flowverify_flow_verdict{' \
    || { cat build/packaging/image-exporter.log; exit 1; }
grep -q '^Uid:.65532' /proc/$pid/status
chroot --userspec=65532:65532 $root /usr/bin/flowverify run \
    --config.file=/etc/flowverify/example/flowverify.cfg >/dev/null || [ $? -le 2 ]
kill $pid
wait $pid
trap - EXIT

# What the Azure source loads is there, too: it comes as far as the network.
printf 'secret\n' >$root/etc/flowverify/secret
cat >$root/etc/flowverify/azure.cfg <<'END'
source = { kind = "azure"; cloud = "custom"; request_timeout = "1s";
  arm_endpoint = "https://127.0.0.1:1"; authority = "https://127.0.0.1:1";
  audience = "https://127.0.0.1:1";
  credential = { kind = "client_secret"; tenant_id = "t"; client_id = "c";
    secret_file = "/etc/flowverify/secret"; };
  subscriptions = ( { id = "00000000-0000-0000-0000-000000000001"; } ); };
flows = ( { name = "any"; vm = "rg/vm"; direction = "Inbound";
  protocol = "Tcp"; local_port = "443"; remote_address = "Internet"; } );
END
chroot --userspec=65532:65532 $root /usr/bin/flowverify run \
    --config.file=/etc/flowverify/azure.cfg >build/packaging/image-azure.log 2>&1 || true
grep -qi "connect" build/packaging/image-azure.log \
    || { cat build/packaging/image-azure.log; exit 1; }
echo "ok: runs as 65532 from its own root and is scraped"
