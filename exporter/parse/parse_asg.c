/* Application security groups: their members name them, not they the
 * members. */

#include "exporter/parse/parser.h"

void
parse_asg(struct parser *parser, const struct cJSON *resource)
{
    struct asg asg = { .resource =
                           parse_envelope(parser, resource, FEED_ASG) };

    if (!parser->reader.bad) {
        growing_add(&parser->asgs, &asg, sizeof asg);
    }
}
