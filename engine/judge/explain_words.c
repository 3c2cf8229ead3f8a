#include "engine/judge/explain_words.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/judge/question.h"
#include "engine/model/flow.h"
#include "engine/model/network.h"

/* So many addresses are named before "...", and so many of a rule's words
 * before "and N more". */
enum { ADDRESSES_SHOWN = 4, WORDS_SHOWN = 8 };

static const char *
take_text(struct text *text, struct arena *arena)
{
    const char *words = arena_strndup(arena, text->data, text->length);

    text_clear(text);
    return words;
}

static void
append_set(struct text *text, struct address_set set)
{
    for (int family = 0; family < N_FAMILIES; family++) {
        if (set.families[family].n) {
            text_append(text, text->length ? ", " : "");
            address_spans_format((enum family) family, set.families[family],
                                 ", ", ADDRESSES_SHOWN, text);
        }
    }
}

static void
append_flow_end(struct text *text, const struct flow_end *end)
{
    struct address_range range;

    for (size_t i = 0; i < end->n_addresses; i++) {
        range = end->addresses[i];
        if (i == ADDRESSES_SHOWN) {
            text_append(text, ", ...");
            break;
        }
        text_append(text, i ? ", " : "");
        address_spans_format(range.family, (struct span_set){ &range.span, 1 },
                             ", ", ADDRESSES_SHOWN, text);
    }
    for (size_t i = 0; i < end->n_tags; i++) {
        text_append(text, text->length ? ", " : "");
        text_append(text, end->tags[i]);
    }
}

const char *
words_for_addresses(const struct flow_end *flow_end, const struct end *end,
                    struct arena *arena)
{
    struct text text;

    if (!end && flow_end->any) {
        return "any address";
    }
    text_init(&text);
    if (end && end->n_parts) {
        for (size_t i = 0; i < end->n_parts; i++) {
            append_set(&text, end->parts[i].addresses);
        }
    } else {
        append_flow_end(&text, flow_end);
    }
    return take_text(&text, arena);
}

const char *
words_for_end(const struct flow_end *flow_end, const struct end *end,
              struct arena *arena)
{
    const char *addresses = words_for_addresses(flow_end, end, arena);

    if (!end) {
        return addresses;
    }
    const char *name = end->nic        ? end->nic->resource.name
                       : flow_end->nic ? flow_end->nic
                                       : flow_end->vm;
    return *addresses ? arena_printf(arena, "%s (%s)", name, addresses) : name;
}

const char *
words_for_protocols(protocol_set protocols, struct arena *arena)
{
    struct text text;

    if (protocols == PROTOCOLS_ALL) {
        return "any protocol";
    }
    text_init(&text);
    for (int i = 0; i < N_PROTOCOLS; i++) {
        protocol_set rest = (protocol_set) (protocols >> (i + 1));
        if (protocols >> i & 1) {
            text_append(&text, protocol_name((enum protocol) i));
            text_append(&text, !rest               ? ""
                               : rest & (rest - 1) ? ", "
                                                   : " and ");
        }
    }
    return take_text(&text, arena);
}

/* A share in percent; what is almost nothing or all is not rounded to it. */
static const char *
percent_words(double share, struct arena *arena)
{
    if (share > 0 && share < 0.0001) {
        return "less than 0.01 %";
    }
    if (share < 1 && share > 0.9999) {
        return "more than 99.99 %";
    }
    return arena_printf(arena, "%.4g %%", share * 100);
}

static const char *
layer_words(const struct decision *decision)
{
    static const char *const words[] = {
        [LAYER_ADMIN] = "admin rules",
        [LAYER_SUBNET_NSG] = "security group of the subnet",
        [LAYER_NIC_NSG] = "security group of the NIC",
        [LAYER_NONE] = "",
    };

    return words[decision->layer];
}

/* "rule X (priority 100) of rg/nsg, the security group of the subnet". */
static void
append_rule(struct text *text, const struct explanation *explanation)
{
    const struct decision *decision = &explanation->verdict->decision;
    const struct policy_rule *rule = decision->rule;

    text_printf(text, "%s rule %s", rule_kind_name(rule->kind), rule->name);
    if (rule->priority) {
        text_printf(text, " (priority %d)", rule->priority);
    }
    text_printf(text, " of %s, the %s", rule->ruleset, layer_words(decision));
    if (explanation->n_layers > SITE_LAYERS) {
        text_printf(text, " at the %s", side_name(decision->side));
    }
}

static void
append_flow(struct text *text, const struct explanation *explanation,
            const struct flow_words *words)
{
    const char *port = words->fields[FIELD_DESTINATION_PORT];

    text_printf(text, "%s from %s to %s", words->fields[FIELD_PROTOCOL],
                explanation->source, explanation->destination);
    if (strcmp(port, "*") != 0 && *port) {
        text_printf(text, " port %s", port);
    }
}

const char *
words_for_verdict(const struct explanation *explanation,
                  const struct flow_words *words, struct arena *arena)
{
    const struct verdict *verdict = explanation->verdict;
    struct text text;

    text_init(&text);
    append_flow(&text, explanation, words);
    switch (verdict->kind) {
    case VERDICT_ALLOW: text_append(&text, " is allowed"); break;
    case VERDICT_DENY: text_append(&text, " is denied"); break;
    case VERDICT_PARTIAL:
        text_printf(&text,
                    " is allowed in part (%s of the packets) and otherwise "
                    "denied, for the largest part",
                    percent_words(verdict->allowed_ratio, arena));
        break;
    case VERDICT_UNKNOWN:
    case N_VERDICTS:
        text_printf(&text, " cannot be decided (%s): %s",
                    reason_name(verdict->reason), verdict->reason_detail);
        break;
    }
    if (verdict->decision.rule) {
        text_append(&text, " by ");
        append_rule(&text, explanation);
    } else if (verdict->kind == VERDICT_ALLOW) {
        text_append(&text, ": no rule stands in its way");
    }
    text_append(&text, ".");
    return take_text(&text, arena);
}

