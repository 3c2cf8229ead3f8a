/* The group 'source.credential'. */

#ifndef CONFIG_CREDENTIAL_SETTING_H
#define CONFIG_CREDENTIAL_SETTING_H

#include <libconfig.h>

struct config_credential;
struct reader;

/* Reads the group, or only its defaults if 'group' is NULL. */
void credential_setting_read(struct reader *reader,
                             const config_setting_t *group,
                             struct config_credential *credential);

#endif
