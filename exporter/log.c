#include "exporter/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/text.h"
#include "exporter/clock.h"
#include "exporter/render/escape.h"

static const char *const level_names[N_LOG_LEVELS] = {
    [LOG_LEVEL_DEBUG] = "debug",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_ERROR] = "error",
};

static struct {
    atomic_int level;
    atomic_int format;
    atomic_uint_fast64_t counts[N_LOG_LEVELS];
    pthread_mutex_t lock;
    log_sink *sink; /* Guarded by 'lock'; NULL: standard error. */
    void *aux;      /* Guarded by 'lock'. */
} logger = { .level = LOG_LEVEL_INFO, .lock = PTHREAD_MUTEX_INITIALIZER };

static void log_message(enum log_level level, const char *message,
                        va_list pairs);

void
log_configure(enum log_level level, enum log_format format)
{
    atomic_store(&logger.level, (int) level);
    atomic_store(&logger.format, (int) format);
}

bool
log_level_parse(const char *word, enum log_level *level)
{
    for (int i = 0; i < N_LOG_LEVELS; i++) {
        if (strcmp(word, level_names[i]) == 0) {
            *level = (enum log_level) i;
            return true;
        }
    }
    return false;
}

bool
log_format_parse(const char *word, enum log_format *format)
{
    if (strcmp(word, "logfmt") == 0) {
        *format = LOG_FORMAT_LOGFMT;
        return true;
    }
    if (strcmp(word, "json") == 0) {
        *format = LOG_FORMAT_JSON;
        return true;
    }
    return false;
}

const char *
log_level_name(enum log_level level)
{
    return level_names[level];
}

void
log_redirect(log_sink *sink, void *aux)
{
    pthread_mutex_lock(&logger.lock);
    logger.sink = sink;
    logger.aux = aux;
    pthread_mutex_unlock(&logger.lock);
}

void
log_debug(const char *message, ...)
{
    va_list pairs;

    va_start(pairs, message);
    log_message(LOG_LEVEL_DEBUG, message, pairs);
    va_end(pairs);
}

void
log_info(const char *message, ...)
{
    va_list pairs;

    va_start(pairs, message);
    log_message(LOG_LEVEL_INFO, message, pairs);
    va_end(pairs);
}

void
log_warn(const char *message, ...)
{
    va_list pairs;

    va_start(pairs, message);
    log_message(LOG_LEVEL_WARN, message, pairs);
    va_end(pairs);
}

void
log_error(const char *message, ...)
{
    va_list pairs;

    va_start(pairs, message);
    log_message(LOG_LEVEL_ERROR, message, pairs);
    va_end(pairs);
}

uint64_t
log_count(enum log_level level)
{
    return atomic_load_explicit(&logger.counts[level], memory_order_relaxed);
}

static void
append_pair(struct text *line, enum log_format format, const char *key,
            const char *value)
{
    if (format == LOG_FORMAT_JSON) {
        text_append_char(line, line->length ? ',' : '{');
        escape_json(line, key);
        text_append_char(line, ':');
        escape_json(line, value);
    } else {
        if (line->length) {
            text_append_char(line, ' ');
        }
        text_append(line, key);
        text_append_char(line, '=');
        escape_logfmt(line, value);
    }
}

static void
write_all(const char *bytes, size_t n)
{
    while (n) {
        ssize_t written = write(STDERR_FILENO, bytes, n);
        if (written <= 0) {
            return; /* Nobody reads; there is nowhere to say so. */
        }
        bytes += written;
        n -= (size_t) written;
    }
}

static void
emit_line(struct text *line)
{
    pthread_mutex_lock(&logger.lock);
    if (logger.sink) {
        logger.sink(logger.aux, line->data);
    } else {
        text_append_char(line, '\n');
        write_all(line->data, line->length);
    }
    pthread_mutex_unlock(&logger.lock);
}

static void
log_message(enum log_level level, const char *message, va_list pairs)
{
    char now[CLOCK_TEXT_SIZE];
    struct text line;
    const char *key;

    atomic_fetch_add_explicit(&logger.counts[level], 1, memory_order_relaxed);
    if ((int) level < atomic_load(&logger.level)) {
        return;
    }

    enum log_format format = (enum log_format) atomic_load(&logger.format);
    struct clock *clock = clock_system();
    clock_format(clock->wall_ms(clock), now);
    text_init(&line);
    append_pair(&line, format, "time", now);
    append_pair(&line, format, "level", level_names[level]);
    append_pair(&line, format, "msg", message);
    while ((key = va_arg(pairs, const char *)) != NULL) {
        const char *value = va_arg(pairs, const char *);
        if (value) {
            append_pair(&line, format, key, value);
        }
    }
    if (format == LOG_FORMAT_JSON) {
        text_append_char(&line, '}');
    }
    emit_line(&line);
    text_clear(&line);
}
