/* One side of a flow in its place: a NIC, seen by one of its addresses, with
 * the rule sets that filter it in one direction (spec verdict 2 and 7). */

#ifndef ENGINE_JUDGE_SITE_H
#define ENGINE_JUDGE_SITE_H

#include "engine/base/hash.h"
#include "engine/compile/context.h"
#include "engine/compile/origins.h"
#include "engine/compile/policy.h"
#include "engine/judge/verdict.h"

struct engine_settings;
struct estate;
struct ip_configuration;
struct network;
struct nic;

enum { SITE_LAYERS = 3 };

/* One layer, in the order of evaluation. */
struct site_layer {
    enum layer layer;
    const struct policy *policy; /* NULL: the packet goes through. */
    enum layer_outcome absent;   /* Why there is none. */
};

struct site {
    const struct nic *nic;
    struct place place;
    enum direction direction;
    struct site_layer layers[SITE_LAYERS];
    struct origins origins; /* Of all that the layers rest on. */
    struct hash key;        /* Of all above. */
};

const struct network *estate_network(const struct estate *estate);
const struct engine_settings *estate_settings(const struct estate *estate);

/* Returns the site of one IP configuration of 'nic', or NULL if the data does
 * not hold its subnet or virtual network.  It lives as long as the estate. */
const struct site *estate_site(struct estate *estate, const struct nic *nic,
                               const struct ip_configuration *ip,
                               enum direction direction);

#endif
