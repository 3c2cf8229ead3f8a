"""Prometheus, Alertmanager, the exporter and a webhook sink on loopback.

What is started here is stopped here, by its process id, also on failure.
"""

import atexit
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BOARDS = ROOT / "dashboards"
EXPORTER = ROOT / "build" / "flowverify_exporter"
SKIPPED = 77

# Every wait of the alerts goes: the tests need not sleep, and promtool tests
# the waits.  The windows follow the interval, which is five seconds here.
HASTY = """
local mixin = import 'mixin.libsonnet';
local names = [std.substr(r.alert, std.length('Flowverify'), 99)
               for g in mixin.prometheusAlerts.groups for r in g.rules];
local none = { [name]: '0s' for name in names };
(mixin + { _config+:: {
  wait: none, keepFiring: none, failureWindow: '3s', staleIntervals: 2,
  alertmanager+: { groupWait: '%(group_wait)s', groupInterval: '1s',
                   repeatInterval: '1h', pageUrl: '%(sink)s/page',
                   ticketUrl: '%(sink)s/ticket', logUrl: '%(sink)s/log' },
} }).%(field)s
"""


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            skip("%s is not installed" % tool)
    if not EXPORTER.exists():
        skip("%s is not built" % EXPORTER)


def alertmanager():
    """Debian calls the program by another name."""
    for name in ("prometheus-alertmanager", "alertmanager"):
        if shutil.which(name):
            return name
    return skip("Alertmanager is not installed")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url, timeout=5, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.read().decode("utf-8")


def answers(url):
    try:
        fetch(url, timeout=1)
        return True
    except (OSError, urllib.error.URLError):
        return False


class Failure(Exception):
    """Something that was waited for did not come."""


