#include "engine/base/wide.h"

struct wide
wide_from(uint128 value)
{
    return (struct wide){ { (uint64_t) value, (uint64_t) (value >> 64) } };
}

struct wide
wide_add(struct wide a, struct wide b)
{
    uint128 carry = 0;

    for (int i = 0; i < WIDE_WORDS; i++) {
        carry += (uint128) a.words[i] + b.words[i];
        a.words[i] = (uint64_t) carry;
        carry >>= 64;
    }
    return a;
}

struct wide
wide_subtract(struct wide a, struct wide b)
{
    uint64_t borrow = 0;

    for (int i = 0; i < WIDE_WORDS; i++) {
        uint128 taken = (uint128) b.words[i] + borrow;
        borrow = a.words[i] < taken;
        a.words[i] = (uint64_t) (a.words[i] - taken);
    }
    return a;
}

struct wide
wide_multiply(struct wide a, struct wide b)
{
    struct wide product = { { 0 } };

    for (int i = 0; i < WIDE_WORDS; i++) {
        uint128 carry = 0;
        for (int j = 0; i + j < WIDE_WORDS; j++) {
            carry += (uint128) a.words[i] * b.words[j] + product.words[i + j];
            product.words[i + j] = (uint64_t) carry;
            carry >>= 64;
        }
    }
    return product;
}

int
wide_compare(struct wide a, struct wide b)
{
    for (int i = WIDE_WORDS; i-- > 0;) {
        if (a.words[i] != b.words[i]) {
            return a.words[i] < b.words[i] ? -1 : 1;
        }
    }
    return 0;
}

bool
wide_is_zero(struct wide a)
{
    return !(a.words[0] | a.words[1] | a.words[2] | a.words[3] | a.words[4]);
}

double
wide_to_double(struct wide a)
{
    double result = 0;

    for (int i = WIDE_WORDS; i-- > 0;) {
        result = result * 18446744073709551616.0 + (double) a.words[i];
    }
    return result;
}

double
wide_ratio(struct wide a, struct wide b)
{
    static const double below_one = 0.99999999999999988898;

    if (wide_is_zero(a) || wide_is_zero(b)) {
        return 0;
    }
    if (!wide_compare(a, b)) {
        return 1;
    }
    double ratio = wide_to_double(a) / wide_to_double(b);
    return ratio >= 1 && wide_compare(a, b) < 0 ? below_one : ratio;
}
