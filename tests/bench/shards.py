#!/usr/bin/env python3
"""Runs one exporter and four shards of it over the same flows.

    shards.py EXPORTER FOLDER FLOWS

Prints JSON lines; what a person reads goes to standard error.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

SUB = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Network"
NICS = 1000
SHARDS = 4


def rule(name, priority, direction, access, ports, source="*", destination="*"):
    return {"name": name, "properties": {
        "priority": priority, "direction": direction, "access": access, "protocol": "Tcp", "sourcePortRange": "*",
        "destinationPortRanges": ports, "sourceAddressPrefix": source, "destinationAddressPrefix": destination}}


def write_estate(folder):
    os.makedirs(folder)
    groups = [{"id": f"{SUB}/networkSecurityGroups/nsg{g}", "name": f"nsg{g}",
               "type": "Microsoft.Network/networkSecurityGroups", "properties": {"securityRules": [
                   rule(f"r{i}", 100 + i, "Outbound", "Deny" if (g + i) % 3 else "Allow", [str(1000 + g + 7 * i)])
                   for i in range(10)]}} for g in range(100)]
    nics = [{"id": f"{SUB}/networkInterfaces/nic{n}", "name": f"nic{n}", "type": "Microsoft.Network/networkInterfaces",
             "properties": {"networkSecurityGroup": {"id": f"{SUB}/networkSecurityGroups/nsg{n % 100}"},
                            "ipConfigurations": [{"name": "ip", "properties": {
                                "primary": True, "privateIPAddress": f"10.0.{n // 200}.{10 + n % 200}",
                                "subnet": {"id": f"{SUB}/virtualNetworks/vnet/subnets/s"}}}]}} for n in range(NICS)]
    vnet = {"id": f"{SUB}/virtualNetworks/vnet", "name": "vnet", "type": "Microsoft.Network/virtualNetworks",
            "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [
                {"id": f"{SUB}/virtualNetworks/vnet/subnets/s", "name": "s",
                 "properties": {"addressPrefix": "10.0.0.0/16"}}]}}
    for name, values in (("nsg", groups), ("nic", nics), ("vnet", [vnet])):
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
            json.dump({"value": values}, file)


def write_config(path, n):
    with open(path, "w", encoding="utf-8") as file:
        file.write('interval = "1h"; limits = { flows = %d; };\n' % n)
        file.write('source = { kind = "directory"; path = "estate"; };\nflows = (\n')
        file.write(",\n".join(
            f'{{ name = "flow-{i}"; nic = "nic{i % NICS}"; direction = "Outbound"; protocol = "Tcp"; '
            f'remote_address = "10.0.{i % 5}.{i % 250}"; remote_port = {1000 + i % 200}; }}' for i in range(n)))
        file.write("\n);\n")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def measure(exporter, config, *flags):
    """Starts it, scrapes once, stops it: (verdicts, seconds, RSS, bytes)."""
    port = free_port()
    started = time.monotonic()
    process = subprocess.Popen([exporter, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", *flags],
                               stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5).read()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() - started > 60:
                    sys.exit("the exporter did not become ready")
                time.sleep(0.01)
        seconds = time.monotonic() - started
        body = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).read().decode()
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            rss = int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) / 1024
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    verdicts = dict(re.findall(r'^flowverify_flow_verdict\{flow="([^"]+)",verdict="(\w+)"\} 1$', body, re.M))
    decided = dict(re.findall(r'^flowverify_flow_decision_info\{flow="([^"]+)",([^}]*)\} 1$', body, re.M))
    return {f: (v, decided.get(f)) for f, v in verdicts.items()}, seconds, rss, len(body)


def row(name, value, unit, **more):
    print(json.dumps({"name": name, "value": value, "unit": unit, **more}))
    print(f"{name:58} {value:>10} {unit}", file=sys.stderr)


def main():
    exporter, folder, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    write_estate(os.path.join(folder, "estate"))
    config = os.path.join(folder, "flowverify.cfg")
    write_config(config, n)
    whole, seconds, rss, size = measure(exporter, config)
    row(f"{n} flows, one process: start to ready", round(seconds, 2), "s")
    row(f"{n} flows, one process: peak RSS", round(rss, 1), "MiB")
    row(f"{n} flows, one process: /metrics", round(size / 2**20, 1), "MiB")
    union, largest, longest = {}, 0, 0
    for i in range(SHARDS):
        part, seconds, rss, _ = measure(exporter, config, f"--shard=flowverify-{i}/{SHARDS}")
        if union.keys() & part.keys():
            sys.exit("two shards judge the same flow")
        union.update(part)
        largest, longest = max(largest, rss), max(longest, seconds)
        row(f"{n} flows, shard {i} of {SHARDS}: flows", len(part), "flows")
    row(f"{n} flows, {SHARDS} shards: longest start to ready", round(longest, 2), "s")
    row(f"{n} flows, {SHARDS} shards: largest peak RSS", round(largest, 1), "MiB")
    row(f"{n} flows: verdicts that differ between shards and one process",
        sum(whole.get(f) != union.get(f) for f in whole.keys() | union.keys()), "flows", target=0,
        met=whole == union and len(whole) == n)
    if whole != union or len(whole) != n:
        sys.exit("the shards do not add up to one process")


main()
