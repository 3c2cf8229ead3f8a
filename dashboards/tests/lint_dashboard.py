#!/usr/bin/env python3
"""Checks that a Grafana dashboard is portable and readable.

usage: lint_dashboard.py DASHBOARD.json...

Each rule is a generator of faults, found by its name 'rule_...'.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SHAPES_WITH_UNIT = {"stat", "timeseries", "gauge"}
COUNTER = re.compile(r"\w+_total\b(?!\w)")
COLOURS_ALONE = {"red", "green"}


def targets(board):
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel, target


def queries(board):
    for _, target in targets(board):
        yield target["expr"]
    for annotation in board["annotations"]["list"]:
        yield annotation["target"]["expr"]


def rule_identity(board):
    if not re.fullmatch(r"[a-z0-9-]{1,40}", board.get("uid") or ""):
        yield "uid is not fixed, or too long"
    if board.get("id") is not None:
        yield "id is set"
    if not isinstance(board.get("version"), int):
        yield "version is missing"
    if not board["title"].startswith("Azure flows / "):
        yield "title has no prefix"
    if "flowverify" not in board.get("tags", []):
        yield "tag flowverify is missing"
    if board.get("editable") is not False:
        yield "editable is not false"
    if not 36 <= board.get("schemaVersion", 0) <= 39:
        yield "schemaVersion is not one that Grafana 9 to 13 migrate"
    if not board.get("description"):
        yield "description is missing"


def rule_data_source(board):
    text = json.dumps(board)
    if "__inputs" in board or "${DS_" in text:
        yield "__inputs or ${DS_...}: provisioning does not resolve them"
    variable = board["templating"]["list"][0]
    if (variable["name"], variable["type"], variable["query"],
            variable["label"]) != ("datasource", "datasource", "prometheus",
                                   "Data source"):
        yield "the first variable is not the data source"
    for v in board["templating"]["list"]:
        if v.get("current"):
            yield "somebody's value of %s is baked in" % v["name"]
    users = board["panels"] + board["annotations"]["list"] + \
        [t for _, t in targets(board)] + board["templating"]["list"][1:]
    for user in users:
        if user.get("datasource") != SOURCE:
            yield "another data source: %s" % (user.get("title") or
                                               user.get("name") or user)


def rule_variables(board):
    known = {v["name"]: v for v in board["templating"]["list"]}
    for name, label in (("job", "Job"), ("instance", "Instance")):
        v = known.get(name)
        if not v:
            yield "variable %s is missing" % name
            continue
        if (v["type"], v["label"], v["multi"], v["includeAll"],
                v["allValue"], v["refresh"]) != ("query", label, True, True,
                                                 ".+", 2):
            yield "variable %s is not multi, all, refreshed" % name
        if not v["query"]["query"].startswith("label_values("):
            yield "variable %s is no label_values()" % name
    for v in board["templating"]["list"]:
        if not v.get("label"):
            yield "variable %s has no label" % v["name"]
    for query in queries(board):
        selectors = re.findall(r"(\w+)\{([^}]*)\}", query)
        if not selectors:
            yield "no selector: %s" % query
        for metric, matchers in selectors:
            for needed in ('job=~"$job"', 'instance=~"$instance"'):
                if needed not in matchers:
                    yield "%s without %s" % (metric, needed)
        bare = re.findall(r"\b(?:flowverify|process)_\w+(?!\w*\{)(?![\w{])",
                          query)
        for metric in bare:
            yield "%s has no selector" % metric


def rule_time(board):
    if board.get("timezone") not in ("utc", "browser"):
        yield "timezone"
    if board["time"] != {"from": "now-6h", "to": "now"}:
        yield "default range is not six hours"
    match = re.fullmatch(r"(\d+)([sm])", board.get("refresh", ""))
    if not match or int(match[1]) * {"s": 1, "m": 60}[match[2]] < 30:
        yield "refreshes faster than every 30 s, or not at all"
    if board.get("graphTooltip") != 1:
        yield "the cross hair is not shared"


def rule_panels(board):
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        yield "panel ids are not unique"
    cells = {}
    for panel in board["panels"]:
        name = panel.get("title", "?")
        if not panel.get("title") or not panel.get("description"):
            yield "%s: title or description is missing" % name
        if not panel.get("targets"):
            yield "%s: no query" % name
        where = panel["gridPos"]
        if where["x"] < 0 or where["x"] + where["w"] > 24:
            yield "%s: outside of the 24 columns" % name
        for x in range(where["x"], where["x"] + where["w"]):
            for y in range(where["y"], where["y"] + where["h"]):
                if (x, y) in cells:
                    yield "%s: lies over %s" % (name, cells[x, y])
                    return
                cells[x, y] = name
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] in SHAPES_WITH_UNIT and \
                not defaults.get("unit") and not defaults.get("mappings"):
            yield "%s: neither unit nor mappings" % name
        if panel["type"] == "stat" and not defaults.get("noValue"):
            yield "%s: no text for no value" % name


def rule_queries(board):
    for panel, target in targets(board):
        name, query = panel["title"], target["expr"]
        for found in COUNTER.finditer(query):
            before = query[:found.start()]
            if not re.search(r"(rate|increase|changes|resets)\($", before):
                yield "%s: counter %s without rate" % (name, found.group())
        for window in re.findall(r"\brate\([^\[]*\[([^\]]*)\]", query):
            if window != "$__rate_interval":
                yield "%s: rate over %s" % (name, window)
        if panel["type"] == "table" and not (
                target.get("instant") and target.get("format") == "table"):
            yield "%s: a table that is not instant" % name
        if panel["type"] in ("timeseries", "state-timeline") and \
                target.get("legendFormat") in (None, "", "__auto"):
            yield "%s: the legend would be raw names of series" % name
        if panel["type"] == "stat" and target["expr"].startswith("sum(") and \
                "or vector(0)" not in query:
            yield "%s: a count of problems without 'or vector(0)'" % name
        if re.search(r"\b(on|by) \([^)]*\bflow\b[^)]*\)", query) and \
                re.search(r"\bon \((?![^)]*\bjob\b)[^)]*\bflow\b", query):
            yield "%s: joins flows of different jobs" % name


def rule_legible(board):
    """A colour is never the only sign: each mapped colour has a word."""
    for panel in board["panels"]:
        lists = [panel["fieldConfig"]["defaults"].get("mappings", [])]
        for override in panel["fieldConfig"]["overrides"]:
            lists += [p["value"] for p in override["properties"]
                      if p["id"] == "mappings"]
        for mapping in sum(lists, []):
            colours = set()
            for option in mapping["options"].values():
                if not option.get("text"):
                    yield "%s: a colour without a word" % panel["title"]
                colours.add(option.get("color"))
            if COLOURS_ALONE <= colours:
                yield "%s: red and green" % panel["title"]


def rule_links(board):
    for link in board["links"]:
        for key in ("icon", "targetBlank", "tooltip"):
            if key not in link:
                yield "dashboard link without %s" % key
        if not (link.get("asDropdown") and link.get("includeVars") and
                link.get("keepTime") and link["tags"] == ["flowverify"]):
            yield "dashboard link does not keep variables and time"
    if not board["links"]:
        yield "no link to the other dashboards"
    for url in re.findall(r'"url": "(/d/[^"]*)"', json.dumps(board)):
        for needed in ("${datasource:queryparam}", "${job:queryparam}",
                       "${instance:queryparam}", "${__url_time_range}"):
            if needed not in url:
                yield "%s forgets %s" % (url, needed)


def rule_annotations(board):
    if not board["annotations"]["list"]:
        yield "no annotations"
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation or not annotation["target"].get("expr"):
            yield "%s: the query is not under 'target'" % annotation["name"]
        if annotation.get("hide"):
            yield "%s: its switch is hidden" % annotation["name"]


def substitute(query):
    for name, value in (("$__rate_interval", "5m"), ("$__interval", "1m"),
                        ("$__range", "6h"), ("$job", ".+"),
                        ("$instance", ".+"), ("$flow", ".+")):
        query = query.replace(name, value)
    return query


def rule_promql(board):
    """promtool parses each query as the expression of a recording rule."""
    lines = ["groups:", "- name: queries", "  rules:"]
    for number, query in enumerate(queries(board)):
        lines += ["  - record: query:%d" % number,
                  "    expr: %s" % json.dumps(substitute(query))]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        result = subprocess.run(["promtool", "check", "rules", file.name],
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        yield result.stdout


def main(paths):
    rules = [f for name, f in sorted(globals().items())
             if name.startswith("rule_")]
    faults = 0
    uids = {}
    for path in paths:
        board = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        for rule in rules:
            for fault in rule(board):
                print("%s: %s: %s" % (path, rule.__name__[5:], fault))
                faults += 1
        if uids.setdefault(board["uid"], path) != path:
            print("%s: identity: same uid as %s" % (path, uids[board["uid"]]))
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
