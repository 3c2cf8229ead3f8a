#!/usr/bin/env python3
"""End-to-end cases of the Azure source; see 30_azure.sh.

    azure_cases.py [NAME...]      runs all cases, or those named
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from azure_world import (EXAMPLE, ROOT, SECRET, SUBSCRIPTION, Exporter,
                         Failure, Folder, Nginx, Simulator, check, configure,
                         run_json, socket_port, tool, wait_for)

GROUP = ("/subscriptions/%s/resourceGroups/rg-shop-web/providers/"
         "Microsoft.Network/networkSecurityGroups/nsg-web" % SUBSCRIPTION)

# What each fault does: the feed that goes down, the reason that is counted,
# and the settings of the fault.  None as feed: the cycle copes with it.
NSG = {"match": "networkSecurityGroups"}
FAULTS = [
    ("throttle", "nsg", "throttled", dict(NSG, seconds=1)),
    ("throttle_silent", "nsg", "throttled", NSG),
    ("throttle_long", "nsg", "throttled", dict(NSG, times=1, seconds=20)),
    ("busy", "nsg", "throttled", NSG),
    ("unavailable", "nsg", "http_5xx", NSG),
    ("error500", "nsg", "http_5xx", NSG),
    ("unauthorized", None, "auth", {"times": 1, "match": "networkInter"}),
    ("forbidden", "nsg", "auth", NSG),
    ("not_found", "nsg", "http_4xx", NSG),
    ("foreign_link", "nsg", "refused", NSG),
    ("looping_link", "nsg", "limit", NSG),
    ("truncated_json", "nsg", "parse", NSG),
    ("aborted", "nsg", "aborted", NSG),
    ("gzip_cut", "nsg", "parse", NSG),
    ("chunked_cut", "nsg", "aborted", NSG),
    ("html", "nsg", "parse", NSG),
    ("error_body", "nsg", "parse", NSG),
    ("no_array", "nsg", "parse", NSG),
    ("slow", "nsg", "timeout", dict(NSG, seconds=4)),
    ("hang", "nsg", "timeout", NSG),
    ("huge", "nsg", "limit", dict(NSG, megabytes=100)),
    ("deep", "nsg", "limit", NSG),
    ("redirect", "nsg", "refused", NSG),
    ("forbidden", "admin_rules", "auth", {"match": "EffectiveSecurityAdmin"}),
    ("forbidden", "service_tags", "auth", {"match": "serviceTags"}),
    ("forbidden", "nic", "auth", {"match": "networkInterfaces"}),
    ("unavailable", "vnet", "http_5xx", {"match": "virtualNetworks/vnet"}),
]


def case_same_verdicts():
    """The simulator's estate is judged like the folder it came from."""
    with Folder() as work:
        simulator = Simulator(work, "--page=2", "--post-page=1")
        try:
            folder = run_json(os.path.join(EXAMPLE, "flowverify.cfg"))
            azure = run_json(configure(work, simulator))
            for one, other in zip(folder, azure):
                check(one == other, "%s differs: %s, %s" % (
                    one["name"], json.dumps(one), json.dumps(other)))
            check(len(folder) == len(azure) > 10, "all flows are there")
        finally:
            simulator.stop()


def case_snapshot():
    """A snapshot is judged like what it was taken of, and holds no secret."""
    with Folder() as work:
        simulator = Simulator(work, "--page=2")
        try:
            config = configure(work, simulator)
            azure = run_json(config)
            replayed = replay(work, config)
            check(azure == run_json(replayed), "the replay differs")
            out = replayed[:-len(".cfg")]
            no_secret_in(simulator, out)
            result = tool("snapshot", "--config.file=" + config,
                          "--out=" + out)
            check(result.returncode == 3, "a full folder is refused")
        finally:
            simulator.stop()


