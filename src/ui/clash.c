/* SPDX-License-Identifier: MIT
 *
 * Two versions of one response: ours, and another that the server (or another sherd) has.
 * Both are shown in the form's place until one key keeps ours or takes theirs.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "app/choice.h"
#include "ui/frame.h"
#include "ui/questions.h"

#define COLS_FOR_TWO 76 /* narrower: one below the other */
#define GAP_COLS 3

bool clash_is_shown(const struct view *view)
{
    return view->record && view->record->has_clash && view->mode != MODE_FEEDBACK &&
           view->mode != MODE_PROMPT && view->mode != MODE_SETTINGS &&
           view->mode != MODE_NOTE;
}

/* Each value a line: "Rating: 4". */
void clash_write(const struct view *view, const struct response *response,
                 struct buf *out)
{
    const struct dataset *dataset = &view->session->dataset;
    size_t written = out->len;
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        const struct value *value = values_find(&response->values, question->name);
        char label[64];
        if (!value)
            continue;
        buf_addf(out, "%s: ", question_label(question, label, sizeof label));
        if (!span_write(view->record, question, value, out))
            choice_write(question, value, NULL, out);
        buf_add_text(out, "\n");
    }
    if (out->len == written)
        buf_add_text(out, response->status == RESPONSE_PENDING
                              ? "nothing: it was taken away\n"
                              : "no values\n");
}

static size_t lay_out(struct flow *flow, const struct view *view,
                      const struct response *response, int columns)
{
    struct buf text = {0};
    clash_write(view, response, &text);
    flow_set_raw(flow, buf_text(&text), text.len - 1, columns > 0 ? columns : 1);
    buf_clear(&text);
    return flow_line_count(flow);
}

static int half_cols(int columns)
{
    return (columns - GAP_COLS) / 2;
}

int clash_measure(struct clash *clash, const struct view *view, int columns)
{
    bool has_two = columns >= COLS_FOR_TWO;
    int each = has_two ? half_cols(columns) : columns;
    size_t mine = lay_out(clash->mine, view, &view->record->response, each);
    size_t theirs = lay_out(clash->theirs, view, &view->record->theirs, each);
    size_t rows = has_two ? 1 + (mine > theirs ? mine : theirs) : 2 + mine + theirs;
    return rows < 1000 ? (int)rows : 1000;
}

static void draw_one(const struct flow *flow, const char *key, const char *title,
                     const struct response *response, struct cells *cells,
                     struct rect area)
{
    char text[96];
    struct rect body = {area.row + 1, area.col, area.rows - 1, area.cols};
    snprintf(text, sizeof text, "%s %s · %s", key, title,
             response_status_name(response->status));
    int used = cells_string(cells, area.row, area.col, area.cols, text, STYLE_TITLE);
    if (body.rows < 1) /* no row for it: its start beside the title */
        body = (struct rect){area.row, area.col + used + 2, 1, area.cols - used - 2};
    view_flow(flow, cells, body);
}

void clash_draw(const struct clash *clash, const struct view *view, struct cells *cells,
                struct rect rule, struct rect area)
{
    bool is_here = view->session->is_clash_here;
    const struct short_text keep = view_key(view, ACTION_KEEP_MINE);
    const struct short_text take = view_key(view, ACTION_TAKE_THEIRS);
    char right[256];
    snprintf(right, sizeof right, "%s keeps yours · %s takes the other · %s shows all",
             keep.text, take.text, view_key(view, ACTION_FACTS).text);
    view_rule(cells, rule, "Two answers of yours", right, STYLE_WARNING);
    struct rect first = area, second = area;
    if (area.cols >= COLS_FOR_TWO) {
        first.cols = second.cols = half_cols(area.cols);
        second.col += first.cols + GAP_COLS;
    } else {
        /* Half each, and what one does not need is the other's. */
        int mine_rows = 1 + (int)flow_line_count(clash->mine);
        int theirs_rows = 1 + (int)flow_line_count(clash->theirs);
        int half = area.rows / 2;
        first.rows = mine_rows <= half                ? mine_rows
                     : theirs_rows < area.rows - half ? area.rows - theirs_rows
                                                      : half;
        second.row += first.rows;
        second.rows -= first.rows;
    }
    draw_one(clash->mine, keep.text, is_here ? "This sherd" : "This machine",
             &view->record->response, cells, first);
    draw_one(clash->theirs, take.text, is_here ? "From another sherd" : "The server",
             &view->record->theirs, cells, second);
}
