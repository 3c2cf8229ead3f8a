/* Any bytes as a configuration: it is loaded, or refused with lines that
 * begin with the file's name and a number. */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "engine/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the string that it was reading when it meets an
 * error. */
const char *
__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

/* Returns a file in memory; its name in /proc is its path. */
static int
make_file(const uint8_t *data, size_t size, char *path, size_t path_size)
{
    int file = memfd_create("config", MFD_CLOEXEC);

    if (file < 0 || write(file, data, size) != (ssize_t) size) {
        abort();
    }
    snprintf(path, path_size, "/proc/self/fd/%d", file);
    return file;
}

/* Every line must be "FILE:LINE: cause"; files that the input includes have
 * names of their own. */
static void
check_errors(const char *errors)
{
    if (!*errors) {
        abort();
    }
    while (*errors) {
        const char *end = strchr(errors, '\n');
        const char *colon = strchr(errors, ':');
        if (!end || !colon || colon > end
            || !strspn(colon + 1, "0123456789")) {
            abort();
        }
        errors = end + 1;
    }
}

/* A flow that was accepted holds what the engine relies on. */
static void
check_flows(const struct config *config)
{
    for (size_t i = 0; i < config->n_flows; i++) {
        const struct config_flow *flow = &config->flows[i];
        if (!*flow->flow.name || !flow->flow.protocols
            || !flow->flow.source.ports.n || !flow->flow.destination.ports.n
            || !(flow_end_is_judged(&flow->flow.source)
                 || flow_end_is_judged(&flow->flow.destination))) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct text errors;
    int file = make_file(data, size, path, sizeof path);

    text_init(&errors);
    struct config *config = config_load(path, &errors);
    if (config) {
        check_flows(config);
    } else {
        check_errors(errors.data);
    }
    config_unref(config);
    text_clear(&errors);
    close(file);
    return 0;
}
