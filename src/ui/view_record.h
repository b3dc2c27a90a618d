/* SPDX-License-Identifier: MIT
 *
 * view_record - the current record: its prompt pinned, its other texts below it in one
 * scroll, rendered or raw, with what went wrong at the end.
 */
#ifndef UI_VIEW_RECORD_H
#define UI_VIEW_RECORD_H

#include <stdbool.h>

#include "text/flow.h"
#include "ui/layout.h"
#include "ui/scroll.h"
#include "ui/view.h"

/* One text in the scroll: a field, or the note about how the answer ended. */
struct record_section {
    struct flow *flow;
    const char *title; /* borrowed; "" = no title row */
    enum style style;  /* TEXT = as the flow has it */
    size_t first;      /* line in the scroll where it starts, the title row included */
    size_t end;        /* the line after its last */
};

struct record_pane {
    bool is_raw;
    struct id record; /* whose scroll it is */
    struct scroll prompt_scroll;
    struct scroll scroll;
    struct flow *prompt;
    struct record_section *sections;
    size_t section_count;
    size_t section_capacity; /* these have a flow */
    char note[1024];
};

void record_pane_init(struct record_pane *pane);
void record_pane_clear(struct record_pane *pane);
/* Lays the current record out for columns; what has not changed costs nothing. Another
 * record than last time starts at its top, a streaming one at its end. */
void record_pane_lay_out(struct record_pane *pane, const struct view *view, int columns);
/* Lines of the prompt, >= 1. After record_pane_lay_out. */
int record_pane_prompt_lines(const struct record_pane *pane);
void view_record_draw(struct record_pane *pane, const struct view *view,
                      struct cells *cells, const struct layout *layout);

#endif
