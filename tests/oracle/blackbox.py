#!/usr/bin/env python3
"""Compares the flowverify program with a second evaluator, from outside.

Random small estates are written as a folder of Azure's JSON, with a
configuration of random flows; the program judges them, and so does the
evaluator below, which reads the same JSON and walks rules packet by packet.
It shares no code with the program and knows no cleverness: every field is cut
at all bounds that occur, and one packet of each piece is judged.

    blackbox.py [--rounds N] [--seed N] [--program PATH] [--keep DIR]
"""

import argparse
import ipaddress
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

SUB = "/subscriptions/11111111-2222-3333-4444-555555555555"
NET = "/providers/Microsoft.Network"
PROTOCOLS = ["Tcp", "Udp", "Icmp", "Esp", "Ah", "Other"]
NO_PORT = 65536
V4ALL = [(0, 2**32 - 1)]
V6ALL = [(0, 2**128 - 1)]
ALL = {4: V4ALL, 6: V6ALL}
NOT_INTERNET = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.2.0/24
192.168.0.0/16 198.18.0.0/15 224.0.0.0/3 4.128.0.0/12 13.96.0.0/13 20.35.252.0/22 20.128.0.0/16 20.130.0.0/16
20.144.0.0/14 20.176.0.0/13 21.0.0.0/8 22.0.0.0/8 23.103.0.0/18 25.0.0.0/16 25.4.0.0/14 25.28.0.0/14 25.33.0.0/16
25.41.0.0/20 25.48.0.0/12 25.64.0.0/10 25.128.0.0/14 25.142.0.0/15 25.144.0.0/12 25.160.0.0/11 25.192.0.0/11
25.224.0.0/12 25.244.0.0/14 25.248.0.0/15 25.250.0.0/18 25.250.64.0/20 25.250.80.0/22 25.250.84.0/23 25.251.0.0/16
25.252.0.0/15 25.254.0.0/21 25.254.8.0/24 25.254.16.0/20 25.254.64.0/18 25.254.128.0/17 25.255.0.0/16 40.66.128.0/17
40.108.0.0/17 40.109.0.0/16 52.132.0.0/14 52.145.0.0/16 68.18.0.0/15 104.146.0.0/17 104.147.0.0/16 104.212.36.0/22
104.212.52.0/22 129.75.0.0/16 134.177.0.0/16 138.196.0.0/16 141.251.0.0/16 146.147.0.0/16 157.59.0.0/16
192.32.0.0/16""".split()


# --- Sets ---------------------------------------------------------------------

def parse(word):
    """An address or CIDR as (family, first, last); None for anything else."""
    try:
        net = ipaddress.ip_network(word, strict=False)
    except ValueError:
        return None
    return net.version, int(net.network_address), int(net.broadcast_address)


def sets(words):
    result = {4: [], 6: []}
    for word in words:
        got = parse(word)
        if got:
            result[got[0]].append(got[1:])
    return result


def inside(spans, value):
    return any(first <= value <= last for first, last in spans)


def all_in(spans, first, last):
    """True if [first, last] is covered by the union of spans."""
    for a, b in sorted(spans):
        if a > first:
            return False
        if b >= last:
            return True
        if b >= first:
            first = b + 1
    return False


def internet():
    holes = sorted(parse(w)[1:] for w in NOT_INTERNET)
    spans, start = [], 0
    for a, b in holes:
        if a > start:
            spans.append((start, a - 1))
        start = max(start, b + 1)
    if start <= 2**32 - 1:
        spans.append((start, 2**32 - 1))
    return {4: spans, 6: [parse("2000::/3")[1:]]}


INTERNET = internet()
LOAD_BALANCER = sets(["168.63.129.16/32", "fe80::1234:5678:9abc/128"])


# --- The estate, and what it means ----------------------------------------------

class Estate:
    """Plain data as generated; lookups by lower-case id."""

    def __init__(self):
        self.nsgs, self.nics, self.vnets, self.tables, self.tags = {}, {}, {}, {}, {}
        self.effective, self.active, self.managers, self.groups = {}, {}, {}, {}
        self.halves = set()  # Of the groups: those that may have more members.
        self.on_premises = {}
        self.empty_asg = "ignore"

    def virtual_network(self, vnet, subnet):
        """(known spans, incomplete) of the tag for a NIC there."""
        spans = {4: [], 6: []}

        def add(extra):
            for family in (4, 6):
                spans[family] += extra[family]

        add(sets(vnet["space"]))
        add(sets(["168.63.129.16/32"]))
        incomplete = False
        gateway = any(s["name"] == "GatewaySubnet" and s["occupied"] for s in vnet["subnets"])
        said = vnet["id"].lower() in self.on_premises
        add(sets(self.on_premises.get(vnet["id"].lower(), [])))
        if gateway and not said:
            incomplete = True
        for peering in vnet["peerings"]:
            if peering["state"] != "Connected" or not peering["access"]:
                continue
            if peering["remote_space"] is None:
                incomplete = True
            else:
                add(sets(peering["remote_space"]))
            if peering["use_gateways"]:
                hub = peering["remote"].lower()
                if hub in self.on_premises or said:
                    add(sets(self.on_premises.get(hub, [])))
                else:
                    incomplete = True
        table_id = subnet["table"]
        if table_id:
            table = self.tables.get(table_id.lower())
            if table is None:
                incomplete = True
            else:
                changed = True
                taken = set()
                while changed:
                    changed = False
                    for i, route in enumerate(table):
                        if i in taken:
                            continue
                        hop = parse(route["address"]) if route["address"] else None
                        if route["type"] == "VirtualNetworkGateway" or (
                                route["type"] == "VirtualAppliance" and hop and inside(spans[hop[0]], hop[1])):
                            prefix = parse(route["prefix"])
                            if prefix:
                                if prefix == (4, 0, 2**32 - 1):
                                    spans[4] = list(V4ALL)
                                else:
                                    spans[prefix[0]].append(prefix[1:])
                            taken.add(i)
                            changed = True
        return spans, incomplete

    def members(self, asg, vnet_id):
        result = []
        for nic in self.nics.values():
            for ip in nic["ips"]:
                if ip["address"] and asg.lower() in [a.lower() for a in ip["asgs"]] \
                        and ip["subnet"].lower().startswith(vnet_id.lower() + "/"):
                    result.append((nic["id"], ip["address"]))
        return result


class Place:
    """One NIC's subnet and network, with the tags as they are there."""

    def __init__(self, estate, nic, ip):
        self.estate, self.nic, self.ip = estate, nic, ip
        self.vnet = estate.vnets.get(ip["subnet"].lower().split("/subnets/")[0])
        self.subnet = None
        if self.vnet:
            for subnet in self.vnet["subnets"]:
                if subnet["id"].lower() == ip["subnet"].lower():
                    self.subnet = subnet
        self.known, self.incomplete = (estate.virtual_network(self.vnet, self.subnet)
                                       if self.subnet else ({4: [], 6: []}, False))

    def tag(self, name, family, value):
        """yes, no, or a reason."""
        low = name.lower().replace("_", "")
        if low == "virtualnetwork":
            if inside(self.known[family], value):
                return "yes"
            if self.incomplete and not inside(INTERNET[family], value):
                return "virtual_network_incomplete"
            return "no"
        if low == "internet":
            return "yes" if inside(INTERNET[family], value) else "no"
        if low == "azureloadbalancer":
            return "yes" if inside(LOAD_BALANCER[family], value) else "no"
        for known, words in self.estate.tags.items():
            if known.lower() == name.lower():
                return "yes" if inside(sets(words)[family], value) else "no"
        return "unknown_tag"

    def term(self, term, family, value, local):
        kind, text = term
        if kind == "asg":
            members = self.estate.members(text, self.vnet["id"])
            if local:
                return "yes" if (self.nic["id"], str_address(family, value)) in members else "no"
            return "yes" if any(parse(a) == (family, value, value) for _, a in members) else "no"
        if kind == "group":
            words = self.estate.groups.get(text.lower())
            if words is None:
                return "network_group_unresolved"
            if inside(sets(words)[family], value):
                return "yes"
            return "network_group_unresolved" if text.lower() in self.estate.halves else "no"
        if text == "*":
            return "yes"
        got = parse(text)
        if got:
            return "yes" if got[0] == family and got[1] <= value <= got[2] else "no"
        if not text or not (text[0].isalpha()) or "/" in text:
            return "invalid_rule"
        return self.tag(text, family, value)

    def side(self, rule, terms, family, value, local):
        if not terms:
            return ["yes"] if rule["kind"] == "admin" else ["invalid_rule"]
        asgs = [t for t in terms if t[0] == "asg"]
        if self.estate.empty_asg == "no_match" and any(
                not self.estate.members(t[1], self.vnet["id"]) for t in asgs):
            return ["no"]
        got = [self.term(t, family, value, local) for t in terms]
        if "yes" in got:
            return ["yes"]
        maybe = [g for g in got if g != "no"]
        return maybe or ["no"]

    def ports(self, rule, words, port):
        if not words:
            return ["yes"] if rule["kind"] == "admin" else ["invalid_rule"]
        spans, bad = [], False
        for word in words:
            if word == "*":
                spans.append((0, 65535))
            elif "-" in word:
                a, b = word.split("-")
                spans.append((int(a), int(b)))
            elif word.isdigit():
                spans.append((int(word), int(word)))
            else:
                bad = True
        if port == NO_PORT:
            hit = all_in(spans, 0, 65535)
        else:
            hit = inside(spans, port)
        return ["yes"] if hit else ["invalid_rule"] if bad else ["no"]

    def match(self, rule, packet):
        """("yes", []), ("no", []) or ("maybe", reasons)."""
        protocol, family, source, sport, destination, dport = packet
        word = rule["protocol"].lower()
        if word in ("*", "any"):
            fields = [["yes"]]
        elif word in [p.lower() for p in PROTOCOLS[:5]]:
            fields = [["yes"] if word == protocol.lower() else ["no"]]
        else:
            fields = [["invalid_rule"]]
        inbound = rule["direction"] == "Inbound"
        fields.append(self.side(rule, rule["source"], family, source, not inbound))
        fields.append(self.ports(rule, rule["sports"], sport))
        fields.append(self.side(rule, rule["destination"], family, destination, inbound))
        fields.append(self.ports(rule, rule["dports"], dport))
        if ["no"] in fields:
            return "no", []
        reasons = [r for f in fields for r in f if r != "yes"]
        return ("maybe", reasons) if reasons else ("yes", [])

    # Each layer: a list of cases (access, rule), base first; and reasons of
    # uncertain rules in order.

    def group(self, nsg_id, direction, packet):
        if not nsg_id:
            return None
        nsg = self.estate.nsgs.get(nsg_id.lower())
        if nsg is None:
            return [("pass", None), ("Allow", None), ("Deny", None)], [["ruleset_missing"]]
        cases, reasons = [], []
        for rule in sorted((r for r in nsg["rules"] if r["direction"] == direction), key=lambda r: r["priority"]):
            how, why = self.match(rule, packet)
            if how == "yes":
                return [(rule["access"], rule)] + cases, reasons
            if how == "maybe":
                cases.append((rule["access"], rule))
                reasons.append(why)
        raise AssertionError("no rule matched")

    def admin(self, direction, packet):
        rules = self.estate.effective.get(self.vnet["id"].lower(), [])
        entries = []
        for rule in rules:
            if rule["direction"] != direction:
                continue
            how, why = self.match(rule, packet)
            if how != "no":
                entries.append((rule, how, why))
        managers = {r["manager"].lower() for r in rules if r["direction"] == direction}

        def order(a, b):
            """True if a is certainly before b."""
            ta, tb = (self.estate.managers.get(x["manager"].lower()) for x in (a, b))
            same = a["manager"].lower() == b["manager"].lower()
            if not same and len(managers) > 1:
                if ta is None or tb is None or (ta == tb == "mg"):
                    return False
                if ta != tb:
                    return ta == "mg"
            pa, pb = (self.priority(x) for x in (a, b))
            if pa == 0 or pb == 0:
                return False
            rank = {"Deny": 0, "AlwaysAllow": 1, "Allow": 2}
            return (pa, rank[a["access"]], a["id"].lower()) < (pb, rank[b["access"]], b["id"].lower())

        sure = [r for r, how, _ in entries if how == "yes"]
        maybe = [r for r, how, _ in entries if how == "maybe"]
        cases, base_reasons = [], []
        for n in range(len(maybe) + 1):
            for chosen in itertools.combinations(maybe, n):
                present = sure + list(chosen)
                first = [r for r in present if not any(order(o, r) for o in present)]
                first.sort(key=lambda r: r["id"].lower())
                cases += [(r["access"], r) for r in first] or [("pass", None)]
                if n == 0 and len(first) > 1:
                    base_reasons.append(["admin_priority_unknown"])
        reasons = [why for rule, how, why in entries if how == "maybe"
                   and not any(order(s, rule) for s in sure)]
        return cases, reasons + base_reasons

    def priority(self, rule):
        if rule["priority"]:
            return rule["priority"]
        return self.estate.active.get(rule["id"].lower(), 0)

    def judge(self, side, packet):
        """Returns (base access, decision, accesses, reasons, uncertain)."""
        direction = "Outbound" if side == "source" else "Inbound"
        endpoint = self.nic["endpoint"]
        layers = [] if endpoint else [("admin", self.admin(direction, packet))]
        subnet_nsg = self.subnet["nsg"] if not endpoint or self.subnet["policies"] in (
            "Enabled", "NetworkSecurityGroupEnabled") else None
        groups = [("subnet_nsg", subnet_nsg), ("nic_nsg", self.nic["nsg"])]
        if direction == "Outbound":
            groups.reverse()
        layers += [(name, self.group(nsg, direction, packet)) for name, nsg in groups]

        def walk(i, last):
            """All (access, decision) from layer i on, base first."""
            if i == len(layers):
                return [("Allow", last)]
            name, result = layers[i]
            if result is None:
                return walk(i + 1, last)
            out = []
            for access, rule in result[0]:
                here = (side, name, rule) if rule else last
                if access == "Deny" or access == "AlwaysAllow":
                    out.append(("Deny" if access == "Deny" else "Allow", here))
                elif name == "admin" and access == "Allow":
                    out += walk(i + 1, here)
                else:
                    out += walk(i + 1, here)
            return out

        everything = walk(0, None)
        # Uncertainty counts as far as some case consults the layer.
        reasons, reach = [], True
        for name, result in layers:
            if result is None or not reach:
                continue
            reasons += result[1]
            reach = any(access in ("pass", "Allow") for access, _ in result[0])
        return everything[0][0], everything[0][1], {a for a, _ in everything}, reasons


