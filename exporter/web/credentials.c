#include "exporter/web/credentials.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/ascii.h"

static bool decode_base64(const char *from, char *to, size_t max);

bool
credentials_read(const char *authorization, char *user, char **password)
{
    if (!authorization || !ascii_starts_with(authorization, "Basic ")) {
        return false;
    }
    authorization += 6;
    authorization += strspn(authorization, " ");
    if (!decode_base64(authorization, user, CREDENTIALS_MAX)) {
        return false;
    }
    char *colon = strchr(user, ':');
    if (!colon) {
        return false;
    }
    *colon = '\0';
    *password = colon + 1;
    return true;
}

/* Writes a string without NUL of at most 'max' characters. */
static bool
decode_base64(const char *from, char *to, size_t max)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned int n_bits = 0;
    size_t n = 0;

    for (; *from && *from != '='; from++) {
        const char *digit = strchr(alphabet, *from);
        if (!digit) {
            return false;
        }
        bits = (bits << 6 | (uint32_t) (digit - alphabet)) & 0xffffff;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            char c = (char) (bits >> n_bits & 0xff);
            if (!c || n == max) {
                return false;
            }
            to[n++] = c;
        }
    }
    to[n] = '\0';
    return from[strspn(from, "=")] == '\0';
}
