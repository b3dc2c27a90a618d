/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/frame.h"

#include <stdio.h>
#include <string.h>

#include "text/width.h"
#include "ui/command.h"
#include "ui/first_start.h"
#include "ui/layout.h"
#include "ui/view_keys.h"
#include "ui/view_prompt.h"
#include "ui/view_settings.h"
#include "ui/view_status.h"

#define TICK_MS 200       /* times and the pulse of a stream */
#define DIVIDER_CP 0x2502 /* │ */
#define RULE_CP 0x2500    /* ─ */
#define RIGHT_CP 0x251C   /* ├ */
#define DOWN_CP 0x252C    /* ┬ */

static void draw_too_small(struct frame *frame)
{
    char text[160];
    struct cells *cells = &frame->cells;
    snprintf(text, sizeof text,
             "sherd needs a window of %d columns and %d rows; this one has %d and %d.",
             LAYOUT_COLS_MIN, LAYOUT_ROWS_MIN, cells->cols, cells->rows);
    flow_set_raw(frame->sentence, text, strlen(text), cells->cols > 0 ? cells->cols : 1);
    flow_draw(frame->sentence, cells, (struct rect){0, 0, cells->rows, cells->cols}, 0);
}

/* ---- the part at the bottom: form, prompt or settings ---- */

static bool writes_prompt(const struct view *view)
{
    return view->mode == MODE_PROMPT;
}

/* The form's height is the least for all three, so that opening them moves nothing. */
static int measure_bottom(struct frame *frame, const struct view *view, int columns)
{
    int rows = form_measure(&frame->form, view, columns);
    if (writes_prompt(view))
        return prompt_measure(frame->prompt, columns, rows);
    if (view->mode == MODE_SETTINGS) {
        int wanted = settings_measure(&frame->sampling, columns);
        return wanted > rows ? wanted : rows;
    }
    return rows;
}

static void draw_prompt(struct frame *frame, const struct view *view,
                        const struct layout *layout)
{
    struct prompt_view prompt = {
        .edit = frame->prompt,
        .sampling = frame->has_request ? &frame->request : &view->session->sampling,
        .is_own = frame->has_request};
    view_prompt_draw(&prompt, view, &frame->cells, layout->bottom_rule, layout->bottom);
}

static void draw_bottom(struct frame *frame, const struct view *view,
                        const struct layout *layout)
{
    if (writes_prompt(view))
        draw_prompt(frame, view, layout);
    else if (view->mode == MODE_SETTINGS)
        view_settings_draw(&frame->sampling, frame->sampling_is_own, &frame->cells,
                           layout->bottom_rule, layout->bottom);
    else if (view->session->has_current)
        view_form_draw(&frame->form, view, &frame->cells, layout->bottom_rule,
                       layout->bottom);
}

/* ---- the last rows: notice or command, keys ---- */

/* The ways to complete what stands in the command line, the one that was taken marked. */
static void draw_candidates(struct frame *frame, const struct view *view, struct rect row)
{
    const char *line = frame->expansion.is_running ? frame->expansion.stem
                                                   : editbuf_text(frame->command);
    char text[256];
    int col = row.col;
    int end = row.col + row.cols;
    size_t first = frame->expansion.is_running && frame->expansion.index > 5
                       ? frame->expansion.index - 5
                       : 0;
    for (size_t i = first;
         col < end && command_complete(line, i, frame_question(frame, view->session),
                                       text, sizeof text);
         i++) {
        bool is_taken = frame->expansion.is_running && i == frame->expansion.index;
        if (col > row.col && (size_t)(end - col) < width_of(text, strlen(text)))
            return; /* a whole name or none */
        col += cells_string(&frame->cells, row.row, col, end - col, text,
                            is_taken ? STYLE_ACCENT : STYLE_DIM) +
               2;
    }
}

static void draw_command(struct frame *frame, const struct layout *layout)
{
    struct rect row = layout->notice;
    row.row += row.rows - 1;
    row.rows = 1;
    cells_string(&frame->cells, row.row, row.col, 1, ":", STYLE_KEY);
    row.col++;
    row.cols--;
    editbuf_layout(frame->command, row.cols);
    editbuf_draw(frame->command, &frame->cells, row, STYLE_TEXT, true);
}

static void draw_last_rows(struct frame *frame, const struct view *view,
                           const struct layout *layout)
{
    struct cells *cells = &frame->cells;
    bool has_command = view->mode == MODE_COMMAND;
    if (has_command)
        draw_command(frame, layout);
    else if (!layout->shares_notice || view_notice_is_live(view))
        view_notice_draw(view, cells, layout->notice);
    if (layout->shares_notice && (has_command || view_notice_is_live(view)))
        return;
    if (has_command && editbuf_len(frame->command) > 0)
        draw_candidates(frame, view, layout->keys);
    else if (view->mode == MODE_PAGER)
        view_pager_keys_draw(&frame->pager, view, cells, layout->keys);
    else
        view_keys_draw(view, cells, layout->keys);
}

/* ---- the middle ---- */