def str_address(family, value):
    return str(ipaddress.IPv4Address(value) if family == 4 else ipaddress.IPv6Address(value))


# --- Judging a flow ---------------------------------------------------------------

def cuts(spans, bounds):
    """Cuts spans at bounds (each the first value of a piece)."""
    pieces = []
    points = sorted(bounds)
    for first, last in spans:
        start = first
        for point in points:
            if start < point <= last:
                pieces.append((start, point - 1))
                start = point
        pieces.append((start, last))
    return pieces


def merge(spans):
    result = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], last))
        else:
            result.append((first, last))
    return result


def bounds_of(estate, places):
    addresses, ports = {4: set(), 6: set()}, set()

    def note(spans, family):
        for first, last in spans:
            addresses[family] |= {first, last + 1}

    for place in places:
        for family in (4, 6):
            note(place.known[family], family)
            note(LOAD_BALANCER[family], family)
            note(INTERNET[family], family)
    rules = [r for nsg in estate.nsgs.values() for r in nsg["rules"]] + [
        r for rules in estate.effective.values() for r in rules]
    words = [w for ws in list(estate.tags.values()) + list(estate.groups.values()) for w in ws]
    words += [ip["address"] for nic in estate.nics.values() for ip in nic["ips"] if ip["address"]]
    for rule in rules:
        words += [t[1] for t in rule["source"] + rule["destination"] if t[0] == "address"]
        for word in rule["sports"] + rule["dports"]:
            numbers = [int(x) for x in word.split("-") if x.isdigit()]
            if numbers:
                ports |= {numbers[0], numbers[-1] + 1}
    for word in words:
        got = parse(word)
        if got:
            note([got[1:]], got[0])
    return addresses, ports


