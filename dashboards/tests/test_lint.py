#!/usr/bin/env python3
"""The lint of the dashboards finds what it is there to find: each fault is
put into a sound dashboard, and the rule that is named must report it."""

import copy
import json
import pathlib
import sys

import lint_dashboard

BOARD = pathlib.Path(__file__).resolve().parent.parent / "grafana" / \
    "overview.json"


def first(board, kind):
    return next(p for p in board["panels"] if p["type"] == kind)


def expr(board, text, kind="timeseries"):
    first(board, kind)["targets"][0]["expr"] = text


GOOD = 'job=~"$job",instance=~"$instance"'
FAULTS = [
    ("identity", lambda b: b.update(uid="x" * 41)),
    ("identity", lambda b: b.update(id=7)),
    ("identity", lambda b: b.pop("version")),
    ("identity", lambda b: b.update(title="Overview")),
    ("identity", lambda b: b.update(tags=[])),
    ("identity", lambda b: b.update(editable=True)),
    ("identity", lambda b: b.update(schemaVersion=42)),
    ("data_source", lambda b: b.update(__inputs=[])),
    ("data_source", lambda b: first(b, "stat").update(datasource="Mine")),
    ("data_source", lambda b: b["templating"]["list"][0].update(
        current={"text": "Mine"})),
    ("variables", lambda b: b["templating"]["list"].pop(1)),
    ("variables", lambda b: b["templating"]["list"][2].update(multi=False)),
    ("variables", lambda b: expr(b, "sum(flowverify_flows)")),
    ("variables", lambda b: expr(b, 'sum(flowverify_flows{job=~"$job"})')),
    ("time", lambda b: b.update(timezone="Europe/Zurich")),
    ("time", lambda b: b.update(refresh="5s")),
    ("time", lambda b: b.update(graphTooltip=0)),
    ("panels", lambda b: first(b, "stat").update(description="")),
    ("panels", lambda b: first(b, "stat").update(id=b["panels"][-1]["id"])),
    ("panels", lambda b: first(b, "stat")["gridPos"].update(w=24)),
    ("panels", lambda b: first(b, "timeseries")["fieldConfig"][
        "defaults"].pop("unit")),
    ("panels", lambda b: first(b, "stat")["fieldConfig"]["defaults"].pop(
        "noValue")),
    ("queries", lambda b: expr(b, "sum(flowverify_cycles_total{%s})" % GOOD)),
    ("queries", lambda b: expr(
        b, "sum(rate(flowverify_cycles_total{%s}[5m]))" % GOOD)),
    ("queries", lambda b: first(b, "table")["targets"][0].update(
        instant=False)),
    ("queries", lambda b: first(b, "timeseries")["targets"][0].update(
        legendFormat="")),
    ("queries", lambda b: expr(b, "sum(flowverify_flows{%s})" % GOOD,
                               "stat")),
    ("queries", lambda b: expr(
        b, "flowverify_flow_info{%s} and on (flow) flowverify_flow_info{%s}"
        % (GOOD, GOOD))),
    ("legible", lambda b: first(b, "state-timeline")["fieldConfig"][
        "defaults"]["mappings"][0]["options"]["1"].update(text="")),
    ("links", lambda b: b.update(links=[])),
    ("links", lambda b: b["links"][0].pop("tooltip")),
    ("links", lambda b: first(b, "state-timeline")["fieldConfig"][
        "defaults"]["links"][0].update(url="/d/flowverify-flow")),
    ("annotations", lambda b: b["annotations"].update(list=[])),
    ("annotations", lambda b: b["annotations"]["list"][0].update(hide=True)),
    ("promql", lambda b: expr(b, "sum((flowverify_flows{%s})" % GOOD)),
]


def main():
    sound = json.loads(BOARD.read_text(encoding="utf-8"))
    missed = 0
    for number, (rule, spoil) in enumerate(FAULTS):
        board = copy.deepcopy(sound)
        spoil(board)
        check = getattr(lint_dashboard, "rule_" + rule)
        if not list(check(board)) or list(check(sound)):
            missed += 1
            print("fault %d is not found by rule_%s" % (number, rule))
    print("%d of %d faults found" % (len(FAULTS) - missed, len(FAULTS)))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
