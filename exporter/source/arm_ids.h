/* Ids inside answers that the network's model does not keep.
 *
 * Each function reads one document and visits what leads from where to where.
 * It returns false, with a line in 'error', if an entry cannot be read: to
 * leave it out would make what it belongs to smaller than it is.  Pure. */

#ifndef EXPORTER_SOURCE_ARM_IDS_H
#define EXPORTER_SOURCE_ARM_IDS_H

#include <stdbool.h>
#include <stddef.h>

struct error;

typedef void arm_link_visit(void *aux, const char *from, const char *to);
typedef bool arm_link_read(const char *bytes, size_t size,
                           arm_link_visit *visit, void *aux,
                           struct error *error);

/* From "" to the "resourceId" of each static member of a network group. */
arm_link_read arm_member_ids;

/* From the network groups to their members, chosen one by one or by a policy,
 * as Resource Graph has them. */
arm_link_read arm_membership_ids;

/* From a network manager to the subscriptions and management groups that it
 * rules; of another tenant it leads to ARM_OTHER_TENANT. */
arm_link_read arm_scope_ids;
#define ARM_OTHER_TENANT "another tenant"

/* From "" to the subscriptions in a list of them, or of what lies below a
 * management group. */
arm_link_read arm_subscription_ids;

/* From a virtual network to each scale set that has an ip configuration in
 * its subnets.  The list of NICs of a subscription leaves those NICs out; only
 * the subnets tell of them. */
arm_link_read arm_scale_set_ids;

#endif
