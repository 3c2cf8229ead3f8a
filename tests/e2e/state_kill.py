#!/usr/bin/env python3
"""Kills the exporter 200 times in the middle of writing; see
31_state_kill.sh.

Each life writes the whole state, because the simulator's estate differs in
every document each time; the kill comes at a random moment after the start.
After each kill every document is checked from outside, and the next life must
not put any aside.
"""
import os
import random
import sys
import time

from azure_world import (SUBSCRIPTION, Exporter, Folder, Simulator, check,
                         configure, wait_for)

LIVES = int(os.environ.get("LIVES", "200"))


def check_documents(storage):
    n = 0
    for name in os.listdir(storage):
        check(not name.endswith(".bad"), name + " was put aside")
        if not name.endswith(".state"):
            continue
        with open(os.path.join(storage, name), "rb") as file:
            head, _, content = file.read().partition(b"\n")
        words = head.split()
        check(words[0] == b"flowverify-state" and words[1] == b"1",
              name + " has no header")
        check(words[2].decode() + ".state" == name, name + " has another name")
        check(int(words[3]) == len(content), name + " is cut")
        n += 1
    return n


def main():
    random.seed(1)
    group = ("/subscriptions/%s/resourceGroups/rg-shop-web/providers/"
             "Microsoft.Network/networkSecurityGroups/nsg-web" % SUBSCRIPTION)
    with Folder() as work:
        storage = os.path.join(work, "state")
        simulator = Simulator(work, tls=False)
        config = configure(work, simulator)
        halves = 0
        documents = 0
        exporter = Exporter(work, config, storage)
        wait_for(exporter.all_up, 15, "all feeds are up")
        exporter.kill()
        try:
            for life in range(LIVES):
                simulator.control("rule", {
                    "nsg": group, "rule": "AllowHttpsFromInternet",
                    "set": {"description": "life %d" % life}})
                exporter = Exporter(work, config, storage, wait=False)
                time.sleep(random.uniform(0.0, 0.12))
                exporter.kill()
                halves += sum(n.endswith(".new")
                              for n in os.listdir(storage))
                documents = check_documents(storage)
            exporter = Exporter(work, config, storage)
            check("put aside" not in exporter.log_text(),
                  "nothing was put aside in %d lives" % LIVES)
            check(exporter.verdicts()["shop-from-internet"] == "allow",
                  "the last state is served")
            exporter.stop()
        finally:
            if exporter.process.poll() is None:
                exporter.kill()
            simulator.stop()
    print("ok     %d kills, %d of them between writing and renaming, "
          "%d documents" % (LIVES, halves, documents))


if __name__ == "__main__":
    sys.exit(main())
