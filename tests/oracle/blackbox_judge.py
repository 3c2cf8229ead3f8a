"""The second evaluator: reads an estate as plain data and judges flows.

It walks rules packet by packet.  Every field of a flow is cut at all bounds
that occur anywhere; pieces that no rule tells apart are counted together, and
one packet of each combination is judged.
"""

import ipaddress
import itertools

PROTOCOLS = ["Tcp", "Udp", "Icmp", "Esp", "Ah", "Other"]
NO_PORT = 65536
ALL = {4: [(0, 2**32 - 1)], 6: [(0, 2**128 - 1)]}
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


def complement(words):
    holes = sorted(parse(w)[1:] for w in words)
    spans, start = [], 0
    for a, b in holes:
        if a > start:
            spans.append((start, a - 1))
        start = max(start, b + 1)
    if start <= 2**32 - 1:
        spans.append((start, 2**32 - 1))
    return {4: spans, 6: [parse("2000::/3")[1:]]}


LOAD_BALANCER = sets(["168.63.129.16/32", "fe80::1234:5678:9abc/128"])
PLATFORM = {"azureloadbalancer": LOAD_BALANCER, "azureplatformdns": sets(["168.63.129.16"]),
            "azureplatformimds": sets(["169.254.169.254"])}


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


def alike(pieces, key):
    """Pieces of one key together: (a value of them, how many values)."""
    groups = {}
    for first, last in pieces:
        group = groups.setdefault(key(first), [first, 0])
        group[1] += last - first + 1
    return [tuple(group) for group in groups.values()]


# --- The estate, and what it means ----------------------------------------------

