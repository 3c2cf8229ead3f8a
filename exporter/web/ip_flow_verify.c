/* Azure's own contract: what Network Watcher's "IP flow verify" is asked and
 * answers, so that Azure's SDKs work against the exporter.
 *
 * Source: "Network Watchers - Verify IP Flow" of the REST reference; spelling
 * of rule names and ids from recorded answers: ruleId is the whole id of a
 * custom rule and "" for a default one. */

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "engine/judge/verdict.h"
#include "engine/model/address.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"
#include "exporter/render/json_write.h"
#include "exporter/snapshot.h"
#include "exporter/web/handlers.h"
#include "exporter/web/json_object.h"
#include "exporter/web/web.h"
#include "exporter/web/what_if.h"

/* Members of VerificationIPFlowParameters. */
enum member {
    TARGET,
    NIC,
    DIRECTION,
    PROTOCOL,
    LOCAL_ADDRESS,
    LOCAL_PORT,
    REMOTE_ADDRESS,
    REMOTE_PORT,
    N_MEMBERS
};

struct question {
    struct json_member members[N_MEMBERS];
    struct arena *arena;
};

static bool check_parameters(const struct question *question,
                             struct response *response);
static bool check_word(const struct json_member *member, const char *a,
                       const char *b, struct response *response);
static bool check_address(const struct json_member *member,
                          struct response *response);
static bool check_port(const struct json_member *member, bool any,
                       struct response *response);
static bool check_target(const struct question *question,
                         const struct network *network,
                         struct response *response);
static void not_found(struct response *response, struct arena *arena,
                      const char *type, const char *id);
static void give_verdict(const struct verdict *verdict,
                         struct response *response);

void
handle_ip_flow_verify(const struct web *web, const struct request *request,
                      struct response *response)
{
    struct question question = {
        .members = {
            [TARGET] = { "targetResourceId", NULL },
            [NIC] = { "targetNicResourceId", NULL },
            [DIRECTION] = { "direction", NULL },
            [PROTOCOL] = { "protocol", NULL },
            [LOCAL_ADDRESS] = { "localIPAddress", NULL },
            [LOCAL_PORT] = { "localPort", NULL },
            [REMOTE_ADDRESS] = { "remoteIPAddress", NULL },
            [REMOTE_PORT] = { "remotePort", NULL },
        },
        .arena = arena_create(),
    };
    const struct json_member *members = question.members;
    const struct snapshot *snapshot = request->snapshot;
    struct config_flow flow = { 0 };
    struct error error;

    if (!json_object_read(request->body.data, request->body.length,
                          question.members, N_MEMBERS, question.arena,
                          &error)) {
        response_azure_error(response, 400, "InvalidRequestContent",
                             error.message);
    } else if (!check_parameters(&question, response)) {
        /* The response says what is wrong. */
    } else if (!snapshot || !snapshot->network) {
        response_azure_error(response, 503, "ServiceUnavailable",
                             "nothing has been collected yet");
    } else if (check_target(&question, snapshot->network, response)) {
        bool has_nic = members[NIC].value && *members[NIC].value;
        const struct config_flow_words words = {
            .nic = has_nic ? members[NIC].value : NULL,
            .vm = has_nic ? NULL : members[TARGET].value,
            .direction = members[DIRECTION].value,
            .protocol = members[PROTOCOL].value,
            .local_address = members[LOCAL_ADDRESS].value,
            .local_port = members[LOCAL_PORT].value,
            .remote_address = members[REMOTE_ADDRESS].value,
            .remote_port = members[REMOTE_PORT].value,
        };
        if (!config_flow_from_words(&words, question.arena, &flow, &error)) {
            response_azure_error(response, 400, "InvalidParameter",
                                 error.message);
        } else {
            struct what_if_answer answer = what_if_ask(
                web->what_if, snapshot, &flow.flow, question.arena);
            give_verdict(answer.verdict, response);
            verdict_unref(answer.verdict);
        }
    }
    arena_unref(question.arena);
}

static bool
check_parameters(const struct question *question, struct response *response)
{
    const struct json_member *members = question->members;

    for (size_t i = 0; i < N_MEMBERS; i++) {
        if (i != NIC && (!members[i].value || !*members[i].value)) {
            struct error error;
            (void) error_set(&error, "'%s' is required", members[i].name);
            response_azure_error(response, 400, "InvalidParameter",
                                 error.message);
            return false;
        }
    }
    bool outbound = ascii_equal(members[DIRECTION].value, "Outbound");
    return check_word(&members[DIRECTION], "Inbound", "Outbound", response)
           && check_word(&members[PROTOCOL], "TCP", "UDP", response)
           && check_address(&members[LOCAL_ADDRESS], response)
           && check_address(&members[REMOTE_ADDRESS], response)
           && check_port(&members[LOCAL_PORT], outbound, response)
           && check_port(&members[REMOTE_PORT], !outbound, response);
}

