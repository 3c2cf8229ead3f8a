/* What no rule of the file forbids, and yet will hardly do. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "engine/base/text.h"

/* Files that only the Azure source reads. */
static const struct {
    const char *key;
    size_t offset; /* Of the path, in struct config_source. */
} files[] = {
    { "ca_file", offsetof(struct config_source, ca_file) },
    { "credential.secret_file",
      offsetof(struct config_source, credential.secret_file) },
    { "credential.certificate_file",
      offsetof(struct config_source, credential.certificate_file) },
    { "credential.certificate_password_file",
      offsetof(struct config_source, credential.certificate_password_file) },
    { "credential.token_file",
      offsetof(struct config_source, credential.token_file) },
};

static void warn_of_age(const struct config *config, struct text *warnings);
static void warn_of_files(const struct config *config, struct text *warnings);
static void warn_of_folder(const struct config *config, struct text *warnings);
static const char *find_cause(const char *path, bool is_folder);

void
config_warn(const struct config *config, struct text *warnings)
{
    warn_of_age(config, warnings);
    if (config->source.kind == SOURCE_AZURE) {
        warn_of_files(config, warnings);
    } else {
        warn_of_folder(config, warnings);
    }
}

static void
warn_of_age(const struct config *config, struct text *warnings)
{
    if (config->max_age_ms < config->interval_ms) {
        text_printf(warnings,
                    "%s: warning: max_age (%lld s) is less than interval "
                    "(%lld s): verdicts turn unknown between cycles\n",
                    config->path, (long long) config->max_age_ms / 1000,
                    (long long) config->interval_ms / 1000);
    }
}

static void
warn_of_files(const struct config *config, struct text *warnings)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path;
        memcpy(&path, (const char *) &config->source + files[i].offset,
               sizeof path);
        const char *cause = *path ? find_cause(path, false) : NULL;
        if (cause) {
            text_printf(warnings, "%s: warning: source.%s: %s: %s\n",
                        config->path, files[i].key, path, cause);
        }
    }
}

static void
warn_of_folder(const struct config *config, struct text *warnings)
{
    const char *cause = find_cause(config->source.path, true);

    if (cause) {
        text_printf(warnings, "%s: warning: source.path: %s: %s\n",
                    config->path, config->source.path, cause);
    }
}

/* Returns why the file or folder cannot be read, or NULL.  A pipe would wait
 * for its writer, so it is not waited for. */
static const char *
find_cause(const char *path, bool is_folder)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    const char *cause = NULL;

    if (fd < 0 || fstat(fd, &status) != 0) {
        cause = strerror(errno);
    } else if (S_ISDIR(status.st_mode) != is_folder) {
        cause = is_folder ? "it is no folder" : "it is a folder";
    } else if (S_ISREG(status.st_mode) && !status.st_size) {
        cause = "it is empty";
    }
    if (fd >= 0) {
        close(fd);
    }
    return cause;
}
