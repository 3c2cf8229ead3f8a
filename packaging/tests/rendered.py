#!/usr/bin/env python3
"""Takes parts out of a rendered chart, which is plain enough for a reader of
block scalars (no YAML library is needed).

    rendered.py RENDERED rules          the groups of the PrometheusRule
    rendered.py RENDERED files FOLDER   the configuration as the volume lays it
"""

import os
import sys


def documents(path):
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n---\n")


def block_scalars(document, section):
    """The block scalars below a top-level key, by name."""
    result = {}
    lines = document.split("\n")
    inside = False
    name = None
    for line in lines:
        if not line.startswith(" "):
            inside = line.startswith(section + ":")
            name = None
        elif inside and line.startswith("  ") and not line.startswith("   "):
            name = line.strip().split(":")[0]
            result[name] = ""
        elif inside and name:
            result[name] += line[4:] + "\n"
    return result


def print_rules(path):
    for document in documents(path):
        if "kind: PrometheusRule" in document:
            spec = document.split("\nspec:\n", 1)[1]
            print("\n".join(line[2:] for line in spec.split("\n")))
            return
    sys.exit("no PrometheusRule was rendered")


def write_files(path, folder):
    for document in documents(path):
        if "kind: ConfigMap" not in document or "flowverify.cfg: |" not in document:
            continue
        for name, content in block_scalars(document, "data").items():
            where = name if name == "flowverify.cfg" else os.path.join("flows.d", name)
            target = os.path.join(folder, where)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(content)
        return
    sys.exit("no configuration was rendered")


if sys.argv[2] == "rules":
    print_rules(sys.argv[1])
else:
    write_files(sys.argv[1], sys.argv[3])
