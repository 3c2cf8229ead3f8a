"""Random small estates and flows, and how they are written as files."""

import json
import os
import random

from blackbox_judge import PROTOCOLS, Estate, complement, merge, parse

SUB = "/subscriptions/11111111-2222-3333-4444-555555555555"
NET = "/providers/Microsoft.Network"
PLATFORM_TAGS = ["AzureLoadBalancer", "AZURE_LOADBALANCER", "AzurePlatformDNS", "azureplatformimds"]
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

    def spelled(self, word):
        """Azure's words compare without regard to case."""
        return self.r.choice([word.upper(), word.lower()]) if word and self.chance(0.1) else word

    def address_word(self, family=4):
        r = self.r
        if family == 6:
            return r.choice(["fd00:1::4", "fd00:1::/64", "fd00:2::/48", "2001:db8::/32", "::/0", "2000::/4", "fd00:1::5",
                             "FD00:1:0::/33", "fe80::1234:5678:9abc", "2603:0:1::7/64"])
        return r.choice(["10.0.0.0/24", "10.0.0.4", "10.0.0.5/32", "10.0.0.0/30", "10.1.0.0/16", "10.1.0.4", "10.2.0.0/24",
                         "10.0.0.7/29", "192.168.0.0/16", "192.168.1.0/24", "8.8.8.8", "8.0.0.0/7", "20.50.0.0/16",
                         "20.50.1.0/25", "0.0.0.0/0", "168.63.129.16", "172.31.0.100", "255.255.255.255", "128.0.0.0/1"])

    def terms(self, asgs):
        r = self.r
        roll = r.random()
        if roll < 0.25:
            return [("address", "*")]
        if roll < 0.45:
            return [("address", self.spelled(r.choice(["VirtualNetwork", "Internet", "INTERNET", "VIRTUAL_NETWORK", "Storage",
                                                       "Storage.WestUS"] + PLATFORM_TAGS)))]
        if roll < 0.53:
            return [("address", r.choice(["NoSuchTag", "789", "CorpNet", "AzurePlatformLKM"])),
                    ("address", self.address_word())]
        if roll < 0.65:
            return [("asg", self.spelled(a)) for a in r.sample(asgs, r.randint(1, 2))]
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
        return [r.choice(["80", "443", "1000-2000", "80-90", "0", "65535", "1-65535", "0-65535", "1024-65535", "22", "443-443"]
                         + ["http"] * self.chance(0.05)) for _ in range(r.randint(1, 3))]

    def rule(self, name, direction, priority, asgs, ruleset, kind="custom"):
        r = self.r
        return {
            "name": name, "direction": direction, "priority": priority, "kind": kind, "ruleset": ruleset,
            "access": r.choice(["Allow", "Deny"]),
            "protocol": r.choice(["*", "*", "Tcp", "tcp", "TCP", "Udp", "Icmp", "Esp", "Ah"] + ["Sctp"] * self.chance(0.05)),
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
        if self.chance(0.15):
            e.internet_excludes = r.choice([[], ["10.0.0.0/8"], ["10.0.0.0/15", "8.8.8.8/32", "224.0.0.0/3"]])
            e.internet = complement(e.internet_excludes)
        nsgs = [self.group("RG-Net", f"Nsg{i}", asgs) for i in range(3)]
        missing = f"{SUB}/resourceGroups/rg{NET}/networkSecurityGroups/gone"

        def some_nsg():
            roll = r.random()
            return "" if roll < 0.25 else missing if roll < 0.3 else r.choice(nsgs)

        table_id = f"{SUB}/resourceGroups/rg{NET}/routeTables/rt"
        e.tables[table_id.lower()] = [self.route() for _ in range(r.randint(0, 5))]
        for i in range(2):
            self.network(i, some_nsg, table_id)
        for i in range(4):
            self.nic(i, some_nsg, asgs)
        self.admin(asgs)
        return e

    def route(self):
        r = self.r
        if self.chance(0.2):
            return {"prefix": r.choice(["::/0", "fd00:9::/32", "2001:db8::/33"]),
                    "type": r.choice(["VirtualAppliance", "VirtualNetworkGateway"]),
                    "address": r.choice(["fd00:1::9", "fd00:9::1"])}
        return {"prefix": r.choice(["192.168.0.0/16", "0.0.0.0/0", "10.2.0.0/24", "172.16.0.0/12", "128.0.0.0/1", "Storage",
                                    "storage.westus"] + ["NoSuchTag"] * self.chance(0.3)),
                "type": self.spelled(r.choice(["VirtualAppliance", "VirtualAppliance", "VirtualNetworkGateway", "Internet",
                                               "None", "VnetLocal"])),
                "address": r.choice(["10.0.0.9", "10.1.0.1", "192.168.1.1", "172.16.5.5", "10.9.9.9", "20.50.0.9"])}

    def network(self, i, some_nsg, table_id):
        r, e = self.r, self.estate
        vid = f"{SUB}/resourceGroups/rg{NET}/virtualNetworks/vnet{i}"
        subnets = []
        for j in range(2):
            roll = r.random()
            subnets.append({
                "id": f"{vid}/subnets/s{j}", "name": f"s{j}", "nsg": some_nsg(), "occupied": True,
                "table": table_id if roll < 0.3 else table_id + "-gone" if roll < 0.34 else "",
                "policies": self.spelled(r.choice(["", "Disabled", "Enabled", "NetworkSecurityGroupEnabled",
                                                   "RouteTableEnabled"])),
                "prefix": f"10.{i}.{j}.0/24"})
        if self.chance(0.15):
            subnets.append({"id": f"{vid}/subnets/GatewaySubnet", "name": self.spelled("GatewaySubnet"), "nsg": "", "table": "",
                            "occupied": self.chance(0.7), "policies": "", "prefix": f"10.{i}.9.0/24"})
        peerings = []
        for _ in range(r.choice([0, 1, 1, 2, 3])):
            other = r.choice([1 - i, 2, 3])
            peerings.append({
                "remote": f"{SUB}/resourceGroups/rg{NET}/virtualNetworks/vnet{other}",
                "state": self.spelled(r.choice(["Connected"] * 5 + ["Disconnected", "Initiated", None])),
                "access": r.choice([True] * 6 + [False, None]), "use_gateways": self.chance(0.15),
                "remote_space": (None if self.chance(0.08) else
                                 r.choice([[f"10.{other}.0.0/16"], ["8.8.0.0/16", "fd00:2::/48"], ["10.2.0.0/15", "20.50.0.0/17"]]))})
        space = [f"10.{i}.0.0/16", f"fd00:{i + 1}::/48"]
        if self.chance(0.1):
            space.append(r.choice(["8.8.8.0/24", "25.0.0.0/12"]))
        e.vnets[vid.lower()] = {"id": vid, "space": space, "subnets": subnets, "peerings": peerings}
        for site in (i, 2):
            if self.chance(0.25):
                e.on_premises[f"{SUB}/resourceGroups/rg{NET}/virtualNetworks/vnet{site}".lower()] = r.choice(
                    [[], ["192.168.0.0/16"], ["172.31.0.0/24", "fd00:8::/32"], ["8.8.8.8/31"]])

    def nic(self, i, some_nsg, asgs):
        r, e = self.r, self.estate
        vnet = f"{SUB}/resourceGroups/rg{NET}/virtualNetworks/vnet{i % 2}"
        ips = []
        for j in range(r.randint(1, 3)):
            v6 = j == 1
            ips.append({"name": f"ip{j}", "primary": j == 0, "subnet": f"{vnet}/subnets/s{0 if j < 2 else r.randint(0, 1)}",
                        "address": f"fd00:{i % 2 + 1}::{4 + i}" if v6 else f"10.{i % 2}.0.{4 + i + 20 * j}",
                        "asgs": [self.spelled(a) for a in asgs[:3] if self.chance(0.4)]})
        if self.chance(0.05):
            ips[0]["subnet"] = r.choice([f"{vnet}/subnets/nowhere", vnet + "-gone/subnets/s0", ""])
        if self.chance(0.05):
            ips[-1]["address"] = ""
        if self.chance(0.3):
            r.shuffle(ips)
        nid = f"{SUB}/resourceGroups/RG-Web{NET}/networkInterfaces/nic{i}"
        e.nics[nid.lower()] = {"id": nid, "name": f"nic{i}", "nsg": some_nsg(), "ips": ips, "endpoint": self.chance(0.1),
                               "vm": r.choice(["vm0", "vm0", "vm1", ""]), "primary": False}
        mates = [n for n in e.nics.values() if n["vm"] and n["vm"] == e.nics[nid.lower()]["vm"]]
        e.nics[nid.lower()]["primary"] = not any(n["primary"] for n in mates) and self.chance(0.6)

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
            for i in range(r.choice([0, 0, 1, 2, 4, 6])):
                name = r.choice(names[:r.randint(1, 3)])
                mid = f"{SUB}/resourceGroups/rg-avnm{NET}/networkManagers/{name}"
                direction = r.choice(["Inbound", "Outbound"])
                collection = r.choice(["rc", "rc", "Rc2"])
                rule = self.rule(f"admin{i}", direction, r.choice([1, 5, 5, 10, 0, 0, 4096]), asgs, f"{name}/{collection}", "admin")
                rule["access"] = r.choice(["Allow", "Deny", "AlwaysAllow"])
                rule["protocol"] = r.choice(["Any", "any", "Tcp", "Udp", "Icmp", "Esp", "Ah"])
                rule["manager"] = mid
                rule["id"] = f"{mid}/securityAdminConfigurations/c/ruleCollections/{collection}/rules/{rule['name']}"
                for side in ("source", "destination"):
                    rule[side] = [t for t in rule[side] if t[0] != "asg" and t[1] != "789"]
                    if self.chance(0.1):
                        rule[side] = [("group", self.spelled(group))]
                    elif self.chance(0.5):
                        rule[side] = []
                if self.chance(0.6):
                    rule["sports"], rule["dports"] = [], r.choice([[], ["*"], ["0-65535"], ["443"]])
                if rule["priority"] == 0 and self.chance(0.6):
                    e.active[rule["id"].lower()] = r.choice([2, 5, 7])
                rules.append(rule)
            e.effective[vnet["id"].lower()] = rules

    # Flows: the dictionary for the evaluator, and the text of the configuration.

    def judged_end(self):
        """An end at a NIC or machine, and the words that name it."""
        r, e = self.r, self.estate
        end = {"nic": None, "vm": None, "addresses": None}
        nic = r.choice(list(e.nics.values()))
        if nic["vm"] and self.chance(0.25):
            end["vm"] = nic["vm"]
            name = r.choice([end["vm"], "rg-web/" + end["vm"], machine_id(end["vm"]), machine_id(end["vm"]).upper()])
            text = f'vm = "{name}";'
        else:
            end["nic"] = "nic-gone" if self.chance(0.03) else nic["name"]
            name = end["nic"] if end["nic"] == "nic-gone" else r.choice(
                [nic["name"], "RG-web/" + nic["name"].upper(), nic["id"], nic["id"].lower()])
            text = f'nic = "{name}";'
        roll = r.random()
        own = [ip["address"] for ip in nic["ips"] if ip["address"]]
        if roll < 0.25:
            end["addresses"] = "*"
        elif roll < 0.5:
            end["addresses"] = [r.choice(own) if own and self.chance(0.9) else r.choice(["10.0.0.250", "fd00:1::fa"])]
            if own and end["nic"] and self.chance(0.3):
                end["addresses"].append(r.choice(own))
        return end, text

    def remote_words(self):
        r = self.r
        if self.chance(0.2):
            return "*"
        words = []
        for _ in range(r.randint(1, 3)):
            roll = r.random()
            if roll < 0.4:
                words.append(self.spelled(r.choice(["Internet", "VirtualNetwork", "Storage", "Storage.WestUS", "VIRTUAL_NETWORK"]
                                                   + PLATFORM_TAGS + ["NoTag", "AzurePlatformLKM"] * self.chance(0.1))))
            elif roll < 0.5:
                words.append(r.choice(["10.0.0.3-10.0.0.6", "10.0.255.250-10.1.0.5", "fd00:1::3-fd00:1::5", "8.8.8.8-8.8.8.8"]))
            else:
                words.append(self.address_word(6 if self.chance(0.2) else 4))
        return words

    def protocols(self):
        """As configured, and whether they have ports."""
        r = self.r
        chosen = r.choice([["Tcp"], ["Tcp"], ["Udp"], ["Tcp", "Udp"], ["Icmp"], ["*"], ["Esp"], ["Ah", "Icmp"]])
        words = [self.spelled(p) for p in chosen]
        text = f'protocol = "{words[0]}";' if len(words) == 1 else (
            "protocol = [ " + ", ".join(f'"{w}"' for w in words) + " ];")
        return chosen, chosen[0] in ("Tcp", "Udp", "*"), text

    def flow(self, name):
        r = self.r
        chosen, ported, text = self.protocols()
        words = [f'name = "{name}";', text]
        port = r.choice(["443", "80", "*", "1000-1100", "80,443", "0-65535", "65535", "22,79-81,443-444"])
        sport = "*" if self.chance(0.8) else r.choice(["1024-65535", "80", "5000"])
        if not ported:
            port = sport = "*"
        expect = r.choice(["allow", "deny"])
        words.append(f'expect = "{expect}";')
        flow = {"name": name, "expect": expect}

        def ports(destination, source):
            if ported:
                words.append(f'{destination} = "{port}";')
                if sport != "*":
                    words.append(f'{source} = "{sport}";')

        shape = r.random()
        if shape < 0.3:
            for role, key in (("source", "from"), ("destination", "to")):
                flow[role], text = self.judged_end()
                if flow[role]["addresses"]:
                    text += f' address = {written(flow[role]["addresses"])};'
                words.append(f"{key} = {{ {text} }};")
            ports("port", "source_port")
        elif shape < 0.45:
            mine, theirs = r.choice([("source", "destination"), ("destination", "source")])
            keys = {"source": "from", "destination": "to"}
            flow[mine], text = self.judged_end()
            if flow[mine]["addresses"]:
                text += f' address = {written(flow[mine]["addresses"])};'
            flow[theirs] = {"nic": None, "vm": None, "addresses": self.remote_words()}
            words.append(f"{keys[mine]} = {{ {text} }};")
            words.append(f'{keys[theirs]} = {{ address = {written(flow[theirs]["addresses"])}; }};')
            ports("port", "source_port")
        else:
            direction = r.choice(["Inbound", "Outbound"])
            mine, theirs = ("source", "destination") if direction == "Outbound" else ("destination", "source")
            flow[mine], text = self.judged_end()
            flow[theirs] = {"nic": None, "vm": None, "addresses": self.remote_words()}
            words.append(f'{text} direction = "{self.spelled(direction)}";')
            words.append(f'remote_address = {written(flow[theirs]["addresses"])};')
            if flow[mine]["addresses"]:
                words.append(f'local_address = {written(flow[mine]["addresses"])};')
            ports(*(("remote_port", "local_port") if direction == "Outbound" else ("local_port", "remote_port")))
        flow["sports"], flow["dports"] = port_spans(sport), port_spans(port)
        if chosen == ["*"]:
            chosen = PROTOCOLS if flow["sports"] == flow["dports"] == [(0, 65535)] else ["Tcp", "Udp"]
        flow["protocols"] = chosen
        return flow, "  { " + " ".join(words) + " }"


def machine_id(name):
    return f"{SUB}/resourceGroups/RG-Web/providers/Microsoft.Compute/virtualMachines/{name}"


def written(value):
    return '"*"' if value == "*" else "[ " + ", ".join(f'"{v}"' for v in value) + " ]"


def port_spans(text):
    out = []
    for part in text.split(","):
        a, _, b = part.partition("-")
        out.append((0, 65535) if part == "*" else (int(a), int(b or a)))
    return merge(out)


# --- Azure's JSON -----------------------------------------------------------------

class Writer:
    """Writes an estate in the shapes that Azure and its tools print."""

    def __init__(self, estate, folder, r):
        self.e, self.folder, self.r = estate, folder, r
        self.files = 0

    def put(self, document):
        with open(os.path.join(self.folder, f"{self.files:03}.json"), "w", encoding="utf-8") as file:
            json.dump(document, file)
        self.files += 1

    def spelled(self, word):
        return self.r.choice([word.upper(), word.lower()]) if word and self.r.random() < 0.08 else word

    def shaped(self, head, properties):
        """ARM's form, or the flattened one of az."""
        return {**head, **properties} if self.r.random() < 0.3 else {**head, "properties": properties}

    def resource(self, rid, kind, properties):
        return self.shaped({"id": self.spelled(rid), "name": rid.split("/")[-1],
                            "type": self.spelled("Microsoft.Network/" + kind), "location": "westus"}, properties)

    def write(self):
        os.makedirs(self.folder)
        resources = [self.security_group(x) for x in self.e.nsgs.values()]
        resources += [self.nic(x) for x in self.e.nics.values()]
        resources += [self.network(x) for x in self.e.vnets.values()]
        resources += [self.route_table(name, routes) for name, routes in self.e.tables.items()]
        resources += [self.manager(name, tier) for name, tier in self.e.managers.items()]
        self.r.shuffle(resources)
        # One resource, an array, or a list.
        while resources:
            n = self.r.choice([1, 1, 2, 5])
            some, resources = resources[:n], resources[n:]
            self.put(some[0] if len(some) == 1 else self.r.choice([some, {"value": some}]))
        if self.e.tags:
            self.put({"name": "Public", "type": "Microsoft.Network/serviceTags", "values": [
                {"name": k, "id": k, "properties": {"addressPrefixes": v}} for k, v in self.e.tags.items()]})
        for gid, words in self.e.groups.items():
            self.put({"networkGroup": {"id": gid}, "addressPrefixes": words, "incomplete": gid in self.e.halves})
        self.admin_rules()

    def rule(self, rule):
        r = self.r
        p = {"protocol": rule["protocol"], "access": self.spelled(rule["access"]),
             "direction": self.spelled(rule["direction"]), "priority": rule["priority"]}
        for side, ports, word in (("source", "sports", "source"), ("destination", "dports", "destination")):
            plain = [t[1] for t in rule[side] if t[0] == "address"]
            if len(plain) == 1 and r.random() < 0.7:
                p[word + "AddressPrefix"] = plain[0]
                p[word + "AddressPrefixes"] = []
            elif len(plain) > 1 and r.random() < 0.2:
                p[word + "AddressPrefix"] = plain[0]
                p[word + "AddressPrefixes"] = plain[1:]
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
        return self.shaped({"name": rule["name"]}, p)

    def security_group(self, nsg):
        custom = [self.rule(x) for x in nsg["rules"] if x["kind"] == "custom"]
        default = [self.rule(x) for x in nsg["rules"] if x["kind"] == "default"]
        p = {"securityRules": custom, "defaultSecurityRules": default}
        if not nsg["list_defaults"]:
            p["defaultSecurityRules"] = self.r.choice([[], None])
        return self.resource(nsg["id"], "networkSecurityGroups", p)

    def nic(self, nic):
        ips = []
        for ip in nic["ips"]:
            p = {"primary": ip["primary"], "applicationSecurityGroups": [{"id": a} for a in ip["asgs"]]}
            if ip["address"]:
                p["privateIPAddress"] = ip["address"]
            if ip["subnet"]:
                p["subnet"] = {"id": self.spelled(ip["subnet"])}
            ips.append(self.shaped({"name": ip["name"]}, p))
        p = {"ipConfigurations": ips, "primary": nic["primary"]}
        if nic["nsg"]:
            p["networkSecurityGroup"] = {"id": self.spelled(nic["nsg"])}
        if nic["endpoint"]:
            p["privateEndpoint"] = {"id": f"{SUB}/resourceGroups/rg{NET}/privateEndpoints/pe"}
        if nic["vm"]:
            p["virtualMachine"] = {"id": self.spelled(machine_id(nic["vm"]))}
        return self.resource(nic["id"], "networkInterfaces", p)

    def network(self, vnet):
        subnets = []
        for s in vnet["subnets"]:
            p = self.r.choice([{"addressPrefix": s["prefix"]}, {"addressPrefixes": [s["prefix"]]}])
            if s["nsg"]:
                p["networkSecurityGroup"] = {"id": self.spelled(s["nsg"])}
            if s["table"]:
                p["routeTable"] = {"id": self.spelled(s["table"])}
            if s["policies"]:
                p["privateEndpointNetworkPolicies"] = s["policies"]
            if s["occupied"]:
                p["ipConfigurations"] = [{"id": s["id"] + "/x"}]
            subnets.append(self.shaped({"id": s["id"], "name": s["name"]}, p))
        peerings = []
        for i, q in enumerate(vnet["peerings"]):
            p = {"remoteVirtualNetwork": {"id": self.spelled(q["remote"])}, "peeringState": q["state"],
                 "allowVirtualNetworkAccess": q["access"], "useRemoteGateways": q["use_gateways"]}
            if q["remote_space"] is not None:
                p["remoteAddressSpace"] = {"addressPrefixes": q["remote_space"]}
            peerings.append(self.shaped({"name": f"p{i}"}, p))
        return self.resource(vnet["id"], "virtualNetworks", {
            "addressSpace": {"addressPrefixes": vnet["space"]}, "subnets": subnets, "virtualNetworkPeerings": peerings})

    def route_table(self, table_id, routes):
        rid = f"{SUB}/resourceGroups/rg{NET}/routeTables/" + table_id.split("/")[-1]
        return self.resource(rid, "routeTables", {"routes": [self.shaped({"name": f"r{i}"}, {
            "addressPrefix": x["prefix"], "nextHopType": x["type"], "nextHopIpAddress": x["address"]})
            for i, x in enumerate(routes)]})

    def manager(self, mid, tier):
        rid = f"{SUB}/resourceGroups/rg-avnm{NET}/networkManagers/" + mid.split("/")[-1]
        scopes = ({"managementGroups": ["/providers/Microsoft.Management/managementGroups/top"], "subscriptions": []}
                  if tier == "mg" else {"subscriptions": [SUB], "managementGroups": []})
        return self.resource(rid, "networkManagers", {"networkManagerScopes": scopes})

    def admin_rule(self, rule, priority):
        kinds = {"group": "NetworkGroup"}

        def side(terms):
            return [{"addressPrefix": t[1], "addressPrefixType": kinds.get(t[0]) or (
                "IPPrefix" if t[1] == "*" or parse(t[1]) else "ServiceTag")} for t in terms]
        p = {"access": rule["access"], "direction": rule["direction"], "protocol": rule["protocol"],
             "sources": side(rule["source"]), "destinations": side(rule["destination"]),
             "sourcePortRanges": rule["sports"], "destinationPortRanges": rule["dports"]}
        if priority or self.r.random() < 0.5:
            p["priority"] = priority
        return self.shaped({"id": self.spelled(rule["id"]), "kind": "Custom"}, p)

    def admin_rules(self):
        for vid, rules in self.e.effective.items():
            if rules:
                # The rule's id is shown and sorted by as it stands here.
                listed = [{**self.admin_rule(x, x["priority"]), "id": x["id"]} for x in rules]
                self.put({"virtualNetwork": {"id": self.spelled(self.e.vnets[vid]["id"])}, "value": listed, "skipToken": ""})
            for x in rules:
                priority = self.e.active.get(x["id"].lower())
                if priority and self.r.random() < 0.5:
                    self.put({"networkManager": {"id": x["manager"]}, "value": [self.admin_rule(x, priority)]})
                elif priority:
                    self.put({**self.admin_rule(x, priority), "name": x["name"], "type": "Microsoft.Network/networkManagers/"
                              "securityAdminConfigurations/ruleCollections/rules"})


def write_config(e, path, flows):
    sites = ", ".join(f'{{ virtual_network = "{v}"; prefixes = [ ' + ", ".join(f'"{p}"' for p in words)
                      + " ]; }" for v, words in e.on_premises.items())
    excludes = "" if e.internet_excludes is None else (
        "internet_excludes = [ " + ", ".join(f'"{p}"' for p in e.internet_excludes) + " ];")
    with open(path, "w", encoding="utf-8") as file:
        file.write('interval = "60s";\nsource = { kind = "directory"; path = "estate"; };\n')
        file.write(f'network = {{ on_premises = ( {sites} ); empty_asg = "{e.empty_asg}"; {excludes} }};\n')
        file.write("flows = (\n" + ",\n".join(flows) + "\n);\n")
