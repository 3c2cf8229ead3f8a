#include "engine/model/flow.h"

bool
flow_end_is_judged(const struct flow_end *end)
{
    return end->nic || end->vm;
}
