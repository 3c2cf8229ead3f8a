/* Any bytes are read as a document, twice: either both readings refuse it
 * with one line, or both give the same part, whose network answers. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/model/network.h"
#include "exporter/parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* Reads the document, and checks what it says about it. */
static struct network_part *
read_document(const uint8_t *data, size_t size, struct text *findings)
{
    struct parse_request request = { .label = "fuzz" };
    struct parse_result result = { .findings = findings };
    struct error error = { "" };

    if (!parse_document(&request, (const char *) data, size, &result,
                        &error)) {
        require(strncmp(error.message, "fuzz: ", 6) == 0);
        require(!strchr(error.message, '\n') && !findings->length);
        return NULL;
    }
    require(!findings->length || findings->data[findings->length - 1] == '\n');
    for (const char *c = findings->data; *c; c++) {
        require(*c == '\n' || ((unsigned char) *c >= 0x20 && *c != 0x7f));
    }
    return result.part;
}

static void
check_rules(const struct rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        require(rules[i].name && rules[i].id && rules[i].protocol);
        require(rules[i].priority >= 0 && rules[i].priority <= 65535);
        for (size_t k = 0; k < rules[i].source.n_terms; k++) {
            require(rules[i].source.terms[k].text != NULL);
        }
    }
}

/* Asks the network for everything that the part says. */
static void
check_network(const struct network_part *part)
{
    struct network *network =
        network_create(&part, 1, ADMIN_RULES_ABSENT_IS_NONE, NULL, NULL);
    bool ambiguous;
    size_t n;

    for (size_t i = 0; i < part->n_nics; i++) {
        const struct nic *nic = &part->nics[i];
        require(network_find_nic(network, nic->resource.id) != NULL);
        (void) network_resolve_nic(network, nic->resource.name, &n);
        require(n >= 1 || !*nic->resource.name || *nic->resource.name == '/');
        (void) network_resolve_vm(network, nic->vm_id, &n, &ambiguous);
    }
    for (size_t i = 0; i < part->n_security_groups; i++) {
        const struct security_group *group = &part->security_groups[i];
        require(network_find_security_group(network, group->resource.id));
        check_rules(group->rules, group->n_rules);
    }
    for (size_t i = 0; i < part->n_effective_admin_rules; i++) {
        check_rules(part->effective_admin_rules[i].rules,
                    part->effective_admin_rules[i].n_rules);
    }
    network_unref(network);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text findings[2];
    struct network_part *parts[2];

    for (size_t i = 0; i < 2; i++) {
        text_init(&findings[i]);
        parts[i] = read_document(data, size, &findings[i]);
    }
    require(!parts[0] == !parts[1]);
    require(strcmp(findings[0].data, findings[1].data) == 0);
    if (parts[0]) {
        require(parts[0]->n_nics == parts[1]->n_nics
                && parts[0]->n_security_groups == parts[1]->n_security_groups);
        check_network(parts[0]);
        arena_unref(parts[0]->arena);
        arena_unref(parts[1]->arena);
    }
    text_clear(&findings[0]);
    text_clear(&findings[1]);
    return 0;
}
