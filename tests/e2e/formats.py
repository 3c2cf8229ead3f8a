"""Both formats, read by Prometheus: formats.py EXPORTER FOLDER

Between the two stands a proxy, which notes what was asked for and answered.
"""

import http.client
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

EXPORTER, FOLDER = sys.argv[1:3]
TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS_3 = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
    "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;"
    "escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;"
    "q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1")
# Path at the proxy: what it puts in place of Accept, and what must come.
CASES = {
    "as-it-asks": (None, OPENMETRICS),
    "text": ("text/plain;version=0.0.4", TEXT),
    "any": ("*/*", TEXT),
    "protobuf-first": (PROMETHEUS_3, OPENMETRICS),
}
LONG = "n" * 300
IDS = ("/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/"
       "providers/Microsoft.Network/")
seen = {}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PORT, PROXY, PROMETHEUS = free_port(), free_port(), free_port()


def resource(kind, name, properties):
    return {"id": f"{IDS}{kind}/{name}", "name": name,
            "type": f"Microsoft.Network/{kind}", "properties": properties}


def write_estate():
    """Names of 300 characters, quotes, line ends, bytes that are no UTF-8."""
    subnet = {"id": f"{IDS}virtualNetworks/v/subnets/s", "name": "s",
              "properties": {"addressPrefix": "10.0.0.0/24",
                             "networkSecurityGroup": {
                                 "id": f"{IDS}networkSecurityGroups/{LONG}"}}}
    rule = {"name": f'a"b\\c\nd {{x="1"}} # EOF {LONG}', "id": f"{IDS}x",
            "properties": {
                "priority": 100, "direction": "Inbound", "access": "Allow",
                "protocol": "*", "sourceAddressPrefix": "*",
                "sourcePortRange": "*", "destinationAddressPrefix": "*",
                "destinationPortRange": "*"}}
    address = {"name": "c", "id": f"{IDS}c", "properties": {
        "primary": True, "privateIPAddress": "10.0.0.4",
        "subnet": {"id": subnet["id"]}}}
    os.mkdir(os.path.join(FOLDER, "data"))
    with open(os.path.join(FOLDER, "data", "all.json"), "w",
              encoding="utf-8") as file:
        json.dump({"value": [
            resource("virtualNetworks", "v", {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/8"]},
                "subnets": [subnet]}),
            resource("networkSecurityGroups", LONG, {"securityRules": [rule]}),
            resource("networkInterfaces", "nic", {
                "primary": True, "ipConfigurations": [address]})]}, file)
    with open(os.path.join(FOLDER, "flowverify.cfg"), "wb") as file:
        file.write(
            b'interval = "5s"; source = { kind = "directory"; path = "data"; };'
            b'flows = ( { name = "hostile"; nic = "nic"; direction = "Inbound";'
            b'protocol = "Tcp"; local_port = 80; remote_address = "192.0.2.1";'
            b'labels = { text = "quote\\" slash\\\\ line\\n \xff\xc3( '
            + LONG.encode() + b'"; }; } );')


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        case = self.path.strip("/")
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() != "host"}
        if CASES[case][0]:
            headers["Accept"] = CASES[case][0]
        upstream = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
        upstream.request("GET", "/metrics", headers=headers)
        answer = upstream.getresponse()
        body = answer.read()
        upstream.close()
        seen[case] = (answer.getheader("Content-Type"),
                      answer.getheader("Content-Encoding"))
        self.send_response(answer.status)
        for name in ("Content-Type", "Content-Encoding"):
            if answer.getheader(name):
                self.send_header(name, answer.getheader(name))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def query(expression):
    url = (f"http://127.0.0.1:{PROMETHEUS}/api/v1/query?"
           + urllib.parse.urlencode({"query": expression}))
    with urllib.request.urlopen(url, timeout=10) as answer:
        return {item["metric"].get("job"): float(item["value"][1])
                for item in json.load(answer)["data"]["result"]}


def await_scrapes():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if len(seen) == len(CASES) and len(
                    query("flowverify_flow_verdict{verdict='allow'} == 1")
                    ) == len(CASES):
                return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f"FAILED not all were scraped: {seen}, up is {query('up')}")


def check():
    await_scrapes()
    for case, (_, expected) in CASES.items():
        assert seen[case] == (expected, "gzip"), (case, seen[case])
    samples = query("scrape_samples_scraped")
    assert query("up") == dict.fromkeys(CASES, 1), query("up")
    # The same series in both, but for what OpenMetrics has no place for.
    assert len(set(samples.values())) == 1, samples
    assert query("count by (job) (flowverify_exporter_build_info)") == \
        dict.fromkeys(CASES, 1)
    assert query("count by (job) (flowverify_flow_verdict_changes_total)") == \
        dict.fromkeys(CASES, 1)


def main():
    write_estate()
    scrapes = [{"job_name": case, "scrape_interval": "1s",
                "metrics_path": f"/{case}",
                "static_configs": [{"targets": [f"127.0.0.1:{PROXY}"]}]}
               for case in CASES]
    config = os.path.join(FOLDER, "prometheus.yml")
    with open(config, "w", encoding="ascii") as file:
        json.dump({"scrape_configs": scrapes}, file)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PROXY), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    programs = [
        subprocess.Popen([EXPORTER, f"--config.file={FOLDER}/flowverify.cfg",
                          f"--web.listen-address=127.0.0.1:{PORT}"], **quiet),
        subprocess.Popen(["prometheus", f"--config.file={config}",
                          f"--storage.tsdb.path={FOLDER}/tsdb",
                          f"--web.listen-address=127.0.0.1:{PROMETHEUS}"],
                         **quiet)]
    try:
        check()
    finally:
        for program in programs:
            program.terminate()
            program.wait()
        server.shutdown()
    print("Prometheus read", ", ".join(
        f"{kind.split(';')[0]} ({case})" for case, (kind, _) in
        sorted(seen.items())))


main()
