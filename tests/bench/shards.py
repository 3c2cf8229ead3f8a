#!/usr/bin/env python3
"""Runs one exporter and four shards of it over the same flows, with the
simulator of Azure behind them; see 50_shards.sh.

    shards.py EXPORTER FLOWS

Most flows are in a few large subscriptions, and each of many small ones has a
single flow: what only one shard has to ask for.  Rows go to $BENCH_ROWS.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))

from azure_world import (Folder, Simulator, credential,  # noqa: E402
                         socket_port)

SHARDS = 4
LARGE, SMALL = 4, 200  # Subscriptions.
NICS, GROUPS = 200, 25  # In each large one; a small one has one of each.


def subscription(i):
    return "%08d-0000-4000-8000-000000000000" % i


def identity(sub, kind, name):
    return ("/subscriptions/%s/resourceGroups/rg/providers/"
            "Microsoft.Network/%s/%s" % (subscription(sub), kind, name))


def resource(sub, kind, name, properties):
    return {"id": identity(sub, kind, name), "name": name,
            "type": "Microsoft.Network/" + kind, "properties": properties}


def group(sub, g):
    rules = [{"name": "rule-%d" % i, "properties": {
        "priority": 100 + i, "direction": "Outbound", "protocol": "Tcp",
        "access": "Deny" if (g + i) % 3 else "Allow", "sourcePortRange": "*",
        "destinationPortRange": str(1000 + g + 7 * i),
        "sourceAddressPrefix": "*", "destinationAddressPrefix": "*"}}
        for i in range(10)]
    return resource(sub, "networkSecurityGroups", "nsg-%d" % g,
                    {"securityRules": rules})


def nic(sub, n, groups):
    return resource(sub, "networkInterfaces", "nic-%d" % n, {
        "networkSecurityGroup": {"id": identity(
            sub, "networkSecurityGroups", "nsg-%d" % (n % groups))},
        "ipConfigurations": [{"name": "ip", "properties": {
            "primary": True, "privateIPAddress": "10.%d.0.%d" % (sub, 4 + n),
            "subnet": {"id": identity(sub, "virtualNetworks",
                                      "vnet/subnets/s")}}}]})


def network(sub):
    prefix = "10.%d.0.0/16" % sub
    return resource(sub, "virtualNetworks", "vnet", {
        "addressSpace": {"addressPrefixes": [prefix]},
        "subnets": [{"id": identity(sub, "virtualNetworks", "vnet/subnets/s"),
                     "name": "s", "properties": {"addressPrefix": prefix}}]})


def write_estate(folder):
    os.mkdir(folder)
    for sub in range(LARGE + SMALL):
        nics, groups = (NICS, GROUPS) if sub < LARGE else (1, 1)
        value = [network(sub)] + [group(sub, g) for g in range(groups)] \
            + [nic(sub, n, groups) for n in range(nics)]
        with open(os.path.join(folder, "%d.json" % sub), "w") as file:
            json.dump({"value": value}, file)


def place(i):
    """The subscription and the NIC of a flow."""
    if i < SMALL:
        return LARGE + i, 0
    return i % LARGE, i // LARGE % NICS


def write_config(work, simulator, n):
    address = simulator.address
    flows = ",\n".join(
        '{ name = "flow-%d"; nic = "%s"; direction = "Outbound"; protocol = '
        '"Tcp"; remote_address = "10.0.%d.%d"; remote_port = %d; }' % (
            i, identity(place(i)[0], "networkInterfaces",
                        "nic-%d" % place(i)[1]),
            i % 5, i % 250, 1000 + i % 200) for i in range(n))
    known = ",".join('{ id = "%s"; alias = "s%d"; }' % (subscription(i), i)
                     for i in range(LARGE + SMALL))
    path = os.path.join(work, "flowverify.cfg")
    with open(path, "w") as file:
        file.write("""interval = "1h"; limits = { flows = %d; };
source = { kind = "azure"; cloud = "custom"; arm_endpoint = "%s";
  authority = "%s"; audience = "%s"; ca_file = "%s"; credential = %s;
  request_timeout = "30s"; subscriptions = ( %s ); };
