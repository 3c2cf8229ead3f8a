#include "config/url.h"

#include <stddef.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/number.h"
#include "engine/model/address.h"

/* Host and port, between "://" and the path. */
struct authority {
    const char *text;
    size_t length;
};

static struct authority find_authority(const char *url);
static bool split_host(struct authority authority, char *host, size_t size);
static bool is_loopback(const char *host);

bool
url_check(const char *url, const char **cause)
{
    char host[256];
    bool https = ascii_starts_with(url, "https://");
    struct authority authority = find_authority(url);

    if (!https && !ascii_starts_with(url, "http://")) {
        *cause = "does not begin with https://";
        return false;
    }
    if (memchr(authority.text, '@', authority.length)) {
        *cause = "names a user";
        return false;
    }
    if (strpbrk(url, "?# \"\\")) {
        *cause = "has a query, a fragment or a blank";
        return false;
    }
    if (!split_host(authority, host, sizeof host)) {
        *cause = "has no host, or a bad port";
        return false;
    }
    if (!https && !is_loopback(host)) {
        *cause = "is plain http, which is only for loopback addresses";
        return false;
    }
    return true;
}

const char *
url_without_user(struct arena *arena, const char *url)
{
    struct authority authority = find_authority(url);
    const char *at = memchr(authority.text, '@', authority.length);

    return at ? arena_printf(arena, "%.*s...%s", (int) (authority.text - url),
                             url, at)
              : url;
}

static struct authority
find_authority(const char *url)
{
    const char *slashes = strstr(url, "://");
    const char *text = slashes ? slashes + 3 : url;

    return (struct authority){ text, strcspn(text, "/?#") };
}

/* Copies the host, an IPv6 address without its brackets. */
static bool
split_host(struct authority authority, char *host, size_t size)
{
    const char *end = authority.text + authority.length;
    const char *start = authority.text;
    const char *host_end;
    const char *port;
    uint64_t number;

    if (authority.length && *start == '[') {
        start++;
        host_end = memchr(start, ']', (size_t) (end - start));
        if (!host_end) {
            return false;
        }
        port = host_end + 1;
    } else {
        host_end = memchr(start, ':', authority.length);
        host_end = host_end ? host_end : end;
        port = host_end;
    }
    size_t length = (size_t) (host_end - start);
    if (!length || length >= size) {
        return false;
    }
    memcpy(host, start, length);
    host[length] = '\0';
    return port == end
           || (*port == ':'
               && number_parse(port + 1, (size_t) (end - port - 1), 65535,
                               &number)
               && number > 0);
}

static bool
is_loopback(const char *host)
{
    struct address_range loopback;
    struct address address;

    if (ascii_equal(host, "localhost")) {
        return true;
    }
    if (!address_parse(host, &address)
        || !prefix_parse(address.family == FAMILY_IPV4 ? "127.0.0.0/8" : "::1",
                         &loopback)) {
        return false;
    }
    return address.value >= loopback.span.first
           && address.value <= loopback.span.last;
}
