/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/editundo.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define STEPS_MAX 10000
#define WORD_MAX 24 /* code points */
#define BYTES_MAX ((size_t)8 * 1024 * 1024)

static void clear_step(struct edit_undo *undo, struct edit_change *step)
{
    undo->bytes -= step->removed.len + step->added.len;
    buf_clear(&step->removed);
    buf_clear(&step->added);
}

void edit_undo_clear(struct edit_undo *undo)
{
    for (size_t i = 0; i < undo->count; i++)
        clear_step(undo, &undo->step[i]);
    free(undo->step);
    *undo = (struct edit_undo){0};
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n';
}

/* Nobody's word is longer; scripts without blanks are cut too. */
static bool is_word_full(const struct buf *bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes->len; i++)
        count += ((unsigned char)bytes->data[i] & 0xc0) != 0x80;
    return count >= WORD_MAX;
}

static bool joins_erasing(const struct edit_change *step,
                          const struct edit_change *change)
{
    const struct buf *gone = &step->removed;
    if (is_word_full(gone))
        return false;
    if (change->at == step->at)
        return !is_blank(gone->data[gone->len - 1]) || is_blank(change->removed.data[0]);
    return change->at + change->removed.len == step->at &&
           (!is_blank(gone->data[0]) || is_blank(change->removed.data[0]));
}

static bool joins(const struct edit_undo *undo, const struct edit_change *change)
{
    if (undo->is_sealed || undo->done == 0)
        return false;
    const struct edit_change *step = &undo->step[undo->done - 1];
    if (step->kind != change->kind || step->cursor_after != change->cursor_before)
        return false;
    if (change->kind == EDIT_CHANGE_TYPED) {
        if (change->removed.len || step->removed.len || !change->added.len ||
            change->at != step->at + step->added.len || is_word_full(&step->added))
            return false;
        bool was_blank = is_blank(step->added.data[step->added.len - 1]);
        return !was_blank || is_blank(change->added.data[0]);
    }
    return change->kind == EDIT_CHANGE_ERASED && joins_erasing(step, change);
}

void edit_undo_record(struct edit_undo *undo, const struct edit_change *change)
{
    while (undo->count > undo->done)
        clear_step(undo, &undo->step[--undo->count]);
    if (joins(undo, change)) {
        struct edit_change *step = &undo->step[undo->done - 1];
        if (change->kind == EDIT_CHANGE_TYPED) {
            buf_add(&step->added, change->added.data, change->added.len);
        } else if (change->at == step->at) {
            buf_add(&step->removed, change->removed.data, change->removed.len);
        } else {
            struct buf *buf = &step->removed;
            struct buf whole = {0};
            buf_add(&whole, change->removed.data, change->removed.len);
            buf_add(&whole, buf_text(buf), buf->len);
            buf_clear(buf);
            *buf = whole;
            step->at = change->at;
        }
        step->cursor_after = change->cursor_after;
    } else {
        undo->step = xgrow(undo->step, undo->count, &undo->capacity, sizeof *undo->step);
        struct edit_change *step = &undo->step[undo->count++];
        *step = *change;
        step->removed = step->added = (struct buf){0};
        buf_add(&step->removed, change->removed.data, change->removed.len);
        buf_add(&step->added, change->added.data, change->added.len);
        undo->done = undo->count;
    }
    undo->bytes += change->removed.len + change->added.len;
    undo->is_sealed = false;
    size_t drop = 0;
    while (drop + 1 < undo->count &&
           (undo->count - drop > STEPS_MAX || undo->bytes > BYTES_MAX))
        clear_step(undo, &undo->step[drop++]);
    if (drop != 0) {
        undo->count -= drop;
        undo->done -= drop;
        memmove(undo->step, undo->step + drop, undo->count * sizeof *undo->step);
    }
}

bool edit_undo_walk(struct edit_undo *undo, bool is_back, struct edit_change *change)
{
    if (undo->done == (is_back ? 0 : undo->count))
        return false;
    *change = undo->step[is_back ? --undo->done : undo->done++];
    if (is_back) {
        struct buf removed = change->removed;
        change->removed = change->added;
        change->added = removed;
        change->cursor_after = change->cursor_before;
    }
    undo->is_sealed = true;
    return true;
}