def case_change_within_interval():
    """A rule that changes flips its flow within an interval and 2 s."""
    with Folder() as work:
        simulator = Simulator(work)
        exporter = Exporter(work, configure(work, simulator))
        try:
            wait_for(exporter.all_up, 15, "all feeds are up")
            before = exporter.verdicts()["shop-from-internet"]
            check(before == "allow", "it is allowed at first")
            start = time.time()
            simulator.control("rule", {
                "nsg": GROUP, "rule": "AllowHttpsFromInternet",
                "set": {"access": "Deny"}})
            wait_for(lambda: exporter.verdicts()["shop-from-internet"]
                     != "allow", 10, "it is denied")
            check(time.time() - start < 7, "it took %.1f s"
                  % (time.time() - start))
            check(exporter.value("flowverify_feed_changes_total",
                                 feed="nsg") == 1, "the change is counted")
        finally:
            exporter.stop()
            simulator.stop()


def last_success(exporter, feed):
    return exporter.value("flowverify_feed_last_success_timestamp_seconds",
                          feed=feed)


def fault_case(work, simulator, exporter, fault):
    name, feed, reason, settings = fault
    simulator.control("reset", {})
    before = exporter.verdicts()
    failures = exporter.failures(reason)
    simulator.faults(**{name: settings})
    if feed:
        wait_for(lambda: not exporter.up(feed), 30,
                 "%s of %s: the feed is down" % (name, feed))
    wait_for(lambda: exporter.failures(reason) > failures, 30,
             "%s: %s is counted" % (name, reason))
    check(exporter.verdicts() == before, "%s: the verdicts stay" % name)
    if feed:
        then = last_success(exporter, feed)
        cycles = exporter.cycles()
        wait_for(lambda: exporter.cycles() > cycles
                 or "seconds" in settings, 70, "another cycle")
        check(last_success(exporter, feed) == then,
              "%s: the feed's timestamp stands still" % name)
        # Any feed may be the oldest: one with a refresh of its own counts
        # once it is overdue.
        samples = exporter.metrics()
        oldest = min(v for n, v in samples.items() if n.startswith(
            "flowverify_feed_last_success_timestamp_seconds{") and v > 0)
        stamp = next(v for n, v in samples.items() if n.startswith(
            'flowverify_flow_data_timestamp_seconds{'
            'flow="shop-from-internet"'))
        check(stamp >= oldest,
              "%s: the data is as old as a feed that it rests on" % name)
    simulator.calm()
    wait_for(exporter.all_up, 45, "%s: all feeds recover" % name)
    check(exporter.verdicts() == before, "%s: the same afterwards" % name)
    stats = simulator.stats()
    check(stats["leaks"] == [], "%s: a token leaked" % name)
    check(stats["faults"].get(name), "%s: the fault never happened" % name)
    no_secret(work, simulator, exporter)


def faults_case(faults):
    with Folder() as work:
        storage = os.path.join(work, "state")
        simulator = Simulator(work)
        config = configure(work, simulator)
        # A verdict must outlive the longest fault.
        with open(config) as file:
            text = file.read()
        with open(config, "w") as file:
            file.write('max_age = "10m";\n' + text)
        exporter = Exporter(work, config, storage)
        try:
            wait_for(exporter.all_up, 15, "all feeds are up")
            for fault in faults:
                start = time.time()
                fault_case(work, simulator, exporter, fault)
                say("    %s (%s): %.0f s" % (fault[0], fault[1] or "-",
                                             time.time() - start))
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()
            simulator.stop()


def no_secret(work, simulator, exporter):
    secrets = simulator.stats()["tokens"] + [SECRET]
    places = {"log": exporter.log_text()}
    for path in ("/", "/metrics", "/api/v1/status", "/api/v1/flows"):
        places[path] = exporter.get(path)
    for where, text in places.items():
        for secret in secrets:
            check(secret not in text, "a secret is in " + where)
    no_secret_in(simulator, os.path.join(work, "state"))


def no_secret_in(simulator, folder):
    secrets = [s.encode() for s in simulator.stats()["tokens"] + [SECRET]]
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        for secret in secrets:
            check(secret not in content, "a secret is in " + name)


def case_null_arrays_and_ports():
    """Null arrays and a spelled-out port are no faults."""
    with Folder() as work:
        simulator = Simulator(work, "--page=2", "--fault=null_arrays",
                              "--fault=port_link")
        try:
            folder = run_json(os.path.join(EXAMPLE, "flowverify.cfg"))
            azure = run_json(configure(work, simulator))
            check(folder == azure, "the verdicts are the same")
        finally:
            simulator.stop()


