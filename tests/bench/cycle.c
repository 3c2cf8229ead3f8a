#include "tests/bench/bench.h"

void
bench_cycle(void)
{
}
