/* What flowverify_exporter does, part by part: its flags, and the wiring of
 * scheduler, server and signals. */

#ifndef EXPORTER_DAEMON_H
#define EXPORTER_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#include "exporter/log.h"
#include "exporter/options.h"

struct error;

enum daemon_exit {
    DAEMON_EXIT_OK,
    DAEMON_EXIT_FAILED, /* Start-up or configuration. */
    DAEMON_EXIT_USAGE
};

struct daemon_options {
    const char *config_file;
    bool config_check;
    const char *storage;
    const char *shard_text;
    struct option_words listen_addresses;
    bool systemd_socket;
    const char *web_config_file;
    const char *telemetry_path;
    const char *external_url;
    const char *route_prefix;
    bool enable_lifecycle;
    const char *log_level_text;
    const char *log_format_text;
    bool version;
    bool help;

    /* Read from the words above. */
    enum log_level log_level;
    enum log_format log_format;
    size_t shard;
    size_t n_shards; /* 1 without --shard. */
};

extern const struct option_table daemon_flags;

bool daemon_parse(int argc, char *argv[], struct daemon_options *options,
                  struct error *error);

/* Each does one thing and returns the exit code. */
enum daemon_exit daemon_help(void);
enum daemon_exit daemon_version(void);
enum daemon_exit daemon_check_config(const struct daemon_options *options);
/* Serves until SIGTERM or SIGINT. */
enum daemon_exit daemon_run(const struct daemon_options *options);

#endif