LAYER_ORDER = {"Outbound": ["admin", "nic_nsg", "subnet_nsg"], "Inbound": ["admin", "subnet_nsg", "nic_nsg"]}


def end_addresses(estate, end):
    """(nic, [(ip configuration, address)]) or a reason."""
    nic = next((n for n in estate.nics.values() if n["name"] == end["nic"]), None)
    if nic is None:
        return "nic_not_found"
    usable = [ip for ip in nic["ips"] if ip["address"]]
    if end["addresses"] == "*":
        return nic, usable
    if not end["addresses"]:
        primary = [ip for ip in usable if ip["primary"]] or (usable if len(usable) == 1 else [])
        return nic, primary[:1]
    chosen = []
    for word in end["addresses"]:
        found = [ip for ip in usable if parse(ip["address"]) == parse(word)]
        if not found:
            return "address_not_on_nic"
        chosen.append(found[0])
    return nic, chosen


def judge_flow(estate, flow):
    ends = {}
    for role in ("source", "destination"):
        end = flow[role]
        if end["nic"]:
            got = end_addresses(estate, end)
            ends[role] = got
    # Spec 9: the first of nic_not_found, address_not_on_nic, network_missing,
    # empty_flow; source side first.
    for role in ("source", "destination"):
        if isinstance(ends.get(role), str):
            return {"verdict": "unknown", "reasons": {ends[role]}}
    places = {}
    for role, (nic, ips) in ends.items():
        places[role] = {}
        for ip in ips:
            place = Place(estate, nic, ip)
            if not place.subnet:
                return {"verdict": "unknown", "reasons": {"network_missing"}}
            places[role][parse(ip["address"])[:2]] = place
    flat = [p for by in places.values() for p in by.values()]
    addresses, ports = bounds_of(estate, flat)

    def end_spans(role, family, here):
        """The addresses of one end; 'here' is where a tag is read."""
        if role in places:
            return [(v, v) for (f, v), place in places[role].items() if f == family and here in (None, place)]
        end = flow[role]
        if end["addresses"] == "*":
            return ALL[family]
        spans = []
        for word in end["addresses"]:
            if "-" in word:
                a, b = (parse(w) for w in word.split("-"))
                if a[0] == family:
                    spans.append((a[1], b[1]))
            elif parse(word):
                if parse(word)[0] == family:
                    spans.append(parse(word)[1:])
            elif word.lower() == "virtualnetwork":
                spans += here.known[family]
            elif word.lower() == "internet":
                spans += INTERNET[family]
            else:
                words = next((v for k, v in estate.tags.items() if k.lower() == word.lower()), None)
                if words is None:
                    return None
                spans += sets(words)[family]
        return merge(spans)

    total, regions = 0, {}
    # What a tag means depends on the subnet, and a NIC may have several.
    readers = [None] if len(places) == 2 else flat
    for family, here in itertools.product((4, 6), readers):
        source, destination = end_spans("source", family, here), end_spans("destination", family, here)
        if source is None or destination is None:
            return {"verdict": "unknown", "reasons": {"unknown_tag"}}
        for protocol in flow["protocols"]:
            ported = protocol in ("Tcp", "Udp")
            sports = cuts(flow["sports"], ports) if ported else [(NO_PORT, NO_PORT)]
            dports = cuts(flow["dports"], ports) if ported else [(NO_PORT, NO_PORT)]
            for s, sp, d, dp in itertools.product(cuts(source, addresses[family]), sports,
                                                  cuts(destination, addresses[family]), dports):
                weight = 1
                for first, last in (s, sp, d, dp):
                    weight *= last - first + 1
                total += weight
                packet = (protocol, family, s[0], sp[0], d[0], dp[0])
                key = judge_packet(places, packet)
                regions[key] = regions.get(key, 0) + weight
    if not total:
        return {"verdict": "unknown", "reasons": {"empty_flow"}}
    return summarise(regions, total)


