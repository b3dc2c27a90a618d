/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "app/app_parts.h"

static bool find_bound(const struct settings *settings, enum action action,
                       struct key *key)
{
    for (size_t i = 0; i < settings->binding_count; i++) {
        if (settings->bindings[i].action == action) {
            *key = settings->bindings[i].key;
            return true;
        }
    }
    return false;
}

static bool is_rebound(const struct settings *settings, struct key key)
{
    for (size_t i = 0; i < settings->binding_count; i++) {
        if (key_equal(settings->bindings[i].key, key))
            return true;
    }
    return false;
}

static bool find_default(const struct settings *settings, enum action action,
                         struct key *key)
{
    const char *at = action_default_keys(action);
    while (*at) {
        char word[KEY_NAME_SIZE];
        size_t len = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        if (key_parse(word, key) && !is_rebound(settings, *key))
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

struct key_name app_key_name(const struct app *app, enum action action)
{
    struct key_name name = {0};
    struct key key;
    if (find_bound(app->settings, action, &key) ||
        find_default(app->settings, action, &key))
        key_format(key, name.text, sizeof name.text);
    else
        snprintf(name.text, sizeof name.text, ":%s", action_name(action));
    return name;
}
