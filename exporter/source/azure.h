/* The Azure source, beyond what every source can do (source.h). */

#ifndef EXPORTER_SOURCE_AZURE_H
#define EXPORTER_SOURCE_AZURE_H

#include <stdbool.h>
#include <stddef.h>

struct clock;
struct config;
struct error;
struct http;
struct source;

/* Like azure_create(), with requests made through 'http', which the source
 * takes over: for tests.  'random' gives the jitter of retries. */
struct source *azure_create_with(const struct config *config,
                                 const char *storage, struct clock *clock,
                                 struct http *http, struct error *error);

/* Keeps the documents that are read from now on in memory, so that
 * azure_write() can hand them out. */
void azure_keep_documents(struct source *source);

/* Writes the documents of the last collection into 'folder', which must be
 * new or empty, in the form that the directory source reads.  '*n' becomes
 * their number. */
bool azure_write(struct source *source, const char *folder, size_t *n,
                 struct error *error);

#endif