def judge_packet(places, packet):
    """One packet at both ends -> (kind, decision, certain, reasons)."""
    results = []
    if "source" in places:
        results.append(places["source"][packet[1], packet[2]].judge("source", packet))
    if "destination" in places:
        results.append(places["destination"][packet[1], packet[4]].judge("destination", packet))
    accesses = {"Deny" if "Deny" in combo else "Allow"
                for combo in itertools.product(*(r[2] for r in results))}
    decision, base = None, "Allow"
    for access, decided, _, _ in results:
        if access == "Deny":
            decision, base = decided, "Deny"
            break
        decision = decided or decision
    reasons = [why for r in results for why in r[3]]
    if results[0][2] == {"Deny"} and len(results) == 2:
        reasons = results[0][3]
    kind = {"Allow": "allow", "Deny": "deny"}[base] if len(accesses) == 1 else "unknown"
    place = (decision[0], decision[1], decision[2]["ruleset"], decision[2]["name"],
             decision[2]["priority"], decision[2]["kind"]) if decision else None
    return kind, place, not reasons, frozenset(reasons[0]) if reasons else frozenset()


def summarise(regions, total):
    weight = {"allow": 0, "deny": 0, "unknown": 0}
    shares, certain = {}, True
    reasons = set()
    for (kind, place, sure, why), n in regions.items():
        weight[kind] += n
        certain = certain and sure and kind != "unknown"
        if kind == "unknown":
            reasons |= why
        else:
            shares[kind, place] = shares.get((kind, place), 0) + n
    if weight["allow"] and weight["deny"]:
        verdict = "partial"
    elif weight["unknown"]:
        verdict = "unknown"
    else:
        verdict = "allow" if weight["allow"] else "deny"
    result = {"verdict": verdict, "reasons": reasons, "certain": certain, "ratio": weight["allow"] / total}
    if verdict != "unknown":
        wanted = "deny" if verdict == "partial" else verdict
        mine = {place: n for (kind, place), n in shares.items() if kind == wanted}
        top = max(mine.values())
        result["decisions"] = [place for place, n in mine.items() if n == top]
    return result


# --- Random estates ---------------------------------------------------------------

