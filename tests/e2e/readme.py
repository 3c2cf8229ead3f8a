"""Runs the commands that the README shows with "$" and compares what they
print; "..." stands for lines that are left out."""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def read_examples():
    """Yields (command, expected lines)."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```\n(\$ .*?)^```", text, re.S | re.M):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command = part.split("\n", 1)[0]
            rest = part.split("\n", 1)[1]
            while command.endswith("\\"):
                line, rest = rest.split("\n", 1)
                command = command[:-1] + line.strip()
            yield command, rest.rstrip("\n").split("\n")


def matches(expected, printed):
    """Each run of lines between two "..." follows the one before."""
    pattern = "".join(r"(?:.*\n)*?" if line == "..."
                      else re.escape(line.rstrip()) + r"\n"
                      for line in expected)
    return re.fullmatch(pattern, "".join(
        line.rstrip() + "\n" for line in printed.split("\n")[:-1]))


def write_next_week(folder):
    """The estate in which the forgotten rule is set to Deny."""
    shutil.copytree(folder / "estate", folder / "estate-next-week")
    path = folder / "estate-next-week/network-security-groups/nsg-db.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    rule = next(r for r in document["properties"]["securityRules"]
                if r["name"] == "TemporaryMigrationAccess")
    rule["properties"]["access"] = "Deny"
    path.write_text(json.dumps(document), encoding="utf-8")


def start_exporter(folder, port):
    exporter = subprocess.Popen(
        [BUILD / "flowverify_exporter",
         "--config.file=config/example/flowverify.cfg",
         "--web.listen-address=127.0.0.1:%d" % port],
        cwd=folder, stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            urllib.request.urlopen("http://127.0.0.1:%d/-/ready" % port)
            break
        except OSError:
            time.sleep(0.1)
    return exporter


def main():
    if not shutil.which("curl"):
        print("skipped: curl is not installed")
        return 77
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        shutil.copytree(ROOT / "config", folder / "config")
        shutil.copytree(ROOT / "config/example/estate", folder / "estate")
        write_next_week(folder)
        port = free_port()
        exporter = start_exporter(folder, port)
        try:
            for command, expected in read_examples():
                printed = subprocess.run(
                    command.replace("localhost:16863",
                                    "127.0.0.1:%d" % port), shell=True,
                    cwd=folder, stdout=subprocess.PIPE, text=True,
                    env={"PATH": "%s:/usr/bin:/bin" % BUILD}).stdout
                if matches(expected, printed):
                    passed += 1
                    print("ok     " + command)
                else:
                    failed += 1
                    print("FAILED %s\n%s" % (command, printed))
        finally:
            exporter.terminate()
            exporter.wait()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or passed < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