def case_odd_pages():
    """Empty pages, overlapping pages and other letters are no faults."""
    with Folder() as work:
        simulator = Simulator(work, "--page=2", "--fault=empty_page",
                              "--fault=overlap", "--fault=upper_ids")
        try:
            folder = run_json(os.path.join(EXAMPLE, "flowverify.cfg"))
            azure = run_json(configure(work, simulator))
            for one, other in zip(folder, azure):
                check(one["verdict"] == other["verdict"],
                      "%s: %s" % (one["name"], json.dumps(other)))
            hit = simulator.stats()["faults"]
            for name in ("empty_page", "overlap", "upper_ids"):
                check(hit.get(name), name + " never happened")
        finally:
            simulator.stop()


def case_deleted_group():
    """A group that is gone while NICs still name it is missing, not empty."""
    with Folder() as work:
        simulator = Simulator(work)
        exporter = Exporter(work, configure(work, simulator))
        try:
            wait_for(exporter.all_up, 15, "all feeds are up")
            simulator.control("delete", {"id": GROUP})
            wait_for(lambda: exporter.verdicts()["shop-from-internet"]
                     == "unknown", 15, "nobody knows")
            reasons = exporter.get("/api/v1/flows/shop-from-internet")
            check("ruleset_missing" in reasons, reasons)
            check(exporter.up("nsg"), "that is no failure")
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()
            simulator.stop()


def case_priority_zero():
    """Priorities that the effective list hides come from the active one."""
    with Folder() as work:
        simulator = Simulator(work, "--fault=priority_zero")
        try:
            folder = run_json(os.path.join(EXAMPLE, "flowverify.cfg"))
            azure = run_json(configure(work, simulator))
            for one, other in zip(folder, azure):
                check(one["verdict"] == other["verdict"],
                      "%s: %s, then %s" % (one["name"], one["verdict"],
                                           other["verdict"]))
            requests = simulator.stats()["requests"]
            check(requests.get("listActiveSecurityAdminRules"),
                  "the active list was asked for")
        finally:
            simulator.stop()


def case_admin_rules_refused():
    """Admin rules that may not be read make verdicts unknown, not allow."""
    with Folder() as work:
        simulator = Simulator(work)
        try:
            simulator.faults(forbidden={"match": "EffectiveSecurityAdmin"})
            for flow in run_json(configure(work, simulator)):
                check(flow["verdict"] == "unknown"
                      or flow["verdict"] == "deny",
                      "%s is %s" % (flow["name"], flow["verdict"]))
            flows = run_json(configure(work, simulator))
            reasons = {f["reason"] for f in flows}
            check("admin_rules_unavailable" in reasons, str(reasons))
        finally:
            simulator.stop()


def case_http2():
    """Where HTTP/2 is offered it is spoken, within the bounds, and a server
    that ends connections or streams costs nothing."""
    if not shutil.which("nginx"):
        say("skip   http2: no nginx")
        return
    with Folder() as work:
        with socket_port() as port:
            number = port.number
        simulator = Simulator(work, "--page=1", "--post-page=1",
                              "--address=https://127.0.0.1:%d" % number)
        nginx = Nginx(work, number, simulator, 1000, 128)
        try:
            folder = run_json(os.path.join(EXAMPLE, "flowverify.cfg"))
            config = configure(work, simulator)
            check(run_json(config) == folder, "the verdicts are the same")
            seen = nginx.seen()
            check({s[0] for s in seen} == {"HTTP/2.0"}, str(seen[0]))
            check(len({s[1] for s in seen}) <= 2 < 20 < len(seen),
                  "%d requests share %d connections" % (
                      len(seen), len({s[1] for s in seen})))
            check(1 < simulator.stats()["most_running"] <= 8,
                  "%d at a time" % simulator.stats()["most_running"])
            nginx.stop()
            # A connection takes four requests at a time and ends after
            # three, with GOAWAY.
            nginx = Nginx(work, number, simulator, 3, 4)
            http2_endings(work, simulator, nginx, config)
        finally:
            nginx.stop()
            simulator.stop()


