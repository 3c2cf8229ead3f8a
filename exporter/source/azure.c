#include "exporter/source/azure.h"

#include "engine/base/error.h"
#include "exporter/source/source.h"

void
azure_global_init(void)
{
}

void
azure_global_destroy(void)
{
}

struct source *
azure_create(const struct config *config, const char *storage,
             struct clock *clock, struct error *error)
{
    (void) config;
    (void) storage;
    (void) clock;
    error_set(error, "the Azure source is not in this build");
    return NULL;
}
