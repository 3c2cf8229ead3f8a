#include "exporter/source/source.h"

#include "config/config.h"

struct source *
source_create(const struct config *config, const char *storage,
              struct clock *clock, struct error *error)
{
    switch (config->source.kind) {
    case SOURCE_AZURE: return azure_create(config, storage, clock, error);
    case SOURCE_DIRECTORY: break;
    }
    return directory_create(config, clock);
}

const struct collection *
source_stored(struct source *source)
{
    return source->class->stored ? source->class->stored(source) : NULL;
}

const struct collection *
source_collect(struct source *source, const struct config *config)
{
    return source->class->collect(source, config);
}

void
source_interrupt(struct source *source)
{
    if (source->class->interrupt) {
        source->class->interrupt(source);
    }
}

void
source_destroy(struct source *source)
{
    if (source) {
        source->class->destroy(source);
    }
}
