/* The keys of the web configuration and their values.  Private to
 * exporter/web/web_config*.c. */

#ifndef EXPORTER_WEB_WEB_CONFIG_KEYS_H
#define EXPORTER_WEB_WEB_CONFIG_KEYS_H

#include <stdbool.h>

#include "exporter/web/web_config.h"

struct arena;
struct yaml_node;

/* A configuration in the making. */
struct web_loader {
    const char *path;    /* For messages and relative paths. */
    struct arena *arena; /* Of the configuration, and of the nodes. */
    struct web_config *config;
    struct error *error;
};

/* Fills loader->config from the file's outermost mapping.  Returns false, with
 * one line in loader->error, at the first key or value that is wrong. */
bool web_config_read(struct web_loader *loader, const struct yaml_node *root);

#endif
