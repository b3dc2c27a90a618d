/* SPDX-License-Identifier: MIT
 *
 * frame - the whole screen: what is drawn beside the session, and the drawing of it.
 *
 * Everything is drawn anew each time; only layouts of text are kept. Knows no app, so
 * that a test can draw any state that it makes by hand.
 */
#ifndef UI_FRAME_H
#define UI_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/cells.h"
#include "text/editbuf.h"
#include "ui/pager.h"
#include "ui/sampling_form.h"
#include "ui/view.h"
#include "ui/view_form.h"
#include "ui/view_queue.h"
#include "ui/view_record.h"

/* Tab goes on from what was typed, not from what it put there. */
struct expansion {
    bool is_running;
    size_t index;
    char stem[256];
};

struct frame {
    struct cells cells;
    struct record_pane record;
    struct form form;
    struct queue_pane queue;
    struct pager pager;
    struct flow *sentence; /* the one that is left when the window is too small */
    bool hides_queue;

    struct editbuf *prompt;
    struct sampling request;
    bool has_request; /* request is for the next prompt only */
    struct sampling_form sampling;
    bool sampling_is_own; /* the form is about request */
    struct editbuf *command;
    struct expansion expansion;
};

void frame_init(struct frame *frame, int rows, int cols);
void frame_clear(struct frame *frame);
/* Fills frame->cells; view->rows and cols are set by it. */
void frame_draw(struct frame *frame, struct view *view);
/* Milliseconds until the frame changes by itself; -1 = it does not. */
int64_t frame_next_change(const struct view *view);
/* The question that typing and digits go to, or NULL. */
const struct question *frame_question(const struct frame *frame,
                                      const struct session *session);

#endif