DEFAULTS = [
    ("AllowVnetInBound", "Inbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", "Inbound", 65001, "Allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", "Inbound", 65500, "Deny", "*", "*"),
    ("AllowVnetOutBound", "Outbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", "Outbound", 65001, "Allow", "*", "Internet"),
    ("DenyAllOutBound", "Outbound", 65500, "Deny", "*", "*"),
]


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.estate = Estate()

    def chance(self, p):
        return self.r.random() < p

    def address_word(self, family=4):
        r = self.r
        if family == 6:
            return r.choice(["fd00:1::4", "fd00:1::/64", "fd00:2::/48", "2001:db8::/32", "::/0", "2000::/4", "fd00:1::5"])
        return r.choice(["10.0.0.0/24", "10.0.0.4", "10.0.0.5/32", "10.0.0.0/30", "10.1.0.0/16", "10.1.0.4", "10.2.0.0/24",
                         "10.0.0.7/29", "192.168.0.0/16", "192.168.1.0/24", "8.8.8.8", "8.0.0.0/7", "20.50.0.0/16",
                         "20.50.1.0/25", "0.0.0.0/0", "168.63.129.16", "172.31.0.100", "255.255.255.255", "128.0.0.0/1"])

    def terms(self, asgs):
        r = self.r
        roll = r.random()
        if roll < 0.25:
            return [("address", "*")]
        if roll < 0.45:
            return [("address", r.choice(["VirtualNetwork", "Internet", "INTERNET", "AzureLoadBalancer", "VIRTUAL_NETWORK",
                                          "Storage", "storage.westus"]))]
        if roll < 0.53:
            return [("address", r.choice(["NoSuchTag", "789", "CorpNet"])), ("address", self.address_word())]
        if roll < 0.65:
            return [("asg", a) for a in r.sample(asgs, r.randint(1, 2))]
        if roll < 0.67:
            return []
        return [("address", self.address_word(6 if self.chance(0.2) else 4)) for _ in range(r.randint(1, 3))]

    def ports(self):
        r = self.r
        roll = r.random()
        if roll < 0.4:
            return ["*"]
        if roll < 0.42:
            return []
        return [r.choice(["80", "443", "1000-2000", "80-90", "0", "65535", "1-65535", "0-65535", "1024-65535", "22"])
                for _ in range(r.randint(1, 3))]

    def rule(self, name, direction, priority, asgs, ruleset, kind="custom"):
        r = self.r
        return {
            "name": name, "direction": direction, "priority": priority, "kind": kind, "ruleset": ruleset,
            "access": r.choice(["Allow", "Deny"]),
            "protocol": r.choice(["*", "*", "Tcp", "tcp", "Udp", "Icmp", "Esp", "Ah"] + ["Sctp"] * self.chance(0.05)),
            "source": self.terms(asgs), "destination": self.terms(asgs),
            "sports": ["*"] if self.chance(0.8) else self.ports(), "dports": self.ports(),
        }

    def group(self, rg, name, asgs):
        key = f"{SUB}/resourceGroups/{rg}{NET}/networkSecurityGroups/{name}"
        ruleset = f"{rg}/{name}".lower()
        rules = []
        for direction in ("Inbound", "Outbound"):
            for priority in self.r.sample(range(100, 200), self.r.randint(0, 4)):
                rules.append(self.rule(f"r{direction[0]}{priority}", direction, priority, asgs, ruleset))
        for default, direction, priority, access, source, destination in DEFAULTS:
            rules.append({"name": default, "direction": direction, "priority": priority, "kind": "default",
                          "ruleset": ruleset, "access": access, "protocol": "*", "source": [("address", source)],
                          "destination": [("address", destination)], "sports": ["*"], "dports": ["*"]})
        self.r.shuffle(rules)
        self.estate.nsgs[key.lower()] = {"id": key, "rules": rules, "list_defaults": self.chance(0.5)}
        return key

    def make(self):
        r, e = self.r, self.estate
        asgs = [f"{SUB}/resourceGroups/rg{NET}/applicationSecurityGroups/asg{i}" for i in range(4)]
        e.tags = {"Storage": ["20.50.0.0/16", "2603::/16"], "Storage.WestUS": ["20.50.1.0/24"]}
        if self.chance(0.1):
            e.tags = {}
        if self.chance(0.3):
            e.empty_asg = "no_match"
        nsgs = [self.group("RG-Net", f"Nsg{i}", asgs) for i in range(3)]
        missing = f"{SUB}/resourceGroups/rg{NET}/networkSecurityGroups/gone"

        def some_nsg():
            roll = r.random()
            return "" if roll < 0.25 else missing if roll < 0.3 else r.choice(nsgs)

        table_id = f"{SUB}/resourceGroups/rg{NET}/routeTables/rt"
        e.tables[table_id.lower()] = [
            {"prefix": r.choice(["192.168.0.0/16", "0.0.0.0/0", "10.2.0.0/24", "172.16.0.0/12"]),
             "type": r.choice(["VirtualAppliance", "VirtualAppliance", "VirtualNetworkGateway", "Internet", "None"]),
             "address": r.choice(["10.0.0.9", "192.168.1.1", "10.9.9.9"])} for _ in range(r.randint(0, 3))]
        for i in range(2):
            vid = f"{SUB}/resourceGroups/rg{NET}/virtualNetworks/vnet{i}"
            subnets = []
            for j in range(2):
                roll = r.random()
                subnets.append({
                    "id": f"{vid}/subnets/s{j}", "name": f"s{j}", "nsg": some_nsg(), "occupied": True,
                    "table": table_id if roll < 0.3 else table_id + "-gone" if roll < 0.34 else "",
                    "policies": r.choice(["", "Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"]),
                    "prefix": f"10.{i}.{j}.0/24"})
            if self.chance(0.15):
                subnets.append({"id": f"{vid}/subnets/GatewaySubnet", "name": "GatewaySubnet", "nsg": "", "table": "",
                                "occupied": self.chance(0.7), "policies": "", "prefix": f"10.{i}.9.0/24"})
            peerings = []
            if self.chance(0.6):
                peerings.append({
                    "remote": f"{SUB}/resourceGroups/rg{NET}/virtualNetworks/vnet{1 - i}",
                    "state": "Connected" if self.chance(0.8) else "Disconnected", "access": self.chance(0.8),
                    "use_gateways": self.chance(0.2),
                    "remote_space": None if self.chance(0.1) else [f"10.{1 - i}.0.0/16"]})
            e.vnets[vid.lower()] = {"id": vid, "space": [f"10.{i}.0.0/16", f"fd00:{i + 1}::/48"], "subnets": subnets,
                                    "peerings": peerings}
            if self.chance(0.3):
                e.on_premises[vid.lower()] = r.choice([[], ["192.168.0.0/16"], ["172.31.0.0/24"]])
        for i in range(4):
            vnet = f"{SUB}/resourceGroups/rg{NET}/virtualNetworks/vnet{i % 2}"
            ips = []
            for j in range(r.randint(1, 3)):
                v6 = j == 1
                ips.append({"name": f"ip{j}", "primary": j == 0, "subnet": f"{vnet}/subnets/s{0 if j < 2 else r.randint(0, 1)}",
                            "address": f"fd00:{i % 2 + 1}::{4 + i}" if v6 else f"10.{i % 2}.0.{4 + i + 20 * j}",
                            "asgs": [a for a in asgs[:3] if self.chance(0.4)]})
            if self.chance(0.05):
                ips[0]["subnet"] = f"{vnet}/subnets/nowhere"
            nid = f"{SUB}/resourceGroups/RG-Web{NET}/networkInterfaces/nic{i}"
            e.nics[nid.lower()] = {"id": nid, "name": f"nic{i}", "nsg": some_nsg(), "ips": ips,
                                   "endpoint": self.chance(0.1), "vm": ""}
        self.admin(asgs)
        return e

    def admin(self, asgs):
        r, e = self.r, self.estate
        names = [f"avnm{i}" for i in range(3)]
        for name in names:
            roll = r.random()
            if roll < 0.85:
                mid = f"{SUB}/resourceGroups/rg-avnm{NET}/networkManagers/{name}"
                e.managers[mid.lower()] = "mg" if roll < 0.35 else "sub"
        group = f"{SUB}/resourceGroups/rg-avnm{NET}/networkManagers/avnm0/networkGroups/ng"
        if self.chance(0.5):
            e.groups[group.lower()] = ["10.1.0.0/16", "20.50.0.0/16"]
            if self.chance(0.3):
                e.halves.add(group.lower())
        for vnet in e.vnets.values():
            rules = []
            for i in range(r.choice([0, 0, 1, 2, 3, 4])):
                name = r.choice(names[:r.randint(1, 3)])
                mid = f"{SUB}/resourceGroups/rg-avnm{NET}/networkManagers/{name}"
                direction = r.choice(["Inbound", "Outbound"])
                rule = self.rule(f"admin{i}", direction, r.choice([1, 5, 5, 10, 0]), asgs, f"{name}/rc", "admin")
                rule["access"] = r.choice(["Allow", "Deny", "AlwaysAllow"])
                rule["protocol"] = r.choice(["Any", "Tcp", "Udp", "Icmp"])
                rule["manager"] = mid
                rule["id"] = f"{mid}/securityAdminConfigurations/c/ruleCollections/rc/rules/{rule['name']}"
                for side in ("source", "destination"):
                    rule[side] = [t for t in rule[side] if t[0] != "asg" and t[1] != "789"]
                    if self.chance(0.1):
                        rule[side] = [("group", group)]
                if rule["priority"] == 0 and self.chance(0.6):
                    e.active[rule["id"].lower()] = r.choice([2, 5, 7])
                rules.append(rule)
            e.effective[vnet["id"].lower()] = rules

    # Flows: the dictionary for the evaluator, and the text of the configuration.

    def flow(self, name):
        r = self.r
        nics = [n["name"] for n in self.estate.nics.values()] + ["nic-gone"] * self.chance(0.03)
        words = [f'name = "{name}";']
        protocols = r.choice([["Tcp"], ["Udp"], ["Tcp", "Udp"], ["Icmp"], ["*"], ["Esp"], ["Tcp"]])
        ported = any(p in ("Tcp", "Udp", "*") for p in protocols)
        port = r.choice(["443", "80", "*", "1000-1100", "80,443", "0-65535", "65535"])
        sport = "*" if self.chance(0.8) else r.choice(["1024-65535", "80", "5000"])
        words.append("protocol = " + (f'"{protocols[0]}"' if len(protocols) == 1
                                      else "[ " + ", ".join(f'"{p}"' for p in protocols) + " ]") + ";")

        def local(nic):
            roll = r.random()
            if roll < 0.5:
                return None
            if roll < 0.75:
                return "*"
            ips = [ip["address"] for n in self.estate.nics.values() if n["name"] == nic for ip in n["ips"]]
            return [r.choice(ips)] if ips and self.chance(0.9) else ["10.0.0.250"]

        def written(value):
            return '"*"' if value == "*" else "[ " + ", ".join(f'"{v}"' for v in value) + " ]"

        two_sided = self.chance(0.3)
        flow = {"name": name}
        if two_sided:
            for role, key in (("source", "from"), ("destination", "to")):
                nic = r.choice(nics)
                chosen = local(nic)
                flow[role] = {"nic": nic, "addresses": chosen}
                text = f'nic = "{nic}";'
                if chosen:
                    text += f" address = {written(chosen)};"
                words.append(f"{key} = {{ {text} }};")
            if ported:
                words.append(f'port = "{port}";')
                if sport != "*":
                    words.append(f'source_port = "{sport}";')
        else:
            nic = r.choice(nics)
            direction = r.choice(["Inbound", "Outbound"])
            chosen = local(nic)
            roll = r.random()
            remote = ("*" if roll < 0.25 else [r.choice(["Internet", "VirtualNetwork", "Storage", "NoTag" if self.chance(0.1)
                      else "Internet"])] if roll < 0.5 else
                      [self.address_word(6 if self.chance(0.15) else 4) for _ in range(r.randint(1, 2))])
            if self.chance(0.05):
                remote = ["10.0.0.3-10.0.0.6"]
            mine, theirs = ("source", "destination") if direction == "Outbound" else ("destination", "source")
            flow[mine] = {"nic": nic, "addresses": chosen}
            flow[theirs] = {"nic": None, "addresses": remote}
            words += [f'nic = "{nic}"; direction = "{direction}"; remote_address = {written(remote)};']
            if chosen:
                words.append(f"local_address = {written(chosen)};")
            if ported:
                dkey, skey = ("remote_port", "local_port") if direction == "Outbound" else ("local_port", "remote_port")
                words.append(f'{dkey} = "{port}";')
                if sport != "*":
                    words.append(f'{skey} = "{sport}";')

        def spans(text):
            out = []
            for part in text.split(","):
                a, _, b = part.partition("-")
                out.append((0, 65535) if part == "*" else (int(a), int(b or a)))
            return merge(out)

        flow["sports"], flow["dports"] = spans(sport), spans(port)
        if protocols == ["*"]:
            full = flow["sports"] == flow["dports"] == [(0, 65535)] and sport in ("*", "0-65535") and port in ("*", "0-65535")
            protocols = PROTOCOLS if full else ["Tcp", "Udp"]
        flow["protocols"] = protocols
        return flow, "  { " + " ".join(words) + " }"


