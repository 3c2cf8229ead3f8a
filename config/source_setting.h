/* The group 'source': where the estate is read from, and as whom. */

#ifndef CONFIG_SOURCE_SETTING_H
#define CONFIG_SOURCE_SETTING_H

#include <libconfig.h>

struct config_source;
struct reader;

/* Reads the group, or only its defaults if 'group' is NULL. */
void source_setting_read(struct reader *reader, const config_setting_t *group,
                         struct config_source *source);

#endif
