#!/bin/sh
# Runs inside the booted system; see boot.sh.
set -eu
unit=flowverify_exporter.service
step() { echo "ok: $*"; }
die() {
    echo "FAILED: $*"
    journalctl -u $unit --no-pager 2>/dev/null | tail -n 30
    exit 1
}
get() { curl -sS --cacert /test/web.crt -u "prometheus:$password" "https://localhost:16863$1"; }

cd /test
password=correct-horse
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout web.key -out web.crt 2>/dev/null

# Installing starts the service with the configuration that the package ships.
dpkg -i flowverify.deb >/dev/null 2>&1 || die "dpkg -i"
step "the package installs"

mkdir simulated
python3 simulator/simulator.py --directory=/test/example/estate --port=18443 --tls \
    --work=simulated --ready=simulator.ready --secret=simulated-secret > simulator.log 2>&1 &
simulator=$!
trap 'kill -9 $simulator' EXIT
for _ in $(seq 100); do
    [ -e simulator.ready ] && break
    sleep 0.1
done
sed -e '/^source *=/,/^};/d' example/flowverify.cfg > flows.cfg
cat > /etc/flowverify/flowverify.cfg <<CONFIG
interval = "5s";
source = {
  kind = "azure"; cloud = "custom";
  arm_endpoint = "https://127.0.0.1:18443"; authority = "https://127.0.0.1:18443";
  audience = "https://127.0.0.1:18443";
  ca_file = "/etc/flowverify/ca.crt";
  credential = { kind = "client_secret"; tenant_id = "11111111-1111-1111-1111-111111111111";
    client_id = "22222222-2222-2222-2222-222222222222";
    secret_file = "/run/credentials/$unit/client-secret"; };
  subscriptions = ( { id = "@SUBSCRIPTION@"; alias = "shop"; } );
};
CONFIG
subscription=$(grep -ohE '/subscriptions/[0-9a-f-]{36}' example -r | sort | uniq -c | sort -rn | awk 'NR == 1 {print $2}' | cut -d/ -f3)
sed -i "s/@SUBSCRIPTION@/$subscription/" /etc/flowverify/flowverify.cfg
grep -vE '^(interval|max_age) *=' flows.cfg >> /etc/flowverify/flowverify.cfg
cp simulated/ca.pem /etc/flowverify/ca.crt
cp web.crt /etc/flowverify/web.crt
printf 'simulated-secret' > /etc/flowverify/client-secret
chmod 600 /etc/flowverify/client-secret
mkdir -p /etc/systemd/system/$unit.d
printf '[Service]\nLoadCredential=client-secret:/etc/flowverify/client-secret\nLoadCredential=web.key:/test/web.key\n' \
    > /etc/systemd/system/$unit.d/credentials.conf
hash=$(python3 -W ignore -c 'import crypt; print(crypt.crypt("correct-horse", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=2**6)))')
cat > /etc/flowverify/web.yml <<CONFIG
tls_server_config:
  cert_file: /etc/flowverify/web.crt
  key_file: /run/credentials/$unit/web.key
basic_auth_users:
  prometheus: "$hash"
CONFIG
echo 'ARGS="--web.config.file=/etc/flowverify/web.yml --log.level=debug"' > /etc/default/flowverify_exporter
systemctl daemon-reload
systemctl restart $unit || die "the unit does not start"
[ "$(systemctl show -p Type --value $unit)" = notify ] || die "the unit is not of type notify"
step "systemd says: $(systemctl is-active $unit), $(systemctl show -p StatusText --value $unit)"

for _ in $(seq 100); do
    [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert web.crt https://localhost:16863/-/ready)" = 200 ] && break
    sleep 0.1
done
[ "$(curl -s -o /dev/null -w '%{http_code}' --cacert web.crt https://localhost:16863/metrics)" = 401 ] \
    || die "/metrics opens without a password"
for _ in $(seq 150); do
    get /metrics > metrics || die "no scrape"
    grep -q '^flowverify_cycles_total 0' metrics || break
    sleep 0.1
done
grep -q '^flowverify_flow_verdict{.*verdict="allow"} 1' metrics || die "no allowed flow in the metrics"
grep -q '^flowverify_feed_up{feed="nsg",scope="shop"} 1' metrics || die "the feed is not up"
step "scraped over TLS with a password: $(grep -c '^flowverify_flow_verdict{.* 1$' metrics) flows judged"

pid=$(systemctl show -p MainPID --value $unit)
grep -q '^NoNewPrivs:.1' /proc/$pid/status || die "NoNewPrivs"
grep -q '^CapEff:.0000000000000000' /proc/$pid/status || die "capabilities"
grep -q '^Seccomp:.2' /proc/$pid/status || die "seccomp"
[ "$(awk '/^Uid:/ {print $2}' /proc/$pid/status)" -ge 61184 ] || die "not a dynamic user"
step "runs as user $(awk '/^Uid:/ {print $2}' /proc/$pid/status) without capabilities, seccomp on"

systemctl reload $unit || die "reload"
sleep 1
get /metrics | grep -q '^flowverify_config_last_reload_successful 1' || die "the reload is not seen"
step "reloads"

systemctl stop $unit
sed -i 's/ARGS="/&--web.systemd-socket /' /etc/default/flowverify_exporter
systemctl enable --now flowverify_exporter.socket 2>/dev/null || die "the socket does not start"
[ "$(systemctl is-active $unit)" = inactive ] || die "the socket starts the exporter too early"
get /metrics > metrics && grep -q '^flowverify_flow_verdict{' metrics || die "no scrape over the socket"
[ "$(systemctl is-active $unit)" = active ] || die "the socket does not start the exporter"
systemctl restart $unit
get /-/healthy >/dev/null || die "the socket is lost with a restart"
step "is started by its socket"

ls /var/lib/private/flowverify_exporter/* >/dev/null || die "no state was written"
dpkg -i flowverify-next.deb >/dev/null 2>&1 || die "upgrade"
[ "$(systemctl is-active $unit)" = active ] || die "not active after the upgrade"
[ "$(systemctl is-active flowverify_exporter.socket)" = active ] || die "the upgrade lost the socket"
grep -q 'client-secret' /etc/flowverify/flowverify.cfg || die "the upgrade lost the configuration"
step "upgrades, configuration kept"

if journalctl -u $unit --no-pager | grep -E 'simulated-secret|correct-horse'; then
    die "a secret is in the journal"
fi
start=$(date +%s%3N)
systemctl stop $unit
took=$(($(date +%s%3N) - start))
[ "$(systemctl show -p Result --value $unit)" = success ] || die "it did not stop well"
step "stops in $took ms"
dpkg --purge flowverify >/dev/null 2>&1 || die "purge"
if [ -e /usr/bin/flowverify ] || [ -e /etc/default/flowverify_exporter ]; then
    die "purge left files"
fi
[ "$(systemctl is-active flowverify_exporter.socket)" = inactive ] || die "purge left the socket open"
left=$(find / -xdev -path '*flowverify*' ! -path '/test/*' ! -path '/proc/*' \
    ! -path '/etc/flowverify/*' ! -path '/var/log/*' ! -path '/etc/systemd/system/flowverify_exporter.service.d*')
[ "$left" = /etc/flowverify ] || die "purge left $left"
step "purges"
echo "probe: all passed"
