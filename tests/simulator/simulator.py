#!/usr/bin/env python3
"""A stand-in for Entra, the identity endpoints and Azure Resource Manager.

    simulator.py --directory=DIR [--port=0] [--tls] [--fault NAME]...

Serves a folder of the directory source as Azure would.  With --tls it makes a
certificate of its own (ca.pem in --work).  It prints one JSON line with its
addresses once it listens, writes the same to --ready, and ends with SIGTERM.

/control/...  (never asked by clients):
    POST /control/faults   {"NAME": {...}|true|null, ...}   switches faults
    POST /control/rule     {"nsg": ID, "rule": NAME, "set": {...}|null}
    POST /control/put      a resource: replaces the one of its id
    POST /control/delete   {"id": ID}
    POST /control/effective  {"network": ID, "rules": [...]}
    POST /control/group    {"id": ID, "static": [ID], "policy": [ID]}
    GET  /control/stats    requests, tokens, leaks, faults
    POST /control/reset    forgets the counts

Faults apply to requests whose path matches "match" (a regular expression),
"times" times (without: until switched off); see FAULTS.
"""
import argparse
import base64
import copy
import glob
import gzip
import hashlib
import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS = {
    "throttle": "429 with Retry-After ('seconds', default 1)",
    "throttle_silent": "429 without Retry-After",
    "throttle_long": "429 with Retry-After 3600",
    "busy": "429 that means a busy resource, not a quota",
    "unavailable": "503, with Retry-After if 'seconds' is given",
    "error500": "500 without a body",
    "unauthorized": "401 (once, with times=1)",
    "forbidden": "403 AuthorizationFailed",
    "not_found": "404 SubscriptionNotFound",
    "foreign_link": "nextLink to another host",
    "looping_link": "nextLink to the same page",
    "port_link": "nextLink with :443 or the port spelled out",
    "truncated_json": "the body ends early, length as sent",
    "aborted": "the connection ends in the middle of the body",
    "gzip_cut": "the compressed body ends early, length as sent",
    "chunked_cut": "a chunked body without its end",
    "empty_page": "the first page is empty, with a nextLink",
    "overlap": "a page begins with the last resource of the one before",
    "upper_ids": "ids are spelled in other letters",
    "html": "200 with HTML",
    "error_body": "200 with an error body",
    "no_array": "200 without its array",
    "slow": "the body comes after 'seconds'",
    "hang": "no answer until 'seconds' (default 120) are over",
    "huge": "a body of 'megabytes' (default 200)",
    "deep": "a body nested too deeply",
    "null_arrays": "arrays in resources are null",
    "redirect": "307 to another host",
    "graph_quota": "Resource Graph answers 429 without Retry-After",
    "graph_cut": "Resource Graph cuts its answer",
    "priority_zero": "effective admin rules say priority 0",
    "arc": "the identity endpoint is Arc's agent, with 'key' at 'path'",
    "token_error": "the token endpoint answers 'status' (default 500)",
    "token_code": "the token endpoint answers 400 with AADSTS'code'",
    "token_html": "the token endpoint answers 200 with HTML",
    "token_short": "tokens live for 'seconds'",
}

TYPES = {
    "networksecuritygroups": "Microsoft.Network/networkSecurityGroups",
    "networkinterfaces": "Microsoft.Network/networkInterfaces",
    "virtualnetworks": "Microsoft.Network/virtualNetworks",
    "applicationsecuritygroups": "Microsoft.Network/applicationSecurityGroups",
    "routetables": "Microsoft.Network/routeTables",
    "networkmanagers": "Microsoft.Network/networkManagers",
    "networkwatchers": "Microsoft.Network/networkWatchers",
}


