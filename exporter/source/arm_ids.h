/* Ids inside answers that the network's model does not keep.  Pure. */

#ifndef EXPORTER_SOURCE_ARM_IDS_H
#define EXPORTER_SOURCE_ARM_IDS_H

#include <stddef.h>

typedef void arm_link_visit(void *aux, const char *from, const char *to);

/* Visits the "resourceId" of each member of a network group as 'to'. */
void arm_member_ids(const char *bytes, size_t size, arm_link_visit *visit,
                    void *aux);

/* Visits, for each ip configuration of a scale set in the subnets of the
 * virtual networks, the network's id and the scale set's.  The list of NICs of
 * a subscription leaves those NICs out; only the subnets tell of them. */
void arm_scale_set_ids(const char *bytes, size_t size, arm_link_visit *visit,
                       void *aux);

#endif
