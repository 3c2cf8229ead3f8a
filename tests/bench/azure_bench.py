#!/usr/bin/env python3
"""Measures the Azure source; see 40_azure.sh.  Rows go to $BENCH_ROWS."""
import json
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))

from azure_world import (Exporter, Folder, Simulator, configure,  # noqa: E402
                         wait_for)

SUBSCRIPTIONS = 50
NICS, GROUPS, RULES, NETWORKS = 200, 20, 30, 6  # In each subscription.
REGIONS = ("westeurope", "northeurope", "eastus", "westus", "japaneast")


def subscription(i):
    return "%08d-0000-4000-8000-000000000000" % i


def identity(sub, kind, name):
    return ("/subscriptions/%s/resourceGroups/rg-%d/providers/"
            "Microsoft.Network/%s/%s" % (subscription(sub), sub, kind, name))


def envelope(sub, kind, name, properties):
    return {"id": identity(sub, kind, name), "name": name,
            "type": "Microsoft.Network/" + kind,
            "location": REGIONS[sub % len(REGIONS)],
            "etag": 'W/"6be7f3f2-0000-4000-8000-%012d"' % sub,
            "tags": {"owner": "team-%d" % sub, "environment": "production"},
            "properties": dict(properties, provisioningState="Succeeded",
                               resourceGuid=subscription(sub))}


def rule(group, name, priority, direction, access, protocol, source,
         destination, port):
    return {"name": name, "id": group + "/securityRules/" + name,
            "etag": 'W/"6be7f3f2-0000-4000-8000-000000000000"',
            "type": "Microsoft.Network/networkSecurityGroups/securityRules",
            "properties": {
                "provisioningState": "Succeeded", "description":
                "Opened for the change request of team %s" % name,
                "protocol": protocol, "sourcePortRange": "*",
                "destinationPortRange": port, "sourceAddressPrefix": source,
                "destinationAddressPrefix": destination, "access": access,
                "priority": priority, "direction": direction,
                "sourcePortRanges": [], "destinationPortRanges": [],
                "sourceAddressPrefixes": [],
                "destinationAddressPrefixes": []}}


DEFAULTS = (("AllowVnet%sBound", 65000, "Allow", "VirtualNetwork",
             "VirtualNetwork"),
            ("AllowInternet%sBound", 65001, "Allow", "*", "Internet"),
            ("DenyAll%sBound", 65500, "Deny", "*", "*"))


def group(sub, i):
    name = "nsg-%d" % i
    own = identity(sub, "networkSecurityGroups", name)
    rules = [rule(own, "rule-%d" % k, 100 + 10 * k,
                  "Inbound" if k % 3 else "Outbound",
                  "Deny" if k % 5 == 4 else "Allow", "Tcp",
                  "10.%d.%d.0/24" % (sub, (i * 7 + k) % 256), "*",
                  str(1000 + 10 * k)) for k in range(RULES)]
    defaults = [rule(own, name % ("In" if way == "Inbound" else "Out"),
                     priority, way, access, "*", source, destination, "*")
                for way in ("Inbound", "Outbound")
                for name, priority, access, source, destination in DEFAULTS]
    return envelope(sub, "networkSecurityGroups", name, {
        "securityRules": rules, "defaultSecurityRules": defaults,
        "subnets": []})


