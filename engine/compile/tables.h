/* Tables that find the classes of a packet by a few loads.  They cost more
 * memory than the classifier itself, so they are made for those who look up
 * packets by the million, never for sweeps. */

#ifndef ENGINE_COMPILE_TABLES_H
#define ENGINE_COMPILE_TABLES_H

#include <stddef.h>

struct lookup_tables;

/* NULL is allowed. */
void tables_destroy(struct lookup_tables *tables);
size_t tables_size(const struct lookup_tables *tables);

#endif
