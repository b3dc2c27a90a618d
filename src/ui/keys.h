/* SPDX-License-Identifier: MIT
 *
 * keys - which key does what: in browse mode, by the settings; and in every text box.
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/action.h"
#include "config/settings.h"
#include "event/event.h"
#include "text/editbuf.h"

/* A key stands in it at most once. */
struct keymap {
    struct key_binding *entries;
    size_t count;
};

void keymap_init(struct keymap *keymap, const struct settings *settings);
void keymap_clear(struct keymap *keymap);
enum action keymap_find(const struct keymap *keymap, struct key key);
/* The same where there are no questions to go through: the arrows go up and down. */
enum action keymap_find_scroll(const struct keymap *keymap, struct key key);
/* The names of an action's keys, "h Left"; "" when it has none. */
void keymap_keys(const struct keymap *keymap, enum action action, char *out, size_t size);
/* The first of them. */
void keymap_first_key(const struct keymap *keymap, enum action action, char *out,
                      size_t size);
/* The five rating keys: "1–5", or each of them when they are other keys. */
void keymap_rating_keys(const struct keymap *keymap, char *out, size_t size);

/* ---- text boxes: Home and End, Ctrl-A and Ctrl-E, words with Ctrl or Alt, Ctrl-U,
 * Ctrl-K, Ctrl-W, Ctrl-Y, undo and redo ---- */

enum edit_outcome {
    EDIT_UNKNOWN, /* no key of a text box: the mode's own */
    EDIT_NOTHING, /* known, but there was nothing to do (the end, nothing to undo) */
    EDIT_MOVED,   /* the cursor only */
    EDIT_CHANGED, /* the text */
    EDIT_FULL     /* refused: EDITBUF_MAX */
};

enum edit_outcome edit_key(struct editbuf *edit, struct key key);
/* Inserts a newline. */
enum edit_outcome edit_newline(struct editbuf *edit);
/* A paste; newlines become blanks when the box has one line only. */
enum edit_outcome edit_paste(struct editbuf *edit, const struct event *event,
                             bool has_lines);

/* Going back through former lines while one is being written; what was being written
 * comes back at the end. */
struct former {
    size_t at;  /* 0 = what is being written; n = the n-th newest */
    char *kept; /* what was being written; NULL at 0 */
};

void former_clear(struct former *former);
/* Puts the next older (+1) or newer (-1) of lines (newest first) into edit. False when
 * there is none. */
bool former_step(struct former *former, struct editbuf *edit, char *const *lines,
                 size_t count, int direction);

#endif