def nic(sub, i):
    network = i % NETWORKS
    subnet = identity(sub, "virtualNetworks",
                      "vnet-%d/subnets/default" % network)
    return envelope(sub, "networkInterfaces", "nic-%d" % i, {
        "ipConfigurations": [{
            "name": "ipconfig1", "etag": 'W/"0"',
            "id": identity(sub, "networkInterfaces",
                           "nic-%d/ipConfigurations/ipconfig1" % i),
            "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
            "properties": {
                "provisioningState": "Succeeded", "primary": True,
                "privateIPAddress": "10.%d.%d.%d" % (
                    sub, 32 * network + i // 250, 4 + i % 250),
                "privateIPAllocationMethod": "Dynamic",
                "privateIPAddressVersion": "IPv4",
                "subnet": {"id": subnet}}}],
        "networkSecurityGroup": {"id": identity(
            sub, "networkSecurityGroups", "nsg-%d" % (i % GROUPS))},
        "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
        "macAddress": "00-0D-3A-00-%02X-%02X" % (sub, i),
        "enableIPForwarding": False, "primary": True,
        "virtualMachine": {"id": identity(sub, "virtualMachines",
                                          "vm-%d" % i).replace(
                                              "Network", "Compute")},
        "hostedWorkloads": [], "nicType": "Standard"})


def network(sub, i):
    own = identity(sub, "virtualNetworks", "vnet-%d" % i)
    members = [k for k in range(NICS) if k % NETWORKS == i]
    return envelope(sub, "virtualNetworks", "vnet-%d" % i, {
        "addressSpace": {"addressPrefixes": ["10.%d.%d.0/19"
                                             % (sub, 32 * i)]},
        "subnets": [{
            "name": "default", "id": own + "/subnets/default",
            "properties": {
                "addressPrefix": "10.%d.%d.0/20" % (sub, 32 * i),
                "ipConfigurations": [{"id": identity(
                    sub, "networkInterfaces",
                    "nic-%d/ipConfigurations/ipconfig1" % k)}
                    for k in members],
                "delegations": []}}],
        "virtualNetworkPeerings": []})


def write_estate(folder):
    for sub in range(SUBSCRIPTIONS):
        value = [nic(sub, i) for i in range(NICS)]
        value += [group(sub, i) for i in range(GROUPS)]
        value += [network(sub, i) for i in range(NETWORKS)]
        with open(os.path.join(folder, "%d.json" % sub), "w") as file:
            json.dump({"value": value}, file)


def write_flows():
    """One flow for each group, so that all groups and networks count."""
    lines = []
    for sub in range(SUBSCRIPTIONS):
        for i in range(GROUPS):
            lines.append(
                '{ name = "s%d-%d"; nic = "%s"; direction = "Inbound"; '
                'protocol = "Tcp"; local_port = 1010; remote_address = '
                '"10.%d.%d.5"; }' % (sub, i, identity(
                    sub, "networkInterfaces", "nic-%d" % i), sub, i * 7 + 1))
    return "flows = (\n" + ",\n".join(lines) + "\n);\n"


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_megabytes(pid):
    with open("/proc/%d/status" % pid) as file:
        for line in file:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0


rows = []


def row(name, value, unit, target=None):
    entry = {"name": name, "value": round(value, 3), "unit": unit}
    if target is not None:
        entry["target"] = target
        entry["met"] = value <= target
    rows.append(entry)
    print("%-44s %10.3f %-9s %s" % (
        name, value, unit, "" if target is None else
        "<= %g %s" % (target, "met" if value <= target else "MISSED")))


class Watch:
    """What one cycle cost."""

    def __init__(self, simulator, exporter):
        self.simulator, self.exporter = simulator, exporter

    def cycle(self):
        cycles = self.exporter.cycles()
        total = self.simulator.stats()["total"]
        cpu = cpu_seconds(self.exporter.process.pid)
        wait_for(lambda: self.exporter.cycles() > cycles, 120, "a cycle")
        self.cpu = cpu_seconds(self.exporter.process.pid) - cpu
        self.requests = self.simulator.stats()["total"] - total
        self.wall = self.exporter.value("flowverify_cycle_duration_seconds")
        return self


def measure(work):
    estate = os.path.join(work, "estate")
    os.mkdir(estate)
    write_estate(estate)
    simulator = Simulator(work, "--page=100", directory=estate)
    config = configure(
        work, simulator, interval="10s", flows=write_flows(), timeout="30s",
        subscriptions=[(subscription(i), "s%d" % i)
                       for i in range(SUBSCRIPTIONS)])
    with open(config) as file:
        text = file.read()
    text = text.replace('admin_rules = "5s"', 'admin_rules = "1h"')
    with open(config, "w") as file:
        file.write(text)
    exporter = Exporter(work, config)
    watch = Watch(simulator, exporter)
    try:
        wait_for(lambda: exporter.cycles() >= 1, 120, "the first cycle")
        pid = exporter.process.pid
        row("azure.first_cycle.requests", simulator.stats()["total"],
            "requests", 550)
        row("azure.first_cycle.cpu", cpu_seconds(pid), "s")
        row("azure.first_cycle.wall", exporter.value(
            "flowverify_cycle_duration_seconds"), "s")
        row("azure.first_cycle.peak_rss", peak_megabytes(pid), "MiB", 150)
        if not exporter.all_up():
            raise SystemExit("a feed is down")
        watch.cycle()
        unchanged = [watch.cycle() and (watch.requests, watch.cpu, watch.wall)
                     for _ in range(3)]
        row("azure.unchanged_cycle.requests", max(u[0] for u in unchanged),
            "requests", 250)
        row("azure.unchanged_cycle.cpu", min(u[1] for u in unchanged), "s",
            0.7)
        row("azure.unchanged_cycle.wall", min(u[2] for u in unchanged), "s")
        changed = []
        for k in range(3):
            simulator.control("rule", {
                "nsg": identity(7, "networkSecurityGroups", "nsg-3"),
                "rule": "rule-1", "set": {"destinationPortRange":
                                          str(2000 + k)}})
            watch.cycle()
            changed.append((watch.cpu, watch.wall))
        row("azure.changed_cycle.cpu", min(c[0] for c in changed), "s", 0.8)
        row("azure.changed_cycle.wall", min(c[1] for c in changed), "s")
        row("azure.peak_rss", peak_megabytes(pid), "MiB", 150)
        row("azure.requests.parallel", simulator.stats()["most_running"],
            "requests", 8)
        count = exporter.value("flowverify_feed_changes_total", feed="nsg")
        if count < 1:
            raise SystemExit("the changes were not seen")
        exporter.stop()
    finally:
        if exporter.process.poll() is None:
            exporter.kill()
        simulator.stop()


def main():
    with Folder() as work:
        measure(work)
    path = os.environ.get("BENCH_ROWS")
    if path:
        with open(path, "a") as file:
            for entry in rows:
                file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
