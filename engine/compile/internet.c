#include "engine/compile/internet.h"

#include <assert.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"

/* What the Internet tag does not cover, worked out from the expansion that
 * Azure gave for a NIC in 2022 (spec verdict 4).  The first two lines are
 * special-purpose space, the others are routed inside Microsoft's network.
 * The configuration can replace the list when it ages. */
static const char *const complement[] = {
    "0.0.0.0/8",       "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",
    "169.254.0.0/16",  "172.16.0.0/12",   "192.0.2.0/24",   "192.168.0.0/16",
    "198.18.0.0/15",   "224.0.0.0/3",     "4.128.0.0/12",   "13.96.0.0/13",
    "20.35.252.0/22",  "20.128.0.0/16",   "20.130.0.0/16",  "20.144.0.0/14",
    "20.176.0.0/13",   "21.0.0.0/8",      "22.0.0.0/8",     "23.103.0.0/18",
    "25.0.0.0/16",     "25.4.0.0/14",     "25.28.0.0/14",   "25.33.0.0/16",
    "25.41.0.0/20",    "25.48.0.0/12",    "25.64.0.0/10",   "25.128.0.0/14",
    "25.142.0.0/15",   "25.144.0.0/12",   "25.160.0.0/11",  "25.192.0.0/11",
    "25.224.0.0/12",   "25.244.0.0/14",   "25.248.0.0/15",  "25.250.0.0/18",
    "25.250.64.0/20",  "25.250.80.0/22",  "25.250.84.0/23", "25.251.0.0/16",
    "25.252.0.0/15",   "25.254.0.0/21",   "25.254.8.0/24",  "25.254.16.0/20",
    "25.254.64.0/18",  "25.254.128.0/17", "25.255.0.0/16",  "40.66.128.0/17",
    "40.108.0.0/17",   "40.109.0.0/16",   "52.132.0.0/14",  "52.145.0.0/16",
    "68.18.0.0/15",    "104.146.0.0/17",  "104.147.0.0/16", "104.212.36.0/22",
    "104.212.52.0/22", "129.75.0.0/16",   "134.177.0.0/16", "138.196.0.0/16",
    "141.251.0.0/16",  "146.147.0.0/16",  "157.59.0.0/16",  "192.32.0.0/16",
};

/* "Virtual network service tags".  AzurePlatformLKM is not among them: its
 * addresses are not published. */
static const struct {
    const char *name;
    const char *prefixes[2];
} platform_tags[] = {
    { "AzureLoadBalancer", { "168.63.129.16", "fe80::1234:5678:9abc" } },
    { "AZURE_LOADBALANCER", { "168.63.129.16", "fe80::1234:5678:9abc" } },
    { "AzurePlatformDNS", { "168.63.129.16", NULL } },
    { "AzurePlatformIMDS", { "169.254.169.254", NULL } },
};

static struct address_range
range_of(const char *prefix)
{
    struct address_range range = { .family = FAMILY_IPV4 };
    bool ok = prefix_parse(prefix, &range);

    assert(ok);
    (void) ok;
    return range;
}

static struct address_set
builtin_complement(struct arena *arena)
{
    struct address_list list;

    address_list_init(&list);
    for (size_t i = 0; i < sizeof complement / sizeof *complement; i++) {
        address_list_add(&list, range_of(complement[i]));
    }
    return address_list_finish(&list, arena);
}

struct address_set
internet_addresses(const struct address_set *excludes, struct arena *arena)
{
    struct address_set outside =
        excludes ? *excludes : builtin_complement(arena);
    struct span global = range_of("2000::/3").span;
    struct address_set all = address_set_all();

    return (struct address_set){ .families = {
                                     [FAMILY_IPV4] = span_set_subtract(
                                         arena, all.families[FAMILY_IPV4],
                                         outside.families[FAMILY_IPV4]),
                                     [FAMILY_IPV6] = span_set_of(
                                         arena, global.first, global.last),
                                 } };
}

struct address_range
platform_address(void)
{
    return range_of("168.63.129.16");
}

bool
platform_tag(const char *name, struct arena *arena,
             struct address_set *addresses)
{
    struct address_list list;

    for (size_t i = 0; i < sizeof platform_tags / sizeof *platform_tags; i++) {
        if (ascii_equal(platform_tags[i].name, name)) {
            address_list_init(&list);
            for (size_t j = 0; j < 2 && platform_tags[i].prefixes[j]; j++) {
                address_list_add(&list,
                                 range_of(platform_tags[i].prefixes[j]));
            }
            *addresses = address_list_finish(&list, arena);
            return true;
        }
    }
    return false;
}