# --- Azure's JSON -----------------------------------------------------------------

def rule_json(rule, flat, r):
    p = {"protocol": rule["protocol"], "access": rule["access"], "direction": rule["direction"],
         "priority": rule["priority"]}
    for side, ports, word in (("source", "sports", "source"), ("destination", "dports", "destination")):
        plain = [t[1] for t in rule[side] if t[0] == "address"]
        if len(plain) == 1 and r.random() < 0.7:
            p[word + "AddressPrefix"] = plain[0]
            p[word + "AddressPrefixes"] = []
        else:
            p[word + "AddressPrefix"] = r.choice(["", None])
            p[word + "AddressPrefixes"] = plain
        asgs = [{"id": t[1]} for t in rule[side] if t[0] == "asg"]
        if asgs:
            p[word + "ApplicationSecurityGroups"] = asgs
        if len(rule[ports]) == 1 and r.random() < 0.7:
            p[word + "PortRange"] = rule[ports][0]
        else:
            p[word + "PortRanges"] = rule[ports]
    return {"name": rule["name"], **p} if flat else {"name": rule["name"], "properties": p}


def write_estate(e, folder, r):
    os.makedirs(folder)
    n = 0

    def put(document):
        nonlocal n
        with open(os.path.join(folder, f"{n:03}.json"), "w", encoding="utf-8") as file:
            json.dump(document, file)
        n += 1

    def resource(rid, kind, properties, flat):
        head = {"id": rid, "name": rid.split("/")[-1], "type": "Microsoft.Network/" + kind, "location": "westus"}
        return {**head, **properties} if flat else {**head, "properties": properties}

    groups = []
    for nsg in e.nsgs.values():
        flat = r.random() < 0.3
        custom = [rule_json(x, flat, r) for x in nsg["rules"] if x["kind"] == "custom"]
        default = [rule_json(x, flat, r) for x in nsg["rules"] if x["kind"] == "default"]
        groups.append(resource(nsg["id"], "networkSecurityGroups",
                               {"securityRules": custom, "defaultSecurityRules": default if nsg["list_defaults"] else []}, flat))
    put({"value": groups})
    for nic in e.nics.values():
        flat = r.random() < 0.3
        ips = []
        for ip in nic["ips"]:
            p = {"privateIPAddress": ip["address"], "primary": ip["primary"], "subnet": {"id": ip["subnet"].upper()
                 if r.random() < 0.1 else ip["subnet"]}, "applicationSecurityGroups": [{"id": a} for a in ip["asgs"]]}
            ips.append({"name": ip["name"], **p} if flat else {"name": ip["name"], "properties": p})
        p = {"ipConfigurations": ips}
        if nic["nsg"]:
            p["networkSecurityGroup"] = {"id": nic["nsg"]}
        if nic["endpoint"]:
            p["privateEndpoint"] = {"id": f"{SUB}/resourceGroups/rg{NET}/privateEndpoints/pe"}
        put(resource(nic["id"], "networkInterfaces", p, flat))
    for vnet in e.vnets.values():
        subnets = []
        for s in vnet["subnets"]:
            p = {"addressPrefix": s["prefix"]}
            if s["nsg"]:
                p["networkSecurityGroup"] = {"id": s["nsg"]}
            if s["table"]:
                p["routeTable"] = {"id": s["table"]}
            if s["policies"]:
                p["privateEndpointNetworkPolicies"] = s["policies"]
            if s["occupied"]:
                p["ipConfigurations"] = [{"id": s["id"] + "/x"}]
            subnets.append({"id": s["id"], "name": s["name"], "properties": p})
        peerings = [{"name": "p", "properties": {
            "remoteVirtualNetwork": {"id": q["remote"]}, "peeringState": q["state"],
            "allowVirtualNetworkAccess": q["access"], "useRemoteGateways": q["use_gateways"],
            **({"remoteAddressSpace": {"addressPrefixes": q["remote_space"]}} if q["remote_space"] is not None else {})}}
            for q in vnet["peerings"]]
        put(resource(vnet["id"], "virtualNetworks", {"addressSpace": {"addressPrefixes": vnet["space"]},
                                                     "subnets": subnets, "virtualNetworkPeerings": peerings}, False))
    for tid, routes in e.tables.items():
        rid = f"{SUB}/resourceGroups/rg{NET}/routeTables/" + tid.split("/")[-1]
        put([resource(rid, "routeTables", {"routes": [{"name": f"r{i}", "properties": {
            "addressPrefix": x["prefix"], "nextHopType": x["type"], "nextHopIpAddress": x["address"]}}
            for i, x in enumerate(routes)]}, False)])
    if e.tags:
        put({"name": "Public", "type": "Microsoft.Network/serviceTags", "values": [
            {"name": k, "id": k, "properties": {"addressPrefixes": v}} for k, v in e.tags.items()]})
    for mid, tier in e.managers.items():
        rid = f"{SUB}/resourceGroups/rg-avnm{NET}/networkManagers/" + mid.split("/")[-1]
        scopes = ({"managementGroups": ["/providers/Microsoft.Management/managementGroups/top"], "subscriptions": []}
                  if tier == "mg" else {"subscriptions": [SUB], "managementGroups": []})
        put(resource(rid, "networkManagers", {"networkManagerScopes": scopes}, False))
    for gid, words in e.groups.items():
        put({"networkGroup": {"id": gid}, "addressPrefixes": words,
             "incomplete": gid in e.halves})
    kinds = {"group": "NetworkGroup"}

    def admin_json(rule, priority):
        def side(terms):
            return [{"addressPrefix": t[1], "addressPrefixType": kinds.get(t[0]) or (
                "IPPrefix" if t[1] == "*" or parse(t[1]) else "ServiceTag")} for t in terms]
        return {"id": rule["id"], "kind": "Custom", "properties": {
            "access": rule["access"], "direction": rule["direction"], "protocol": rule["protocol"], "priority": priority,
            "sources": side(rule["source"]), "destinations": side(rule["destination"]),
            "sourcePortRanges": rule["sports"], "destinationPortRanges": rule["dports"]}}

    for vid, rules in e.effective.items():
        if rules:
            put({"virtualNetwork": {"id": e.vnets[vid]["id"]},
                 "value": [admin_json(x, x["priority"]) for x in rules], "skipToken": ""})
        for x in rules:
            if x["id"].lower() in e.active:
                put({"networkManager": {"id": x["manager"]}, "value": [admin_json(x, e.active[x["id"].lower()])]})


