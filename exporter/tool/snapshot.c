/* flowverify snapshot: what Azure has, as a folder to replay and compare. */

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/clock.h"
#include "exporter/log.h"
#include "exporter/options.h"
#include "exporter/source/azure.h"
#include "exporter/source/source.h"
#include "exporter/tool/tool.h"

struct snapshot_options {
    const char *config_file;
    const char *out;
    bool help;
};

static const struct option flags[] = {
    { "config.file", OPTION_WORD, "PATH", NULL, "The configuration.",
      offsetof(struct snapshot_options, config_file) },
    { "out", OPTION_WORD, "DIR", NULL,
      "The folder to write, which must be new or empty.",
      offsetof(struct snapshot_options, out) },
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      offsetof(struct snapshot_options, help) },
};

const struct option_table tool_snapshot_flags = {
    .usage = "flowverify snapshot --config.file=F --out=DIR",
    .about = "Collects once from Azure and writes a folder that the directory "
             "source reads. Exit code 0: written whole; 2: written, but some "
             "of it could not be read; 3: could not run.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

static const struct config *load(const char *path);
static int write_snapshot(const struct config *config, const char *folder);

int
tool_snapshot(int argc, char *argv[])
{
    struct snapshot_options options = { .help = false };
    size_t n_operands;
    int code;

    if (!tool_parse(&tool_snapshot_flags, argc, argv, &options, &options.help,
                    &n_operands, &code)) {
        return code;
    }
    if (n_operands || !options.config_file || !options.out) {
        return tool_fail("snapshot: --config.file and --out must be given, "
                         "and nothing else");
    }
    const struct config *config = load(options.config_file);
    if (!config) {
        return TOOL_FAILED;
    }
    log_configure(N_LOG_LEVELS, LOG_FORMAT_LOGFMT);
    code = write_snapshot(config, options.out);
    config_unref(config);
    return code;
}

static const struct config *
load(const char *path)
{
    struct text errors;

    text_init(&errors);
    const struct config *config = config_load(path, &errors);
    if (!config) {
        (void) tool_fail_lines(&errors);
    } else if (config->source.kind != SOURCE_AZURE) {
        (void) tool_fail("%s: the source is a folder already", path);
        config_unref(config);
        config = NULL;
    }
    text_clear(&errors);
    return config;
}

/* Tells which feeds failed; returns whether any did. */
static bool
tell_failures(const struct collection *collection)
{
    tool_tell_feeds(collection->feeds, collection->n_feeds, NULL, 0);
    return !collection->succeeded;
}

static int
write_snapshot(const struct config *config, const char *folder)
{
    struct error error;
    struct text out;
    size_t n = 0;
    int code = TOOL_FAILED;

    struct source *source = azure_create(config, NULL, clock_system(), &error);
    if (!source) {
        return tool_fail("%s", error.message);
    }
    azure_keep_documents(source);
    bool failed = tell_failures(source_collect(source, config));
    if (!azure_write(source, folder, &n, &error)) {
        (void) tool_fail("%s", error.message);
    } else if (!n) {
        (void) tool_fail("%s: nothing was read", folder);
    } else {
        text_init(&out);
        text_printf(&out, "%s: %zu documents\n", folder, n);
        code = tool_print(&out, failed ? TOOL_UNKNOWN : TOOL_OK);
    }
    source_destroy(source);
    return code;
}
