#include "exporter/web/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/base/number.h"

enum { BACKLOG = 1024, INHERITED_FIRST = 3 };

static bool split(const char *address, char host[256], char port[6]);
static int open_any(const char *port, struct error *error);
static int open_host(const char *host, const char *port, struct error *error);
static int open_at(const struct addrinfo *info, bool dual_stack);

int
listener_open(const char *address, struct error *error)
{
    char host[256], port[6];

    if (!split(address, host, port)) {
        (void) error_set(error,
                         "listen address '%s' is not HOST:PORT, with a port "
                         "of 0 to 65535",
                         address);
        return -1;
    }
    int fd = *host ? open_host(host, port, error) : open_any(port, error);
    if (fd < 0) {
        (void) error_prefix(error, "listening on %s", address);
    }
    return fd;
}

size_t
listener_inherit(int fds[], size_t max, struct error *error)
{
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    uint64_t value;

    if (!pid || !number_parse(pid, strlen(pid), INT32_MAX, &value)
        || (pid_t) value != getpid()) {
        (void) error_set(error, "systemd handed over no sockets");
        return 0;
    }
    if (!count || !number_parse(count, strlen(count), max, &value) || !value) {
        (void) error_set(error, "LISTEN_FDS is not a number of 1 to %zu", max);
        return 0;
    }
    for (size_t i = 0; i < value; i++) {
        fds[i] = INHERITED_FIRST + (int) i;
        int flags = fcntl(fds[i], F_GETFL);
        if (flags < 0) {
            (void) error_set(error, "socket %d of systemd: %s", fds[i],
                             strerror(errno));
            return 0;
        }
        (void) fcntl(fds[i], F_SETFL, flags | O_NONBLOCK);
        (void) fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    }
    return value;
}

void
listener_name(int fd, char name[LISTENER_NAME_SIZE])
{
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    char host[LISTENER_NAME_SIZE / 2], port[6];

    memset(&storage, 0, sizeof storage);
    *name = '\0';
    if (getsockname(fd, (struct sockaddr *) &storage, &length)
        || getnameinfo((struct sockaddr *) &storage, length, host, sizeof host,
                       port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV)) {
        return;
    }
    (void) snprintf(name, LISTENER_NAME_SIZE,
                    strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

unsigned int
listener_port(int fd)
{
    struct sockaddr_storage storage;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    socklen_t length = sizeof storage;

    memset(&storage, 0, sizeof storage);
    if (getsockname(fd, (struct sockaddr *) &storage, &length)) {
        return 0;
    }
    switch (storage.ss_family) {
    case AF_INET: memcpy(&in, &storage, sizeof in); return ntohs(in.sin_port);
    case AF_INET6:
        memcpy(&in6, &storage, sizeof in6);
        return ntohs(in6.sin6_port);
    default: return 0;
    }
}

static bool
split(const char *address, char host[256], char port[6])
{
    const char *colon = strrchr(address, ':');
    uint64_t number;
    if (!colon || !number_parse(colon + 1, strlen(colon + 1), 65535, &number)
        || strlen(colon + 1) > 5) {
        return false;
    }
    size_t length = (size_t) (colon - address);
    if (length && *address == '[') {
        if (length < 3 || address[length - 1] != ']') {
            return false;
        }
        address++;
        length -= 2;
    } else if (memchr(address, ':', length)) {
        return false; /* An IPv6 address without brackets. */
    }
    if (length >= 256) {
        return false;
    }
    memcpy(host, address, length);
    host[length] = '\0';
    (void) snprintf(port, 6, "%u", (unsigned int) number);
    return true;
}

/* One socket for both families; where IPv6 is switched off, IPv4 alone. */
static int
open_any(const char *port, struct error *error)
{
    struct sockaddr_in6 any6 = { .sin6_family = AF_INET6,
                                 .sin6_addr = IN6ADDR_ANY_INIT };
    struct sockaddr_in any = { .sin_family = AF_INET };
    uint64_t number = 0;
    (void) number_parse(port, strlen(port), UINT16_MAX, &number);
    any6.sin6_port = any.sin_port = htons((uint16_t) number);
    struct addrinfo info6 = { .ai_family = AF_INET6,
                              .ai_addr = (struct sockaddr *) &any6,
                              .ai_addrlen = sizeof any6 };
    struct addrinfo info = { .ai_family = AF_INET,
                             .ai_addr = (struct sockaddr *) &any,
                             .ai_addrlen = sizeof any };

    int fd = open_at(&info6, true);
    if (fd < 0 && errno != EADDRINUSE && errno != EACCES) {
        fd = open_at(&info, false);
    }
    if (fd < 0) {
        (void) error_set(error, "%s", strerror(errno));
    }
    return fd;
}

static int
open_host(const char *host, const char *port, struct error *error)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *infos;
    int code = getaddrinfo(host, port, &hints, &infos);
    if (code) {
        (void) error_set(error, "%s", gai_strerror(code));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *info = infos; info && fd < 0;
         info = info->ai_next) {
        fd = open_at(info, false);
    }
    int reason = errno;
    freeaddrinfo(infos);
    if (fd < 0) {
        (void) error_set(error, "%s", strerror(reason));
    }
    return fd;
}

static int
open_at(const struct addrinfo *info, bool dual_stack)
{
    int fd =
        socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    int on = 1, v6_only = !dual_stack;
    (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6) {
        (void) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only,
                          sizeof v6_only);
    }
    if (bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG)) {
        int reason = errno;
        (void) close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}