/* Joins a rule of the record to the line between it and the queue. */
static void draw_junction(struct frame *frame, const struct layout *layout,
                          struct rect rule)
{
    bool is_top = rule.row == layout->queue_rule.row;
    struct rect at = {rule.row, layout->divider_col, rule.rows, 1};
    cells_fill(&frame->cells, at, is_top ? DOWN_CP : RIGHT_CP, STYLE_RULE);
    at.col++;
    cells_fill(&frame->cells, at, RULE_CP, STYLE_RULE);
}

static void draw_queue(struct frame *frame, const struct view *view,
                       const struct layout *layout)
{
    struct cells *cells = &frame->cells;
    if (!layout->has_queue)
        return;
    view_counts_draw(view, cells, layout->counts);
    view_rule(cells, layout->queue_rule, "", "", STYLE_RULE);
    view_queue_draw(&frame->queue, view, cells, layout->queue);
    cells_fill(
        cells,
        (struct rect){layout->queue.row, layout->divider_col, layout->queue.rows, 1},
        DIVIDER_CP, STYLE_RULE);
    draw_junction(frame, layout, layout->prompt_rule);
    draw_junction(frame, layout, layout->response_rule);
    draw_junction(frame, layout, layout->bottom_rule);
}

static void draw_record(struct frame *frame, const struct view *view,
                        const struct layout *layout)
{
    if (view->session->has_current) {
        view_record_draw(&frame->record, view, &frame->cells, layout);
        return;
    }
    view_rule(&frame->cells, layout->response_rule,
              first_start_applies(view->session) ? "Welcome to sherd" : "Record", "",
              STYLE_DIM);
    view_first_start_draw(view, &frame->cells, layout->response);
}

static void draw_whole_queue(struct frame *frame, const struct view *view,
                             struct rect body)
{
    struct rect list = {body.row + 2, body.col, body.rows - 2, body.cols};
    view_counts_draw(view, &frame->cells,
                     (struct rect){body.row, body.col, 1, body.cols});
    view_rule(&frame->cells, (struct rect){body.row + 1, body.col, 1, body.cols},
              "Records", "", STYLE_DIM);
    view_queue_draw(&frame->queue, view, &frame->cells, list);
}

static void draw_middle(struct frame *frame, const struct view *view,
                        const struct layout *layout)
{
    if (view->mode == MODE_PAGER) {
        view_pager_draw(&frame->pager, view, &frame->cells, layout->body);
    } else if (view->mode == MODE_QUEUE) {
        draw_whole_queue(frame, view, layout->body);
    } else {
        draw_record(frame, view, layout);
        draw_bottom(frame, view, layout);
        draw_queue(frame, view, layout);
    }
}

const struct question *frame_question(const struct frame *frame,
                                      const struct session *session)
{
    const struct dataset *dataset = &session->dataset;
    if (frame->form.focus >= dataset->question_count)
        return NULL;
    return &dataset->questions[frame->form.focus];
}

void frame_draw(struct frame *frame, struct view *view)
{
    struct cells *cells = &frame->cells;
    struct layout layout;
    view->rows = cells->rows;
    view->cols = cells->cols;
    view->question = frame_question(frame, view->session);
    cells_erase(cells);
    int columns = layout_text_cols(cells->cols, frame->hides_queue);
    if (columns < 1)
        columns = 1;
    record_pane_lay_out(&frame->record, view, columns);
    struct layout_wish wish = {
        .rows = cells->rows,
        .cols = cells->cols,
        .hides_queue = frame->hides_queue,
        .has_prompt = view->session->has_current &&
                      dataset_prompt_field(&view->session->dataset) != NULL,
        .prompt_lines = record_pane_prompt_lines(&frame->record),
        .bottom_lines = measure_bottom(frame, view, columns),
    };
    layout_make(&layout, &wish);
    if (layout.is_too_small) {
        draw_too_small(frame);
        return;
    }
    view_status_draw(view, cells, layout.status);
    draw_middle(frame, view, &layout);
    draw_last_rows(frame, view, &layout);
}

int64_t frame_next_change(const struct view *view)
{
    const struct session *session = view->session;
    int64_t left = session->notice.until_ms - view->now_ms;
    int64_t next = -1;
    if (session->notice.text[0] != '\0' && left > 0 && left < 60000)
        next = left + 1;
    if (session->has_current && session_stream(session, &session->current.id) &&
        (next < 0 || next > TICK_MS))
        next = TICK_MS;
    return next;
}

void frame_init(struct frame *frame, int rows, int cols)
{
    *frame = (struct frame){0};
    cells_resize(&frame->cells, rows, cols);
    record_pane_init(&frame->record);
    form_init(&frame->form);
    pager_init(&frame->pager);
    sampling_form_init(&frame->sampling);
    frame->sentence = flow_new();
    frame->prompt = editbuf_new();
    frame->command = editbuf_new();
}

void frame_clear(struct frame *frame)
{
    editbuf_free(frame->prompt);
    editbuf_free(frame->command);
    flow_free(frame->sentence);
    sampling_clear(&frame->request);
    sampling_form_clear(&frame->sampling);
    pager_clear(&frame->pager);
    form_clear(&frame->form);
    record_pane_clear(&frame->record);
    cells_clear(&frame->cells);
    *frame = (struct frame){0};
}
