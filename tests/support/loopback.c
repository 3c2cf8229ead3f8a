#include "tests/support/loopback.h"

#include "tests/support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/web/server.h"
#include "tests/support/folder.h"

void
loopback_start(struct loopback *loopback, const char *folder,
               const char *web_config)
{
    static const char *const addresses[] = { "127.0.0.1:0" };
    struct error error;
    web_estate_start(&loopback->estate, folder);
    web_estate_run(&loopback->estate);
    loopback->server = server_start(
        &(struct server_options){
            .listen_addresses = addresses,
            .n_listen_addresses = 1,
            .web_config_file =
                web_config ? folder_write(folder, "web.yml", web_config)
                           : NULL,
            .telemetry_path = "/metrics",
            .publisher = loopback->estate.publisher,
            .changes = loopback->estate.changes,
            .clock = clock_system(),
        },
        &error);
    if (!loopback->server) {
        fail_msg("%s", error.message);
    }
    loopback->port = server_port(loopback->server, 0);
    assert_int_not_equal(loopback->port, 0);
}

void
loopback_stop(struct loopback *loopback)
{
    server_stop(loopback->server);
    web_estate_end(&loopback->estate);
}

int
loopback_dial(const struct loopback *loopback)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_port = htons((uint16_t) loopback->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct timeval limit = { .tv_sec = 10 };
    (void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof address),
                     0);
    return fd;
}

/* Sends the bytes and reads until the server closes. */
void
loopback_talk(const struct loopback *loopback, const char *bytes, size_t n,
              struct text *answer)
{
    int fd = loopback_dial(loopback);
    size_t sent = 0;
    while (sent < n) {
        ssize_t now = send(fd, bytes + sent, n - sent, MSG_NOSIGNAL);
        if (now <= 0) {
            break;
        }
        sent += (size_t) now;
    }
    char piece[4096];
    ssize_t got;
    text_reset(answer);
    while ((got = recv(fd, piece, sizeof piece, 0)) > 0
           || (got < 0 && errno == EINTR)) {
        text_append_bytes(answer, piece, got > 0 ? (size_t) got : 0);
    }
    (void) close(fd);
}

void
loopback_ask(const struct loopback *loopback, const char *method,
             const char *target, const char *headers, struct text *answer)
{
    struct text request;
    text_init(&request);
    text_printf(&request,
                "%s %s HTTP/1.1\r\nHost: x\r\n%sConnection: close"
                "\r\n\r\n",
                method, target, headers);
    loopback_talk(loopback, request.data, request.length, answer);
    text_clear(&request);
}

unsigned int
loopback_status(const struct text *answer)
{
    return answer->length > 12 ? (unsigned int) atoi(answer->data + 9) : 0;
}