class Estate:
    """Plain data as generated; lookups by lower-case id."""

    def __init__(self):
        self.nsgs, self.nics, self.vnets, self.tables, self.tags = {}, {}, {}, {}, {}
        self.effective, self.active, self.managers, self.groups = {}, {}, {}, {}
        self.halves = set()  # Of the groups: those that may have more members.
        self.on_premises = {}
        self.empty_asg = "ignore"
        self.internet_excludes = None
        self.internet = complement(NOT_INTERNET)

    def tag_words(self, name):
        return next((words for known, words in self.tags.items() if known.lower() == name.lower()), None)

    def virtual_network(self, vnet, subnet):
        """(known spans, incomplete) of the tag for a NIC there."""
        spans = {4: [], 6: []}

        def add(extra):
            for family in (4, 6):
                spans[family] += extra[family]

        add(sets(vnet["space"]))
        add(sets(["168.63.129.16/32"]))
        incomplete = False
        gateway = any(s["name"].lower() == "gatewaysubnet" and s["occupied"] for s in vnet["subnets"])
        said = vnet["id"].lower() in self.on_premises
        add(sets(self.on_premises.get(vnet["id"].lower(), [])))
        if gateway and not said:
            incomplete = True
        for peering in vnet["peerings"]:
            if (peering["state"] or "").lower() != "connected" or not peering["access"]:
                continue
            if not peering["remote_space"]:
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
            elif self.follow_routes(table, spans, add):
                incomplete = True
        return spans, incomplete

    def follow_routes(self, table, spans, add):
        """Adds the routes that count; True if a prefix of them is unknown."""
        unknown, changed, taken = False, True, set()
        while changed:
            changed = False
            for i, route in enumerate(table):
                if i in taken:
                    continue
                hop = parse(route["address"]) if route["address"] else None
                if route["type"].lower() == "virtualnetworkgateway" or (
                        route["type"].lower() == "virtualappliance" and hop and inside(spans[hop[0]], hop[1])):
                    words = [route["prefix"]] if parse(route["prefix"]) else self.tag_words(route["prefix"])
                    if words is None:
                        unknown = True
                    else:
                        add(sets(words))
                    taken.add(i)
                    changed = True
        return unknown

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
        self.answers = {}

    def rules(self, direction):
        """All that may decide here, for telling values apart."""
        rules = list(self.estate.effective.get(self.vnet["id"].lower(), []))
        for nsg in (self.subnet["nsg"], self.nic["nsg"]):
            rules += self.estate.nsgs.get(nsg.lower(), {"rules": []})["rules"] if nsg else []
        return [rule for rule in rules if rule["direction"] == direction]

    def tag(self, name, family, value):
        """yes, no, or a reason."""
        low = name.lower().replace("_", "")
        if low == "virtualnetwork":
            if inside(self.known[family], value):
                return "yes"
            if self.incomplete and not inside(self.estate.internet[family], value):
                return "virtual_network_incomplete"
            return "no"
        if low == "internet":
            return "yes" if inside(self.estate.internet[family], value) else "no"
        if low in PLATFORM:
            return "yes" if inside(PLATFORM[low][family], value) else "no"
        words = self.estate.tag_words(name)
        if words is not None:
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

    def side(self, rule, which, family, value):
        key = (id(rule), which, family, value)
        if key not in self.answers:
            local = (which == "source") == (rule["direction"] == "Outbound")
            self.answers[key] = self.side_anew(rule, rule[which], family, value, local)
        return self.answers[key]

    def side_anew(self, rule, terms, family, value, local):
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

    @staticmethod
    def ports(rule, words, port):
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
        fields.append(self.side(rule, "source", family, source))
        fields.append(self.ports(rule, rule["sports"], sport))
        fields.append(self.side(rule, "destination", family, destination))
        fields.append(self.ports(rule, rule["dports"], dport))
        if ["no"] in fields:
            return "no", []
        reasons = [r for f in fields for r in f if r != "yes"]
        return ("maybe", reasons) if reasons else ("yes", [])

    # Each layer: a list of cases (access, rule), base first; reasons of
    # uncertain rules in order; and how many of the cases may be the base.

    def group(self, nsg_id, direction, packet):
        if not nsg_id:
            return None
        nsg = self.estate.nsgs.get(nsg_id.lower())
        if nsg is None:
            return [("pass", None), ("Allow", None), ("Deny", None)], [["ruleset_missing"]], 1
        cases, reasons = [], []
        for rule in sorted((r for r in nsg["rules"] if r["direction"] == direction), key=lambda r: r["priority"]):
            how, why = self.match(rule, packet)
            if how == "yes":
                return [(rule["access"], rule)] + cases, reasons, 1
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
        cases, tied = [], 0
        for n in range(len(maybe) + 1):
            for chosen in itertools.combinations(maybe, n):
                present = sure + list(chosen)
                first = [r for r in present if not any(order(o, r) for o in present)]
                first.sort(key=lambda r: r["id"].lower())
                cases += [(r["access"], r) for r in first] or [("pass", None)]
                tied = tied or len(cases)
        doubtful = [(rule, why) for rule, how, why in entries if how == "maybe" and not any(order(x, rule) for x in sure)]
        # Any of those that no other is certainly before may be named first.
        reasons = [[w for rule, why in doubtful for w in why if not any(order(x, rule) for x, _ in doubtful)]] * bool(doubtful)
        return cases, reasons, tied

    def priority(self, rule):
        if rule["priority"]:
            return rule["priority"]
        return self.estate.active.get(rule["id"].lower(), 0)

    def judge(self, side, packet):
        """Returns (base access, decision, accesses, reasons, uncertain)."""
        direction = "Outbound" if side == "source" else "Inbound"
        endpoint = self.nic["endpoint"]
        layers = [] if endpoint else [("admin", self.admin(direction, packet))]
        subnet_nsg = self.subnet["nsg"] if not endpoint or (self.subnet["policies"] or "").lower() in (
            "enabled", "networksecuritygroupenabled") else None
        groups = [("subnet_nsg", subnet_nsg), ("nic_nsg", self.nic["nsg"])]
        if direction == "Outbound":
            groups.reverse()
        layers += [(name, self.group(nsg, direction, packet)) for name, nsg in groups]

        def walk(i, last, start=0):
            """All (access, decision) from layer i on, base first."""
            if i == len(layers):
                return [("Allow", last)]
            name, result = layers[i]
            if result is None:
                return walk(i + 1, last)
            out = []
            for access, rule in result[0][start if i == 0 else 0:]:
                here = (side, name, rule) if rule else last
                if access in ("Deny", "AlwaysAllow"):
                    out.append(("Deny" if access == "Deny" else "Allow", here))
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
            # Admin rules in an unknown order: a doubt if it shows.
            if any(walk(0, None, k)[0] != everything[0] for k in range(1, result[2])):
                reasons += [["admin_priority_unknown"]]
            reach = any(access in ("pass", "Allow") for access, _ in result[0])
        return everything[0][0], everything[0][1], {a for a, _ in everything}, reasons


