/* What every test includes first: cmocka with its prelude. */

#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* How many elements an array has. */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