def http2_endings(work, simulator, nginx, config):
    before = len(nginx.seen())
    exporter = Exporter(work, config)
    try:
        wait_for(exporter.all_up, 20, "all feeds are up")
        for _ in range(2):
            cycles = exporter.cycles()
            nginx.reload()
            wait_for(lambda: exporter.cycles() > cycles, 20, "a cycle")
        check(exporter.all_up(), "all feeds stay up")
        check(exporter.value("flowverify_fetch_failures_total") == 0,
              "no request failed")
        seen = nginx.seen()[before:]
        connections = {s[1] for s in seen}
        check(len(connections) >= len(seen) / 4, "%d requests, %d "
              "connections" % (len(seen), len(connections)))
        # A stream that is reset in the middle of its answer.
        simulator.faults(aborted={"match": "networkSecurityGroups",
                                  "times": 1})
        wait_for(lambda: exporter.value("flowverify_fetch_failures_total",
                                        reason="aborted") == 1, 20,
                 "a stream is reset")
        cycles = exporter.cycles()
        wait_for(lambda: exporter.cycles() > cycles, 20, "a cycle")
        check(exporter.all_up(), "it was asked again")
        exporter.stop()
    finally:
        if exporter.process.poll() is None:
            exporter.kill()


def network_of(group, name):
    return ("/subscriptions/%s/resourceGroups/%s/providers/"
            "Microsoft.Network/virtualNetworks/%s" % (SUBSCRIPTION, group,
                                                      name))


def case_network_groups():
    """A policy's members count; where some may be missing, nobody knows."""
    manager = ("/subscriptions/%s/resourceGroups/rg-shop-security/providers/"
               "Microsoft.Network/networkManagers/avnm-security"
               % SUBSCRIPTION)
    group = manager + "/networkGroups/web"
    data = network_of("rg-shop-data", "vnet-data")
    web = network_of("rg-shop-web", "vnet-web")
    hub = network_of("rg-shop-hub", "vnet-hub")
    rule = {"id": manager + "/securityAdminConfigurations/baseline/"
            "ruleCollections/shop/rules/DenyWeb", "kind": "Custom",
            "properties": {
                "protocol": "Tcp", "direction": "Inbound", "access": "Deny",
                "priority": 5, "sourcePortRanges": ["0-65535"],
                "destinationPortRanges": ["1433"], "destinations": [],
                "sources": [{"addressPrefix": group,
                             "addressPrefixType": "NetworkGroup"}]}}

    def verdict(name, config):
        flow = [f for f in run_json(config) if f["name"] == name][0]
        return flow["verdict"], flow.get("reason") or flow["decision"]["rule"]

    with Folder() as work:
        simulator = Simulator(work, "--graph-page=1", "--page=1")
        try:
            config = configure(work, simulator)
            # Seen from the data network: the web network comes by policy.
            simulator.control("effective", {"network": data, "rules": [rule]})
            simulator.control("group", {"id": group, "static": [hub],
                                        "policy": [web]})
            got = verdict("web-must-not-reach-database", config)
            check(got == ("deny", "DenyWeb"), "by policy: %s, %s" % got)
            simulator.control("reset", {})
            simulator.faults(graph_quota={"times": 2})
            got = verdict("web-must-not-reach-database", config)
            check(got == ("deny", "DenyWeb"), "after a wait: %s, %s" % got)
            check(simulator.stats()["faults"].get("graph_quota") == 2,
                  "the quota was used up")
            simulator.control("group", {"id": group, "static": [hub]})
            before = verdict("web-must-not-reach-database", config)
            check(before[0] == "allow", "no member any more")
            # Nobody tells who else is in the group.
            for fault in ({"graph_cut": {}},
                          {"forbidden": {"match": "ResourceGraph"}},
                          {"forbidden": {"match": "avnm-security$"}}):
                simulator.faults(**fault)
                got = verdict("web-must-not-reach-database", config)
                check(got == ("unknown", "network_group_unresolved"),
                      "%s: %s, %s" % ((list(fault)[0],) + got))
                simulator.calm()
            # A manager of a subscription that is not configured.
            simulator.control("put", {
                "id": manager, "name": "avnm-security",
                "type": "Microsoft.Network/networkManagers", "properties": {
                    "networkManagerScopes": {"subscriptions": [
                        "/subscriptions/" + SUBSCRIPTION,
                        "/subscriptions/" + SUBSCRIPTION[::-1]]}}})
            for each in (config, replay(work, config)):
                got = verdict("web-must-not-reach-database", each)
                check(got == ("unknown", "network_group_unresolved"),
                      "one more subscription: %s, %s" % got)
        finally:
            simulator.stop()


