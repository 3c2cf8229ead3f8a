/* flowverify analyze: what does nothing in an estate. */

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/judge/estate_analyze.h"
#include "exporter/options.h"
#include "exporter/render/json_write.h"
#include "exporter/tool/collect.h"
#include "exporter/tool/packets.h"
#include "exporter/tool/tool.h"

struct analyze_options {
    struct collect_options collect;
    const char *nsg;
    const char *output;
    bool help;
};

#define MEMBER(name) offsetof(struct analyze_options, name)

static const struct option flags[] = {
    { "source", OPTION_WORD, "DIR", NULL, "Folder with the estate.",
      MEMBER(collect.dir) },
    { "config.file", OPTION_WORD, "F", NULL,
      "Configuration with the source, or with what Azure cannot tell.",
      MEMBER(collect.config_file) },
    { "nsg", OPTION_WORD, "N", NULL,
      "Only this group: ARM id, resource-group/name, or name.", MEMBER(nsg) },
    { "output", OPTION_WORD, "FORMAT", "text", "text or json.",
      MEMBER(output) },
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      MEMBER(help) },
};

const struct option_table tool_analyze_flags = {
    .usage = "flowverify analyze --source=DIR [FLAGS]",
    .about = "Finds rules that can never decide, with the rules that hide "
             "them, rules whose removal changes nothing, rules that match "
             "nothing, and groups that are not used. Exit code 0: nothing "
             "found; 1: something found; 3: could not run.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

/* Lists of ids, as both outputs show them. */
struct id_list {
    const char *title;
    const char *member;
    const char *const *ids;
    size_t n;
};

enum { N_LISTS = 3 };

static void
make_lists(const struct estate_analysis *analysis,
           struct id_list lists[N_LISTS])
{
    lists[0] = (struct id_list){ "Application security groups without members",
                                 "asgs_without_members",
                                 analysis->asgs_without_members,
                                 analysis->n_asgs_without_members };
    lists[1] =
        (struct id_list){ "Application security groups that no rule "
                          "names",
                          "asgs_without_rules", analysis->asgs_without_rules,
                          analysis->n_asgs_without_rules };
    lists[2] = (struct id_list){ "Security groups that filter nothing",
                                 "unattached_groups", analysis->unattached,
                                 analysis->n_unattached };
}

static bool
is_reported(const struct analyzed_rule *rule)
{
    return rule->finding != RULE_DECIDES && rule->rule->kind != RULE_DEFAULT;
}

static void
append_rule(struct text *out, const struct analyzed_rule *rule)
{
    text_printf(out, "  %-13s  ", rule_finding_name(rule->finding));
    packets_rule(out, rule->rule);
    text_printf(out, " (%s)", access_name(rule->rule->access));
    if (rule->finding == RULE_NEVER) {
        text_append(out, "\n                 hidden by ");
        for (size_t i = 0; i < rule->n_hidden_by; i++) {
            text_append(out, i ? ", " : "");
            packets_rule(out, rule->hidden_by[i]);
            text_printf(out, " (%s)", access_name(rule->hidden_by[i]->access));
        }
        text_append(out, rule->n_hidden_by ? "" : "earlier rules together");
        text_append(out, rule->other_access ? "; the access DIFFERS" : "");
    } else if (rule->finding == RULE_REDUNDANT) {
        text_append(out, ": without it later rules do the same");
    } else if (rule->finding == RULE_EMPTY) {
        text_printf(out, ": %s", rule->why);
    } else {
        text_append(out, ": the budget ran out");
    }
    text_append_char(out, '\n');
}

static void
append_text(struct text *out, const struct estate_analysis *analysis)
{
    struct id_list lists[N_LISTS];

    make_lists(analysis, lists);
    for (size_t i = 0; i < analysis->n_rulesets; i++) {
        const struct ruleset_analysis *ruleset = &analysis->rulesets[i];
        const char *name = ruleset->policy->ruleset;
        text_printf(out, "%s %s, as seen by ", *name ? name : "admin rules",
                    direction_name(ruleset->direction));
        packets_resource(out, ruleset->nic);
        if (ruleset->n_nics > 1) {
            text_printf(out, " and %zu more", ruleset->n_nics - 1);
        }
        text_append_char(out, '\n');
        for (size_t j = 0; j < ruleset->analysis.n_rules; j++) {
            if (is_reported(&ruleset->analysis.rules[j])) {
                append_rule(out, &ruleset->analysis.rules[j]);
            }
        }
        text_append_char(out, '\n');
    }
    for (size_t i = 0; i < N_LISTS; i++) {
        if (lists[i].n) {
            text_printf(out, "%s\n", lists[i].title);
        }
        for (size_t j = 0; j < lists[i].n; j++) {
            text_append(out, "  ");
            packets_resource(out, lists[i].ids[j]);
            text_append_char(out, '\n');
        }
        text_append(out, lists[i].n ? "\n" : "");
    }
    text_printf(out, "%zu rule sets looked at, %zu with findings\n",
                analysis->n_looked_at, analysis->n_rulesets);
    packets_make_safe(out);
}

static void
write_rule(struct text *out, const struct analyzed_rule *rule)
{
    json_open(out, NULL, '{');
    json_string(out, "rule", rule->rule->name);
    json_string(out, "rule_id", rule->rule->id);
    json_string(out, "access", access_name(rule->rule->access));
    json_u64(out, "priority", (uint64_t) rule->rule->priority);
    json_string(out, "finding", rule_finding_name(rule->finding));
    json_string(out, "why", rule->why ? rule->why : "");
    json_open(out, "hidden_by", '[');
    for (size_t i = 0; i < rule->n_hidden_by; i++) {
        json_open(out, NULL, '{');
        json_string(out, "rule", rule->hidden_by[i]->name);
        json_string(out, "access", access_name(rule->hidden_by[i]->access));
        json_u64(out, "priority", (uint64_t) rule->hidden_by[i]->priority);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_bool(out, "access_differs", rule->other_access);
    json_close(out, '}');
}

static void
append_json(struct text *out, const struct estate_analysis *analysis)
{
    struct id_list lists[N_LISTS];

    make_lists(analysis, lists);
    json_open(out, NULL, '{');
    json_u64(out, "rulesets_looked_at", analysis->n_looked_at);
    json_open(out, "rulesets", '[');
    for (size_t i = 0; i < analysis->n_rulesets; i++) {
        const struct ruleset_analysis *ruleset = &analysis->rulesets[i];
        json_open(out, NULL, '{');
        json_string(out, "ruleset", ruleset->policy->ruleset);
        json_string(out, "ruleset_id", ruleset->policy->ruleset_id);
        json_string(out, "direction", direction_name(ruleset->direction));
        json_string(out, "layer", layer_name(ruleset->layer));
        json_string(out, "nic", ruleset->nic);
        json_u64(out, "nics", ruleset->n_nics);
        json_open(out, "rules", '[');
        for (size_t j = 0; j < ruleset->analysis.n_rules; j++) {
            if (is_reported(&ruleset->analysis.rules[j])) {
                write_rule(out, &ruleset->analysis.rules[j]);
            }
        }
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, ']');
    for (size_t i = 0; i < N_LISTS; i++) {
        json_open(out, lists[i].member, '[');
        for (size_t j = 0; j < lists[i].n; j++) {
            json_string(out, NULL, lists[i].ids[j]);
        }
        json_close(out, ']');
    }
    json_close(out, '}');
    text_append_char(out, '\n');
}

int
tool_analyze(int argc, char *argv[])
{
    struct analyze_options options = { .help = false };
    struct collected collected;
    struct text out;
    size_t n_operands;
    bool json;
    int code;

    if (!tool_parse(&tool_analyze_flags, argc, argv, &options, &options.help,
                    &n_operands, &code)) {
        return code;
    }
    if ((!options.collect.dir && !options.collect.config_file) || n_operands) {
        return tool_fail("analyze: --source=DIR is needed, and no operands");
    }
    if (!tool_parse_output(options.output, "text", &json)) {
        return tool_fail("analyze: --output: '%s' is not text or json",
                         options.output);
    }
    code = TOOL_FAILED;
    if (collect(&options.collect, &collected)) {
        struct estate_analysis analysis =
            estate_analyze(collected.estate, options.nsg, collected.arena);
        bool any = analysis.n_rulesets || analysis.n_asgs_without_members
                   || analysis.n_asgs_without_rules || analysis.n_unattached;
        text_init(&out);
        if (options.nsg && !analysis.n_looked_at) {
            code =
                tool_fail("analyze: no group '%s' filters a NIC", options.nsg);
        } else {
            (json ? append_json : append_text)(&out, &analysis);
            code = tool_print(&out, any ? TOOL_VIOLATED : TOOL_OK);
        }
    }
    collected_clear(&collected);
    return code;
}
