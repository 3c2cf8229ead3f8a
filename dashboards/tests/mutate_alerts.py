#!/usr/bin/env python3
"""Proves that the tests of the alerts notice a change of any of them.

usage: mutate_alerts.py [--share I/N] [--verbose] [ALERT...]

Each alert is changed in one place at a time: an operator, a number, a window,
a matcher or a function of its expression, its waits, its severity, each of its
annotations.  The tests that name the alert must fail for each change.  With
--share, every N-th change is tried, from the I-th on.

Ends with "N passed, N failed"; what is not noticed is printed.
"""

import argparse
import concurrent.futures
import copy
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
SWAPS = {"==": "!=", ">": "<=", "<": ">=", "and": "or", "or": "and",
         "unless": "and", "max": "min", "min": "max", "sum": "count",
         "max_over_time": "min_over_time", "min_over_time": "max_over_time",
         "increase": "delta", "round": "sqrt", "absent": "count"}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\[\d+[smh]\]|=~|!~|!=|==|[<>]=?|='
                   r"|[A-Za-z_:][A-Za-z0-9_:]*|\d+(?:\.\d+)?|\s+|.")
SECONDS = {"s": 1, "m": 60, "h": 3600}


def longer(duration, seconds):
    """'2m' and 60 make '180s'; nothing that is not positive is made."""
    total = int(duration[:-1]) * SECONDS[duration[-1]] + seconds
    return "%ds" % total if total > 0 else None


def token_changes(token, before):
    """What else could stand in the place of a token of an expression."""
    if token in SWAPS:
        yield SWAPS[token]
    elif re.fullmatch(r"\d+", token):
        yield str(int(token) + 1)
        if int(token) > 0:
            yield str(int(token) - 1)
    elif re.fullmatch(r"\d+\.\d+", token):
        yield str(float(token) * 4)
        yield str(-float(token))
    elif re.fullmatch(r"\[\d+[smh]\]", token):
        # More than a minute: whether a window's first instant belongs to it
        # differs between versions of Prometheus, and the tests allow for that.
        step = max(120, int(token[1:-2]) * SECONDS[token[-2]] // 5)
        for seconds in (-step, step):
            if longer(token[1:-1], seconds):
                yield "[%s]" % longer(token[1:-1], seconds)
    elif token.startswith('"') and "=" in before:
        yield '"other"'


def expression_changes(expression):
    tokens = TOKEN.findall(expression)
    for i, token in enumerate(tokens):
        for other in token_changes(token, tokens[i - 1] if i else ""):
            yield ("expr, token %d: %s -> %s" % (i, token, other),
                   "".join(tokens[:i] + [other] + tokens[i + 1:]))


def wait_changes(rule, key, step):
    """A little more or less, none at all, or one where none was."""
    if key not in rule:
        yield "%s: 3m added" % key, "3m"
        return
    yield "%s: removed" % key, None
    for seconds in (-step, step):
        if longer(rule[key], seconds):
            yield "%s: %+d s" % (key, seconds), longer(rule[key], seconds)


def changes_of(rule):
    """Yields (what was changed, the changed rule)."""
    def changed(path, value):
        other = copy.deepcopy(rule)
        place = other
        for key in path[:-1]:
            place = place[key]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        return other

    for what, expression in expression_changes(rule["expr"]):
        yield what, changed(["expr"], expression)
    for key, step in (("for", 60), ("keep_firing_for", 120)):
        for what, value in wait_changes(rule, key, step):
            yield what, changed([key], value)
    yield "labels: one more", changed(["labels", "rule"], "x")
    for part in ("labels", "annotations"):
        for key, value in rule[part].items():
            yield "%s.%s: removed" % (part, key), changed([part, key], None)
            yield "%s.%s: changed" % (part, key), changed([part, key],
                                                          value + "x")


def read_tests():
    tests = []
    for path in sorted(HERE.glob("*.yml")):
        with open(path, encoding="utf-8") as file:
            tests += yaml.load(file, yaml.CSafeLoader)["tests"]
    return tests


def tests_of(alert, tests):
    """The tests that name the alert, with what they say about it alone."""
    for test in tests:
        alerts = [case for case in test.get("alert_rule_test", [])
                  if case["alertname"] == alert]
        queries = [case for case in test.get("promql_expr_test", [])
                   if 'alertname="%s"' % alert in case["expr"]]
        if alerts or queries:
            yield {"interval": test["interval"],
                   "input_series": test["input_series"],
                   "alert_rule_test": alerts, "promql_expr_test": queries}


def passes(folder, rule, cases):
    """Whether the tests are content with the rule."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
    dump = yaml.CSafeDumper
    with open(folder / "rules.yml", "w", encoding="utf-8") as file:
        yaml.dump({"groups": [{"name": "g", "rules": [rule]}]}, file, dump)
    with open(folder / "tests.yml", "w", encoding="utf-8") as file:
        yaml.dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m",
                   "tests": cases}, file, dump)
    return subprocess.run(["promtool", "test", "rules", "tests.yml"],
                          cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--share", default="0/1")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("alerts", nargs="*")
    arguments = parser.parse_args()
    first, step = arguments.share.split("/")
    arguments.share = slice(int(first), None, int(step))
    return arguments


def main():
    arguments = read_arguments()
    with open(HERE.parent / "alerts.yml", encoding="utf-8") as file:
        rules = [rule for group in yaml.load(file, yaml.CSafeLoader)["groups"]
                 for rule in group["rules"]
                 if rule["alert"] in arguments.alerts or not arguments.alerts]
    tests = read_tests()
    work = []
    for rule in rules:
        cases = list(tests_of(rule["alert"], tests))
        work.append((rule["alert"], None, rule, cases))
        changes = list(changes_of(rule))[arguments.share]
        work += [(rule["alert"], *change, cases) for change in changes]
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda job: passes(folder, *job[2:]), work))
    failed = 0
    for (alert, what, _, _), content in zip(work, results):
        if content != (what is None):
            failed += 1
            print("FAILED %s: %s" % (
                alert, "%s is not noticed" % what if what else
                "the tests of this alert alone fail"))
        elif arguments.verbose and what:
            print("ok     %s: %s" % (alert, what))
    print("%d passed, %d failed" % (len(work) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
