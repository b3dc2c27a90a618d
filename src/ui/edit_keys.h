/* SPDX-License-Identifier: MIT
 *
 * edit_keys - the keys that every text box knows: Home and End, Ctrl-A and Ctrl-E, words
 * with Ctrl or Alt, Ctrl-U, Ctrl-K, Ctrl-W, Ctrl-Y, undo and redo.
 */
#ifndef UI_EDIT_KEYS_H
#define UI_EDIT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "text/editbuf.h"

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
