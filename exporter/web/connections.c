#include "exporter/web/connections.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/base/hash.h"
#include "engine/base/memory.h"
#include "exporter/clock.h"

/* An answer that takes longer is given up when others need its place. */
enum { ANSWER_MS = 5000 };

struct connection {
    struct connection *before, *after; /* In 'idle' or 'busy', oldest first. */
    struct list *list;
    int fd;
    uint64_t address; /* Fingerprint of the client's address. */
    int64_t since_ms; /* When it entered its list. */
    bool shut;
    char *target;
};

struct list {
    struct connection *first, *last;
    size_t n;
};

struct connections {
    pthread_mutex_t lock;
    size_t max, max_per_address;
    struct clock *clock;
    /* Guarded by 'lock'. */
    struct list idle, busy;
    struct connection **by_fd;
    size_t n_by_fd;
};

static void list_append(struct list *list, struct connection *connection,
                        int64_t now);
static void list_remove(struct connection *connection);
static bool make_room(struct connections *connections, uint64_t address);
static bool shut_oldest(struct list *list, const uint64_t *address,
                        int64_t before_ms);
static size_t count_address(const struct list *list, uint64_t address);
static void forget(struct connections *connections,
                   struct connection *connection);
static uint64_t fingerprint(const struct sockaddr_storage *address);
static int64_t now_ms(const struct connections *connections);

struct connections *
connections_create(size_t max, size_t max_per_address, struct clock *clock)
{
    struct connections *connections = memory_calloc(1, sizeof *connections);
    (void) pthread_mutex_init(&connections->lock, NULL);
    connections->max = max;
    connections->max_per_address = max_per_address;
    connections->clock = clock;
    return connections;
}

void
connections_destroy(struct connections *connections)
{
    if (!connections) {
        return;
    }
    for (size_t i = 0; i < connections->n_by_fd; i++) {
        if (connections->by_fd[i]) {
            forget(connections, connections->by_fd[i]);
        }
    }
    (void) pthread_mutex_destroy(&connections->lock);
    free(connections->by_fd);
    free(connections);
}

bool
connections_add(struct connections *connections, int fd,
                const struct sockaddr_storage *address)
{
    uint64_t key = fingerprint(address);
    size_t index = (size_t) fd;

    (void) pthread_mutex_lock(&connections->lock);
    /* The number was used before by a connection that never began. */
    if (index < connections->n_by_fd && connections->by_fd[index]) {
        forget(connections, connections->by_fd[index]);
    }
    bool room = make_room(connections, key);
    if (room) {
        if (index >= connections->n_by_fd) {
            size_t n = index + 64;
            connections->by_fd = memory_resize(connections->by_fd, n,
                                               sizeof *connections->by_fd);
            for (size_t i = connections->n_by_fd; i < n; i++) {
                connections->by_fd[i] = NULL;
            }
            connections->n_by_fd = n;
        }
        struct connection *connection = memory_calloc(1, sizeof *connection);
        connection->fd = fd;
        connection->address = key;
        connections->by_fd[index] = connection;
        list_append(&connections->idle, connection, now_ms(connections));
    }
    (void) pthread_mutex_unlock(&connections->lock);
    return room;
}

struct connection *
connections_find(struct connections *connections, int fd)
{
    size_t index = (size_t) fd;
    (void) pthread_mutex_lock(&connections->lock);
    struct connection *connection =
        index < connections->n_by_fd ? connections->by_fd[index] : NULL;
    (void) pthread_mutex_unlock(&connections->lock);
    return connection;
}

void
connections_remove(struct connections *connections,
                   struct connection *connection)
{
    if (!connection) {
        return;
    }
    (void) pthread_mutex_lock(&connections->lock);
    forget(connections, connection);
    (void) pthread_mutex_unlock(&connections->lock);
}

void
connections_busy(struct connections *connections,
                 struct connection *connection, bool busy)
{
    if (!connection) {
        return;
    }
    (void) pthread_mutex_lock(&connections->lock);
    list_remove(connection);
    list_append(busy ? &connections->busy : &connections->idle, connection,
                now_ms(connections));
    (void) pthread_mutex_unlock(&connections->lock);
}

size_t
connections_n_busy(struct connections *connections)
{
    (void) pthread_mutex_lock(&connections->lock);
    size_t n = connections->busy.n;
    (void) pthread_mutex_unlock(&connections->lock);
    return n;
}

bool
connection_ended(const struct connection *connection)
{
    char next;
    return !recv(connection->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT);
}

void
connection_set_target(struct connection *connection, const char *target)
{
    size_t size = strlen(target) + 1;
    connection->target = memory_resize(connection->target, size, 1);
    memcpy(connection->target, target, size);
}

const char *
connection_target(const struct connection *connection)
{
    return connection->target ? connection->target : "";
}

static void
list_append(struct list *list, struct connection *connection, int64_t now)
{
    connection->list = list;
    connection->since_ms = now;
    connection->after = NULL;
    connection->before = list->last;
    if (list->last) {
        list->last->after = connection;
    } else {
        list->first = connection;
    }
    list->last = connection;
    list->n++;
}

static void
list_remove(struct connection *connection)
{
    struct list *list = connection->list;
    if (connection->before) {
        connection->before->after = connection->after;
    } else {
        list->first = connection->after;
    }
    if (connection->after) {
        connection->after->before = connection->before;
    } else {
        list->last = connection->before;
    }
    list->n--;
}

/* Returns true if one more connection from 'address' may come.  A shut
 * connection counts until it is closed, so that a flood cannot pile up. */
static bool
make_room(struct connections *connections, uint64_t address)
{
    size_t n = connections->idle.n + connections->busy.n;
    size_t same = count_address(&connections->idle, address)
                  + count_address(&connections->busy, address);
    bool crowded = same >= connections->max_per_address;
    if (n < connections->max && !crowded) {
        return true;
    }
    int64_t now = now_ms(connections);
    const uint64_t *only = crowded ? &address : NULL;
    bool shut = shut_oldest(&connections->idle, only, now)
                || shut_oldest(&connections->busy, only, now - ANSWER_MS);
    /* What was shut closes soon; a few more than the limit do no harm. */
    return shut && n < connections->max + connections->max / 4;
}

/* Shuts the oldest connection that is in 'list' since before 'before_ms'. */
static bool
shut_oldest(struct list *list, const uint64_t *address, int64_t before_ms)
{
    for (struct connection *c = list->first; c; c = c->after) {
        if (!c->shut && c->since_ms <= before_ms
            && (!address || c->address == *address)) {
            c->shut = true;
            (void) shutdown(c->fd, SHUT_RDWR);
            return true;
        }
    }
    return false;
}

static size_t
count_address(const struct list *list, uint64_t address)
{
    size_t n = 0;
    for (const struct connection *c = list->first; c; c = c->after) {
        n += !c->shut && c->address == address;
    }
    return n;
}

static void
forget(struct connections *connections, struct connection *connection)
{
    list_remove(connection);
    connections->by_fd[connection->fd] = NULL;
    free(connection->target);
    free(connection);
}

static uint64_t
fingerprint(const struct sockaddr_storage *address)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    switch (address->ss_family) {
    case AF_INET:
        memcpy(&in, address, sizeof in);
        return hash_bytes(&in.sin_addr, sizeof in.sin_addr).low;
    case AF_INET6:
        memcpy(&in6, address, sizeof in6);
        return hash_bytes(&in6.sin6_addr, sizeof in6.sin6_addr).low;
    default: return 0;
    }
}

static int64_t
now_ms(const struct connections *connections)
{
    return connections->clock->monotonic_ms(connections->clock);
}
