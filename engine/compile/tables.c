#include "engine/compile/tables.h"

#include <stdlib.h>

void
tables_destroy(struct lookup_tables *tables)
{
    free(tables);
}

size_t
tables_size(const struct lookup_tables *tables)
{
    (void) tables;
    return 0;
}
