#!/usr/bin/env python3
"""Ties the alerts to their tests, their runbooks and the README.

usage: check_alerts.py            checks
       check_alerts.py --table    prints the table for the README
"""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
SECTIONS = ["Meaning", "Impact", "How to see it", "How to fix it",
            "How to silence it honestly"]
SEVERITIES = {"critical", "warning", "info"}
# What may change while an alert lasts has no place in its identity.
VOLATILE = {"rule", "ruleset", "layer", "side", "rule_kind", "verdict",
            "reason"}


def read_alerts():
    program = "(import 'mixin.libsonnet').prometheusAlerts"
    out = subprocess.run(["jsonnet", "-e", program], cwd=HERE, check=True,
                         stdout=subprocess.PIPE).stdout
    return [rule for group in json.loads(out)["groups"]
            for rule in group["rules"]]


def table(alerts):
    rows = ["| Alert | Severity | Waits | Lingers | Says |", "|---|---|---|---|---|"]
    for alert in alerts:
        name = alert["alert"]
        rows.append("| [%s](runbooks/%s.md) | %s | %s | %s | %s |" % (
            name, name, alert["labels"]["severity"], alert.get("for", "–"),
            alert.get("keep_firing_for", "–"),
            re.sub(r"\{\{ \$labels\.(\w+) \}\}", r"*\1*",
                   alert["annotations"]["summary"])))
    return "\n".join(rows) + "\n"


def check_rule(alert):
    name = alert["alert"]
    if not re.fullmatch(r"Flowverify([A-Z][a-z]+)+", name):
        yield "the name is not CamelCase with its prefix"
    if set(alert["labels"]) != {"severity"}:
        yield "labels other than severity: %s" % sorted(alert["labels"])
    if alert["labels"]["severity"] not in SEVERITIES:
        yield "severity %s" % alert["labels"]["severity"]
    for needed in ("summary", "description", "runbook_url"):
        if not alert["annotations"].get(needed):
            yield "no annotation %s" % needed
    if "\n" in alert["annotations"]["summary"]:
        yield "the summary has more than one line"
    if "$value" in alert["annotations"]["summary"]:
        yield "the summary holds a measured value"
    if not alert["annotations"]["runbook_url"].endswith("/%s.md" % name):
        yield "the runbook is another alert's"
    kept = re.findall(r"(?:by|group_left) \(([^)]*)\)", alert["expr"])
    found = VOLATILE & {label.strip() for labels in kept
                        for label in labels.split(",")}
    if found:
        yield "the identity holds %s" % sorted(found)


def check_tests(name, cases):
    mine = [case for case in cases
            if re.search(r"alertname: %s\n" % name, case)]
    fired = quiet = missed = 0
    for case in mine:
        for found in re.finditer(
                r"alertname: %s\n        exp_alerts:( \[\])?" % name, case):
            quiet += found.group(1) is not None
            fired += found.group(1) is None
        missed += "stale" in case or "up{" in case
    if not fired:
        yield "no test in which it fires"
    if not quiet:
        yield "no test in which it does not fire"
    if not any(re.search(r"name: '\w+ (fires|keeps)", c) and
               re.search(r"exp_labels:(?s:.*)alertname: %s\n"
                         r"        exp_alerts: \[\]" % name, c)
               for c in mine):
        yield "no test in which it ends"
    if not missed:
        yield "no test with a failed scrape"
    if not any("does not fire" in case.split("\n")[0] for case in mine):
        yield "no test just below"


def check_runbook(name):
    path = HERE / "runbooks" / (name + ".md")
    if not path.exists():
        yield "no runbook"
        return
    text = path.read_text(encoding="utf-8")
    if not text.startswith("# %s\n" % name):
        yield "the runbook has another title"
    headings = re.findall(r"^## (.*)$", text, re.M)
    if headings != SECTIONS:
        yield "the runbook's sections are %s" % headings
    for body in re.split(r"^## .*$", text, flags=re.M)[1:]:
        if len(body.split()) < 12:
            yield "a section of the runbook says next to nothing"


def main():
    alerts = read_alerts()
    if "--table" in sys.argv:
        print(table(alerts), end="")
        return 0
    cases = []
    for path in sorted((HERE / "tests").glob("*.yml")):
        cases += path.read_text(encoding="utf-8").split("\n  - ")[1:]
    faults = []
    names = [alert["alert"] for alert in alerts]
    for alert in alerts:
        name = alert["alert"]
        for check in (check_rule(alert), check_tests(name, cases),
                      check_runbook(name)):
            faults += ["%s: %s" % (name, fault) for fault in check]
    for path in (HERE / "runbooks").glob("*.md"):
        if path.stem not in names:
            faults.append("%s: a runbook without an alert" % path.name)
    readme = HERE / "README.md"
    if not readme.exists() or \
            table(alerts) not in readme.read_text(encoding="utf-8"):
        faults.append("README.md: the table of alerts is not that of "
                      "check_alerts.py --table")
    print("\n".join(faults) or "%d alerts" % len(alerts))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