def replay(work, config):
    """A configuration with a snapshot of the other as its source."""
    out = tempfile.mkdtemp(prefix="snapshot", dir=work)
    result = tool("snapshot", "--config.file=" + config, "--out=" + out)
    check(result.returncode == 0, "snapshot: " + result.stderr)
    with open(config) as file:
        text = file.read()
    head, tail = text.split("source = {", 1)
    tail = tail[tail.index("network = {"):]
    with open(out + ".cfg", "w") as file:
        file.write(head + 'source = { kind = "directory"; path = "' + out
                   + '"; };\n' + tail)
    return out + ".cfg"


def case_one_subscription_refused():
    """A subscription that fails leaves the others alone."""
    other = "22222222-2222-3333-4444-555555555555"
    with Folder() as work:
        simulator = Simulator(work)
        config = configure(work, simulator, subscriptions=[
            (other, "other"), (SUBSCRIPTION, "prod")])
        simulator.faults(forbidden={"match": other})
        exporter = Exporter(work, config)
        try:
            wait_for(lambda: exporter.cycles() >= 1, 15, "a cycle")
            wait_for(lambda: exporter.up("nic"), 15, "prod is up")
            check(not exporter.up("nic", "other"), "other is down")
            check(exporter.verdicts()["no-database-to-internet"] == "deny",
                  "prod is judged")
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()
            simulator.stop()


