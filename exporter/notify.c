#include "exporter/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "exporter/clock.h"

enum { STATE_SIZE = 512 };

static void send_state(const char *state);

void
notify_ready(const char *status)
{
    char state[STATE_SIZE];

    (void) snprintf(state, sizeof state, "READY=1\nSTATUS=%s", status);
    send_state(state);
}

void
notify_status(const char *status)
{
    char state[STATE_SIZE];

    (void) snprintf(state, sizeof state, "STATUS=%s", status);
    send_state(state);
}

void
notify_reloading(void)
{
    char state[STATE_SIZE];
    struct clock *clock = clock_system();

    /* "Type=notify-reload" asks for the time of the request, too. */
    (void) snprintf(state, sizeof state,
                    "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                    clock->monotonic_ms(clock) * 1000);
    send_state(state);
}

void
notify_stopping(void)
{
    send_state("STOPPING=1");
}

void
notify_watchdog(void)
{
    send_state("WATCHDOG=1");
}

/* Sends 'state', lines of NAME=VALUE.  That nobody listens is no failure of
 * the daemon's. */
static void
send_state(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = path ? strlen(path) : 0;

    if (length < 2 || length >= sizeof address.sun_path
        || (path[0] != '/' && path[0] != '@')) {
        return;
    }
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') {
        address.sun_path[0] = '\0'; /* An abstract socket. */
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    socklen_t size =
        (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length);
    (void) sendto(fd, state, strlen(state), MSG_NOSIGNAL,
                  (const struct sockaddr *) &address, size);
    (void) close(fd);
}
