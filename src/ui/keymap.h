/* SPDX-License-Identifier: MIT
 *
 * keymap - which key does what in browse mode: the settings' keys, to be looked up.
 */
#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include <stddef.h>

#include "config/action.h"
#include "config/settings.h"
#include "event/event.h"

/* A key stands in it at most once. */
struct keymap {
    struct key_binding *entries;
    size_t count;
};

void keymap_init(struct keymap *keymap, const struct settings *settings);
void keymap_clear(struct keymap *keymap);
enum action keymap_find(const struct keymap *keymap, struct key key);
/* The names of an action's keys, "h Left"; "" when it has none. */
void keymap_keys(const struct keymap *keymap, enum action action, char *out, size_t size);
/* The first of them. */
void keymap_first_key(const struct keymap *keymap, enum action action, char *out,
                      size_t size);
/* The five rating keys: "1–5", or each of them when they are other keys. */
void keymap_rating_keys(const struct keymap *keymap, char *out, size_t size);

#endif