def str_address(family, value):
    return str(ipaddress.IPv4Address(value) if family == 4 else ipaddress.IPv6Address(value))


# --- Judging a flow ---------------------------------------------------------------

def bounds_of(estate, places):
    addresses, ports = {4: set(), 6: set()}, set()

    def note(spans, family):
        for first, last in spans:
            addresses[family] |= {first, last + 1}

    for place in places:
        for family in (4, 6):
            note(place.known[family], family)
    for family in (4, 6):
        note(estate.internet[family], family)
        for known in PLATFORM.values():
            note(known[family], family)
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


def usable(nic):
    return [ip for ip in nic["ips"] if ip["address"]]


def find_nic(estate, end):
    """The NIC that is named, or the one of the machine that counts."""
    if not end["vm"]:
        return next((n for n in estate.nics.values() if n["name"] == end["nic"]), None)
    nics = [n for n in estate.nics.values() if n["vm"] == end["vm"]]
    if end["addresses"] and end["addresses"] != "*":
        for nic in nics:
            if any(parse(ip["address"]) == parse(end["addresses"][0]) for ip in usable(nic)):
                return nic
    primary = [n for n in nics if n["primary"]] or (nics if len(nics) == 1 else [])
    return primary[0] if primary else None


def end_places(estate, end):
    """A place for each address of the end's own, or a reason."""
    nic = find_nic(estate, end)
    if nic is None:
        return "nic_not_found"
    if end["addresses"] == "*":
        chosen = usable(nic)
    elif end["addresses"]:
        chosen = []
        for word in end["addresses"]:
            found = [ip for ip in usable(nic) if parse(ip["address"]) == parse(word)]
            if not found:
                return "address_not_on_nic"
            chosen.append(found[0])
    else:
        chosen = ([ip for ip in usable(nic) if ip["primary"]] or usable(nic))[:1]
    places = {parse(ip["address"])[:2]: Place(estate, nic, ip) for ip in chosen}
    if any(place.subnet is None for place in places.values()):
        return "network_missing"
    return places or "empty_flow"


def remote_spans(estate, words, family, here):
    """The addresses that words mean to 'here'; None if a tag is unknown."""
    if words == "*":
        return ALL[family]
    spans = []
    for word in words:
        low = word.lower().replace("_", "")
        if parse(word):
            if parse(word)[0] == family:
                spans.append(parse(word)[1:])
        elif "-" in word:
            a, b = (parse(w) for w in word.split("-"))
            if a[0] == family:
                spans.append((a[1], b[1]))
        elif low == "virtualnetwork":
            spans += here.known[family]
        elif low == "internet":
            spans += estate.internet[family]
        elif low in PLATFORM:
            spans += PLATFORM[low][family]
        elif estate.tag_words(word) is not None:
            spans += sets(estate.tag_words(word))[family]
        else:
            return None
    return merge(spans)


END_REASONS = ["nic_not_found", "address_not_on_nic", "network_missing", "empty_flow"]


