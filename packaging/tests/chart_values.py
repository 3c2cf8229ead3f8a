#!/usr/bin/env python3
"""Renders the chart with each value changed, one at a time, by real helm.

    chart_values.py CHART

Every value of values.yaml has an effect on what is rendered, and a value of a
wrong type is refused; then what the chart works out by itself: shards, paths,
schemes, probes, where secrets go.
"""

import concurrent.futures
import copy
import json
import os
import re
import subprocess
import sys

import yaml

# A change of each value, from what BASE sets.  Everything is switched on in
# BASE, so that what belongs to it can show.
CHANGES = {
    "nameOverride": "other", "fullnameOverride": "other",
    "namespaceOverride": "other", "commonLabels": {"team": "net"},
    "image.registry": "registry.example.org", "image.repository": "other",
    "image.tag": "9", "image.digest": "sha256:" + 64 * "a",
    "image.pullPolicy": "Always", "imagePullSecrets": [{"name": "x"}],
    "replicas": 4, "config": "interval = \"5s\";\n",
    "flows": {"b.cfg": "flows = ();\n"}, "configAsSecret": True,
    "configExistingName": "mine", "externalUrl": "https://ops.example.org/x",
    "webConfig": {"http_server_config": {"http2": False}},
    "routePrefix": "/x", "extraArgs": ["--log.level=debug"],
    "extraEnv": [{"name": "A", "value": "b"}],
    "extraVolumes": [{"name": "v", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "v", "mountPath": "/v"}],
    "serviceAccount.create": False, "serviceAccount.name": "other",
    "serviceAccount.annotations": {"a": "b"},
    "serviceAccount.automountServiceAccountToken": True,
    "workloadIdentity.enabled": False, "workloadIdentity.clientId": "other",
    "workloadIdentity.tenantId": "other",
    "podAnnotations": {"a": "b"}, "podLabels": {"a": "b"},
    "podSecurityContext.runAsNonRoot": False,
    "podSecurityContext.runAsUser": 1, "podSecurityContext.runAsGroup": 1,
    "podSecurityContext.fsGroup": 1,
    "podSecurityContext.seccompProfile.type": "Unconfined",
    "securityContext.allowPrivilegeEscalation": True,
    "securityContext.readOnlyRootFilesystem": False,
    "securityContext.capabilities.drop": ["CHOWN"],
    "resources": {"limits": {"memory": "64Mi"}},
    "nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
    "topologySpreadConstraints": [{"maxSkew": 1}],
    "priorityClassName": "high", "terminationGracePeriodSeconds": 20,
    "livenessProbe.periodSeconds": 99, "readinessProbe.periodSeconds": 99,
    "startupProbe.periodSeconds": 99, "startupProbe.failureThreshold": 99,
    "persistence.enabled": False, "persistence.storageClass": "fast",
    "persistence.accessModes": ["ReadWriteMany"], "persistence.size": "1Gi",
    "service.type": "NodePort", "service.port": 80,
    "service.annotations": {"a": "b"}, "service.labels": {"a": "b"},
    "serviceMonitor.enabled": False, "serviceMonitor.interval": "15s",
    "serviceMonitor.scrapeTimeout": "5s", "serviceMonitor.scheme": "https",
    "serviceMonitor.path": "/x", "serviceMonitor.tlsConfig": {"a": "b"},
    "serviceMonitor.basicAuth": {"a": {"name": "b"}},
    "serviceMonitor.labels": {"a": "b"},
    "serviceMonitor.relabelings": [{"action": "drop"}],
    "serviceMonitor.metricRelabelings": [{"action": "drop"}],
    "prometheusRule.enabled": False, "prometheusRule.labels": {"a": "b"},
    "prometheusRule.groups": [{"name": "g", "rules": []}],
    "dashboards.enabled": False, "dashboards.annotations": {"a": "b"},
    "dashboards.labels.grafana_dashboard": "2",
    "networkPolicy.enabled": False, "networkPolicy.from": [{"podSelector": {}}],
    "networkPolicy.extraEgress": [{"ports": [{"port": 80}]}],
    "podDisruptionBudget.enabled": False,
    "podDisruptionBudget.maxUnavailable": "50%",
    "extraManifests": [{"apiVersion": "v1", "kind": "ConfigMap",
                        "metadata": {"name": "x"}}],
}
BASE = {**{part: {"enabled": True} for part in (
    "workloadIdentity", "persistence", "serviceMonitor", "prometheusRule",
    "dashboards", "networkPolicy", "podDisruptionBudget")}}
BASE["workloadIdentity"]["clientId"] = "c"
# What no type is refused for: helm's own, or passed on as it is.
FREE = re.compile(r"(podSecurityContext|securityContext)\.")

