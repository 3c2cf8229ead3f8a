"""Whatever a runbook tells to type works: shell commands with the example's
configuration, silences with a real Alertmanager, queries, routes; and the
metrics that it names are there."""

import json
import re
import subprocess
import sys
import urllib.parse

import stack

FLOW = "web-to-logic"
OURS = ("flowverify ", "curl ", "amtool ")
MACHINES = ("systemctl ", "journalctl ")  # Need a unit that is installed.


def shell(s, line):
    """What is wrong with a command, or None."""
    line = line.replace("/etc/flowverify/flowverify.cfg", str(s.config)) \
               .replace("INSTANCE", s.exporter_url[len("http://"):]) \
               .replace("NAME", FLOW)
    if line.startswith("flowverify "):
        line = "%s/%s" % (stack.EXPORTER.parent, line)
    elif line.startswith("curl "):
        line += " --silent --fail"
    else:
        line += " --author=test --alertmanager.url=" + s.alertmanager_url
    done = subprocess.run(line, shell=True, capture_output=True, text=True)
    return done.stderr + done.stdout if done.returncode else None


def ask(s, query):
    """What Prometheus says against a query, or None."""
    url = "%s/api/v1/query?%s" % (s.prometheus_url,
                                  urllib.parse.urlencode({"query": query}))
    try:
        stack.fetch(url)
    except OSError as error:
        return str(error)
    return None


def check(s, text, families):
    """Yields what is wrong in one runbook."""
    for block in re.findall(r"^```\n(.*?)^```", text, re.S | re.M):
        for line in block.strip().splitlines():
            if line.startswith(OURS):
                fault = shell(s, line)
            elif line.startswith(MACHINES):
                fault = None
            else:
                fault = ask(s, line)
            if fault:
                yield "%s: %s" % (line, fault)
    for route in set(re.findall(r"`(/(?:api|-)/[^` ]*)`", text)):
        if not stack.answers(s.exporter_url + route):
            yield route + " is not served"
    for name in set(re.findall(r"\bflowverify_\w+", text)):
        if name not in families and name != "flowverify_exporter":
            yield "no metric " + name


def main():
    stack.need("prometheus", "jsonnet", "amtool", "curl")
    s = stack.Stack()
    s.copy_example()
    port = s.start_exporter()
    s.start_alertmanager()
    s.start_prometheus(["127.0.0.1:%d" % port])
    families = set(re.findall(r"^# TYPE (\S+)", stack.fetch(
        s.exporter_url + "/metrics"), re.M))
    passed = failed = 0
    for path in sorted((stack.BOARDS / "runbooks").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        faults = list(check(s, text, families))
        passed, failed = passed + (not faults), failed + bool(faults)
        print("%s %s" % ("FAILED" if faults else "ok    ", path.stem))
        for fault in faults:
            print("       " + fault)
    silences = json.loads(stack.fetch(s.alertmanager_url +
                                      "/api/v2/silences"))
    s.stop()
    if len(silences) < passed - 1:
        print("FAILED only %d silences were made" % len(silences))
        failed += 1
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stack.Failure as failure:
        sys.exit("FAILED %s" % failure)