class Question:
    """A flow at its places; judges packets of it."""

    def __init__(self, estate, flow):
        self.estate, self.flow = estate, flow
        self.places, wrong = {}, []
        for role in ("source", "destination"):
            end = flow[role]
            if end["nic"] or end["vm"]:
                got = end_places(estate, end)
                if isinstance(got, str):
                    wrong.append(got)
                else:
                    self.places[role] = got
        self.wrong = min(wrong, key=END_REASONS.index) if wrong else None

    def spans(self, role, family, here):
        """The addresses of one end; 'here' is where a tag is read."""
        if role in self.places:
            return [(v, v) for (f, v), place in self.places[role].items() if f == family and here in (None, place)]
        return remote_spans(self.estate, self.flow[role]["addresses"], family, here)

    def addresses(self, role, family, here, bounds):
        """Values of an end, those that no rule tells apart together."""
        spans = self.spans(role, family, here)
        if role in self.places:
            return [(first, 1) for first, _ in spans]
        direction = "Outbound" if role == "destination" else "Inbound"
        rules = here.rules(direction)
        return alike(cuts(spans, bounds), lambda value: tuple(
            tuple(here.side(rule, role, family, value)) for rule in rules))

    def port_values(self, which, bounds):
        rules = [rule for role, places in self.places.items() for place in places.values()
                 for rule in place.rules("Outbound" if role == "source" else "Inbound")]
        return alike(cuts(self.flow[which], bounds), lambda port: tuple(
            tuple(Place.ports(rule, rule[which], port)) for rule in rules))

    def judge(self):
        if self.wrong:
            return {"verdict": "unknown", "reasons": {self.wrong}}
        flat = [p for by in self.places.values() for p in by.values()]
        addresses, ports = bounds_of(self.estate, flat)
        sports, dports = self.port_values("sports", ports), self.port_values("dports", ports)
        none = [(NO_PORT, 1)]
        total, regions = 0, {}
        # What a tag means depends on the subnet, and a NIC may have several.
        readers = [None] if len(self.places) == 2 else flat
        for family, here in itertools.product((4, 6), readers):
            if any(self.spans(role, family, here) is None for role in ("source", "destination")):
                return {"verdict": "unknown", "reasons": {"unknown_tag"}}
            ends = [self.addresses(role, family, here, addresses[family]) for role in ("source", "destination")]
            for protocol in self.flow["protocols"]:
                ported = protocol in ("Tcp", "Udp")
                for (s, ns), (sp, nsp), (d, nd), (dp, ndp) in itertools.product(
                        ends[0], sports if ported else none, ends[1], dports if ported else none):
                    weight = ns * nsp * nd * ndp
                    total += weight
                    key = self.packet((protocol, family, s, sp, d, dp))
                    regions[key] = regions.get(key, 0) + weight
        if not total:
            return {"verdict": "unknown", "reasons": {"empty_flow"}}
        return summarise(regions, total)

    def packet(self, packet):
        """One packet at both ends -> (kind, decision, certain, reasons)."""
        results = []
        if "source" in self.places:
            results.append(self.places["source"][packet[1], packet[2]].judge("source", packet))
        if "destination" in self.places:
            results.append(self.places["destination"][packet[1], packet[4]].judge("destination", packet))
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
                 self.resolved(decision[2]), decision[2]["kind"]) if decision else None
        # An unknown order and doubtful rules beside it are one doubt.
        named = None if ["admin_priority_unknown"] in reasons else 1
        return kind, place, not reasons, frozenset(itertools.chain(*reasons[:named]))

    def resolved(self, rule):
        """The priority that is shown: an admin rule's is looked up."""
        return rule["priority"] or self.estate.active.get(rule.get("id", "").lower(), 0)

    def holds(self, packet):
        """True if the packet is one of the flow's."""
        protocol, family, source, sport, destination, dport = packet
        if protocol not in self.flow["protocols"]:
            return False
        if sport != NO_PORT and not (inside(self.flow["sports"], sport) and inside(self.flow["dports"], dport)):
            return False
        readers = [None] if len(self.places) == 2 else [p for by in self.places.values() for p in by.values()]
        return any(inside(self.spans("source", family, here), source)
                   and inside(self.spans("destination", family, here), destination) for here in readers)


LAYERS = {"source": ["admin", "nic_nsg", "subnet_nsg"], "destination": ["admin", "subnet_nsg", "nic_nsg"]}


def rank(place):
    """Of rules that decide equally much: layer order, then priority."""
    if place is None:
        return (2, 0, 0)
    return ["source", "destination"].index(place[0]), LAYERS[place[0]].index(place[1]), place[4]


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
    result = {"verdict": verdict, "reasons": reasons, "certain": certain, "ratio": weight["allow"] / total,
              "shares": {key: n / total for key, n in shares.items()}}
    if verdict != "unknown":
        wanted = "deny" if verdict == "partial" else verdict
        mine = {place: n for (kind, place), n in shares.items() if kind == wanted}
        top = max(mine.values())
        most = [place for place, n in mine.items() if n == top]
        first = min(rank(place) for place in most)
        result["decisions"] = [place for place in most if rank(place) == first]
    return result
