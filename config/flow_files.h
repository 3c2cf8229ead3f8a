/* The flows of the main file and of those that 'flows_files' names. */

#ifndef CONFIG_FLOW_FILES_H
#define CONFIG_FLOW_FILES_H

#include <libconfig.h>

struct flow_list;
struct hasher;
struct reader;

/* Reads 'flows' of the main file, then of each file, in the order of
 * 'flows_files' and of the names that match a pattern.  A file counts once.
 * A pattern may match nothing: a team may have no flows yet.  A name without
 * pattern characters must exist. */
void flow_files_read(struct reader *reader, const config_setting_t *root,
                     struct hasher *hasher, struct flow_list *list);

#endif
