#include "exporter/source/arm_url.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/model/address.h"

/* Recorded signed links have 3.2 KB, the contract allows 4 KB. */
enum { LINK_MAX = 16384 };

static bool parse_host(const char *start, size_t length,
                       struct origin *origin);
static void append_escape(struct text *url, unsigned char c);

bool
origin_parse(const char *url, struct origin *origin, const char **rest,
             struct error *error)
{
    struct origin found = { .https = ascii_starts_with(url, "https://") };

    if (!found.https && !ascii_starts_with(url, "http://")) {
        return error_set(error, "a URL must begin with https://");
    }
    const char *start = url + (found.https ? 8 : 7);
    size_t length = strcspn(start, "/?#\\");
    if (!parse_host(start, length, &found)) {
        return error_set(error, "a URL has no plain host and port");
    }
    *origin = found;
    if (rest) {
        *rest = start + length;
    }
    return true;
}

void
origin_format(const struct origin *origin, struct text *url)
{
    text_append(url, origin->https ? "https://" : "http://");
    text_append(url, origin->host);
    if (origin->port != (origin->https ? 443U : 80U)) {
        text_printf(url, ":%u", origin->port);
    }
}

bool
origin_is_loopback(const struct origin *origin)
{
    struct address address;

    if (ascii_equal(origin->host, "localhost")
        || ascii_equal(origin->host, "[::1]")) {
        return true;
    }
    return address_parse(origin->host, &address)
           && address.family == FAMILY_IPV4 && address.value >> 24 == 127;
}

bool
origin_follow(const struct origin *pinned, const char *link, struct text *url,
              struct error *error)
{
    struct origin origin = *pinned;
    const char *rest = link;

    if (strlen(link) > LINK_MAX) {
        return error_set(error, "a link is longer than %d bytes", LINK_MAX);
    }
    if (link[0] != '/' || link[1] == '/') {
        if (!origin_parse(link, &origin, &rest, error)) {
            return error_prefix(error, "a link was refused");
        }
    }
    if (origin.https != pinned->https || origin.port != pinned->port
        || strcmp(origin.host, pinned->host) != 0) {
        return error_set(error,
                         "a link to another origin was refused (host %s)",
                         origin.host);
    }
    origin_format(pinned, url);
    if (*rest != '/') {
        text_append_char(url, '/');
    }
    for (; *rest && *rest != '#'; rest++) {
        unsigned char c = (unsigned char) *rest;
        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c)) {
            append_escape(url, c);
        } else {
            text_append_char(url, (char) c);
        }
    }
    return true;
}

void
url_append_encoded(struct text *url, const char *value)
{
    for (; *value; value++) {
        char lower = ascii_lower(*value);
        if ((lower >= 'a' && lower <= 'z') || (*value >= '0' && *value <= '9')
            || strchr("-_.~", *value)) {
            text_append_char(url, *value);
        } else {
            append_escape(url, (unsigned char) *value);
        }
    }
}

void
url_append_for_log(struct text *line, const char *url)
{
    struct origin origin;
    struct error ignored;
    const char *rest = url;

    if (!origin_parse(url, &origin, &rest, &ignored)) {
        rest = "";
    }
    text_append_bytes(line, rest, strcspn(rest, "?#"));
}

static bool
parse_host(const char *start, size_t length, struct origin *origin)
{
    size_t end =
        start[0] == '[' ? strcspn(start, "]") + 1 : strcspn(start, ":/?#\\");
    uint64_t port = origin->https ? 443 : 80;

    if (end > length || end < 2 - (start[0] != '[')
        || end >= sizeof origin->host) {
        return false;
    }
    if (end < length) {
        if (start[end] != ':'
            || !number_parse(start + end + 1, length - end - 1, 65535, &port)
            || !port) {
            return false;
        }
    }
    for (size_t i = 0; i < end; i++) {
        char c = ascii_lower(start[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '.' || c == '-' || c == '_';
        if (!plain && !(start[0] == '[' && strchr("[]:", c) && c)) {
            return false;
        }
        origin->host[i] = c;
    }
    origin->host[end] = '\0';
    origin->port = (unsigned int) port;
    return true;
}

static void
append_escape(struct text *url, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";

    text_append_char(url, '%');
    text_append_char(url, digits[c >> 4]);
    text_append_char(url, digits[c & 15]);
}