REFUSED = {
    "replicas": [0, 1.5, 257], "service.port": [0, 70000],
    "image.pullPolicy": ["Sometimes"], "image.digest": ["sha256:12"],
    "image.repository": [""], "config": [""], "noSuchValue": [1],
    "service.noSuchValue": [1], "flows": [{"../x.cfg": ""}, {"x.txt": ""}],
    "webConfig": [{"basic_auth_user": {}}], "routePrefix": ["x"],
    "externalUrl": ["ops.example.org"], "serviceMonitor.scheme": ["ftp"],
    "serviceMonitor.interval": ["often"], "persistence.size": ["big"],
    "persistence.accessModes": [["Sometimes"]],
    "podDisruptionBudget.maxUnavailable": ["few", -1],
    "terminationGracePeriodSeconds": [0], "service.type": ["Headless"],
}

chart = sys.argv[1]
faults = []


def render(values):
    """(exit status, what was rendered or the complaint)"""
    result = subprocess.run(
        ["helm", "template", "test", chart, "--namespace", "monitoring",
         "--values", "-"], input=yaml.safe_dump(values), text=True,
        capture_output=True)
    return result.returncode, result.stdout or result.stderr


def objects(values):
    status, text = render(values)
    if status:
        faults.append("not rendered: %s" % text)
        return {}
    return {(o["kind"], o["metadata"]["name"]): o
            for o in yaml.safe_load_all(text) if o}


def changed(path, value, base=BASE):
    values = copy.deepcopy(base)
    place = values
    words = path.split(".")
    for word in words[:-1]:
        place = place.setdefault(word, {})
    place[words[-1]] = value
    return values


def leaves(values, path=""):
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, path + key + ".")
        else:
            yield path + key, value


def expect(what, condition):
    if not condition:
        faults.append(what)


def check_effects(pool):
    with open(os.path.join(chart, "values.yaml"), encoding="utf-8") as file:
        known = dict(leaves(yaml.safe_load(file)))
    expect("values and the changes of this test differ: %s" % sorted(
        known.keys() ^ CHANGES.keys()), known.keys() == CHANGES.keys())
    plain = render(BASE)[1]
    paths = sorted(known.keys() & CHANGES.keys())
    for path, (status, text) in zip(paths, pool.map(
            lambda p: render(changed(p, CHANGES[p])), paths)):
        expect("%s: refused: %s" % (path, text), not status)
        expect("%s: has no effect" % path, text != plain)
    wrong = [(p, {"no": "list"} if isinstance(known[p], list) else
              [1] if isinstance(known[p], (str, bool, dict)) else "word")
             for p in paths if not FREE.match(p)]
    wrong = [(p, w) for p, w in wrong if not re.match(r"\w+Probe\.", p)]
    wrong += [(p, w) for p, words in REFUSED.items() for w in words]
    for (path, value), (status, _) in zip(wrong, pool.map(
            lambda pair: render(changed(*pair)), wrong)):
        expect("%s: %r is accepted" % (path, value), status)
    return len(paths) + len(wrong)


def container(found):
    for (kind, _), o in found.items():
        if kind == "StatefulSet":
            return o["spec"]["template"]["spec"]["containers"][0]
    return {}


def one(found, kind):
    return next((o for (k, _), o in found.items() if k == kind), {})


