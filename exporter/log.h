/* Log lines on standard error: logfmt or JSON, one a line.
 *
 *     log_info("verdict changed", "flow", name, "from", "allow", NULL);
 *
 * After the message come pairs of key and value, ended by NULL; a NULL value
 * leaves its pair out.  Values are quoted as needed, control characters are
 * escaped.  What is secret must never be given to a log function.
 *
 * Threads: any; lines are never mixed. */

#ifndef EXPORTER_LOG_H
#define EXPORTER_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_LEVEL_ERROR,
    N_LOG_LEVELS
};
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

/* N_LOG_LEVELS as the level: nothing is shown. */
void log_configure(enum log_level level, enum log_format format);
bool log_level_parse(const char *word, enum log_level *level);
bool log_format_parse(const char *word, enum log_format *format);
const char *log_level_name(enum log_level level);

/* Where lines go instead of standard error, for tests; NULL goes back. */
typedef void log_sink(void *aux, const char *line);
void log_redirect(log_sink *sink, void *aux);

void log_debug(const char *message, ...) __attribute__((sentinel));
void log_info(const char *message, ...) __attribute__((sentinel));
void log_warn(const char *message, ...) __attribute__((sentinel));
void log_error(const char *message, ...) __attribute__((sentinel));

/* How many messages of the level were logged, shown or not. */
uint64_t log_count(enum log_level level);

#endif
