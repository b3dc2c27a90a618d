/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/keymap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t find_key(const struct keymap *keymap, struct key key)
{
    size_t i = 0;
    while (i < keymap->count && !key_equal(keymap->entries[i].key, key))
        i++;
    return i;
}

void keymap_init(struct keymap *keymap, const struct settings *settings)
{
    keymap->entries = settings_keys(settings, &keymap->count);
}

void keymap_clear(struct keymap *keymap)
{
    free(keymap->entries);
    *keymap = (struct keymap){0};
}

enum action keymap_find(const struct keymap *keymap, struct key key)
{
    size_t index = find_key(keymap, key);
    return index < keymap->count ? keymap->entries[index].action : ACTION_NONE;
}

void keymap_keys(const struct keymap *keymap, enum action action, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < keymap->count && used < size; i++) {
        char name[32];
        if (keymap->entries[i].action != action)
            continue;
        key_format(keymap->entries[i].key, name, sizeof name);
        int wrote = snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", name);
        used += (size_t)wrote;
    }
}

void keymap_first_key(const struct keymap *keymap, enum action action, char *out,
                      size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < keymap->count; i++) {
        if (keymap->entries[i].action == action) {
            key_format(keymap->entries[i].key, out, size);
            return;
        }
    }
}

static bool rates_with_digits(const struct keymap *keymap)
{
    for (int digit = 1; digit <= 5; digit++) {
        struct key key = {.code = (uint32_t)('0' + digit)};
        if (keymap_find(keymap, key) != (enum action)(ACTION_RATE_1 + digit - 1))
            return false;
    }
    return true;
}

void keymap_rating_keys(const struct keymap *keymap, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    if (rates_with_digits(keymap)) {
        snprintf(out, size, "1–5");
        return;
    }
    for (int i = 0; i < 5 && used < size; i++) {
        char name[32];
        keymap_first_key(keymap, (enum action)(ACTION_RATE_1 + i), name, sizeof name);
        if (name[0] != '\0')
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "",
                                     name);
    }
}
