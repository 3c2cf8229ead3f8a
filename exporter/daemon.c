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
#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/changes.h"
#include "exporter/clock.h"
#include "exporter/notify.h"
#include "exporter/scheduler.h"
#include "exporter/snapshot.h"
#include "exporter/source/source.h"
#include "exporter/web/security.h"
#include "exporter/web/server.h"

enum { MMAP_THRESHOLD = 128 * 1024 };

/* What runs while the daemon runs. */
struct daemon {
    const struct daemon_options *options;
    struct publisher *publisher;
    struct changes *changes;
    struct scheduler *scheduler;
    struct server *server;
};

static bool check_web(const struct daemon_options *options,
                      struct text *errors);
static struct config *load_config(void *aux, struct text *errors);
static bool daemon_start(struct daemon *daemon, struct text *errors);
static void daemon_serve(struct daemon *daemon, const sigset_t *signals);
static void daemon_stop(struct daemon *daemon);
static void print_errors(const struct text *errors);

enum daemon_exit
daemon_check_config(const struct daemon_options *options)
{
    struct text errors;
    enum daemon_exit code = DAEMON_EXIT_OK;

    text_init(&errors);
    const struct config *config = config_load(options->config_file, &errors);
    if (config && !check_web(options, &errors)) {
        print_errors(&errors);
        config_unref(config);
        code = DAEMON_EXIT_FAILED;
    } else if (config) {
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

/* The web configuration with all the files that it names. */
static bool
check_web(const struct daemon_options *options, struct text *errors)
{
    struct error error;
    bool good =
        security_check(options->web_config_file, clock_system(), &error);

    if (!good) {
        text_printf(errors, "%s\n", error.message);
    }
    return good;
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
