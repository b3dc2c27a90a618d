/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/trace.h"

#include <string.h>

static const char *const names[] = {[TRACE_THOUGHT] = "thought",
                                    [TRACE_CALL] = "call",
                                    [TRACE_RESULT] = "result",
                                    [TRACE_END] = "end"};

const char *trace_kind_name(enum trace_kind kind)
{
    return names[kind];
}

bool trace_kind_parse(const char *name, enum trace_kind *kind)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name)) {
            *kind = (enum trace_kind)i;
            return true;
        }
    return false;
}