flows = (
%s
);
""" % (n, address["url"], address["url"], address["url"], address["ca"],
            credential(work), known, flows))
    return path


class Cost:
    """What one process found out, and what that took."""

    def __init__(self, body):
        self.body = body
        verdicts = dict(re.findall(
            r'^flowverify_flow_verdict\{flow="([^"]+)",verdict="(\w+)"\} 1$',
            body, re.M))
        decided = dict(re.findall(
            r'^flowverify_flow_decision_info\{flow="([^"]+)",([^}]*)\} 1$',
            body, re.M))
        self.verdicts = {f: (v, decided.get(f)) for f, v in verdicts.items()}
        self.fetched = self.total("flowverify_fetch_response_bytes_total")
        self.failures = self.total("flowverify_fetch_failures_total")

    def total(self, name):
        return sum(float(v) for v in re.findall(
            r"^%s\{[^}]*\} (\S+)$" % name, self.body, re.M))

    def asked_astray(self):
        """How many subscriptions were asked that no flow is in, or not asked
        though one is."""
        needed = {subscription(place(int(f.split("-")[1]))[0])
                  for f in self.verdicts}
        return len(set(self.subscriptions) ^ needed)


def measure(exporter, config, simulator, *flags):
    """Starts it, scrapes once, stops it."""
    with socket_port() as port:
        url = "http://127.0.0.1:%d" % port.number
    simulator.control("reset", {})
    started = time.monotonic()
    process = subprocess.Popen(
        [exporter, "--config.file=" + config,
         "--web.listen-address=" + url[7:], *flags],
        stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(url + "/-/ready", timeout=5).read()
                break
            except OSError:
                if process.poll() is not None or \
                        time.monotonic() - started > 120:
                    sys.exit("the exporter did not become ready")
                time.sleep(0.01)
        seconds = time.monotonic() - started
        with urllib.request.urlopen(url + "/metrics", timeout=60) as answer:
            cost = Cost(answer.read().decode())
        with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
            cost.memory = int(re.search(r"VmHWM:\s+(\d+)",
                                        file.read()).group(1)) / 1024
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    stats = simulator.stats()
    cost.seconds = seconds
    cost.requests, cost.subscriptions = stats["total"], stats["subscriptions"]
    if cost.failures:
        sys.exit("requests failed")
    return cost


rows = []
HEAD = ("", "flows", "requests", "subscr.", "fetched", "to ready", "peak RSS",
        "/metrics")
LINE = "%-30s %8s %8s %8s %10s %9s %10s %10s"


def report(who, cost):
    measured = (
        ("flows", len(cost.verdicts), "flows", "%d"),
        ("requests", cost.requests, "requests", "%d"),
        ("subscriptions asked", len(cost.subscriptions), "subscriptions",
         "%d"),
        ("fetched", cost.fetched / 1024, "KiB", "%.0f KiB"),
        ("start to ready", cost.seconds, "s", "%.2f s"),
        ("peak RSS", cost.memory, "MiB", "%.1f MiB"),
        ("/metrics", len(cost.body) / 2**20, "MiB", "%.1f MiB"))
    for name, value, unit, _ in measured:
        rows.append({"name": "%s: %s" % (who, name), "value": round(value, 2),
                     "unit": unit})
    print(LINE % ((who,) + tuple(f % v for _, v, _, f in measured)))


def target(name, value, wanted):
    rows.append({"name": name, "value": value, "target": wanted,
                 "met": value == wanted})
    print("%-58s %8d  = %d %s" % (name, value, wanted,
                                  "met" if value == wanted else "MISSED"))


def compare(exporter, config, simulator, n):
    print(LINE % HEAD)
    whole = measure(exporter, config, simulator)
    report("%d flows, one process" % n, whole)
    astray = whole.asked_astray()
    union = {}
    for i in range(SHARDS):
        part = measure(exporter, config, simulator,
                       "--shard=flowverify-%d/%d" % (i, SHARDS))
        if union.keys() & part.verdicts.keys():
            sys.exit("two shards judge the same flow")
        union.update(part.verdicts)
        astray += part.asked_astray()
        report("%d flows, shard %d of %d" % (n, i, SHARDS), part)
    known = sum(v[0] != "unknown" for v in whole.verdicts.values())
    target("%d flows: known verdicts" % n, known, n)
    target("%d flows: verdicts that differ in the shards" % n,
           sum(whole.verdicts.get(f) != union.get(f)
               for f in whole.verdicts.keys() | union.keys()), 0)
    target("subscriptions asked without need, or needed and not asked",
           astray, 0)


def main():
    exporter, n = sys.argv[1], int(sys.argv[2])
    with Folder() as work:
        estate = os.path.join(work, "estate")
        write_estate(estate)
        simulator = Simulator(work, directory=estate)
        try:
            compare(exporter, write_config(work, simulator, n), simulator, n)
        finally:
            simulator.stop()
    path = os.environ.get("BENCH_ROWS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            for entry in rows:
                file.write(json.dumps(entry) + "\n")
    return 0 if all(entry.get("met", True) for entry in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
