/* Sockets that listen.
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_LISTENER_H
#define EXPORTER_WEB_LISTENER_H

#include <stddef.h>

struct error;

/* Opens a listening socket at ":16863" (all addresses of both families),
 * "127.0.0.1:9000", "[::1]:9000" or "host:9000".  Returns it, or -1. */
int listener_open(const char *address, struct error *error);

/* Takes over the sockets that systemd handed to this process
 * (sd_listen_fds(3)), at most 'max'.  Returns their number; 0 and an error if
 * there are none. */
size_t listener_inherit(int fds[], size_t max, struct error *error);

/* Writes the address and port that 'fd' really listens on, such as
 * "127.0.0.1:9000" or "[::]:16863"; "" if it has none. */
enum { LISTENER_NAME_SIZE = 80 };
void listener_name(int fd, char name[LISTENER_NAME_SIZE]);

/* Returns the port that 'fd' listens on; 0 if it has none. */
unsigned int listener_port(int fd);

#endif