def case_restart_without_azure():
    """After a restart the last verdicts are served, with their old age."""
    with Folder() as work:
        storage = os.path.join(work, "state")
        simulator = Simulator(work)
        config = configure(work, simulator)
        exporter = Exporter(work, config, storage)
        wait_for(exporter.all_up, 15, "all feeds are up")
        before = exporter.verdicts()
        exporter.stop()
        simulator.stop()
        exporter = Exporter(work, config, storage)
        try:
            stamp = exporter.value("flowverify_flow_data_timestamp_seconds",
                                   flow="shop-from-internet")
            check(stamp < time.time() - 0.1, "the data is old")
            check(exporter.verdicts() == before, "the verdicts are there")
            wait_for(lambda: exporter.failures("connect") > 0, 15,
                     "Azure is not there")
            check(exporter.verdicts() == before, "the verdicts stay")
            # Half of the bytes of a document, as after a bad disk.
            exporter.stop()
            for name in sorted(os.listdir(storage)):
                if name.startswith("azure-item"):
                    path = os.path.join(storage, name)
                    os.truncate(path, os.path.getsize(path) // 2)
                    break
            exporter = Exporter(work, config, storage)
            check("put aside" in exporter.log_text(), "one line says so")
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()


def case_stop_while_azure_hangs():
    """SIGTERM ends a collection that waits for Azure."""
    with Folder() as work:
        simulator = Simulator(work)
        simulator.faults(hang={})
        exporter = Exporter(work, configure(work, simulator))
        try:
            wait_for(lambda: simulator.stats()["faults"].get("hang"), 10,
                     "a request hangs")
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()
            simulator.calm()
            simulator.stop()


def case_tokens():
    """A token that cannot be had, that is short-lived, that comes back."""
    with Folder() as work:
        simulator = Simulator(work)
        simulator.faults(token_code={"code": 7000222})
        exporter = Exporter(work, configure(work, simulator))
        try:
            wait_for(lambda: exporter.cycles() >= 1, 15, "a cycle")
            wait_for(lambda: not exporter.up("nic"), 15, "nothing works")
            wait_for(lambda: "the client secret has expired"
                     in exporter.log_text(), 10, "one clear line")
            check(exporter.value("flowverify_fetch_failures_total",
                                 api="token") >= 1, "it is counted")
            simulator.calm()
            wait_for(exporter.all_up, 60, "it recovers")
            check(exporter.value("flowverify_token_expiry_timestamp_seconds")
                  > time.time() + 3000, "the expiry is shown")
            no_tokens_in(exporter.log_text(), simulator)
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()
            simulator.stop()


def no_tokens_in(text, simulator):
    for secret in simulator.stats()["tokens"] + [SECRET]:
        check(secret not in text, "a secret is in the log")


def case_credentials():
    """Every kind of credential gets a token that works."""
    with Folder() as work:
        key, cert = os.path.join(work, "k.pem"), os.path.join(work, "c.pem")
        both, pfx = os.path.join(work, "both"), os.path.join(work, "p.pfx")
        token_file = os.path.join(work, "federated")
        password = os.path.join(work, "password")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048",
                        "-nodes", "-subj", "/CN=app", "-keyout", key, "-out",
                        cert], check=True, capture_output=True)
        with open(both, "w") as file:
            file.write(open(key).read() + open(cert).read())
        subprocess.run(["openssl", "pkcs12", "-export", "-inkey", key, "-in",
                        cert, "-out", pfx, "-passout", "pass:p%ss wörd"],
                       check=True, capture_output=True)
        for path, text in ((token_file, SECRET), (password, "p%ss wörd")):
            with open(path, "w") as file:
                file.write(text + "\n")
        az = os.path.join(work, "bin")
        os.mkdir(az)
        simulator = Simulator(work, "--certificate", cert)
        plain = simulator.address["identity"]
        token = json.dumps({
            "accessToken": "TOKEN", "expiresOn": "2030-01-01 00:00:00.000000",
            "expires_on": int(time.time()) + 3600, "tokenType": "Bearer"})
        with open(os.path.join(az, "az"), "w") as file:
            file.write("#!/bin/sh\n[ \"$1 $2\" = 'account get-access-token' ]"
                       " && [ \"$PWD\" = / ] || exit 9\n"
                       "echo 'WARNING: {there} is a newer version'\n"
                       "cat <<'END'\n%s\nEND\n" % token)
        os.chmod(os.path.join(az, "az"), 0o755)
        ids = 'tenant_id = "t"; client_id = "c"; '
        kinds = [
            ("certificate", '{ kind = "client_certificate"; %s'
             'certificate_file = "%s"; }' % (ids, both), {}),
            ("certificate RS256", '{ kind = "client_certificate"; %s'
             'certificate_file = "%s"; algorithm = "RS256"; }'
             % (ids, both), {}),
            ("PKCS#12", '{ kind = "client_certificate"; %s'
             'certificate_file = "%s"; certificate_password_file = "%s"; }'
             % (ids, pfx, password), {}),
            ("workload identity", '{ kind = "workload_identity"; %s'
             'token_file = "%s"; }' % (ids, token_file), {}),
            ("machine", '{ kind = "managed_identity"; }',
             {"AZURE_POD_IDENTITY_AUTHORITY_HOST": plain,
              "http_proxy": "http://127.0.0.1:1",
              "no_proxy": simulator.address["url"].split("/")[2]}),
            ("app", '{ kind = "managed_identity"; client_id = "c"; }',
             {"IDENTITY_ENDPOINT": plain + "/msi/token",
              "IDENTITY_HEADER": SECRET}),
            ("environment secret", '{ kind = "environment"; }',
             {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
              "AZURE_CLIENT_SECRET": SECRET}),
            ("environment certificate", '{ kind = "environment"; }',
             {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
              "AZURE_CLIENT_CERTIFICATE_PATH": both}),
            ("environment federated", '{ kind = "environment"; }',
             {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
              "AZURE_FEDERATED_TOKEN_FILE": token_file}),
        ]
        try:
            for name, words, env in kinds:
                config = configure(work, simulator, cred=words,
                                   timeout="20s")
                flows = run_json(config, env)
                check([f for f in flows if f["verdict"] == "allow"],
                      "%s: nothing was judged: %s" % (name, flows[0]))
            # az: its token is not one that the simulator gave out.
            config = configure(work, simulator,
                               cred='{ kind = "azure_cli"; }')
            result = tool("run", "--config.file=" + config,
                          env={"PATH": az + ":" + os.environ["PATH"]})
            check(simulator.stats()["bad_tokens"] > 0, "az was asked")
            check("TOKEN" not in result.stderr, "its token is not shown")
        finally:
            simulator.stop()


ARC_KEY = "/var/opt/azcmagent/tokens/1.key"
ARC = """mount -t tmpfs tmpfs /var/opt && mkdir -p /var/opt/azcmagent/tokens &&
printf %%s '%s' >%s && exec "$@\"""" % (SECRET, ARC_KEY)


