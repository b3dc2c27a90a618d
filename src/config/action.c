/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/action.h"

#include <string.h>

static const struct {
    const char *name;
    const char *keys;
    const char *text;
} actions[ACTION_COUNT] = {[ACTION_NONE] = {"none", "", ""},
#define X(id, name, keys, text) [ACTION_##id] = {name, keys, text},
                           ACTION_LIST(X)
#undef X
};

const char *action_name(enum action action)
{
    return actions[action].name;
}

const char *action_default_keys(enum action action)
{
    return actions[action].keys;
}

const char *action_text(enum action action)
{
    return actions[action].text;
}

enum action action_parse(const char *name)
{
    for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        if (!strcmp(actions[action].name, name))
            return (enum action)action;
    }
    return ACTION_NONE;
}