class Estate:
    """The resources, by lower-case id."""

    def __init__(self, directory):
        self.lock = threading.RLock()
        self.resources = {}
        self.effective = {}
        self.active = {}
        self.groups = {}
        self.members = {}
        self.tags = None
        self.bodies = {}
        if directory:
            for path in sorted(glob.glob(os.path.join(directory, "**/*.json"),
                                         recursive=True)):
                with open(path, encoding="utf-8-sig") as file:
                    self.add(json.load(file))

    def add(self, document):
        if isinstance(document, list):
            for one in document:
                self.add(one)
        elif "virtualNetwork" in document and "type" not in document:
            self.effective[document["virtualNetwork"]["id"].lower()] = \
                document.get("value")
        elif "networkManager" in document and "value" in document:
            key = document["networkManager"]["id"].lower()
            self.active.setdefault(key, []).extend(document["value"])
        elif "networkGroup" in document:
            self.groups[document["networkGroup"]["id"].lower()] = document
        elif "values" in document:
            self.tags = document
        elif "value" in document:
            for one in document["value"]:
                self.add(one)
        else:
            self.put(document)

    def put(self, resource):
        with self.lock:
            if "properties" not in resource:
                resource = unflatten(resource)
            self.resources[resource["id"].lower()] = resource
            self.bodies.clear()

    def delete(self, identity):
        with self.lock:
            self.resources.pop(identity.lower(), None)
            self.bodies.clear()

    def listed(self, subscription, kind):
        with self.lock:
            key = (subscription, kind)
            if key not in self.bodies:
                prefix = "/subscriptions/%s/" % subscription
                middle = "/providers/microsoft.network/%s/" % kind
                found = [r for i, r in sorted(self.resources.items())
                         if i.startswith(prefix) and middle in i
                         and i.split(middle)[1].count("/") == 0]
                self.bodies[key] = [
                    json.dumps(with_type(r, kind), separators=(",", ":"))
                    for r in found]
            return self.bodies[key]

    def memberships(self):
        """A row for each network or subnet in a group, as Resource Graph."""
        rows = {}
        with self.lock:
            for group, members in self.members.items():
                for one in members["static"] + members["policy"]:
                    rows.setdefault(one, []).append({"NetworkGroupId": group})
        return [{"id": one + "/providers/Microsoft.Network/"
                 "networkGroupMemberships/default",
                 "properties": {"GroupMemberships": groups}}
                for one, groups in sorted(rows.items())]

    def subscriptions(self):
        with self.lock:
            return sorted({i.split("/")[2] for i in self.resources})


ENVELOPE = ("id", "name", "type", "location", "tags", "etag", "zones")


def unflatten(resource):
    """az prints resources without "properties"; ARM has them everywhere."""
    body = {k: v for k, v in resource.items() if k in ENVELOPE}
    body["properties"] = {
        k: ([unflatten(e) if isinstance(e, dict) and "name" in e
             and "properties" not in e else e for e in v]
            if isinstance(v, list) else v)
        for k, v in resource.items()
        if k not in ENVELOPE and k != "resourceGroup"}
    return body


def with_type(resource, kind):
    if "type" in resource or kind not in TYPES:
        return resource
    return dict(resource, type=TYPES[kind])


