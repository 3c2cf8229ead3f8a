/* Web configurations: read or refused with a line that names the file. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/error.h"
#include "exporter/web/web_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error;
    struct web_config *config =
        web_config_parse("web.yml", (const char *) data, size, &error);
    if (!config) {
        assert(!strncmp(error.message, "web.yml:", 8));
        return 0;
    }
    for (size_t i = 0; i < config->n_users; i++) {
        assert(strlen(config->users[i].hash) == 60);
    }
    assert((config->cert_file || config->cert)
           == (config->key_file || config->key));
    web_config_unref(config);
    return 0;
}