def case_arc():
    """Azure Arc: the key is in the agent's folder, as root sees it."""
    unshare = ["unshare", "-m", "sh", "-c"]
    if subprocess.run(unshare + [ARC, "sh", "true"],
                      capture_output=True).returncode:
        say("skip   arc: no namespace of one's own")
        return
    with Folder() as work:
        simulator = Simulator(work)
        plain = simulator.address["identity"]
        env = dict(os.environ, IMDS_ENDPOINT=plain,
                   IDENTITY_ENDPOINT=plain
                   + "/metadata/identity/oauth2/token")
        config = configure(work, simulator,
                           cred='{ kind = "managed_identity"; }')
        words = unshare + [ARC, "sh", os.path.join(ROOT, "build/flowverify"),
                           "run", "--config.file=" + config, "--output=json"]
        try:
            simulator.faults(arc={"path": ARC_KEY, "key": SECRET})
            result = subprocess.run(words, capture_output=True, text=True,
                                    env=env)
            check('"verdict":"allow"' in result.stdout, result.stderr)
            check(SECRET not in result.stdout + result.stderr, "the key")
            simulator.faults(arc={"path": "/etc/hostname.key", "key": SECRET})
            result = subprocess.run(words, capture_output=True, text=True,
                                    env=env)
            check("Azure Arc" in result.stderr, "a file of somebody else: "
                  + result.stderr)
        finally:
            simulator.stop()


def case_untrusted_certificate():
    """Without its authority, the simulator's certificate is refused."""
    with Folder() as work:
        simulator = Simulator(work)
        config = configure(work, simulator)
        with open(config) as file:
            text = re.sub(r"ca_file = .*?;", "", file.read())
        with open(config, "w") as file:
            file.write(text)
        exporter = Exporter(work, config)
        try:
            wait_for(lambda: exporter.failures("tls") > 0, 15, "tls")
            check(simulator.stats()["total"] == 0, "nothing was sent")
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()
            simulator.stop()


def case_without_curl():
    """Only the Azure source needs curl, and it says so in one line."""
    with Folder() as work:
        # The loader looks here first, and these are no libraries.
        for name in ("libcurl.so.4", "libcurl-gnutls.so.4"):
            with open(os.path.join(work, name), "w"):
                pass
        env = {"LD_LIBRARY_PATH": work}
        simulator = Simulator(work)
        try:
            config = configure(work, simulator)
            for program in (["flowverify", "run"], ["flowverify_exporter"]):
                result = subprocess.run(
                    [os.path.join(ROOT, "build", program[0])] + program[1:]
                    + ["--config.file=" + config], capture_output=True,
                    text=True, env=dict(os.environ, **env), timeout=20)
                lines = result.stderr.strip().split("\n")
                check(result.returncode != 0, "it fails")
                check(len(lines) == 1 and "source azure needs curl: "
                      in lines[0] and "libcurl.so.4" in lines[0],
                      "one line says why: " + result.stderr)
            check(simulator.stats()["total"] == 0, "nothing was sent")
        finally:
            simulator.stop()
        folder = run_json(os.path.join(EXAMPLE, "flowverify.cfg"), env)
        check(len(folder) > 10, "a folder needs no curl")


def cases():
    found = [(n[5:], f) for n, f in globals().items()
             if n.startswith("case_")]
    # The faults in four groups, each with programs of its own.
    for i in range(4):
        group = FAULTS[i::4]
        found.append(("faults_%d" % (i + 1),
                      lambda group=group: faults_case(group)))
    return found


lock = threading.Lock()


def say(line):
    with lock:
        print(line, flush=True)


def main():
    wanted = sys.argv[1:]
    todo = [(n, f) for n, f in cases() if not wanted or n in wanted]
    failed = []

    def work():
        while True:
            with lock:
                if not todo:
                    return
                name, function = todo.pop()
            start = time.time()
            try:
                function()
                say("ok     %s (%.0f s)" % (name, time.time() - start))
            except Exception as error:  # A broken case is no good one.
                say("FAILED %s: %s: %s" % (name, type(error).__name__, error))
                failed.append(name)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say("%d failed" % len(failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