def check_paths():
    """Probes and the monitor follow the prefix and the web configuration."""
    tls = {"tls_server_config": {"cert_file": "/t/c", "key_file": "/t/k"}}
    mutual = {"tls_server_config": dict(
        tls["tls_server_config"],
        client_auth_type="RequireAndVerifyClientCert")}
    for values, prefix, scheme, ask in (
            ({}, "", "http", "httpGet"),
            ({"routePrefix": "/x/"}, "/x", "http", "httpGet"),
            ({"externalUrl": "https://o.example/a/b/"}, "/a/b", "http",
             "httpGet"),
            ({"externalUrl": "https://o.example/a", "routePrefix": "/"}, "",
             "http", "httpGet"),
            ({"externalUrl": "https://o.example"}, "", "http", "httpGet"),
            ({"extraArgs": ["--web.route-prefix=/y"]}, "/y", "http",
             "httpGet"),
            ({"routePrefix": "/x",
              "extraArgs": ["--web.external-url=http://o/z"]}, "/x", "http",
             "httpGet"),
            ({"webConfig": tls}, "", "https", "httpGet"),
            ({"webConfig": mutual}, "", "https", "tcpSocket")):
        found = objects({**BASE, **values})
        exporter = container(found)
        for probe, path in (("livenessProbe", "/-/healthy"),
                            ("readinessProbe", "/-/ready"),
                            ("startupProbe", "/-/healthy")):
            want = {"port": "http"} if ask == "tcpSocket" else {
                "port": "http", "path": prefix + path,
                "scheme": scheme.upper()}
            expect("%s of %s: %s" % (probe, values, exporter.get(probe)),
                   exporter.get(probe, {}).get(ask) == want)
        endpoint = one(found, "ServiceMonitor")["spec"]["endpoints"][0]
        expect("the monitor of %s: %s" % (values, endpoint),
               endpoint["path"] == prefix + "/metrics"
               and endpoint["scheme"] == scheme)
    found = objects({**BASE, "routePrefix": "/x", "extraArgs": [
        "--web.telemetry-path=/m"]})
    expect("the monitor's path is not --web.telemetry-path", one(
        found, "ServiceMonitor")["spec"]["endpoints"][0]["path"] == "/x/m")
    own = container(objects({"readinessProbe": {"exec": {"command": ["x"]}},
                             "livenessProbe": {"httpGet": {"path": "/y"}},
                             "startupProbe": None}))
    expect("a probe of one's own", own["readinessProbe"] == {
        "exec": {"command": ["x"]}, "periodSeconds": 5}
        and own["livenessProbe"]["httpGet"] == {
            "path": "/y", "port": "http", "scheme": "HTTP"}
        and "startupProbe" not in own)


def check_shards():
    alone, four = objects(BASE), objects({**BASE, "replicas": 4})
    expect("one replica is no shard", not any(
        "--shard" in a for a in container(alone)["args"]))
    expect("each of four replicas is the shard of its ordinal",
           "--shard=$(POD_NAME)/4" in container(four)["args"]
           and {"name": "POD_NAME", "valueFrom": {"fieldRef": {
               "fieldPath": "metadata.name"}}} in container(four)["env"])
    for found, severity in ((alone, "warning"), (four, "critical")):
        down = [r for g in one(found, "PrometheusRule")["spec"]["groups"]
                for r in g["rules"]
                if r.get("alert") == "FlowverifyExporterDown"]
        expect("the severity of a lost exporter", [
            r["labels"]["severity"] for r in down] == [severity])
    rules = yaml.safe_dump(one(objects(
        {**BASE, "externalUrl": "https://o.example/a"}), "PrometheusRule"))
    expect("the alerts' links use externalUrl",
           "https://o.example/a/flows/" in rules
           and "http://{{" not in rules and "unknown.invalid" not in rules)


def check_secrets():
    found = objects({**BASE, "webConfig": {
        "basic_auth_users": {"u": "$2y$10$hash"}}})
    where = {k for k, o in found.items() if "$2y$10$hash" in yaml.safe_dump(o)}
    expect("passwords are in %s" % where,
           {kind for kind, _ in where} == {"Secret"})
    found = objects({**BASE, "configAsSecret": True,
                     "config": "# confidential\n"})
    where = {k for k, o in found.items()
             if "# confidential" in yaml.safe_dump(o)}
    expect("the configuration is in %s" % where,
           {kind for kind, _ in where} == {"Secret"})
    found = objects({**BASE, "configExistingName": "mine"})
    expect("no configuration is made beside an existing one",
           not any("flowverify.cfg" in o.get("data", {})
                   for o in found.values()))
    expect("flows beside an existing configuration are refused", render(
        {"configExistingName": "mine", "flows": {"a.cfg": "x"}})[0])


def check_readme():
    """The table has each value with its default; the example renders."""
    with open(os.path.join(chart, "README.md"), encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(chart, "values.yaml"), encoding="utf-8") as file:
        known = dict(leaves(yaml.safe_load(file)))
    shown = dict(re.findall(r"^\| `([^`]+)` \| (.*?) \| ", text, re.M))
    wanted = {k: "`%s`" % json.dumps(v) for k, v in known.items()}
    wanted["config"] = "a start for Azure"
    for path in sorted(wanted.keys() | shown.keys()):
        expect("README.md: %s is %s, not %s" % (
            path, wanted.get(path), shown.get(path)),
            wanted.get(path) == shown.get(path))
    example = re.search(r"^```yaml\n(.*?)^```", text, re.S | re.M).group(1)
    found = objects(yaml.safe_load(example))
    expect("README.md: the example makes %s" % sorted(found),
           one(found, "PrometheusRule") and one(found, "ServiceMonitor"))


def main():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        count = check_effects(pool)
    check_paths()
    check_shards()
    check_secrets()
    check_readme()
    for fault in faults:
        print("FAILED " + fault)
    if not faults:
        print("ok: %d changes of values, each seen or refused" % count)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
