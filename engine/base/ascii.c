#include "engine/base/ascii.h"

bool
ascii_equal(const char *a, const char *b)
{
    return a && b && !ascii_compare(a, b);
}

bool
ascii_equal_n(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ascii_lower(a[i]) != ascii_lower(b[i])) {
            return false;
        }
        if (!a[i]) {
            return true;
        }
    }
    return true;
}

int
ascii_compare(const char *a, const char *b)
{
    while (*a && (*a == *b || ascii_lower(*a) == ascii_lower(*b))) {
        a++;
        b++;
    }
    return (int) (unsigned char) ascii_lower(*a)
           - (int) (unsigned char) ascii_lower(*b);
}

bool
ascii_starts_with(const char *string, const char *prefix)
{
    while (*prefix) {
        if (ascii_lower(*string++) != ascii_lower(*prefix++)) {
            return false;
        }
    }
    return true;
}

const char *
ascii_find(const char *haystack, const char *needle)
{
    for (; *haystack; haystack++) {
        if (ascii_starts_with(haystack, needle)) {
            return haystack;
        }
    }
    return *needle ? NULL : haystack;
}
