/* SPDX-License-Identifier: MIT
 *
 * trace_pane - what an agent did on the way to an answer: a page of steps that unfold.
 */
#ifndef UI_TRACE_PANE_H
#define UI_TRACE_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"
#include "model/completion.h"

struct flow;
struct hints;
struct scroll;
struct view;

struct trace_item {
    enum trace_kind kind;
    int64_t took_ms;
    char *tool, *text;
    size_t len;
    bool is_error, is_open;
};

struct trace_pane {
    struct id record; /* whose steps they are */
    size_t seen;      /* of the stream's steps, when they were read */
    bool was_streaming;
    int64_t asked_ms; /* which asking they are of, as the completion has it */
    struct trace_item *items;
    size_t count, cursor;
    bool follows; /* the cursor is kept in view */
    struct flow *flow;
};

void trace_pane_init(struct trace_pane *pane);
void trace_pane_clear(struct trace_pane *pane);
/* The page, of view->trace. */
void trace_write(const struct view *view, struct buf *out);
void trace_follow(const struct view *view, struct scroll *scroll, int columns, int rows);
void trace_hints(const struct view *view, struct hints *hints);

#endif
