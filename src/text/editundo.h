/* SPDX-License-Identifier: MIT
 *
 * editundo - the changes of an edited text, to be taken back and done again.
 *
 * Typing and erasing join into one step per word. The oldest steps go when the history
 * grows past its cap.
 */
#ifndef TEXT_EDITUNDO_H
#define TEXT_EDITUNDO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum edit_change_kind {
    EDIT_CHANGE_TYPED,
    EDIT_CHANGE_ERASED, /* one grapheme */
    EDIT_CHANGE_WHOLE   /* never joins */
};

/* text[at..] had removed, has added. */
struct edit_change {
    enum edit_change_kind kind;
    size_t at;
    struct buf removed, added;
    size_t cursor_before, cursor_after;
};

struct edit_undo {
    struct edit_change *step;
    size_t count, capacity;
    size_t done;    /* steps [0, done) are in the text, the rest can be redone */
    size_t bytes;   /* held by all steps */
    bool is_sealed; /* the next change does not join */
};

void edit_undo_clear(struct edit_undo *undo);
/* Copies the change; what could be redone is dropped. */
void edit_undo_record(struct edit_undo *undo, const struct edit_change *change);
/* One step back or forward: fills change with what to do to the text; borrowed until the
 * next record. For back, removed and added are exchanged. False when there is none. */
bool edit_undo_walk(struct edit_undo *undo, bool is_back, struct edit_change *change);

#endif
