"""The API against its own OpenAPI document: api.py EXPORTER TOOL FOLDER"""

import contextlib
import copy
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import jsonschema

EXPORTER, TOOL, FOLDER = sys.argv[1:4]
CONFIG = os.path.join(FOLDER, "flowverify.cfg")
MACHINE = "rg-shop-web/vm-web-01"
AZURE = ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/"
         "networkWatchers/w/ipFlowVerify")
failures = []


def check(what, holds, detail=""):
    if not holds:
        failures.append(what)
        print(f"FAILED {what} {detail}"[:2000])


with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    PORT = s.getsockname()[1]
BASE = f"http://127.0.0.1:{PORT}"


def ask(target, body=None, method=None):
    """Returns the status, the content type and the body."""
    request = urllib.request.Request(
        BASE + target, data=body, method=method,
        headers={"Content-Type": "application/json"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def data(target):
    status, _, body = ask(target)
    check(f"200 from {target}", status == 200, body[:200])
    return json.loads(body).get("data", {})


def close_shapes(node):
    """A member that the document does not name is an error here."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node["additionalProperties"] = False
        for child in node.values():
            close_shapes(child)
    elif isinstance(node, list):
        for child in node:
            close_shapes(child)


DOCUMENT = {}


def holds_to(path, method, status, headers, body):
    """Checks an answer against what the document says of its route."""
    responses = DOCUMENT["paths"][path][method]["responses"]
    content = responses.get(str(status), responses["default"])["content"]
    kind = headers["Content-Type"].split(";")[0]
    what = f"{method} {path}: {status}"
    check(f"{what} is {kind}", kind in content, list(content))
    if kind != "application/json" or kind not in content:
        return
    schema = dict(content[kind]["schema"])
    schema["components"] = DOCUMENT["components"]
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(
        json.loads(body)))
    check(what, not errors, errors and
          f"{errors[0].message[:300]} at {list(errors[0].absolute_path)}")


def check_gets():
    names = [flow["name"] for flow in data("/api/v1/flows")["flows"]]
    packet = urllib.parse.urlencode({
        "vm": MACHINE, "direction": "Inbound", "protocol": "Tcp",
        "local_port": "443", "remote_address": "Internet"})
    targets = {
        "/metrics": ["/metrics"], "/": ["/", "/?q=none"],
        "/flows/{name}": [f"/flows/{names[0]}"],
        "/-/healthy": ["/-/healthy"], "/-/ready": ["/-/ready"],
        "/api/v1/flows": ["/api/v1/flows", "/api/v1/flows?limit=x",
                          "/api/v1/flows?%zz"],
        "/api/v1/flows/{name}": [f"/api/v1/flows/{name}" for name in names]
        + ["/api/v1/flows/none"],
        "/api/v1/changes": ["/api/v1/changes", "/api/v1/changes?limit=-1"],
        "/api/v1/verify": ["/api/v1/verify", f"/api/v1/verify?{packet}",
                           "/api/v1/verify?" + packet.replace("web-01", "x")],
        "/api/v1/status": ["/api/v1/status"],
        "/api/v1/openapi.json": ["/api/v1/openapi.json"],
    }
    listed = {path for path, item in DOCUMENT["paths"].items()
              if "get" in item}
    check("all routes are asked", listed == set(targets),
          listed ^ set(targets))
    for path, asked in targets.items():
        for target in asked:
            holds_to(path, "get", *ask(target))
            status, headers, body = ask(target, method="HEAD")
            check(f"HEAD {target}", not body and status == ask(target)[0])
        status, headers, _ = ask(asked[0], b"x", "POST")
        check(f"405 from {path}",
              status == 405 and headers["Allow"] == "GET, HEAD", status)


def check_filters():
    flows = data("/api/v1/flows")["flows"]

    def names(query):
        return [flow["name"] for flow in data(f"/api/v1/flows?{query}")["flows"]]

    for verdict in ("allow", "deny", "partial", "unknown"):
        check(verdict, names(f"verdict={verdict}") ==
              [f["name"] for f in flows if f["verdict"] == verdict])
    for violated in (True, False):
        check(f"violated {violated}",
              names(f"violated={str(violated).lower()}") ==
              [f["name"] for f in flows if f["violated"] == violated])
    group = flows[0]["decision"]["ruleset"]
    check("group", names(f"group={group}") == [
        f["name"] for f in flows if group in f["decision"]["ruleset"]])
    check("sort", names("sort=name") == sorted(f["name"] for f in flows))
    check("order", names("sort=name&order=desc") ==
          sorted((f["name"] for f in flows), reverse=True))
    in_order = [f["name"] for f in flows]
    check("limit", names("limit=3") == in_order[:3])
    check("no flow", names("limit=0") == [])
    check("offset", names("limit=3&offset=2") == in_order[2:5])
    check("past the end", names("offset=1000000") == [])
    check("total", data("/api/v1/flows?limit=1")["total"] == len(flows))
    check("search", "shop-from-internet" in names("q=SHOP-from"))
    for query in ("verdict=maybe", "violated=1", "direction=in", "sort=x",
                  "order=x", "limit=-1", "limit=1x", "offset=", "limit=1&limit=2",
                  "limit=99999999999999999999"):
        expected = 200 if query == "offset=" else 400
        status, headers, body = ask(f"/api/v1/flows?{query}")
        check(query, status == expected, body[:200])
        holds_to("/api/v1/flows", "get", status, headers, body)


def check_verify():
    """The tool and the API tell the same of the same packet."""
    for port in ("443", "3389"):
        told = json.loads(subprocess.run(
            [TOOL, "verify", f"--config.file={CONFIG}", f"--vm={MACHINE}",
             "--direction=Inbound", "--protocol=Tcp",
             f"--local=10.101.1.4:{port}", "--remote=8.8.8.8:1024",
             "--output=json"], stdout=subprocess.PIPE, check=False).stdout)
        answered = data("/api/v1/verify?" + urllib.parse.urlencode({
            "vm": MACHINE, "direction": "Inbound", "protocol": "Tcp",
            "local_address": "10.101.1.4", "local_port": port,
            "remote_address": "8.8.8.8", "remote_port": "1024"}))
        for one in (told, answered):
            one.pop("data_timestamp", None)
        check("the tool's JSON", told == answered,
              {k for k in {*told, *answered} if told.get(k) != answered.get(k)})


def check_azure():
    good = {"targetResourceId": "/subscriptions/11111111-2222-3333-4444-"
            "555555555555/resourceGroups/rg-shop-web/providers/"
            "Microsoft.Compute/virtualMachines/vm-web-01",
            "direction": "Inbound", "protocol": "TCP",
            "localIPAddress": "10.101.1.4", "localPort": "443",
            "remoteIPAddress": "203.0.113.9", "remotePort": "*"}
    path = next(p for p in DOCUMENT["paths"] if p.endswith("ipFlowVerify"))
    cases = [({}, 200), ({"localPort": 443}, 200), ({"localPort": "3389"}, 200),
             ({"direction": "inbound", "protocol": "udp"}, 200),
             ({"targetNicResourceId": ""}, 200), ({"direction": "x"}, 400),
             ({"protocol": "ICMP"}, 400), ({"localPort": "*"}, 400),
             ({"localPort": "443-444"}, 400), ({"localPort": 65536}, 400),
             ({"remoteIPAddress": "Internet"}, 400),
             ({"remoteIPAddress": None}, 400), ({"localIPAddress": ""}, 400),
             ({"localIPAddress": "10.9.9.9"}, 400),
             ({"targetResourceId": good["targetResourceId"] + "x"}, 404)]
    for change, expected in cases:
        status, headers, body = ask(
            f"{AZURE}?api-version=2024-05-01",
            json.dumps({**good, **change}).encode())
        check(f"ipFlowVerify {change}", status == expected, body)
        holds_to(path, "post", status, headers, body)
    for body in (b"", b"[]", b"{", b"null", b"\xff", b"{}" * 40000):
        status, headers, answer = ask(AZURE, body, "POST")
        check(f"body {body[:9]}", status == (413 if len(body) > 65536 else 400))
        holds_to(path, "post", status, headers, answer)
    status, headers, body = ask(AZURE)
    check("GET ipFlowVerify", (status, headers["Allow"]) == (405, "POST"))
    holds_to(path, "post", status, headers, body)


def edit(change):
    """Edits a group of the example, as one file that changes at once."""
    path = os.path.join(FOLDER, "estate", "network-security-groups",
                        "nsg-nic-db-01.json")
    with open(path, encoding="utf-8") as file:
        group = json.load(file)
    change(group["properties"])
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(group, file)
    os.rename(path + ".new", path)


def newest_change(flow, n):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        changes = data(f"/api/v1/changes?flow={flow}")["changes"]
        if len(changes) >= n:
            return changes[0]
        time.sleep(0.1)
    check(f"{n} changes of {flow}", False)
    return {"after": {}, "before": {}, "rule_changes": []}


def check_changes():
    flow = "web-must-not-reach-database"
    saved = []

    def take_away(group):
        rules = group["securityRules"]
        saved.extend(copy.deepcopy(rules))
        rules[:] = [r for r in rules if r["name"] != "AllowSqlInsideVnet"]

    def give_back(group):
        group["securityRules"] = saved

    def turn(group):
        for rule in group["securityRules"]:
            if rule["name"] == "AllowSqlInsideVnet":
                rule["properties"]["access"] = "Deny"

    for n, (step, verdict, what) in enumerate(
            ((take_away, "deny", "removed"), (give_back, "allow", "added"),
             (turn, "deny", "changed")), 1):
        edit(step)
        change = newest_change(flow, n)
        check(f"{what}: {verdict}", change["after"].get("verdict") == verdict,
              change)
        check(f"{what} is told", any(
            r["what"] == what and r["rule"] == "AllowSqlInsideVnet"
            and r["alone"] for r in change["rule_changes"]), change)
    holds_to("/api/v1/changes", "get", *ask("/api/v1/changes"))
    everything = data("/api/v1/changes?limit=1000")["changes"]
    check("newest first", everything == sorted(
        everything, key=lambda c: c["at"], reverse=True))
    check("limit of changes",
          data("/api/v1/changes?limit=1")["changes"] == everything[:1])
    check("no change", data("/api/v1/changes?limit=0")["changes"] == [])


with subprocess.Popen(
        [EXPORTER, f"--config.file={CONFIG}", "--web.enable-lifecycle",
         f"--web.listen-address=127.0.0.1:{PORT}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as exporter:
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                if ask("/-/ready")[0] == 200:
                    break
            time.sleep(0.05)
        DOCUMENT = json.loads(ask("/api/v1/openapi.json")[2])
        close_shapes(DOCUMENT)
        for step in (check_gets, check_filters, check_verify, check_azure,
                     check_changes):
            step()
    finally:
        exporter.terminate()
if failures:
    sys.exit(f"{len(failures)} failed")
print("every route answers what the OpenAPI document says")
