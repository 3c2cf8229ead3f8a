/* The group 'network': what Azure's API cannot tell. */

#ifndef CONFIG_NETWORK_SETTING_H
#define CONFIG_NETWORK_SETTING_H

#include <libconfig.h>

struct engine_settings;
struct reader;

/* Reads the group, or only its defaults if 'group' is NULL. */
void network_setting_read(struct reader *reader, const config_setting_t *group,
                          struct engine_settings *settings);

#endif