def write_config(e, path, flows):
    sites = ", ".join(f'{{ virtual_network = "{e.vnets[v]["id"]}"; prefixes = [ ' + ", ".join(f'"{p}"' for p in words)
                      + " ]; }" for v, words in e.on_premises.items())
    with open(path, "w", encoding="utf-8") as file:
        file.write('interval = "60s";\nsource = { kind = "directory"; path = "estate"; };\n')
        file.write(f'network = {{ on_premises = ( {sites} ); empty_asg = "{e.empty_asg}"; }};\n')
        file.write("flows = (\n" + ",\n".join(flows) + "\n);\n")


# --- Comparing --------------------------------------------------------------------

def differences(mine, theirs):
    out = []
    if mine["verdict"] != theirs["verdict"]:
        return [f'verdict {theirs["verdict"]} ({theirs.get("reason", "")}), expected {mine["verdict"]} {mine["reasons"]}']
    if mine["verdict"] == "unknown":
        if theirs.get("reason") not in mine["reasons"]:
            out.append(f'reason {theirs.get("reason")}, expected one of {sorted(mine["reasons"])}')
        return out
    if abs(mine["ratio"] - theirs["allowed_ratio"]) > 1e-9:
        out.append(f'allowed_ratio {theirs["allowed_ratio"]}, expected {mine["ratio"]}')
    if mine["certain"] != theirs["certain"]:
        out.append(f'certain {theirs["certain"]}, expected {mine["certain"]}')
    d = theirs["decision"]
    got = None if d["layer"] == "none" else (d["side"], d["layer"], d["ruleset"], d["rule"], d["priority"], d["rule_kind"])

    def same(place):
        if place is None or got is None:
            return place == got
        # An admin rule shows the priority that was resolved.
        return place[:4] == got[:4] and place[5] == got[5] and (place[5] == "admin" or place[4] == got[4])

    if not any(same(place) for place in mine["decisions"]):
        out.append(f"decision {got}, expected one of {mine['decisions']}")
    shares = sum(x.get("share", 0) for x in theirs["regions"] if "more" not in x)
    if not any("more" in x for x in theirs["regions"]) and abs(shares - 1) > 1e-6:
        out.append(f"the shares of the regions sum to {shares}")
    return out


def one_round(seed, program, keep, n_flows):
    generator = Generator(seed)
    estate = generator.make()
    flows = [generator.flow(f"f{i}") for i in range(n_flows)]
    folder = tempfile.mkdtemp(prefix="flowverify-blackbox-")
    try:
        write_estate(estate, os.path.join(folder, "estate"), generator.r)
        path = os.path.join(folder, "flowverify.cfg")
        write_config(estate, path, [text for _, text in flows])
        run = subprocess.run([program, "run", "--config.file=" + path, "--output=json"], capture_output=True, text=True,
                             check=False)
        if run.returncode not in (0, 1, 2):
            return n_flows, [f"seed {seed}: exit {run.returncode}: {run.stderr.strip()[:500]}"]
        theirs = {f["name"]: f for f in json.loads(run.stdout)["flows"]}
        faults = []
        for (flow, text) in flows:
            for difference in differences(judge_flow(estate, flow), theirs[flow["name"]]):
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
