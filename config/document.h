/* One file, read whole and handed to libconfig. */

#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include <libconfig.h>
#include <stdbool.h>

struct hasher;
struct reader;

/* Reads reader->file into 'tree', and adds its content and that of the files
 * it includes to 'hasher'.  Returns false after reporting what is wrong;
 * 'tree' is to be destroyed either way. */
bool document_read(struct reader *reader, struct hasher *hasher,
                   config_t *tree);

#endif
