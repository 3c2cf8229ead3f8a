"""Changes a rule, shows the alert arriving, changes it back, stops all."""

import sys
import textwrap
import time

import stack

GROUP, RULE, FLOW = "nsg-db", "AllowSqlFromLogicTier", "logic-to-database"


def say(start, text):
    print("%5.1f s  %s" % (time.monotonic() - start, text), flush=True)


def show(alert):
    notes = alert["annotations"]
    print()
    print("    %s  %s" % (alert["labels"]["severity"].upper(),
                          notes["summary"]))
    for line in textwrap.wrap(notes["description"], 72):
        print("    " + line)
    print("    flow:    " + notes["flow_url"])
    print("    runbook: " + notes["runbook_url"])
    print(flush=True)


def main():
    stack.need("prometheus", "jsonnet")
    start = time.monotonic()
    s = stack.Stack()
    s.copy_example()
    port = s.start_exporter()
    s.start_alertmanager()
    s.start_prometheus(["127.0.0.1:%d" % port])
    say(start, "exporter, Prometheus and Alertmanager run on loopback")
    stack.wait_for("the first scrape", lambda: s.query(
        'flowverify_flow_verdict{flow="%s",verdict="allow"} == 1' % FLOW))
    say(start, "%s is allowed, as expected" % FLOW)

    since = time.monotonic()
    s.edit_rule(GROUP, RULE, access="Deny")
    s.cycle_now()
    say(start, "somebody sets rule %s of %s to Deny" % (RULE, GROUP))
    alert = stack.wait_for("the alert", lambda: s.sink.alerts(
        "RequiredFlowBlocked", "firing", since, flow=FLOW))[0]
    say(start, "the receiver is told, %.1f s after the change:" % (
        alert["_notification"]["_time"] - since))
    show(alert)

    since = time.monotonic()
    s.edit_rule(GROUP, RULE, access="Allow")
    s.cycle_now()
    say(start, "the rule is set back to Allow")
    alert = stack.wait_for("the alert to end", lambda: s.sink.alerts(
        "RequiredFlowBlocked", "resolved", since, flow=FLOW))[0]
    say(start, "the receiver is told that %s is resolved, after %.1f s" % (
        FLOW, alert["_notification"]["_time"] - since))
    s.stop()
    say(start, "all that was started is stopped")
    print("\nThe waits of the alerts are set to zero here; see "
          "dashboards/README.md for the real ones.")


if __name__ == "__main__":
    try:
        main()
    except stack.Failure as failure:
        sys.exit("demo: %s" % failure)