static bool
check_word(const struct json_member *member, const char *a, const char *b,
           struct response *response)
{
    if (ascii_equal(member->value, a) || ascii_equal(member->value, b)) {
        return true;
    }
    struct error error;
    (void) error_set(&error, "%s '%.64s' is neither %s nor %s", member->name,
                     member->value, a, b);
    response_azure_error(response, 400, "InvalidParameter", error.message);
    return false;
}

static bool
check_address(const struct json_member *member, struct response *response)
{
    struct address address;
    struct error error;
    if (address_parse(member->value, &address)
        && address.family == FAMILY_IPV4) {
        return true;
    }
    (void) error_set(&error, "%s '%.64s' is not an IPv4 address", member->name,
                     member->value);
    response_azure_error(response, 400, "InvalidParameter", error.message);
    return false;
}

/* "localPort for Outbound direction and remotePort for Inbound direction may
 * be *". */
static bool
check_port(const struct json_member *member, bool any,
           struct response *response)
{
    uint64_t port;
    struct error error;
    if (number_parse(member->value, strlen(member->value), 65535, &port)
        || (any && !strcmp(member->value, "*"))) {
        return true;
    }
    (void) error_set(&error, "%s '%.64s' is not a port of 0 to 65535%s",
                     member->name, member->value, any ? " or *" : "");
    response_azure_error(response, 400, "InvalidParameter", error.message);
    return false;
}

static bool
check_target(const struct question *question, const struct network *network,
             struct response *response)
{
    const char *target = question->members[TARGET].value;
    const char *nic_id = question->members[NIC].value;
    size_t n;
    bool ambiguous;

    (void) network_resolve_vm(network, target, &n, &ambiguous);
    if (!n) {
        not_found(response, question->arena,
                  "Microsoft.Compute/virtualMachines", target);
        return false;
    }
    if (!nic_id || !*nic_id) {
        return true;
    }
    const struct nic *nic = network_find_nic(network, nic_id);
    if (!nic) {
        not_found(response, question->arena,
                  "Microsoft.Network/networkInterfaces", nic_id);
        return false;
    }
    if (!ascii_equal(nic->vm_id, target)) {
        response_azure_error(response, 400, "InvalidParameter",
                             "targetNicResourceId is not an interface of "
                             "targetResourceId");
        return false;
    }
    return true;
}

static void
not_found(struct response *response, struct arena *arena, const char *type,
          const char *id)
{
    struct error error;
    (void) error_set(
        &error,
        "The Resource '%s/%.80s' under resource group '%.90s' was not found.",
        type, arm_id_name(id), arm_id_segment(arena, id, "resourceGroups"));
    response_azure_error(response, 404, "ResourceNotFound", error.message);
}

static void
give_verdict(const struct verdict *verdict, struct response *response)
{
    static const char *const prefixes[] = {
        [RULE_CUSTOM] = "securityRules/",
        [RULE_DEFAULT] = "defaultSecurityRules/",
        [RULE_ADMIN] = "",
        [RULE_NONE] = "",
    };
    const struct policy_rule *rule = verdict->decision.rule;

    if (verdict->kind == VERDICT_UNKNOWN) {
        bool parameter = verdict->reason == REASON_ADDRESS_NOT_ON_NIC;
        response_azure_error(response, parameter ? 400 : 422,
                             parameter ? "InvalidParameter" : "VerdictUnknown",
                             verdict->reason_detail);
        return;
    }
    if (!rule) {
        /* What Azure answers since 2020 where neither subnet nor interface
         * has a group and no admin rule decides. */
        response_azure_error(
            response, 400, "NsgsNotAppliedOnNic",
            "No network security group is applied to the network "
            "interface or its subnet.");
        return;
    }
    struct text *out = &response->body;
    struct text name;
    text_init(&name);
    text_append(&name, prefixes[rule->kind]);
    text_append(&name, rule->name);
    response->content_type = "application/json; charset=utf-8";
    json_open(out, NULL, '{');
    json_string(out, "access",
                verdict->kind == VERDICT_ALLOW ? "Allow" : "Deny");
    json_string(out, "ruleName", name.data);
    json_string(out, "ruleId", rule->kind == RULE_DEFAULT ? "" : rule->id);
    json_close(out, '}');
    text_clear(&name);
}
