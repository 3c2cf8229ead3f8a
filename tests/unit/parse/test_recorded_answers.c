/* Answers that Azure itself gave (../shared/data): IP flow verify must agree
 * in access and rule name, NSG diagnostics in every rule's five flags. */

#include "tests/support/file.h"
#include "tests/unit/parse/parsing.h"

#include <dirent.h>

#include <cjson/cJSON.h>

#include "engine/base/ascii.h"
#include "engine/compile/settings.h"
#include "engine/judge/explain.h"
#include "engine/judge/judge.h"
#include "engine/model/flow.h"
#include "engine/model/port.h"

#define DATA "../shared/data"
#define NIC_ID NETWORK("networkInterfaces", "nic")
#define VNET_ID NETWORK("virtualNetworks", "vnet")
#define SUBNET_ID VNET_ID "/subnets/subnet"

static cJSON *
read_json(const char *path)
{
    struct text text;

    text_init(&text);
    file_read(path, &text);
    cJSON *root = cJSON_ParseWithLength(text.data, text.length);
    assert_non_null(root);
    text_clear(&text);
    return root;
}

static const cJSON *
get(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *
get_string(const cJSON *object, const char *name)
{
    const char *value = cJSON_GetStringValue(get(object, name));

    return value ? value : "";
}

/* Everything that one answer was given in, as documents of our own. */
struct scene {
    cJSON *documents;
    struct parsed parsed;
    struct network *network;
    struct engine_settings settings;
    struct policies *policies;
    struct estate *estate;
    struct arena *arena;
    struct flow flow;
    struct verdict *verdict;
};

static void
scene_clear(struct scene *scene)
{
    verdict_unref(scene->verdict);
    estate_destroy(scene->estate);
    policies_destroy(scene->policies);
    network_unref(scene->network);
    arena_unref(scene->arena);
    parsed_clear(&scene->parsed);
    cJSON_Delete(scene->documents);
}

static void add_document(struct scene *scene, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_document(struct scene *scene, const char *format, ...)
{
    char text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    cJSON *document = cJSON_Parse(text);
    assert_non_null(document);
    cJSON_AddItemToArray(scene->documents, document);
}

/* The recording's network is reduced to what the rules see of it: its address
 * space, and at which level each group was attached. */
static void
add_network(struct scene *scene, const char *address, const cJSON *prefixes,
            const char *subnet_nsg, const char *nic_nsg)
{
    char *list = cJSON_PrintUnformatted(prefixes);

    add_document(scene,
                 "{'id':'" VNET_ID "','name':'vnet','type':'Microsoft.Network/"
                 "virtualNetworks','properties':{'addressSpace':{"
                 "'addressPrefixes':%s},'subnets':[{'id':'" SUBNET_ID
                 "','name':'subnet','properties':{%s%s%s}}]}}",
                 list, *subnet_nsg ? "'networkSecurityGroup':{'id':'" : "",
                 subnet_nsg, *subnet_nsg ? "'}" : "");
    add_document(scene,
                 "{'id':'" NIC_ID "','name':'nic','type':'Microsoft.Network/"
                 "networkInterfaces','properties':{%s%s%s'ipConfigurations':[{"
                 "'name':'ip','properties':{'primary':true,"
                 "'privateIPAddress':'%s','subnet':{'id':'" SUBNET_ID
                 "'}}}]}}",
                 *nic_nsg ? "'networkSecurityGroup':{'id':'" : "", nic_nsg,
                 *nic_nsg ? "'}," : "", address);
    cJSON_free(list);
}

static void
add_group(struct scene *scene, const cJSON *body)
{
    cJSON *copy = cJSON_Duplicate(body, true);

    if (!get(copy, "type")) {
        cJSON_AddStringToObject(copy, "type",
                                "Microsoft.Network/networkSecurityGroups");
    }
    cJSON_AddItemToArray(scene->documents, copy);
}

static void
parse_ports(struct scene *scene, const char *words, struct span_set *ports)
{
    struct span_list list;

    span_list_init(&list);
    assert_true(port_list_parse(words, &list));
    *ports = span_list_finish(&list, scene->arena);
}

static void
judge_scene(struct scene *scene, bool inbound, const char *protocol,
            const char *local_port, const char *remote,
            const char *remote_port)
{
    struct flow_end *local =
        inbound ? &scene->flow.destination : &scene->flow.source;
    struct flow_end *away =
        inbound ? &scene->flow.source : &scene->flow.destination;
    char *printed = cJSON_PrintUnformatted(scene->documents);

    scene->arena = arena_create();
    scene->parsed = parse_bytes(printed, strlen(printed));
    cJSON_free(printed);
    assert_true(scene->parsed.ok);
    const struct network_part *const parts[] = { scene->parsed.part };
    scene->network =
        network_create(parts, 1, ADMIN_RULES_ABSENT_IS_NONE, NULL, NULL);
    scene->policies = policies_create();
    scene->estate =
        estate_create(scene->network, &scene->settings, scene->policies);
    assert_true(protocol_set_parse(protocol, &scene->flow.protocols));
    local->nic = NIC_ID;
    parse_ports(scene, local_port, &local->ports);
    parse_ports(scene, remote_port, &away->ports);
    if (!strcmp(remote, "*")) {
        away->any = true;
    } else {
        struct address_range *range = arena_alloc(scene->arena, sizeof *range);
        assert_true(address_range_parse(remote, range));
        away->addresses = range;
        away->n_addresses = 1;
    }
    scene->verdict = estate_judge(scene->estate, &scene->flow, NULL);
}

/* Strips what Azure's tools put before a rule's name. */
static const char *
plain_name(const char *name)
{
    static const char *const prefixes[] = {
        "securityRules/",
        "defaultSecurityRules/",
        "UserRule_",
        "DefaultRule_",
    };

    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        if (ascii_starts_with(name, prefixes[i])) {
            return name + strlen(prefixes[i]);
        }
    }
    return name;
}

static void
check_flow_verify(const char *path)
{
    cJSON *root = read_json(path);
    const cJSON *request = get(root, "request");
    const cJSON *answer = get(root, "response");
    const char *confidence = get_string(root, "confidence");
    struct scene scene = { .documents = cJSON_CreateArray() };
    const char *levels[2] = { "", "" };
    const cJSON *nsg;

    cJSON_ArrayForEach(nsg, get(root, "nsgs"))
    {
        add_group(&scene, get(nsg, "body"));
        levels[!strcmp(get_string(nsg, "level"), "nic")] =
            get_string(get(nsg, "body"), "id");
    }
    add_network(&scene, get_string(root, "nicPrivateIp"),
                get(root, "vnetAddressPrefixes"), levels[0], levels[1]);
    judge_scene(
        &scene, ascii_equal(get_string(request, "direction"), "Inbound"),
        get_string(request, "protocol"), get_string(request, "localPort"),
        get_string(request, "remoteIPAddress"),
        get_string(request, "remotePort"));
    const char *access = get_string(answer, "access");
    const struct policy_rule *rule = scene.verdict->decision.rule;
    const char *name = rule ? rule->name : "";
    const char *expected = plain_name(get_string(answer, "ruleName"));
    if (get(answer, "error")) {
        /* Azure refuses to answer where no group is attached (S18). */
        assert_string_equal(get_string(get(answer, "error"), "code"),
                            "NsgsNotAppliedOnNic");
        access = "Allow";
    }
    if (!ascii_equal(verdict_name(scene.verdict->kind), access)
        || !ascii_equal(name, expected)) {
        fail_msg("%s (%s): %s by %s, Azure says %s by %s", path, confidence,
                 verdict_name(scene.verdict->kind), name, access, expected);
    }
    scene_clear(&scene);
    cJSON_Delete(root);
}

/* Calls 'check' for every file of a folder, and returns how many. */
static size_t
each_file(const char *folder, void (*check)(const char *path))
{
    char path[512];
    size_t n = 0;
    const struct dirent *entry;

    snprintf(path, sizeof path, DATA "/%s", folder);
    DIR *stream = opendir(path);
    if (!stream) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    while ((entry = readdir(stream)) != NULL) {
        if (strstr(entry->d_name, ".json")) {
            snprintf(path, sizeof path, DATA "/%s/%s", folder, entry->d_name);
            check(path);
            n++;
        }
    }
    closedir(stream);
    return n;
}

static void
test_flow_verify_agrees_with_azure(void **state)
{
    (void) state;
    assert_true(each_file("ipflow", check_flow_verify) > 0);
}

static size_t n_compared;

/* Compares one group's rules with what explain says of its layer. */
static void
check_rules(const char *path, const struct explained_layer *layer,
            const cJSON *evaluated)
{
    static const char *const flags[N_FIELDS] = {
        [FIELD_PROTOCOL] = "protocolMatched",
        [FIELD_SOURCE] = "sourceMatched",
        [FIELD_SOURCE_PORT] = "sourcePortMatched",
        [FIELD_DESTINATION] = "destinationMatched",
        [FIELD_DESTINATION_PORT] = "destinationPortMatched",
    };
    const cJSON *rule;
    size_t i = 0;

    cJSON_ArrayForEach(rule, get(evaluated, "rulesEvaluationResult"))
    {
        if (i == layer->n_rules) {
            fail_msg("%s: explain ends before %s", path,
                     get_string(rule, "name"));
        }
        const struct explained_rule *own = &layer->rules[i++];
        assert_string_equal(own->rule->name,
                            plain_name(get_string(rule, "name")));
        for (int field = 0; field < N_FIELDS; field++) {
            bool matches = own->fields[field] == FIELD_MATCHES;
            if (matches != cJSON_IsTrue(get(rule, flags[field]))) {
                fail_msg("%s: %s of rule %s", path,
                         field_name((enum field) field), own->rule->name);
            }
        }
    }
    assert_int_equal(i, layer->n_rules);
    n_compared += i;
}

/* Returns true if the recording holds the group's rules as they were then. */
static bool
holds_all_rules(const cJSON *body, const cJSON *evaluated)
{
    const cJSON *rule;
    int n_custom = 0;

    cJSON_ArrayForEach(rule, get(evaluated, "rulesEvaluationResult"))
    {
        n_custom += ascii_starts_with(get_string(rule, "name"), "UserRule_");
    }
    cJSON_ArrayForEach(rule, get(get(body, "properties"), "securityRules"))
    {
        n_custom -= ascii_equal(
            get_string(get(rule, "properties"), "direction"), "Inbound");
    }
    return n_custom == 0;
}

static void
check_diagnostic(const char *path)
{
    cJSON *root = read_json(path);
    const cJSON *request = get(root, "request");
    const cJSON *profiles = get(request, "profiles");
    const cJSON *profile =
        cJSON_GetArrayItem(profiles ? profiles : get(request, "queries"), 0);
    const cJSON *result =
        get(cJSON_GetArrayItem(get(get(root, "response"), "results"), 0),
            "networkSecurityGroupResult");
    const cJSON *groups = get(result, "evaluatedNetworkSecurityGroups");
    const cJSON *body = cJSON_GetArrayItem(get(root, "nsgs"), 0);
    const cJSON *network = cJSON_GetArrayItem(get(root, "vnets"), 0);
    const cJSON *evaluated = cJSON_GetArrayItem(groups, 0);

    /* Some answers name groups whose rules were not recorded. */
    if (cJSON_GetArraySize(groups) == 1 && body && network
        && ascii_equal(get_string(profile, "direction"), "Inbound")
        && strcmp(get_string(profile, "destination"), "*") != 0
        && holds_all_rules(body, evaluated)) {
        struct scene scene = { .documents = cJSON_CreateArray() };
        add_group(&scene, body);
        add_network(&scene, get_string(profile, "destination"),
                    get(get(get(network, "properties"), "addressSpace"),
                        "addressPrefixes"),
                    "", get_string(body, "id"));
        judge_scene(&scene, true, get_string(profile, "protocol"),
                    get_string(profile, "destinationPort"),
                    get_string(profile, "source"), "*");
        const struct explanation *explanation =
            explain(scene.estate, &scene.flow, scene.verdict, scene.arena);
        assert_true(
            ascii_equal(verdict_name(scene.verdict->kind),
                        get_string(result, "securityRuleAccessResult")));
        check_rules(path, &explanation->layers[2], evaluated);
        scene_clear(&scene);
    }
    cJSON_Delete(root);
}

static void
test_explain_agrees_with_diagnostics(void **state)
{
    (void) state;
    assert_true(each_file("ncd", check_diagnostic) > 0);
    print_message("%zu rules compared\n", n_compared);
    assert_true(n_compared > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flow_verify_agrees_with_azure),
        cmocka_unit_test(test_explain_agrees_with_diagnostics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