def wait_for(what, condition, seconds=15.0, every=0.1):
    """Returns what 'condition' returns once that is true."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure("%s: not within %g s" % (what, seconds))
        time.sleep(every)


class Sink:
    """Takes notifications as a receiver's webhook does."""

    def __init__(self):
        self.notifications = []
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(size))
                body["_path"], body["_time"] = self.path, time.monotonic()
                sink.notifications.append(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def alerts(self, name=None, status=None, since=0.0, path=None, **labels):
        """All alerts in all notifications since then that match."""
        return [
            dict(alert, _notification=n)
            for n in list(self.notifications) if n["_time"] >= since
            and (path is None or n["_path"] == path)
            for alert in n["alerts"]
            if (name is None or
                alert["labels"]["alertname"] == "Flowverify" + name)
            and (status is None or alert["status"] == status)
            and all(alert["labels"].get(k) == v for k, v in labels.items())
        ]


class Stack:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flowverify-"))
        self.processes = {}
        self.sink = Sink()
        atexit.register(self.stop)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(1))

    def start(self, name, command, ready):
        log = open(self.folder / (name + ".log"), "ab")
        self.processes[name] = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

        def up():
            if self.processes[name].poll() is not None:
                raise Failure("%s ended:\n%s" % (name, self.log(name)))
            return answers(ready)
        wait_for(name + " to be ready", up)

    def log(self, name):
        return (self.folder / (name + ".log")).read_text(
            encoding="utf-8", errors="replace")[-2000:]

    def kill(self, name, number=signal.SIGTERM):
        process = self.processes.pop(name)
        process.send_signal(number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self):
        for name in reversed(list(self.processes)):
            self.kill(name)
        self.sink.server.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- The estate ----------------------------------------------------------

    def copy_example(self, settings="", flows=""):
        """A copy of the example estate that may be edited.  'settings' is
        put before the configuration, 'flows' after the last flow."""
        target = self.folder / "example"
        shutil.copytree(ROOT / "config" / "example", target)
        self.config = target / "flowverify.cfg"
        text = self.config.read_text(encoding="utf-8")
        if flows:
            end = text.rindex("}")
            text = text[:end + 1] + ",\n" + flows + text[end + 1:]
        self.config.write_text(settings + text, encoding="utf-8")
        self.estate = target / "estate"
        return self.config

    def edit_rule(self, group, rule, **properties):
        """Changes a rule of a group, whole file at once."""
        path = self.estate / "network-security-groups" / (group + ".json")
        document = json.loads(path.read_text(encoding="utf-8"))
        rules = document["properties"]["securityRules"]
        next(r for r in rules
             if r["name"] == rule)["properties"].update(properties)
        self.write(path, json.dumps(document))

    @staticmethod
    def write(path, text):
        new = path.parent / (path.name + ".new")
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)

    # --- The programs --------------------------------------------------------

    def start_exporter(self, *flags, name="exporter", port=None):
        port = port or free_port()
        self.exporter_url = "http://127.0.0.1:%d" % port
        self.start(name, [
            str(EXPORTER), "--config.file=%s" % self.config,
            "--web.listen-address=127.0.0.1:%d" % port, *flags],
            self.exporter_url + "/-/ready")
        return port

    def cycle_now(self, name="exporter"):
        """A reload starts a cycle at once, so that tests need not wait for
        the interval, which may not be less than five seconds."""
        self.processes[name].send_signal(signal.SIGHUP)

    def jsonnet(self, field, group_wait="0s"):
        program = HASTY % {"field": field, "sink": self.sink.url,
                           "group_wait": group_wait}
        out = subprocess.run(["jsonnet", "-e", program], cwd=BOARDS,
                             check=True, stdout=subprocess.PIPE).stdout
        path = self.folder / (field + ".json")  # JSON is YAML.
        path.write_bytes(out)
        return path

    def start_alertmanager(self, group_wait="0s"):
        port = free_port()
        config = self.jsonnet("alertmanagerConfig", group_wait)
        self.alertmanager_url = "http://127.0.0.1:%d" % port
        self.start("alertmanager", [
            alertmanager(), "--config.file=%s" % config,
            "--storage.path=%s" % (self.folder / "alertmanager"),
            "--web.listen-address=127.0.0.1:%d" % port,
            "--cluster.listen-address="],
            self.alertmanager_url + "/-/ready")

    def start_prometheus(self, targets, rules=True, scrape="1s", flags=()):
        port = free_port()
        rule_files = [str(self.jsonnet("prometheusAlerts")),
                      str(BOARDS / "rules.yml")] if rules else []
        config = {
            "global": {"scrape_interval": scrape, "scrape_timeout": scrape,
                       "evaluation_interval": "1s"},
            "rule_files": rule_files,
            "scrape_configs": [{
                "job_name": "flowverify",
                "static_configs": [{"targets": targets}]}],
        }
        if rules:
            config["alerting"] = {"alertmanagers": [{"static_configs": [{
                "targets": [self.alertmanager_url[len("http://"):]]}]}]}
        path = self.folder / "prometheus.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        self.prometheus_url = "http://127.0.0.1:%d" % port
        self.start("prometheus", [
            "prometheus", "--config.file=%s" % path,
            "--storage.tsdb.path=%s" % (self.folder / "tsdb"),
            "--storage.tsdb.retention.time=1h",
            "--web.listen-address=127.0.0.1:%d" % port,
            "--rules.alert.for-grace-period=0s",
            "--rules.alert.resend-delay=1s", *flags],
            self.prometheus_url + "/-/ready")

    # --- Questions -----------------------------------------------------------

    def query(self, text, **parameters):
        kind = "query_range" if "start" in parameters else "query"
        url = "%s/api/v1/%s?%s" % (
            self.prometheus_url, kind,
            urllib.parse.urlencode({"query": text, **parameters}))
        return json.loads(fetch(url, timeout=30))["data"]["result"]

    def alert_states(self):
        """What Alertmanager holds: labels, and whether it is muted."""
        out = json.loads(fetch(self.alertmanager_url + "/api/v2/alerts"))
        return [(a["labels"], a["status"]["inhibitedBy"]) for a in out]
