"""Alerts end to end, with the real programs."""

import re
import signal
import sys
import time

import stack

GROUP, RULE, FLOW = "nsg-db", "AllowSqlFromLogicTier", "logic-to-database"
MANY = 50
SOON = 10.0
TIME = r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC"

# Fifty services of the logic tier, which all live by one rule.
ORDERS = ",\n".join(
    '{ name = "orders-%02d"; nic = "nic-db-01"; direction = "Inbound"; '
    'protocol = "Tcp"; local_port = 1433; remote_address = "10.101.2.%d"; }'
    % (i, 100 + i) for i in range(MANY))


class Scenario:
    def __init__(self):
        self.s = stack.Stack()
        self.s.copy_example(flows=ORDERS)
        text = self.s.config.read_text(encoding="utf-8")
        # Short enough to watch data grow too old.
        self.s.config.write_text('max_age = "20s";\n' + text,
                                 encoding="utf-8")
        port = self.s.start_exporter()
        self.port, self.instance = port, "127.0.0.1:%d" % port
        self.s.start_alertmanager(group_wait="1s")
        self.s.start_prometheus([self.instance])
        stack.wait_for("the first scrape", lambda: self.verdict() == "allow")

    def verdict(self, flow=FLOW):
        found = self.s.query('flowverify_flow_verdict{flow="%s"} == 1' % flow)
        return found[0]["metric"]["verdict"] if found else None

    def set_access(self, access):
        since = time.monotonic()
        self.s.edit_rule(GROUP, RULE, access=access)
        self.s.cycle_now()
        return since

    def await_alert(self, name, status, since, seconds=SOON, **labels):
        return stack.wait_for(
            "%s %s %s" % (name, status, labels or ""),
            lambda: self.s.sink.alerts(name, status, since, **labels),
            seconds)[0]

    # --- What has to hold, in the order of the story -------------------------

    def test_what_is_wrong_from_the_start_is_told(self):
        alert = self.await_alert("ForbiddenFlowOpen", "firing", 0.0,
                                 flow="web-must-not-reach-database")
        expect(alert["annotations"]["description"],
               r"Flow web-must-not-reach-database must be denied, but is "
               r"open at its (source|destination), in the network security "
               r"group of the (subnet|NIC): rule AllowSqlInsideVnet of "
               r"rg-shop-data/nsg-nic-db-01 allows it, since %s\." % TIME)
        self.await_alert("FlowPartlyOpen", "firing", 0.0,
                         flow="branches-to-database")
        self.await_alert("FlowUnknown", "firing", 0.0,
                         flow="logic-to-monitoring")

    def test_an_edited_rule_is_told_in_a_sentence(self):
        self.changed = self.set_access("Deny")
        alert = self.await_alert("RequiredFlowBlocked", "firing",
                                 self.changed, flow=FLOW)
        took = alert["_notification"]["_time"] - self.changed
        check(took < SOON, "it took %.1f s" % took)
        print("       told after %.1f s" % took)
        check(alert["labels"] == {
            "alertname": "FlowverifyRequiredFlowBlocked", "flow": FLOW,
            "job": "flowverify", "severity": "critical"}, alert["labels"])
        expect(alert["annotations"]["description"],
               r"Flow logic-to-database must be allowed, but is blocked at "
               r"its destination, in the network security group of the "
               r"subnet: rule AllowSqlFromLogicTier of rg-shop-data/nsg-db "
               r"denies it, since %s\." % TIME)
        expect(alert["annotations"]["summary"],
               "Required flow logic-to-database is blocked")
        expect(alert["annotations"]["runbook_url"],
               r".*/FlowverifyRequiredFlowBlocked\.md")
        page = stack.fetch(alert["annotations"]["flow_url"])
        check("AllowSqlFromLogicTier" in page,
              "the page behind flow_url does not name the rule")

    def test_fifty_flows_are_one_notification_that_lists_them(self):
        wanted = {"orders-%02d" % i for i in range(MANY)}

        def whole():
            return [n for n in self.s.sink.notifications
                    if n["_path"] == "/page" and n["_time"] >= self.changed
                    and wanted <= {a["labels"].get("flow")
                                   for a in n["alerts"]}]
        stack.wait_for("a notification that lists all", whole)
        time.sleep(2)  # A second one would come within a group interval.
        mine = [n for n in self.s.sink.notifications
                if n["_time"] >= self.changed and any(
                    a["status"] == "firing" and
                    a["labels"]["alertname"] == "FlowverifyRequiredFlowBlocked"
                    and a["labels"]["flow"] in wanted for a in n["alerts"])]
        check(len(mine) == 1, "%d notifications" % len(mine))
        check(mine[0]["truncatedAlerts"] == 0, "alerts were cut off")
        print("       one notification with %d alerts" %
              len(mine[0]["alerts"]))

    def test_the_rule_set_back_resolves_it(self):
        since = self.set_access("Allow")
        alert = self.await_alert("RequiredFlowBlocked", "resolved", since,
                                 flow=FLOW)
        took = alert["_notification"]["_time"] - since
        check(took < SOON, "it took %.1f s" % took)
        print("       resolved after %.1f s" % took)

    def test_the_change_is_on_record_and_pages_nobody(self):
        alert = self.await_alert("VerdictChanged", "firing", self.changed,
                                 flow=FLOW)
        check(alert["_notification"]["_path"] == "/log",
              alert["_notification"]["_path"])

    def test_critical_mutes_the_warning_of_the_same_flow_only(self):
        for access, verdict in (("Deny", "deny"), ("Allow", "allow"),
                                ("Deny", "deny")):
            self.set_access(access)
            stack.wait_for("verdict " + verdict,
                           lambda v=verdict: self.verdict() == v)

        def muted():
            return [flow for labels, by in self.s.alert_states()
                    for flow in [labels.get("flow")]
                    if labels["alertname"] == "FlowverifyFlowFlapping"
                    and flow == FLOW and by]
        stack.wait_for("the flapping to be muted", muted)
        check(not [labels for labels, by in self.s.alert_states()
                   if by and labels["severity"] == "critical"],
              "something critical is muted")
        self.set_access("Allow")
        stack.wait_for("verdict allow", lambda: self.verdict() == "allow")

    def test_a_broken_file_is_told_and_blocks_nothing(self):
        stack.wait_for("all to be resolved", lambda: not self.s.query(
            'ALERTS{alertname="FlowverifyRequiredFlowBlocked"}'))
        self.broken = time.monotonic()
        path = self.s.estate / "network-security-groups" / (GROUP + ".json")
        self.whole = path.read_text(encoding="utf-8")
        self.path = path
        self.s.write(path, self.whole[:len(self.whole) // 2])
        self.s.cycle_now()
        alert = self.await_alert("FeedFailing", "firing", self.broken,
                                 feed="nsg", seconds=15)
        expect(alert["annotations"]["description"],
               r"%s cannot read feed nsg of directory; the last good data "
               r"stays in use until it is too old\." % self.instance)
        check(self.verdict() == "allow",
              "the last good data is not in use: %s" % self.verdict())
        self.await_alert("RulesStale", "firing", self.broken, feed="nsg",
                         seconds=20)
        check(not self.blocked(), "something is called blocked")

    def blocked(self):
        return self.s.sink.alerts("RequiredFlowBlocked", "firing",
                                  self.broken)

    def test_stale_rules_mute_no_open_flow(self):
        states = self.s.alert_states()
        names = {labels["alertname"] for labels, _ in states}
        check("FlowverifyRulesStale" in names, sorted(names))
        mine = [by for labels, by in states
                if labels["alertname"] == "FlowverifyForbiddenFlowOpen"]
        check(mine and not any(mine), "muted, or gone: %s" % mine)

    def test_data_past_max_age_is_unknown_and_never_silent(self):
        self.await_alert("FlowUnknown", "firing", self.broken, flow=FLOW,
                         seconds=30)
        check(self.verdict() == "unknown", self.verdict())
        check(not self.blocked(), "something is called blocked")
        found = self.s.query('flowverify_flow_expectation_violated == 1')
        check(not [f for f in found
                   if f["metric"]["flow"] in (FLOW, "orders-00")], found)

    def test_a_killed_exporter_is_told_and_mutes_its_own_alerts(self):
        since = time.monotonic()
        self.s.kill("exporter", signal.SIGKILL)
        self.await_alert("ExporterDown", "firing", since,
                         instance=self.instance)
        alert = self.await_alert("ExporterAbsent", "firing", since)
        check(alert["_notification"]["_path"] == "/page",
              "nobody is paged when no exporter is left")

        def muted():
            return [1 for labels, by in self.s.alert_states()
                    if labels["alertname"] == "FlowverifyRulesStale" and by]
        stack.wait_for("what the exporter said of itself to be muted", muted)
        open_flow = [by for labels, by in self.s.alert_states()
                     if labels.get("flow") and
                     labels["severity"] == "critical"]
        check(not any(open_flow), "an alert about a flow is muted by it")

    def test_a_return_resolves_it(self):
        since = time.monotonic()
        self.s.write(self.path, self.whole)
        self.s.start_exporter(port=self.port)
        self.await_alert("ExporterDown", "resolved", since)
        self.await_alert("ExporterAbsent", "resolved", since)
        self.await_alert("FlowUnknown", "resolved", since, flow=FLOW)


def check(condition, what):
    if not condition:
        raise stack.Failure(str(what))


def expect(text, pattern):
    check(re.fullmatch(pattern, text), "got: %s" % text)


def main():
    stack.need("prometheus", "jsonnet")
    stack.alertmanager()
    story = [name for name in vars(Scenario) if name.startswith("test_")]
    passed, failed = 0, 0
    scenario = Scenario()
    for name in story:
        what = name[len("test_"):].replace("_", " ")
        try:
            getattr(scenario, name)()
            print("ok     " + what, flush=True)
            passed += 1
        except (stack.Failure, AssertionError, KeyError, OSError) as failure:
            print("FAILED %s: %s" % (what, failure), flush=True)
            failed += 1
    scenario.s.stop()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stack.Failure as failure:
        sys.exit("FAILED %s" % failure)
