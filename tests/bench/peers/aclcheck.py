"""The same packets, put to capirca's aclcheck, one at a time."""
import ipaddress
import itertools
import logging
import sys
import time

from capirca.lib import aclcheck, naming, policy

logging.disable(logging.CRITICAL)
CHECKS = 200
folder, name = sys.argv[1], "S"
definitions = naming.Naming(None)
terms, networks, services = [], [], []
rule = None


def cidrs(spans):
    for first, last in spans:
        yield from ipaddress.summarize_address_range(
            ipaddress.ip_address(first), ipaddress.ip_address(last))


def end_rule():
    if rule is None:
        return
    number, allow, protocols, spans = rule
    lines = []
    for tag, word in (("s", "source"), ("d", "destination")):
        if spans[tag] and spans[tag] != [(0, 0xffffffff)]:
            token = "%s%d" % (tag.upper(), number)
            prefixes = [str(c) for c in cidrs(spans[tag])]
            networks.append("%s = %s" % (token, prefixes[0]))
            networks.extend("    " + p for p in prefixes[1:])
            lines.append("  %s-address:: %s" % (word, token))
    if protocols & 3 and spans["p"][0][1] <= 65535:
        token = "P%d" % number
        entries = ["%d-%d/%s" % (a, b, p) for (a, b), p
                   in itertools.product(spans["p"], ("tcp", "udp"))]
        services.append("%s = %s" % (token, " ".join(entries)))
        lines.append("  destination-port:: " + token)
        lines.append("  protocol:: " + " ".join(
            w for b, w in ((1, "tcp"), (2, "udp")) if protocols & b))
    elif protocols < 8:
        lines.append("  protocol:: " + " ".join(
            w for b, w in ((1, "tcp"), (2, "udp"), (4, "icmp"))
            if protocols & b))
    lines.append("  action:: " + ("accept" if allow else "deny"))
    terms.append("term rule-%d {\n%s\n}\n" % (number, "\n".join(lines)))


for line in open("%s/%s.boxes" % (folder, name)):
    words = line.split()
    if words[0] in ("rule", "end"):
        end_rule()
        rule = (int(words[1]), words[2] == "1", int(words[3]),
                {"s": [], "d": [], "p": []}) if words[0] == "rule" else None
    else:
        rule[3][words[0]].append((int(words[1]), int(words[2])))

definitions.ParseNetworkList(networks)
definitions.ParseServiceList(services)
text = "header {\n  target:: speedway INPUT\n}\n" + "".join(terms)
start = time.process_time()
parsed = policy.ParsePolicy(text, definitions, optimize=False,
                            shade_check=False)
read = time.process_time() - start
different = done = 0
start = time.process_time()
for line in itertools.islice(open("%s/%s.packets" % (folder, name)), 2000):
    source, destination, ports, protocol, expected = map(int, line.split())
    if protocol > 1 or done == CHECKS:
        continue
    done += 1
    check = aclcheck.AclCheck(
        parsed, src=str(ipaddress.ip_address(source)),
        dst=str(ipaddress.ip_address(destination)), sport=str(ports >> 16),
        dport=str(ports & 0xffff), proto=("tcp", "udp")[protocol])
    matches = [m for m in check.ExactMatches()]
    first = matches[0].term if matches else ""
    different += first != "rule-%d" % expected
taken = (time.process_time() - start) / done
print("aclcheck, set %s: read in %.1f s, %.0f checks a second, "
      "%d of %d answers differ" % (name, read, 1 / taken, different, done))
print("row|lookups, set %s|portable|aclcheck|%.6g|M/s|higher|0"
      % (name, 1e-6 / taken))
