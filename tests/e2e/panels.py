"""Panels of the dashboards against live data: the example's flows, judged by
what a simulator of Azure says, so that there are requests and tokens to show.

* Every query returns data, with the labels that its panel uses.
* Without any one of the metrics that a dashboard uses, that is not so: no
  panel can go blank unnoticed.
* With 5,000 flows no panel gets more than 200 series.
* @grafana/data, if npm can fetch it, turns the answers into the expected
  words and colours, and the JSON has the types of @grafana/schema; likewise
  the dashboard for Perses.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import azure_world
import gate
import stack

FLOW = "web-must-not-reach-database"
MANY_FLOWS, MAX_SERIES, SLOW = 5000, 200, 5.0
RANGE = 20
OWN = re.compile(r"\b((?:flowverify|process)_\w+)")
HERE = pathlib.Path(__file__).resolve().parent


class Panel:
    """One query of one panel or annotation."""

    def __init__(self, board, name, target, columns=()):
        self.where = "%s / %s" % (board["title"], name)
        self.expr = target["expr"]
        self.instant = bool(target.get("instant"))
        self.labels = set(re.findall(r"\{\{(\w+)\}\}",
                                     target.get("legendFormat") or ""))
        self.labels |= {c for c in columns if c != "Value"}
        # The answer 0 of 'or vector(0)' would hide that a metric is gone.
        self.families = {re.sub(r"_bucket$", "", name)
                         for name in OWN.findall(self.expr)}

    def query(self, job, flow=".+"):
        text = self.expr.replace(" or vector(0)", "")
        for name, value in (("$__rate_interval", "10s"),
                            ("$__interval", "10s"),
                            ("$__range", "%ds" % RANGE), ("$job", job),
                            ("$instance", ".+"), ("$flow", flow)):
            text = text.replace(name, value)
        return text

    def ask(self, s, job, flow=".+"):
        now = time.time()
        if self.instant:
            return s.query(self.query(job, flow), time=now)
        return s.query(self.query(job, flow), start=now - RANGE, end=now,
                       step="2")

    def fault(self, series):
        """Returns what is missing, or None."""
        if not series:
            return "no data"
        for label in self.labels:
            if not any(one["metric"].get(label) for one in series):
                return "no label %s" % label
        return None


def read_boards():
    return [json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((stack.BOARDS / "grafana").glob("*.json"))]


def read_panels(boards):
    for board in boards:
        for panel in board["panels"]:
            columns = [name for t in panel.get("transformations", [])
                       if t["id"] == "organize"
                       for name in t["options"]["indexByName"]]
            for target in panel["targets"]:
                yield Panel(board, panel["title"], target, columns)
        for annotation in board["annotations"]["list"]:
            yield Panel(board, "annotation " + annotation["name"],
                        annotation["target"])


def flow_of(panel):
    return FLOW if panel.where.startswith("Azure flows / Flow /") else ".+"


class Report:
    passed = failed = skipped = 0

    def say(self, what, faults):
        if faults:
            self.failed += 1
            print("FAILED " + what)
            for fault in list(faults)[:20]:
                print("       " + fault)
        else:
            self.passed += 1
            print("ok     " + what)
        sys.stdout.flush()

    def skip(self, what, why):
        self.skipped += 1
        print("skipped %s: %s" % (what, why))


GROUP = ("/subscriptions/%s/resourceGroups/rg-shop-data/providers/"
         "Microsoft.Network/networkSecurityGroups/nsg-db"
         % azure_world.SUBSCRIPTION)


def start_example(s, families):
    """One job a family that is left out, and one with all."""
    s.simulator = azure_world.Simulator(str(s.folder))
    s.processes["simulator"] = s.simulator.process
    s.config = azure_world.configure(str(s.folder), s.simulator)
    s.start_exporter("--web.enable-lifecycle")
    doors = gate.Gate(s.exporter_url)
    port = stack.free_port()
    jobs = [{"job_name": "flowverify",
             "static_configs": [{"targets": [doors.target]}]}]
    jobs += [{"job_name": "without_" + family,
              "params": {"without": [family]},
              "static_configs": [{"targets": [doors.target]}]}
             for family in sorted(families)]
    path = s.folder / "prometheus.json"
    path.write_text(json.dumps({
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": jobs}), encoding="utf-8")
    s.prometheus_url = "http://127.0.0.1:%d" % port
    s.start("prometheus", [
        "prometheus", "--config.file=%s" % path,
        "--storage.tsdb.path=%s" % (s.folder / "tsdb"),
        "--web.console.templates=%s" % (stack.BOARDS / "consoles"),
        "--web.console.libraries=%s" % (stack.BOARDS / "consoles"),
        "--web.listen-address=127.0.0.1:%d" % port],
        s.prometheus_url + "/-/ready")


def make_something_happen(s):
    """Verdict changes, reloads and requests for panels to show."""
    time.sleep(3)
    for access in ("Deny", "Allow"):
        s.simulator.control("rule", {
            "nsg": GROUP, "rule": "TemporaryMigrationAccess",
            "set": {"access": access}})
        s.cycle_now()
        stack.wait_for("verdict", lambda a=access: s.query(
            'flowverify_flow_verdict{job="flowverify",flow="%s",verdict="%s"}'
            ' == 1' % (FLOW, a.lower())))
    time.sleep(2)


def check_data(s, report, panels):
    faults = []
    for panel in panels:
        fault = panel.fault(panel.ask(s, "flowverify", flow_of(panel)))
        if fault:
            faults.append("%s: %s: %s" % (panel.where, fault, panel.expr))
    report.say("%d queries return data with the labels in use" % len(panels),
               faults)


def check_mutations(s, report, panels, families):
    faults = []
    for family in sorted(families):
        users = [panel for panel in panels if family in panel.families]
        job = "without_" + family
        if not any(panel.fault(panel.ask(s, job, flow_of(panel)))
                   for panel in users):
            faults.append("nobody misses " + family)
    report.say("each of %d metrics is missed when it is gone" %
               len(families), faults)


def check_console(s, report):
    page = stack.fetch(s.prometheus_url + "/consoles/flowverify.html")
    wanted = [FLOW, "AllowSqlInsideVnet", "logic-to-monitoring",
              "UNKNOWN", "ALLOW", "DENY", "PARTIAL"]
    report.say("the console of Prometheus shows flows and rules",
               ["%s is not on it" % w for w in wanted if w not in page] +
               ["a template error"] * ("error executing" in page.lower()))


def check_perses(s, report):
    faults = []
    for path in (stack.BOARDS / "perses").glob("*.json"):
        board = json.loads(path.read_text(encoding="utf-8"))
        for key, panel in board["spec"]["panels"].items():
            for query in panel["spec"]["queries"]:
                text = query["spec"]["plugin"]["spec"]["query"]
                shown = Panel({"title": "Perses"}, key,
                              {"expr": text, "instant": True})
                text = re.sub(r"\$__range\b", "%ds" % RANGE,
                              shown.query("flowverify"))
                if not s.query(text):
                    faults.append("%s: no data: %s" % (key, text))
    report.say("the queries of the Perses dashboard return data", faults)


def check_scale(report, panels):
    s = stack.Stack()
    flows = ",\n".join(
        '{ name = "scale-%04d"; nic = "nic-db-01"; direction = "Inbound"; '
        'protocol = "Tcp"; local_port = %d; remote_address = "10.101.2.10"; '
        'expect = "%s"; }' % (i, 1 + i, "allow" if i % 2 else "deny")
        for i in range(MANY_FLOWS))
    s.copy_example(flows=flows)
    port = s.start_exporter()
    s.start_prometheus(["127.0.0.1:%d" % port], rules=False, scrape="5s")
    stack.wait_for("all flows", lambda: s.query(
        "count(flowverify_flow_info) > %d" % MANY_FLOWS), 30)
    time.sleep(6)
    faults, slowest, most = [], 0.0, 0
    for panel in panels:
        start = time.monotonic()
        n = len(panel.ask(s, "flowverify", "scale-0001" if
                          flow_of(panel) == FLOW else ".+"))
        took = time.monotonic() - start
        slowest, most = max(slowest, took), max(most, n)
        if n > MAX_SERIES:
            faults.append("%s: %d series" % (panel.where, n))
        if took > SLOW:
            faults.append("%s: takes %.1f s" % (panel.where, took))
    s.stop()
    report.say("%d flows: at most %d series a panel, slowest query %.2f s" %
               (MANY_FLOWS, most, slowest), faults)


# One version for all packages of Grafana; newer ones of Perses need a package
# that the registry does not have.
GRAFANA = ["@grafana/data@13.2.2", "@grafana/schema@13.2.2",
           "@grafana/i18n@13.2.2", "react@19", "react-dom@19", "rxjs@7",
           "typescript@5"]
PERSES = ["@perses-dev/core@0.52.0", "@perses-dev/prometheus-plugin@0.53.4",
          "@perses-dev/stat-chart-plugin@0.10.0",
          "@perses-dev/table-plugin@0.8.1",
          "@perses-dev/status-history-chart-plugin@0.9.1",
          "@perses-dev/timeseries-chart-plugin@0.10.2", "typescript@5"]


def npm_folder(name, packages):
    """The packages, fetched once into build/; None if npm cannot."""
    folder = stack.ROOT / "build" / name
    if not shutil.which("npm"):
        return None
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        try:
            done = subprocess.run(
                ["npm", "install", "--ignore-scripts", "--legacy-peer-deps",
                 "--no-audit", "--no-fund", "--silent", *packages],
                cwd=folder, timeout=120, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None
        if done.returncode:
            return None
        (folder / "done").touch()
    return folder


def check_with_npm(report, what, name, packages, script, *arguments):
    folder = npm_folder(name, packages)
    if not folder:
        report.skip(what, "npm cannot fetch %s" % packages[0])
        return
    done = subprocess.run(
        ["node", str(HERE / script), *arguments], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "NODE_PATH": str(folder / "node_modules")})
    report.say(what, (done.stdout.strip() or "no output").splitlines()
               if done.returncode else [])


def main():
    stack.need("prometheus")
    boards = read_boards()
    panels = list(read_panels(boards))
    families = set().union(*(panel.families for panel in panels))
    report = Report()
    s = stack.Stack()
    start_example(s, families)
    make_something_happen(s)
    check_data(s, report, panels)
    check_mutations(s, report, panels, families)
    check_console(s, report)
    check_perses(s, report)
    grafana = str(stack.BOARDS / "grafana")
    check_with_npm(
        report, "@grafana/data shows the expected words and colours",
        "grafana-npm", GRAFANA, "render.js", grafana, s.prometheus_url, FLOW)
    check_with_npm(
        report, "@grafana/schema accepts the types of the JSON",
        "grafana-npm", GRAFANA, "types.js", grafana)
    check_with_npm(
        report, "Perses accepts the types of its dashboard", "perses-npm",
        PERSES, "perses.js", str(stack.BOARDS / "perses"))
    s.stop()
    check_scale(report, panels)
    print("%d passed, %d failed, %d skipped" % (
        report.passed, report.failed, report.skipped))
    return 1 if report.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stack.Failure as failure:
        sys.exit("FAILED %s" % failure)
