#include "engine/judge/verdict.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/memory.h"
#include "engine/judge/verdict_create.h"

/* A verdict with what it owns: one piece of memory, because there are many of
 * them and they live long. */
struct verdict_box {
    struct verdict verdict; /* First, so that one is found from the other. */
    struct verdict_box *self;
    atomic_uint references;
    const struct policy **policies;
    size_t n_policies;
    _Alignas(16) unsigned char bytes[];
};

static const char *const kind_names[] = {
    [VERDICT_ALLOW] = "allow",
    [VERDICT_DENY] = "deny",
    [VERDICT_PARTIAL] = "partial",
    [VERDICT_UNKNOWN] = "unknown",
};

static const char *const side_names[] = {
    [SIDE_SOURCE] = "source",
    [SIDE_DESTINATION] = "destination",
    [SIDE_NONE] = "",
};

static const char *const layer_names[] = {
    [LAYER_ADMIN] = "admin",
    [LAYER_SUBNET_NSG] = "subnet_nsg",
    [LAYER_NIC_NSG] = "nic_nsg",
    [LAYER_NONE] = "none",
};

static const char *const outcome_names[] = {
    [OUTCOME_ALLOW] = "allow",
    [OUTCOME_DENY] = "deny",
    [OUTCOME_ALWAYS_ALLOW] = "always_allow",
    [OUTCOME_MIXED] = "mixed",
    [OUTCOME_NO_MATCH] = "no_match",
    [OUTCOME_NO_RULESET] = "no_ruleset",
    [OUTCOME_NOT_APPLICABLE] = "not_applicable",
    [OUTCOME_NOT_CONSULTED] = "not_consulted",
    [OUTCOME_UNCERTAIN] = "uncertain",
};

const char *
verdict_name(enum verdict_kind kind)
{
    return kind_names[kind];
}

const char *
side_name(enum side side)
{
    return side_names[side];
}

const char *
layer_name(enum layer layer)
{
    return layer_names[layer];
}

const char *
layer_outcome_name(enum layer_outcome outcome)
{
    return outcome_names[outcome];
}

static struct verdict_box *
box_of(const struct verdict *verdict)
{
    const struct verdict_box *box = (const void *) verdict;

    return box->self;
}

struct verdict *
verdict_ref(const struct verdict *verdict)
{
    if (!verdict) {
        return NULL;
    }
    struct verdict_box *box = box_of(verdict);
    atomic_fetch_add_explicit(&box->references, 1, memory_order_relaxed);
    return &box->verdict;
}

void
verdict_unref(const struct verdict *verdict)
{
    if (!verdict) {
        return;
    }
    struct verdict_box *box = box_of(verdict);
    if (atomic_fetch_sub_explicit(&box->references, 1, memory_order_acq_rel)
        == 1) {
        for (size_t i = 0; i < box->n_policies; i++) {
            policy_unref(box->policies[i]);
        }
        free(box);
    }
}

/* Copies 'size' bytes to '*at' and moves that on. */
static void *
place_copy(unsigned char **at, const void *data, size_t size)
{
    void *copy = *at;

    if (size) {
        memcpy(copy, data, size);
    }
    *at += size;
    return copy;
}

struct verdict *
verdict_create(const struct verdict *draft,
               const struct policy *const policies[], size_t n)
{
    size_t regions = draft->n_regions * sizeof *draft->regions;
    size_t pointers = n * sizeof *policies;
    size_t origins = draft->n_origins * sizeof *draft->origins;
    size_t detail = strlen(draft->reason_detail) + 1;
    struct verdict_box *box =
        memory_alloc(sizeof *box + regions + pointers + origins + detail);
    unsigned char *at = box->bytes;

    box->self = box;
    box->verdict = *draft;
    atomic_init(&box->references, 1);
    /* What needs the strictest alignment comes first. */
    box->verdict.regions = place_copy(&at, draft->regions, regions);
    box->policies = place_copy(&at, policies, pointers);
    box->n_policies = n;
    box->verdict.origins = place_copy(&at, draft->origins, origins);
    box->verdict.reason_detail = place_copy(&at, draft->reason_detail, detail);
    for (size_t i = 0; i < n; i++) {
        policy_ref(policies[i]);
    }
    return &box->verdict;
}

struct verdict *
verdict_unknown(enum reason reason, const char *detail)
{
    struct verdict draft = {
        .kind = VERDICT_UNKNOWN,
        .reason = reason,
        .reason_detail = detail ? detail : "",
        .decided_ratio = 1,
        .decision = { SIDE_NONE, LAYER_NONE, NULL },
    };
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_u64(&hasher, reason);
    hasher_add_string(&hasher, detail);
    draft.basis = hasher_finish(&hasher);
    return verdict_create(&draft, NULL, 0);
}

bool
decision_equal(const struct decision *a, const struct decision *b)
{
    if (a->side != b->side || a->layer != b->layer || !a->rule != !b->rule) {
        return false;
    }
    return a->rule == b->rule
           || (a->rule->kind == b->rule->kind
               && ascii_equal(a->rule->name, b->rule->name)
               && ascii_equal(a->rule->id, b->rule->id)
               && ascii_equal(a->rule->ruleset, b->rule->ruleset)
               && ascii_equal(a->rule->ruleset_id, b->rule->ruleset_id));
}
