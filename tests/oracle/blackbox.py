#!/usr/bin/env python3
"""Compares the flowverify program with a second evaluator, from outside.

Random small estates (blackbox_generate.py) are written as a folder of Azure's
JSON, with a configuration of random flows; the program judges them, and so
does an evaluator that reads the same data and walks rules packet by packet
(blackbox_judge.py).  The two share no code and no cleverness.

    blackbox.py [--rounds N] [--seed N] [--program PATH] [--keep DIR]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from blackbox_generate import Generator, Writer, write_config
from blackbox_judge import NO_PORT, Question, parse


def decision_of(theirs):
    d = theirs["decision"]
    if d["layer"] == "none":
        return None
    return d["side"], d["layer"], d["ruleset"], d["rule"], d["priority"], d["rule_kind"]


def packet_of(region, one_side):
    """An example, as the packet that it is."""
    e = region["example"]
    local = (parse(e["local_address"])[:2], e.get("local_port", NO_PORT))
    remote = (parse(e["remote_address"])[:2], e.get("remote_port", NO_PORT))
    source, destination = (remote, local) if one_side == "destination" else (local, remote)
    return e["protocol"], source[0][0], source[0][1], source[1], destination[0][1], destination[1]


def region_differences(question, mine, theirs):
    """Shares of what decides, and whether each example is one."""
    out, shares = [], {}
    one_side = next(iter(question.places)) if len(question.places) == 1 else ""
    for region in theirs["regions"]:
        if "more" in region:
            shares = None
            break
        packet = packet_of(region, one_side)
        kind, place, _, _ = question.packet(packet)
        if not question.holds(packet):
            out.append(f"the example {packet} is not of the flow")
        if kind != region["verdict"]:
            out.append(f"the example {packet} is {kind}, not {region['verdict']}")
        if kind == "unknown":
            continue
        key = (region["side"], region["layer"], region["ruleset"], region["rule"]) if region["layer"] != "none" else None
        if key != (place and place[:4]):
            out.append(f"the example {packet} is decided by {place}, not {key}")
        shares[kind, key] = shares.get((kind, key), 0) + region["share"]
    expected = {}
    for (kind, place), share in mine.get("shares", {}).items():
        key = kind, place and place[:4]
        expected[key] = expected.get(key, 0) + share
    if shares is not None and (shares.keys() != expected.keys()
                               or any(abs(shares[k] - expected[k]) > 1e-6 for k in shares)):
        out.append(f"regions {shares}, expected {expected}")
    return out


def differences(question, theirs):
    mine = question.judge()
    if mine["verdict"] != theirs["verdict"]:
        return [f'verdict {theirs["verdict"]} ({theirs.get("reason", "")}), expected {mine["verdict"]} {mine["reasons"]}']
    out = []
    violated = mine["verdict"] != "unknown" and mine["verdict"] != question.flow["expect"]
    if theirs["violated"] != violated:
        out.append(f'violated {theirs["violated"]}')
    if not question.wrong:
        out += region_differences(question, mine, theirs)
    if mine["verdict"] == "unknown":
        if theirs.get("reason") not in mine["reasons"]:
            out.append(f'reason {theirs.get("reason")}, expected one of {sorted(mine["reasons"])}')
        if decision_of(theirs):
            out.append(f"decision {decision_of(theirs)} of an unknown flow")
        return out
    if abs(mine["ratio"] - theirs["allowed_ratio"]) > 1e-9:
        out.append(f'allowed_ratio {theirs["allowed_ratio"]}, expected {mine["ratio"]}')
    if mine["certain"] != theirs["certain"]:
        out.append(f'certain {theirs["certain"]}, expected {mine["certain"]}')
    if decision_of(theirs) not in mine["decisions"]:
        out.append(f"decision {decision_of(theirs)}, expected one of {mine['decisions']}")
    return out


def exit_code(flows):
    """Spec interfaces: 1 if any is violated, else 2 if any is unknown."""
    if any(f["violated"] for f in flows):
        return 1
    return 2 if any(f["verdict"] == "unknown" for f in flows) else 0


def one_round(seed, program, keep, n_flows):
    generator = Generator(seed)
    estate = generator.make()
    flows = [generator.flow(f"f{i}") for i in range(n_flows)]
    folder = tempfile.mkdtemp(prefix="flowverify-blackbox-")
    try:
        Writer(estate, os.path.join(folder, "estate"), generator.r).write()
        path = os.path.join(folder, "flowverify.cfg")
        write_config(estate, path, [text for _, text in flows])
        run = subprocess.run([program, "run", "--config.file=" + path, "--output=json"], capture_output=True, text=True,
                             check=False)
        if run.returncode not in (0, 1, 2):
            return n_flows, [f"seed {seed}: exit {run.returncode}: {run.stderr.strip()[:500]}"]
        answers = json.loads(run.stdout)["flows"]
        theirs = {f["name"]: f for f in answers}
        faults = []
        if run.returncode != exit_code(answers):
            faults.append(f"seed {seed}: exit {run.returncode}, expected {exit_code(answers)}")
        for (flow, text) in flows:
            for difference in differences(Question(estate, flow), theirs[flow["name"]]):
                faults.append(f"seed {seed} {flow['name']}: {difference}\n    {text.strip()}")
        if faults and keep:
            shutil.copytree(folder, os.path.join(keep, str(seed)), dirs_exist_ok=True)
        return n_flows, faults
    finally:
        shutil.rmtree(folder)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--rounds", type=int, default=int(os.environ.get("FLOWVERIFY_ROUNDS", 100)))
    options.add_argument("--seed", type=int, default=int(os.environ.get("FLOWVERIFY_SEED", 1)))
    options.add_argument("--flows", type=int, default=12)
    options.add_argument("--program", default="build/flowverify")
    options.add_argument("--keep", default="")
    chosen = options.parse_args()
    total, bad = 0, 0
    for seed in range(chosen.seed, chosen.seed + chosen.rounds):
        n, faults = one_round(seed, chosen.program, chosen.keep, chosen.flows)
        total += n
        bad += len(faults)
        for fault in faults:
            print(fault)
        if bad > 40:
            break
    print(f"{total - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