class World:
    def __init__(self, options):
        self.options = options
        self.estate = Estate(options.directory)
        self.lock = threading.RLock()
        self.faults = {}
        self.reset()
        self.tokens = {}
        self.operations = {}
        self.secret = options.secret
        self.subscriptions = set(options.subscription)
        for name in options.fault:
            self.set_fault(name, True)

    def reset(self):
        with self.lock:
            self.requests = {}
            self.fault_hits = {}
            self.leaks = []
            self.bad_tokens = 0
            self.total = 0
            self.by_subscription = {}
            self.running = 0
            self.most_running = 0

    def set_fault(self, name, value):
        if name not in FAULTS:
            raise KeyError(name)
        with self.lock:
            if value is not None and value is not False:
                self.faults[name] = dict(value) if isinstance(value, dict) \
                    else {}
            else:
                self.faults.pop(name, None)

    def fault(self, name, path):
        """Returns the settings of a fault that applies here, or None."""
        with self.lock:
            fault = self.faults.get(name)
            if fault is None or not re.search(fault.get("match", ""), path,
                                              re.I):
                return None
            if "times" in fault:
                if fault["times"] <= 0:
                    return None
                fault["times"] -= 1
            self.fault_hits[name] = self.fault_hits.get(name, 0) + 1
            return fault

    def new_token(self, seconds):
        token = "ey" + secrets.token_urlsafe(96)
        with self.lock:
            self.tokens[token] = time.time() + seconds
        return token


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, *_):
        pass

    @property
    def world(self):
        return self.server.world

    # --- What comes in -----------------------------------------------------

    def do_GET(self):
        self.serve("GET")

    def do_POST(self):
        self.serve("POST")

    def serve(self, method):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length) if length else b""
        parts = urllib.parse.urlsplit(self.path)
        path = re.sub("//+", "/", parts.path)
        query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        if path.startswith("/control/"):
            self.control(method, path)
            return
        world = self.world
        with world.lock:
            world.total += 1
            world.running += 1
            world.most_running = max(world.most_running, world.running)
        try:
            self.dispatch(method, path, query)
        except BrokenPipeError:
            self.close_connection = True
        except ConnectionResetError:
            self.close_connection = True
        finally:
            with world.lock:
                world.running -= 1

    def dispatch(self, method, path, query):
        self.count(path)
        if self.server.foreign:
            # Another origin: whatever asks here must not bring a token.
            if self.headers.get("Authorization"):
                with self.world.lock:
                    self.world.leaks.append(path)
            self.answer(200, {"value": []})
        elif path == "/metadata/endpoints":
            self.answer(200, {"authentication": {
                "loginEndpoint": self.server.address,
                "audiences": [self.server.address]}})
        elif path.endswith("/.well-known/openid-configuration"):
            base = self.server.address + path.split("/.well-known")[0]
            self.answer(200, {
                "issuer": base, "jwks_uri": self.server.address + "/keys",
                "authorization_endpoint": base + "/oauth2/v2.0/authorize",
                "token_endpoint": base.replace("/v2.0", "")
                + "/oauth2/v2.0/token"})
        elif method == "POST" and path.endswith("/token"):
            self.entra_token(path)
        elif path.startswith("/metadata/identity/oauth2/token"):
            self.imds_token(query)
        elif path.startswith("/msi/token"):
            self.app_token(query)
        else:
            self.arm(method, path, query)

    def count(self, path):
        kind = re.sub(r"/subscriptions/[^/]+", "", path, flags=re.I)
        kind = re.sub(r"/resourceGroups/[^/]+", "", kind, flags=re.I)
        kind = "/".join(kind.strip("/").split("/")[-1:])
        words = path.lower().split("/")
        with self.world.lock:
            requests = self.world.requests
            requests[kind] = requests.get(kind, 0) + 1
            if words[1] == "subscriptions" and len(words) > 2:
                asked = self.world.by_subscription
                asked[words[2]] = asked.get(words[2], 0) + 1

    # --- Tokens ------------------------------------------------------------

    def token_faults(self, path):
        fault = self.world.fault("token_error", path)
        if fault is not None:
            self.answer(fault.get("status", 500), {"error": "server_error"})
            return True
        fault = self.world.fault("token_code", path)
        if fault is not None:
            code = fault.get("code", 7000215)
            self.answer(400, {
                "error": "invalid_client", "error_codes": [code],
                "error_description":
                    "AADSTS%d: Something is wrong.\r\nTrace ID: 1" % code})
            return True
        if self.world.fault("token_html", path) is not None:
            self.raw(200, b"<html>Sign in</html>", "text/html")
            return True
        return False

    def lifetime(self, path, usual):
        fault = self.world.fault("token_short", path)
        return usual if fault is None else fault.get("seconds", 5)

    def entra_token(self, path):
        if self.token_faults(path):
            return
        form = urllib.parse.parse_qs(self.body.decode())
        kind = form.get("client_assertion_type", [""])[0]
        good = form.get("grant_type") == ["client_credentials"] \
            and form.get("client_id", [""])[0] \
            and form.get("scope", [""])[0].endswith("/.default")
        if "client_secret" in form:
            good = good and form["client_secret"][0] == self.world.secret
        else:
            good = good and kind.endswith("jwt-bearer") and self.assertion(
                form.get("client_assertion", [""])[0], path)
        if not good:
            self.answer(401, {"error": "invalid_client",
                              "error_codes": [7000215],
                              "error_description": "AADSTS7000215: Invalid "
                              "client secret provided.\r\nTrace ID: 1"})
            return
        life = self.lifetime(path, 3599)
        self.answer(200, {"token_type": "Bearer", "expires_in": life,
                          "ext_expires_in": life,
                          "access_token": self.world.new_token(life)})

    def assertion(self, jwt, path):
        """A federated token is the secret; else a signed assertion."""
        if jwt == self.world.secret:
            return True
        parts = jwt.split(".")
        if len(parts) != 3 or not self.world.options.certificate:
            return False
        header, claims = (json.loads(base64.urlsafe_b64decode(
            p + "=" * (-len(p) % 4))) for p in parts[:2])
        return claims["aud"].endswith(path) \
            and claims["iss"] == claims["sub"] \
            and claims["nbf"] <= time.time() + 5 < claims["exp"] \
            and verify_signature(self.world.options.certificate, header,
                                 parts)

    def imds_token(self, query):
        if self.headers.get("Metadata") != "true":
            self.answer(400, {"error": "invalid_request",
                              "error_description": "bad_request_102"})
            return
        if self.token_faults("/metadata/identity/oauth2/token"):
            return
        arc = self.world.fault("arc", self.path)
        if arc is not None and self.headers.get("Authorization") \
                != "Basic " + arc["key"]:
            self.answer(401, None, {"WWW-Authenticate": "Basic realm="
                                    + arc["path"]})
            return
        if "resource" not in query or "api-version" not in query:
            self.answer(400, {"error": "invalid_resource"})
            return
        life = self.lifetime("/metadata/identity/oauth2/token", 86399)
        self.answer(200, {
            "access_token": self.world.new_token(life), "refresh_token": "",
            "expires_in": str(life), "ext_expires_in": str(life),
            "expires_on": str(int(time.time()) + life),
            "not_before": str(int(time.time())),
            "resource": query["resource"][0], "token_type": "Bearer"})

    def app_token(self, query):
        if self.headers.get("X-IDENTITY-HEADER") != self.world.secret:
            self.answer(401, {"statusCode": 401, "message": "No header"})
            return
        if self.token_faults("/msi/token"):
            return
        life = self.lifetime("/msi/token", 86399)
        self.answer(200, {"access_token": self.world.new_token(life),
                          "expires_on": str(int(time.time()) + life),
                          "resource": query["resource"][0],
                          "token_type": "Bearer"})

    # --- Azure Resource Manager --------------------------------------------

    def authorized(self):
        word = self.headers.get("Authorization") or ""
        ends = self.world.tokens.get(word[7:] if word.startswith("Bearer ")
                                     else "")
        if ends is None or ends < time.time():
            with self.world.lock:
                self.world.bad_tokens += 1
            self.answer(401, error("InvalidAuthenticationToken",
                                   "The access token is invalid."),
                        {"WWW-Authenticate": 'Bearer error="invalid_token"'})
            return False
        return True

    def simple_faults(self, path):
        """Faults that answer instead of Azure."""
        world = self.world
        throttled = error("SubscriptionRequestsThrottled",
                          "Number of requests exceeded the limit.")
        fault = world.fault("hang", path)
        if fault is not None:
            end = time.time() + fault.get("seconds", 120)
            while time.time() < end and "hang" in world.faults:
                time.sleep(0.05)
            self.close_connection = True
            return True
        table = (
            ("throttle", 429, throttled, "1"),
            ("throttle_silent", 429, throttled, None),
            ("throttle_long", 429, throttled, "3600"),
            ("busy", 429, error("RetryableError", "Busy.", [
                {"code": "RetryableErrorDueToAnotherOperation",
                 "message": "The call can be retried in 1 seconds."}]), "1"),
            ("unavailable", 503, error("ServerTimeout", "Try again."), None),
            ("error500", 500, None, None),
            ("unauthorized", 401, error("ExpiredAuthenticationToken",
                                        "The token expired."), None),
            ("forbidden", 403, error("AuthorizationFailed",
                                     "The client does not have "
                                     "authorization to perform action."),
             None),
            ("not_found", 404, error("SubscriptionNotFound",
                                     "The subscription was not found."),
             None),
            ("error_body", 200, error("InternalServerError", "Sorry."), None),
            ("no_array", 200, {"count": 0}, None),
        )
        for name, status, body, seconds in table:
            fault = world.fault(name, path)
            if fault is not None:
                if "seconds" in fault:
                    seconds = str(fault["seconds"])
                headers = {"Retry-After": seconds} if seconds else {}
                self.answer(status, body, headers)
                return True
        if world.fault("html", path) is not None:
            self.raw(200, b"<html>gateway</html>", "text/html")
            return True
        if world.fault("redirect", path) is not None:
            self.answer(307, None, {"Location": self.server.other + path})
            return True
        if world.fault("deep", path) is not None:
            self.raw(200, b'{"value":' + b"[" * 5000 + b"]" * 5000 + b"}",
                     "application/json")
            return True
        fault = world.fault("huge", path)
        if fault is not None:
            self.huge(fault.get("megabytes", 200))
            return True
        return False

    def huge(self, megabytes):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        chunk = b" " * (1 << 20)
        try:
            for _ in range(megabytes):
                self.wfile.write(b"%x\r\n" % len(chunk) + chunk + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
        finally:
            self.close_connection = True

    def arm(self, method, path, query):
        if not self.authorized() or self.simple_faults(path):
            return
        if "api-version" not in query:
            self.answer(400, error("MissingApiVersionParameter",
                                   "The api-version is missing."))
            return
        parts = path.strip("/").split("/")
        words = [p.lower() for p in parts]
        if words == ["subscriptions"]:
            self.answer(200, {"value": [
                {"id": "/subscriptions/" + s, "subscriptionId": s, "displayName": s, "state": "Enabled"}
                for s in self.world.estate.subscriptions()]})
        elif words[0] == "operations":
            self.poll(words)
        elif words == ["providers", "microsoft.resourcegraph", "resources"]:
            self.graph(path)
        elif words[-1] == "descendants":
            self.page([json.dumps(
                {"id": "/subscriptions/" + s, "name": s,
                 "type": "/subscriptions"})
                for s in self.world.estate.subscriptions()], query)
        elif words[0] != "subscriptions" or len(words) < 3:
            self.answer(404, error("NotFound", "No such path."))
        elif method == "POST":
            self.arm_post(path, words)
        elif len(words) == 5 and words[2] == "providers":
            self.arm_list(words[1], words[4], query)
        elif words[-1] == "servicetags":
            self.service_tags()
        elif words[-1] == "networkinterfaces":
            self.scale_set(path, query)
        elif words[-1] == "staticmembers":
            self.static_members(path, query)
        else:
            self.arm_point(path)

    def arm_list(self, subscription, kind, query):
        items = self.world.estate.listed(subscription, kind)
        self.page(items, query)

    def scale_set(self, path, query):
        prefix = path.lower()[:-len("/networkinterfaces")] \
            + "/virtualmachines/"
        with self.world.estate.lock:
            items = [json.dumps(r) for i, r in
                     sorted(self.world.estate.resources.items())
                     if i.startswith(prefix)]
        self.page(items, query)

    def page(self, items, query):
        path = urllib.parse.urlsplit(self.path).path
        size = self.world.options.page
        start = 0
        for name, value in query.items():
            if name.lower().lstrip("$") == "skiptoken":
                start = int(value[0])
        world = self.world
        part = items[start:start + size]
        link = ""
        after = start + size
        if size > 1 and world.fault("overlap", path) is not None:
            after -= 1
        empty = "empty" not in query \
            and world.fault("empty_page", path) is not None
        if empty:
            part, after = [], start
        if start + size < len(items) or empty:
            version = query["api-version"][0]
            link = "%s%s?api-version=%s&$skiptoken=%d&empty=1" % (
                self.server.address, path, version, after)
        if world.fault("foreign_link", path) is not None:
            link = "%s%s?api-version=1" % (self.server.other, path)
        if world.fault("looping_link", path) is not None:
            link = "%s%s?api-version=1&$skiptoken=0" % (self.server.address,
                                                        path)
        if link and world.fault("port_link", path) is not None:
            split = urllib.parse.urlsplit(link)
            host = split.netloc.upper() if ":" in split.netloc \
                else split.netloc + ":443"
            link = split._replace(netloc=host).geturl()
        text = ",".join(part)
        if world.fault("upper_ids", path) is not None:
            text = text.replace("/resourceGroups/rg-", "/RESOURCEGROUPS/RG-")
        if world.fault("null_arrays", path) is not None:
            text = text.replace("[]", "null")
        body = '{"value":[%s]%s}' % (
            text, ',"nextLink":%s' % json.dumps(link) if link else "")
        self.text(body.encode())

    def service_tags(self):
        tags = self.world.estate.tags
        if tags is None:
            tags = {"name": "Public", "changeNumber": "1", "values": []}
        self.answer(200, tags)

    def static_members(self, path, query):
        """The networks whose space the group's prefixes cover."""
        estate = self.world.estate
        key = path.rsplit("/", 1)[0].lower()
        if key in estate.members:
            self.page([json.dumps({"properties": {"resourceId": i}})
                       for i in estate.members[key]["static"]], query)
            return
        group = estate.groups.get(key)
        if group is None:
            self.answer(404, error("ResourceNotFound", "No group."))
            return
        prefixes = set(group["addressPrefixes"])
        members = [
            json.dumps({"name": r["name"], "properties": {
                "resourceId": r["id"], "provisioningState": "Succeeded"}})
            for i, r in sorted(estate.resources.items())
            if "/virtualnetworks/" in i and prefixes.issuperset(
                r["properties"]["addressSpace"]["addressPrefixes"])]
        self.page(members, query)

    def graph(self, path):
        """Only the query for members of network groups is known here."""
        world = self.world
        request = json.loads(self.body)
        options = request.get("options", {})
        quota = {"x-ms-user-quota-remaining": "14",
                 "x-ms-user-quota-resets-after": "00:00:01"}
        if world.fault("graph_quota", path) is not None:
            self.answer(429, error("RateLimiting", "Please slow down."),
                        quota)
            return
        if "networkgroupmemberships" not in request["query"]:
            self.answer(400, error("BadRequest", "The query is invalid."))
            return
        rows = world.estate.memberships()
        start = int(options.get("$skipToken") or 0)
        size = min(options.get("$top", 100), world.options.graph_page)
        more = start + size < len(rows)
        cut = world.fault("graph_cut", path) is not None
        body = {"totalRecords": len(rows), "count": len(rows[start:][:size]),
                "data": rows[start:start + size], "facets": [],
                "resultTruncated": "true" if more or cut else "false"}
        if more and not cut:
            body["$skipToken"] = str(start + size)
        self.answer(200, body, quota)

    def arm_point(self, path):
        with self.world.estate.lock:
            resource = self.world.estate.resources.get(path.lower())
        if resource is None:
            self.answer(404, error("ResourceNotFound",
                                   "The Resource was not found."))
            return
        kind = path.lower().split("/")[-2]
        self.answer(200, with_type(resource, kind))

    def arm_post(self, path, words):
        estate = self.world.estate
        request = json.loads(self.body or b"{}") if self.body else {}
        base = path.rsplit("/", 1)[0].lower()
        if words[-1] == "listnetworkmanagereffectivesecurityadminrules":
            if base not in estate.resources:
                self.answer(404, error("ResourceNotFound", "No network."))
                return
            rules = estate.effective.get(base) or []
            if self.world.fault("priority_zero", path) is not None:
                rules = copy.deepcopy(rules)
                for rule in rules:
                    rule["properties"]["priority"] = 0
            self.tokens_page(rules, request)
        elif words[-1] == "listactivesecurityadminrules":
            rules = list(estate.active.get(base, []))
            if not rules:
                for value in estate.effective.values():
                    rules += [r for r in value or []
                              if r["id"].lower().startswith(base + "/")
                              and r["id"] not in [x["id"] for x in rules]]
            self.tokens_page(rules, request)
        elif words[-1] == "ipflowverify":
            self.start_operation(request)
        else:
            self.answer(404, error("NotFound", "No such action."))

    def tokens_page(self, items, request):
        start = int(request.get("skipToken") or 0)
        size = self.world.options.post_page
        more = start + size < len(items)
        self.answer(200, {"value": items[start:start + size],
                          "skipToken": str(start + size) if more else ""})

    def start_operation(self, request):
        number = secrets.token_hex(8)
        self.world.operations[number] = 2
        self.raw(202, b"null", "application/json",
                 {"Location": "%s/operations/%s/2?api-version=1&s=%s" % (
                     self.server.address, number, secrets.token_hex(16)),
                  "x-ms-ratelimit-remaining-subscription-writes": "199"})

    def poll(self, words):
        left = self.world.operations.get(words[1])
        if left is None:
            self.answer(404, error("NotFound", "No such operation."))
        elif left:
            self.world.operations[words[1]] = left - 1
            self.raw(202, b"null", "application/json",
                     {"Location": "%s/operations/%s/%d?api-version=1" % (
                         self.server.address, words[1], left - 1)})
        else:
            self.answer(200, {
                "access": "Allow",
                "ruleName": "defaultSecurityRules/AllowInternetOutBound",
                "ruleId": ""})

    # --- What goes out -----------------------------------------------------

    def answer(self, status, body, headers=None):
        data = b"" if body is None else json.dumps(
            body, separators=(",", ":")).encode()
        if status == 200:
            self.text(data, headers)
        else:
            self.raw(status, data, "application/json; charset=utf-8", headers)

    def text(self, data, headers=None):
        """A good answer, with the faults that spoil its delivery."""
        world = self.world
        path = urllib.parse.urlsplit(self.path).path
        fault = world.fault("slow", path)
        if fault is not None:
            time.sleep(fault.get("seconds", 2))
        if world.fault("truncated_json", path) is not None:
            data = data[:len(data) // 2]
        headers = dict(headers or {})
        headers["x-ms-ratelimit-remaining-subscription-reads"] = "249"
        if world.fault("aborted", path) is not None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data) + 10))
            self.end_headers()
            self.wfile.write(data[:len(data) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        if world.fault("chunked_cut", path) is not None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
            self.wfile.flush()
            self.close_connection = True
            return
        if len(data) > 1000 and "gzip" in self.headers.get("Accept-Encoding",
                                                           ""):
            data = self.compressed(data)
            headers["Content-Encoding"] = "gzip"
            if world.fault("gzip_cut", path) is not None:
                data = data[:-12]
        self.raw(200, data, "application/json; charset=utf-8", headers)

    def compressed(self, data):
        cache = self.server.world.gzip_cache
        key = hashlib.md5(data).digest()
        if key not in cache:
            if len(cache) > 2000:
                cache.clear()
            cache[key] = gzip.compress(data, 1)
        return cache[key]

    def raw(self, status, data, kind, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-ms-request-id", secrets.token_hex(16))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    # --- Control -----------------------------------------------------------

    def control(self, method, path):
        world = self.world
        request = json.loads(self.body) if self.body else {}
        if path == "/control/faults":
            for name, value in request.items():
                if name == "*":
                    world.faults.clear()
                else:
                    world.set_fault(name, value)
        elif path == "/control/rule":
            change_rule(world.estate, request)
        elif path == "/control/put":
            world.estate.put(request)
        elif path == "/control/delete":
            world.estate.delete(request["id"])
        elif path == "/control/effective":
            world.estate.effective[request["network"].lower()] = \
                request["rules"]
        elif path == "/control/group":
            world.estate.members[request["id"].lower()] = {
                "static": request.get("static", []),
                "policy": request.get("policy", [])}
        elif path == "/control/reset":
            world.reset()
        elif path != "/control/stats":
            self.raw(404, b"", "text/plain")
            return
        with world.lock:
            body = {"total": world.total, "requests": world.requests,
                    "subscriptions": world.by_subscription,
                    "faults": world.fault_hits, "leaks": world.leaks,
                    "bad_tokens": world.bad_tokens,
                    "most_running": world.most_running,
                    "tokens": list(world.tokens)}
            data = json.dumps(body).encode()
        self.raw(200, data, "application/json")


def error(code, message, details=None):
    body = {"code": code, "message": message}
    if details:
        body["details"] = details
    return {"error": body}


def change_rule(estate, request):
    with estate.lock:
        group = estate.resources[request["nsg"].lower()]
        rules = group["properties"].setdefault("securityRules", [])
        rules[:] = [r for r in rules if r["name"] != request["rule"]
                    or request.get("set") is not None]
        found = [r for r in rules if r["name"] == request["rule"]]
        if request.get("set") is not None:
            if not found:
                found = [{"name": request["rule"], "id": "%s/securityRules/%s"
                          % (group["id"], request["rule"]), "properties": {}}]
                rules += found
            found[0]["properties"].update(request["set"])
        estate.bodies.clear()


def verify_signature(certificate, header, parts):
    """Checks the assertion's signature and thumbprint with openssl."""
    def raw(part):
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    der = subprocess.run(["openssl", "x509", "-in", certificate, "-outform",
                          "DER"], check=True, capture_output=True).stdout
    if header["alg"] == "PS256":
        good = raw(header["x5t#S256"]) == hashlib.sha256(der).digest()
        extra = ["-sigopt", "rsa_padding_mode:pss", "-sigopt",
                 "rsa_pss_saltlen:32"]
    else:
        good = raw(header["x5t"]) == hashlib.sha1(der).digest()
        extra = []
    with tempfile.TemporaryDirectory() as work:
        key = os.path.join(work, "key")
        signature = os.path.join(work, "signature")
        with open(key, "wb") as file:
            file.write(subprocess.run(
                ["openssl", "x509", "-in", certificate, "-pubkey", "-noout"],
                check=True, capture_output=True).stdout)
        with open(signature, "wb") as file:
            file.write(raw(parts[2]))
        result = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", key, "-signature",
             signature] + extra,
            input=".".join(parts[:2]).encode(), capture_output=True)
    return good and result.returncode == 0


def make_certificate(work):
    """A certificate authority and a certificate of 127.0.0.1."""
    paths = {n: os.path.join(work, n) for n in ("ca.pem", "ca.key",
                                                "server.pem", "server.key",
                                                "server.csr", "ext")}
    with open(paths["ext"], "w") as file:
        file.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")

    def run(*words):
        subprocess.run(("openssl",) + words, check=True, capture_output=True)
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=simulator", "-keyout", paths["ca.key"], "-out",
        paths["ca.pem"], "-addext", "basicConstraints=critical,CA:TRUE")
    run("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
        "-keyout", paths["server.key"], "-out", paths["server.csr"])
    run("x509", "-req", "-in", paths["server.csr"], "-CA", paths["ca.pem"],
        "-CAkey", paths["ca.key"], "-CAcreateserial", "-days", "2",
        "-extfile", paths["ext"], "-out", paths["server.pem"])
    return paths


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    foreign = False

    def handle_error(self, request, client_address):
        kind = sys.exc_info()[0]
        if not issubclass(kind, (OSError, ssl.SSLError)):
            super().handle_error(request, client_address)


