/* Whether one rule matches one packet, straight from its words. */

#ifndef TESTS_ORACLE_LINEAR_MATCH_H
#define TESTS_ORACLE_LINEAR_MATCH_H

#include "tests/oracle/linear.h"

enum tri { NO, MAYBE, YES };

/* One side of a packet at which it is judged. */
struct linear_view {
    const struct network *network;
    const struct engine_settings *settings;
    const struct linear_end *end;
    const struct virtual_network *virtual_network;
    const struct subnet *subnet;
    enum direction direction;
    const struct packet *packet;
};

/* Does a word of a rule's or a flow's list hold the address? */
enum tri linear_tag(const struct linear_view *view, const char *word,
                    struct address address);

enum tri linear_match(const struct linear_view *view, const struct rule *rule);

/* Returns the reasons, 1 << REASON_X, of all parts of the rule that cannot be
 * told for some packet. */
unsigned int linear_flaws(const struct linear_view *view,
                          const struct rule *rule);

#endif
