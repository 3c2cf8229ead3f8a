/* The connections that are open: how many there may be, over all and from one
 * address, and which one goes when there are too many.
 *
 * A client that only holds a connection must not keep others out: when the
 * places are taken, the connection that has waited longest for its next
 * request is shut down; failing that, one whose answer has been under way for
 * long.
 *
 * Threads: any (guarded by a lock of its own). */

#ifndef EXPORTER_WEB_CONNECTIONS_H
#define EXPORTER_WEB_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct clock;
struct connection;
struct connections;
struct sockaddr_storage;

struct connections *connections_create(size_t max, size_t max_per_address,
                                       struct clock *clock);
void connections_destroy(struct connections *connections);

/* Makes room for the connection 'fd' from 'address', and notes it.  Returns
 * false if there is no room. */
bool connections_add(struct connections *connections, int fd,
                     const struct sockaddr_storage *address);
/* Returns the connection of 'fd', or NULL. */
struct connection *connections_find(struct connections *connections, int fd);
/* Must be called before 'fd' is closed. */
void connections_remove(struct connections *connections,
                        struct connection *connection);

/* A whole request has come, or its answer has ended. */
void connections_busy(struct connections *connections,
                      struct connection *connection, bool busy);
/* Requests that are being answered. */
size_t connections_n_busy(struct connections *connections);

/* Returns true if nothing more can come from the client. */
bool connection_ended(const struct connection *connection);

/* What the client asked for, as it came; for the next request of the
 * connection. */
void connection_set_target(struct connection *connection, const char *target);
const char *connection_target(const struct connection *connection);

#endif