def listen(options, world, context, port):
    server = Server(("127.0.0.1", port), Handler)
    server.world = world
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    server.address = "%s://127.0.0.1:%d" % ("https" if context else "http",
                                            server.server_port)
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directory")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--work", help="folder for certificates")
    parser.add_argument("--ready", help="file for the addresses")
    parser.add_argument("--address", help="how clients reach it, if not "
                        "directly: what links lead to")
    parser.add_argument("--page", type=int, default=100)
    parser.add_argument("--post-page", type=int, default=20)
    parser.add_argument("--graph-page", type=int, default=1000)
    parser.add_argument("--secret", default="simulated~secret+/=1")
    parser.add_argument("--certificate", help="of a certificate credential")
    parser.add_argument("--subscription", action="append", default=[])
    parser.add_argument("--fault", action="append", default=[])
    options = parser.parse_args()
    world = World(options)
    world.gzip_cache = {}
    context = None
    work = options.work or tempfile.mkdtemp(prefix="simulator-")
    authority = ""
    if options.tls:
        paths = make_certificate(work)
        authority = paths["ca.pem"]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(paths["server.pem"], paths["server.key"])
    server = listen(options, world, context, options.port)
    # Another origin, and the plain endpoint of managed identities.
    other = listen(options, world, context, 0)
    other.foreign = True
    identity = listen(options, world, None, 0)
    direct = server.address
    server.address = options.address or direct
    server.other = other.address
    identity.other = other.address
    for each in (server, other, identity):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    line = json.dumps({"url": server.address, "direct": direct, "other": other.address,
                       "identity": identity.address, "ca": authority,
                       "pid": os.getpid()})
    print(line, flush=True)
    if options.ready:
        with open(options.ready + ".new", "w") as file:
            file.write(line + "\n")
        os.rename(options.ready + ".new", options.ready)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
