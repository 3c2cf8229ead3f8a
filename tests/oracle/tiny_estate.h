/* Random small estates and questions to them.  Their words collide often, and
 * about a third of the estates is known in full. */

#ifndef TESTS_ORACLE_TINY_ESTATE_H
#define TESTS_ORACLE_TINY_ESTATE_H

#include "tests/support/builder.h"

struct random;

struct builder *tiny_estate(struct random *random);
const struct flow *tiny_flow(struct builder *b, struct random *random);

#endif