static const char *
rule_text(const struct policy_rule *rule, enum field field)
{
    const char *const texts[] = {
        [FIELD_PROTOCOL] = rule->protocol_text,
        [FIELD_SOURCE] = rule->source_text,
        [FIELD_SOURCE_PORT] = rule->source_ports_text,
        [FIELD_DESTINATION] = rule->destination_text,
        [FIELD_DESTINATION_PORT] = rule->destination_ports_text,
    };

    return texts[field];
}

/* Returns the list, or its begin and how many are left: a rule may name
 * thousands. */
static const char *
shorten_list(const char *list, struct arena *arena)
{
    size_t shown = 0;
    size_t n = 1;

    for (const char *c = list; *c; c++) {
        if (*c == ',') {
            shown = n == WORDS_SHOWN ? (size_t) (c - list) : shown;
            n++;
        }
    }
    return n <= WORDS_SHOWN + 1
               ? list
               : arena_printf(arena, "%.*s and %zu more", (int) shown, list,
                              n - WORDS_SHOWN);
}

const char *
words_for_rule(const struct explained_rule *rule,
               const struct flow_words *words, struct arena *arena)
{
    switch (rule->match) {
    case RULE_MATCHES: return "matches every packet that reaches it";
    case RULE_MATCHES_PART:
        return arena_printf(arena, "matches %s of the flow's packets",
                            percent_words(rule->share, arena));
    case RULE_HIDDEN: return "matches, but no such packet reaches it";
    case RULE_UNCERTAIN: return rule->rule->reason_detail;
    case RULE_DIFFERS: break;
    }
    for (int i = 0; i < N_FIELDS; i++) {
        if (rule->fields[i] == FIELD_DIFFERS) {
            const char *text = rule_text(rule->rule, (enum field) i);
            return arena_printf(arena, "%s %s is not in %s",
                                field_name((enum field) i), words->fields[i],
                                shorten_list(text, arena));
        }
    }
    return "no packet of the flow has all of its fields";
}

/* Addresses whose services Azure exempts ("Network security groups overview",
 * Azure platform considerations). */
static bool
is_exempt(struct address_set set)
{
    static const uint128 platform[] = { 0xa83f8110, 0xa9fea9fe };
    struct span_set ipv4 = set.families[FAMILY_IPV4];
    bool named = false;

    for (size_t i = 0; i < sizeof platform / sizeof *platform; i++) {
        named |= span_set_contains(ipv4, platform[i]);
    }
    /* In a large set nobody asks about them in particular. */
    return named && wide_compare(span_set_count(ipv4), wide_from(65536)) <= 0;
}

/* Azure's platform is in the tag VirtualNetwork ("Virtual network service
 * tags"), and was seen in Internet.  Where it alone is let in, a flow from
 * "Internet" is not denied as a whole, which needs a word. */
static bool
is_platform_let_in(const struct verdict *verdict, const struct flow *flow)
{
    const struct address platform = { .value = 0xa83f8110,
                                      .family = FAMILY_IPV4 };

    for (size_t i = 0; flow->source.n_tags && i < verdict->n_regions; i++) {
        const struct region *region = &verdict->regions[i];
        if (region->kind == VERDICT_ALLOW
            && address_equal(region->example.source, platform)) {
            return true;
        }
    }
    return false;
}

/* Notes in the making. */
struct notes {
    const char *items[4];
    size_t n;
};

size_t
words_for_notes(const struct explanation *explanation, const struct flow *flow,
                const struct questions *questions, const char *const **notes,
                struct arena *arena)
{
    const struct verdict *verdict = explanation->verdict;
    struct notes list = { .n = 0 };

    if (questions->n && questions->n_ends == 1
        && questions->sides[0] == SIDE_SOURCE
        && is_exempt(remote_addresses(&flow->destination,
                                      questions->items[0].sites[0], arena))) {
        list.items[list.n++] =
            "Azure's data path exempts its platform services at "
            "168.63.129.16 and 169.254.169.254 from security groups, unless "
            "a rule names the tags AzurePlatformDNS, AzurePlatformIMDS or "
            "AzurePlatformLKM. This is the judgement of the rules alone.";
    }
    if (verdict->kind == VERDICT_ALLOW && !verdict->decision.rule
        && questions->n_ends == 1 && questions->sides[0] == SIDE_DESTINATION) {
        list.items[list.n++] =
            "No group filters this NIC. A Standard public IP address is "
            "closed to the Internet all the same until a group allows the "
            "traffic.";
    }
    if (verdict->kind == VERDICT_PARTIAL
        && is_platform_let_in(verdict, flow)) {
        list.items[list.n++] =
            "168.63.129.16, Azure's platform, is in the tag VirtualNetwork "
            "as well as in Internet. A rule that allows VirtualNetwork, such "
            "as AllowVnetInBound, lets that address in, unless a rule before "
            "it denies the port from Internet.";
    }
    if (!verdict->certain && verdict->kind != VERDICT_UNKNOWN) {
        list.items[list.n++] =
            verdict->kind == VERDICT_PARTIAL
                ? "A part of the packets, or the names of some deciding "
                  "rules, is not certain."
                : "The verdict is certain, the name of the deciding rule is "
                  "not: a rule, or an order of rules, that is not known in "
                  "full "
                  "has a say.";
    }
    *notes = arena_memdup(arena, list.items, list.n * sizeof *list.items);
    return list.n;
}
