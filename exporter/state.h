/* What survives a restart: named documents in the folder of --storage.path.
 *
 * A document is written to a temporary file, flushed, and renamed over the
 * last one, so that after a crash either the old or the new one is there,
 * whole.  Each carries a version, its name, its size and a checksum.  A file
 * that is damaged or foreign is put aside under "NAME.bad": it never makes a
 * start fail.
 *
 * Nothing secret may be given to state_save().
 *
 * Threads: one at a time for each folder. */

#ifndef EXPORTER_STATE_H
#define EXPORTER_STATE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct text;

/* Makes the folder if it is missing, for its owner only, and clears away the
 * temporary files of a process that was killed. */
bool state_open(const char *folder, struct error *error);

/* Keeps 'size' bytes under 'name', which is made of letters, digits, "-", "_"
 * and ".", and is not empty. */
bool state_save(const char *folder, const char *name, const void *bytes,
                size_t size, struct error *error);

enum state_outcome {
    STATE_LOADED,
    STATE_ABSENT,
    STATE_PUT_ASIDE /* 'error' has one line for the log. */
};

/* Appends what was kept under 'name' to 'bytes'. */
enum state_outcome state_load(const char *folder, const char *name,
                              struct text *bytes, struct error *error);

/* Forgets what was kept under 'name', if anything. */
void state_remove(const char *folder, const char *name);

/* Puts the document aside as if it were damaged: for a caller who finds that
 * its content makes no sense. */
void state_put_aside(const char *folder, const char *name);

/* Calls 'visit' with the name of each document that begins with 'prefix', in
 * alphabetical order.  It may save and remove documents. */
typedef void state_visit(void *aux, const char *name);
void state_each(const char *folder, const char *prefix, state_visit *visit,
                void *aux);

#endif
