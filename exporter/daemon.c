#include "exporter/daemon.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/changes.h"
#include "exporter/clock.h"
#include "exporter/notify.h"
#include "exporter/scheduler.h"
#include "exporter/snapshot.h"
#include "exporter/source/source.h"
#include "exporter/web/server.h"

#define MEMBER(name) offsetof(struct daemon_options, name)

static const struct option flags[] = {
    { "config.file", OPTION_WORD, "PATH", "/etc/flowverify/flowverify.cfg",
      "Configuration: source, flows, intervals.", MEMBER(config_file) },
    { "config.check", OPTION_SWITCH, NULL, NULL,
      "Read the configuration, print every error with file and line, or "
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

enum { MMAP_THRESHOLD = 128 * 1024 };

/* What runs while the daemon runs. */
struct daemon {
    const struct daemon_options *options;
    struct publisher *publisher;
    struct changes *changes;
    struct scheduler *scheduler;
    struct server *server;
};

static bool read_shard(struct daemon_options *options, struct error *error);
static struct config *load_config(void *aux, struct text *errors);
static bool daemon_start(struct daemon *daemon, struct text *errors);
static void daemon_serve(struct daemon *daemon, const sigset_t *signals);
static void daemon_stop(struct daemon *daemon);
static void print_errors(const struct text *errors);

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

enum daemon_exit
daemon_check_config(const struct daemon_options *options)
{
    struct text errors;
    enum daemon_exit code = DAEMON_EXIT_OK;

    text_init(&errors);
    const struct config *config = config_load(options->config_file, &errors);
    if (config) {
        config_warn(config, &errors);
        print_errors(&errors);
        printf("%s: good, %zu flow%s\n", options->config_file, config->n_flows,
               config->n_flows == 1 ? "" : "s");
        config_unref(config);
    } else {
        (void) fputs(errors.data, stderr);
        code = DAEMON_EXIT_FAILED;
    }
    text_clear(&errors);
    return code;
}

enum daemon_exit
daemon_run(const struct daemon_options *options)
{
#ifdef __GLIBC__
    /* Large blocks (rendered metrics) go back to the system when they are
     * freed; by itself the limit would grow with each, and two thirds of the
     * heap of 10,000 flows would be holes. */
    (void) mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
#endif
    struct daemon daemon = { .options = options };
    enum daemon_exit code = DAEMON_EXIT_OK;
    struct text errors;
    sigset_t signals;

    /* Blocked before there are threads, so that sigwait() below is the only
     * one who gets them. */
    (void) sigemptyset(&signals);
    (void) sigaddset(&signals, SIGHUP);
    (void) sigaddset(&signals, SIGTERM);
    (void) sigaddset(&signals, SIGINT);
    (void) pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void) signal(SIGPIPE, SIG_IGN);
    log_configure(options->log_level, options->log_format);

    text_init(&errors);
    if (daemon_start(&daemon, &errors)) {
        daemon_serve(&daemon, &signals);
    } else {
        print_errors(&errors);
        code = DAEMON_EXIT_FAILED;
    }
    daemon_stop(&daemon);
    text_clear(&errors);
    return code;
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

static void
log_warnings(const struct config *config)
{
    struct text warnings;

    text_init(&warnings);
    config_warn(config, &warnings);
    for (char *line = warnings.data; *line;) {
        char *end = line + strcspn(line, "\n");
        *end = '\0';
        log_warn("doubtful configuration", "warning", line, NULL);
        line = end + 1;
    }
    text_clear(&warnings);
}

static struct config *
load_config(void *aux, struct text *errors)
{
    const struct daemon *daemon = aux;

    const struct daemon_options *options = daemon->options;
    struct config *config = config_load(options->config_file, errors);

    if (config) {
        log_warnings(config);
    }
    if (config && options->n_shards > 1) {
        config_keep_shard(config, options->shard, options->n_shards);
    }
    return config;
}

/* Feeds systemd's watchdog, and tells it how the flows are. */
static void
report_alive(void *aux, const struct snapshot *snapshot)
{
    char status[128];
    size_t n_violated = 0;
    size_t n_unknown = 0;

    (void) aux;
    notify_watchdog();
    if (!snapshot) {
        return;
    }
#ifdef __GLIBC__
    /* What the pass (and the reader of the configuration) took and gave
     * back: of 10,000 flows, 14 MB.  It takes a millisecond or two. */
    (void) malloc_trim(0);
#endif
    for (size_t i = 0; i < snapshot->n_results; i++) {
        const struct flow_result *result = &snapshot->results[i];
        n_violated += result->violated;
        n_unknown += result->verdict->kind == VERDICT_UNKNOWN;
    }
    (void) snprintf(status, sizeof status,
                    "%zu flows, %zu violated, %zu unknown",
                    snapshot->n_results, n_violated, n_unknown);
    notify_status(status);
}

static bool
reload(void *aux, struct error *error)
{
    struct daemon *daemon = aux;

    notify_reloading();
    bool taken = scheduler_reload(daemon->scheduler, error);
    notify_ready(taken ? "Configuration read again"
                       : "Bad configuration refused");
    return taken;
}

/* The time and the process tell exporters apart that start together. */
static uint64_t
jitter_seed(void)
{
    struct clock *clock = clock_system();

    return (uint64_t) clock->wall_ms(clock) * 65537 + (uint64_t) getpid();
}

static bool
daemon_start(struct daemon *daemon, struct text *errors)
{
    const struct daemon_options *options = daemon->options;
    static const char *const standard_address = ":16863";
    bool listens = options->listen_addresses.n > 0;
    struct error error;

    daemon->publisher = publisher_create();
    daemon->changes = changes_create();
    daemon->scheduler = scheduler_start(
        &(struct scheduler_options){
            .load = load_config,
            .open = source_create,
            .storage = options->storage,
            .clock = clock_system(),
            .publisher = daemon->publisher,
            .changes = daemon->changes,
            .seed = jitter_seed(),
            .alive = report_alive,
            .aux = daemon,
        },
        errors);
    if (!daemon->scheduler) {
        return false;
    }
    daemon->server = server_start(
        &(struct server_options){
            .listen_addresses =
                listens ? options->listen_addresses.words : &standard_address,
            .n_listen_addresses = listens ? options->listen_addresses.n : 1,
            .systemd_socket = options->systemd_socket,
            .web_config_file = options->web_config_file,
            .telemetry_path = options->telemetry_path,
            .external_url = options->external_url,
            .route_prefix = options->route_prefix,
            .enable_lifecycle = options->enable_lifecycle,
            .publisher = daemon->publisher,
            .changes = daemon->changes,
            .clock = clock_system(),
            .reload = reload,
            .aux = daemon,
        },
        &error);
    if (!daemon->server) {
        text_printf(errors, "%s\n", error.message);
    }
    return daemon->server != NULL;
}

static void
daemon_serve(struct daemon *daemon, const sigset_t *signals)
{
    struct error error;
    int number = 0;

    log_info("started", "version", build_version(), "revision",
             build_revision(), "config", daemon->options->config_file, NULL);
    notify_ready("Collecting for the first time");
    while (sigwait(signals, &number) == 0 && number == SIGHUP) {
        (void) reload(daemon, &error); /* A refusal was logged. */
    }
    notify_stopping();
    log_info("stopping", "signal", number == SIGINT ? "SIGINT" : "SIGTERM",
             NULL);
}

static void
daemon_stop(struct daemon *daemon)
{
    if (daemon->server) {
        server_stop(daemon->server);
    }
    if (daemon->scheduler) {
        scheduler_stop(daemon->scheduler);
    }
    changes_destroy(daemon->changes);
    publisher_destroy(daemon->publisher);
}

/* One line for each error or warning, with the name of the program before it. */
static void
print_errors(const struct text *errors)
{
    const char *line = errors->data;

    while (*line) {
        int length = (int) strcspn(line, "\n");
        (void) fprintf(stderr, "flowverify_exporter: %.*s\n", length, line);
        line += length;
        line += *line == '\n';
    }
}
