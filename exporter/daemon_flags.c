/* The flags of the exporter: their table, reading and describing them. */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/daemon.h"

#define MEMBER(name) offsetof(struct daemon_options, name)

static const struct option flags[] = {
    { "config.file", OPTION_WORD, "PATH", "/etc/flowverify/flowverify.cfg",
      "Configuration: source, flows, intervals.", MEMBER(config_file) },
    { "config.check", OPTION_SWITCH, NULL, NULL,
      "Read the configuration and --web.config.file, print every error with "
      "file and line, or "
      "warnings of a good one, and exit with 1 or 0.",
      MEMBER(config_check) },
    { "storage.path", OPTION_WORD, "DIR", NULL,
      "Folder that keeps state across restarts: last verdicts, change times, "
      "last good data. Without it nothing is kept.",
      MEMBER(storage) },
    { "shard", OPTION_WORD, "I/N", NULL,
      "Judge only the flows whose names belong to shard I of N, counted from "
      "0, so that a long list can be split over several exporters. I may be "
      "the name of a StatefulSet's pod, which ends in its ordinal.",
      MEMBER(shard_text) },
    { "web.listen-address", OPTION_WORDS, "ADDR", ":16863",
      "Address and port to listen on, such as :16863 or [::1]:16863.",
      MEMBER(listen_addresses) },
    { "web.systemd-socket", OPTION_SWITCH, NULL, NULL,
      "Use the sockets that systemd hands over instead.",
      MEMBER(systemd_socket) },
    { "web.config.file", OPTION_WORD, "PATH", NULL,
      "TLS, client certificates, users and response headers, in the format "
      "of the Prometheus exporter toolkit.",
      MEMBER(web_config_file) },
    { "web.telemetry-path", OPTION_WORD, "PATH", "/metrics",
      "Where the metrics are served.", MEMBER(telemetry_path) },
    { "web.external-url", OPTION_WORD, "URL", NULL,
      "URL under which the exporter is reached from outside, behind a "
      "reverse proxy.",
      MEMBER(external_url) },
    { "web.route-prefix", OPTION_WORD, "PATH", NULL,
      "Prefix of all routes; the path of --web.external-url if not given.",
      MEMBER(route_prefix) },
    { "web.enable-lifecycle", OPTION_SWITCH, NULL, NULL,
      "Let POST /-/reload read the configuration again.",
      MEMBER(enable_lifecycle) },
    { "log.level", OPTION_WORD, "LEVEL", "info",
      "Least severe messages that are logged: debug, info, warn or error.",
      MEMBER(log_level_text) },
    { "log.format", OPTION_WORD, "FORMAT", "logfmt", "logfmt or json.",
      MEMBER(log_format_text) },
    { "version", OPTION_SWITCH, NULL, NULL, "Print the version and exit.",
      MEMBER(version) },
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      MEMBER(help) },
};

const struct option_table daemon_flags = {
    .usage = "flowverify_exporter [FLAGS]",
    .about = "Answers continuously, for a list of flows, whether Azure's "
             "network rules allow them, and serves the answers to "
             "Prometheus. SIGHUP reads the configuration again.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

static bool read_shard(struct daemon_options *options, struct error *error);

bool
daemon_parse(int argc, char *argv[], struct daemon_options *options,
             struct error *error)
{
    size_t n_operands;

    if (!options_parse(&daemon_flags, argc, argv, options, &n_operands,
                       error)) {
        return false;
    }
    if (n_operands) {
        return error_set(error, "unexpected argument '%s'", argv[1]);
    }
    if (!log_level_parse(options->log_level_text, &options->log_level)) {
        return error_set(error,
                         "--log.level: '%s' is not debug, info, warn or "
                         "error",
                         options->log_level_text);
    }
    if (!log_format_parse(options->log_format_text, &options->log_format)) {
        return error_set(error, "--log.format: '%s' is not logfmt or json",
                         options->log_format_text);
    }
    return read_shard(options, error);
}

enum daemon_exit
daemon_help(void)
{
    struct text help;

    text_init(&help);
    options_describe(&daemon_flags, &help);
    (void) fputs(help.data, stdout);
    text_clear(&help);
    return DAEMON_EXIT_OK;
}

enum daemon_exit
daemon_version(void)
{
    struct text version;

    text_init(&version);
    build_describe(&version, "flowverify_exporter");
    (void) fputs(version.data, stdout);
    text_clear(&version);
    return DAEMON_EXIT_OK;
}

/* Reads "I/N".  Before I may stand the name of a StatefulSet's pod, which ends
 * in its ordinal: "flowverify-3/4". */
static bool
read_shard(struct daemon_options *options, struct error *error)
{
    const char *text = options->shard_text;
    uint64_t shard = 0;
    uint64_t n_shards = 1;

    if (text) {
        const char *slash = strchr(text, '/');
        const char *dash = strrchr(text, '-');
        const char *number = dash && dash > text ? dash + 1 : text;
        if (!slash || slash < number
            || !number_parse(number, (size_t) (slash - number), 9999, &shard)
            || !number_parse(slash + 1, strlen(slash + 1), 10000, &n_shards)
            || shard >= n_shards) {
            return error_set(error,
                             "--shard: '%s' is not I/N with I from 0 to N - 1",
                             text);
        }
    }
    options->shard = (size_t) shard;
    options->n_shards = (size_t) n_shards;
    return true;
}
