#include "engine/base/number.h"

bool
number_parse(const char *digits, size_t length, uint64_t max, uint64_t *value)
{
    uint64_t result = 0;

    if (!length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t) (digits[i] - '0');
        if (digit > max || result > (max - digit) / 10) {
            return false;
        }
        result = result * 10 + digit;
    }
    *value = result;
    return true;
}
