/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/questions.h"

#define TICK_MS 200       /* times and the pulse of a stream */
#define DIVIDER_CP 0x2502 /* │ */
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

/* Spans are marked, or what is to be marked is looked for. */
static bool is_span_page(const struct frame *frame, const struct view *view)
{
    return view->record && view->question && view->question->type == QUESTION_SPAN &&
           (view->mode == MODE_SPAN ||
            (view->mode == MODE_SEARCH && frame->span.is_searching));
}

/* The form's height is the least for all three, so that opening them moves nothing. */
static int measure_bottom(struct frame *frame, const struct view *view, int columns)
{
    int rows = form_measure(&frame->form, view, columns), wanted = 0;
    struct view all = *view;
    if (view->is_bulk) {
        bulk_view(&frame->bulk, &all);
        wanted = view->mode == MODE_OPTIONS
                     ? options_measure(&all, columns)
                     : form_measure(&frame->bulk.form, &all, columns);
    } else if (clash_is_shown(view)) {
        wanted = clash_measure(&frame->clash, view, columns);
    } else if (view->mode == MODE_PROMPT) {
        wanted = prompt_measure(frame->prompt.edit, columns, rows);
    } else if (view->mode == MODE_NOTE) {
        wanted = prompt_measure(frame->form.edit, columns, rows);
    } else if (is_span_page(frame, view)) {
        wanted = span_measure_list(view, columns);
    } else if (view->mode == MODE_OPTIONS) {
        wanted = options_measure(view, columns);
    } else if (view->mode == MODE_SETTINGS) {
        wanted = settings_measure(&frame->sampling, columns);
    }
    return wanted > rows ? wanted : rows;
}

static void draw_bottom(struct frame *frame, const struct view *view,
                        const struct layout *layout)
{
    struct cells *cells = &frame->cells;
    struct view all = *view;
    if (view->is_bulk)
        bulk_view(&frame->bulk, &all);
    if (view->mode == MODE_PROMPT)
        prompt_draw(&frame->prompt, view, cells, layout->bottom_rule, layout->bottom);
    else if (view->mode == MODE_NOTE)
        prompt_draw_note(frame->form.edit, view, cells, layout->bottom_rule,
                         layout->bottom);
    else if (view->mode == MODE_SETTINGS)
        settings_draw(&frame->sampling, view, cells, layout->bottom_rule, layout->bottom);
    else if (is_span_page(frame, view))
        span_draw_list(&frame->span, view, cells, layout->bottom_rule, layout->bottom);
    else if (view->mode == MODE_OPTIONS)
        options_draw(&frame->options, &all, cells, layout->bottom_rule, layout->bottom);
    else if (view->is_bulk)
        form_draw(&frame->bulk.form, &all, cells, layout->bottom_rule, layout->bottom);
    else if (clash_is_shown(view))
        clash_draw(&frame->clash, view, cells, layout->bottom_rule, layout->bottom);
    else if (view->record)
        form_draw(&frame->form, view, cells, layout->bottom_rule, layout->bottom);
}

/* ---- the last rows: notice or command, keys ---- */

/* However little room there is, the key that shows all others is there. */
static void write_keys(struct frame *frame, const struct view *view, struct hints *hints)
{
    switch (view->mode) {
    case MODE_FEEDBACK:
        form_writing_hints(&frame->form, view, hints);
        break;
    case MODE_PROMPT:
    case MODE_NOTE:
        prompt_hints(view, hints);
        break;
    case MODE_COMMAND:
        command_hints(hints);
        break;
    case MODE_SEARCH:
        search_hints(hints);
        break;
    case MODE_SETTINGS:
        settings_hints(hints);
        break;
    case MODE_PAGER:
        pager_hints(&frame->pager, view, hints);
        break;
    case MODE_QUEUE:
        queue_hints(view, hints);
        break;
    case MODE_OPTIONS:
        options_hints(view, hints);
        break;
    case MODE_SPAN:
        span_hints(&frame->span, view, hints);
        break;
    case MODE_MODELS:
        models_hints(view, hints);
        break;
    case MODE_DATASETS:
        datasets_hints(view, hints);
        break;
    case MODE_COMPARE:
        compare_hints(&frame->compare, view, hints);
        break;
    case MODE_PHRASES:
        phrases_hints(&frame->phrases, view, hints);
        break;
    case MODE_BULK:
        bulk_hints(&frame->bulk, view, hints);
        break;
    default:
        browse_hints(view, hints);
    }
}

static void draw_last_rows(struct frame *frame, const struct view *view,
                           const struct layout *layout)
{
    struct cells *cells = &frame->cells;
    bool has_command = view->mode == MODE_COMMAND;
    struct rect last = layout->notice;
    last.row += last.rows - 1;
    last.rows = 1;
    bool is_typed = has_command || view->mode == MODE_SEARCH;
    if (has_command)
        command_draw(&frame->command, view, cells, last);
    else if (is_typed)
        search_draw(&frame->search, view, cells, last);
    else if (status_has_notice(view))
        status_draw_notice(view, cells, layout->notice);
    else if (!layout->shares_notice) {
        struct rect rest = layout->notice;
        int words = search_draw_words(&frame->search, view, cells, last);
        rest.cols -= words ? words + 2 : 0;
        if (rest.cols > 0)
            status_draw_notice(view, cells, rest);
    }
    if (is_typed && status_has_notice(view) &&
        view->session->notice.kind >= NOTICE_WARNING) {
        last.row--; /* what one types stands in the row of the notice */
        status_draw_notice(view, cells, last);
    }
    if (layout->shares_notice && (is_typed || status_has_notice(view)))
        return;
    if (has_command &&
        command_draw_candidates(&frame->command, view, cells, layout->keys))
        return;
    struct hints hints = {0};
    write_keys(frame, view, &hints);
    hints_draw(&hints, cells, layout->keys, view->mode == MODE_BROWSE);
}

/* ---- the middle ---- */

/* Joins a rule of the record to the line between it and the pane before it. */
static void draw_junction(struct frame *frame, const struct layout *layout,
                          struct rect rule)
{
    int top = layout->has_queue ? layout->queue_rule.row : layout->beside_rule.row;
    struct rect at = {rule.row, layout->divider_col, rule.rows, 1};
    cells_fill(&frame->cells, at, rule.row == top ? DOWN_CP : RIGHT_CP, STYLE_RULE);
    at.col++;
    cells_fill(&frame->cells, at, VIEW_RULE_CP, STYLE_RULE);
}

static void draw_panes(struct frame *frame, const struct view *view,
                       const struct layout *layout)
{
    struct cells *cells = &frame->cells;
    const struct rect *pane = layout->has_queue ? &layout->queue : &layout->beside;
    if (layout->has_queue) {
        queue_draw_counts(view, cells, layout->counts);
        view_rule(cells, layout->queue_rule, "", "", STYLE_RULE);
        queue_draw(&frame->queue, view, cells, layout->queue);
    }
    if (layout->beside.rows > 0)
        beside_draw(&frame->beside, view, cells, layout);
    if (layout->beside_col >= 0)
        cells_fill(cells,
                   (struct rect){layout->beside_rule.row, layout->beside_col,
                                 layout->beside.rows + 1, 1},
                   DIVIDER_CP, STYLE_RULE);
    if (layout->divider_col < 0)
        return;
    cells_fill(cells, (struct rect){pane->row, layout->divider_col, pane->rows, 1},
               DIVIDER_CP, STYLE_RULE);
    draw_junction(frame, layout, layout->prompt_rule);
    draw_junction(frame, layout, layout->response_rule);
    draw_junction(frame, layout, layout->bottom_rule);
}

/* Or a label is chosen for one. */
static bool is_marking(const struct frame *frame, const struct view *view)
{
    return is_span_page(frame, view) ||
           (view->record && view->question && view->question->type == QUESTION_SPAN &&
            view->mode == MODE_OPTIONS);
}

static void draw_record(struct frame *frame, const struct view *view,
                        const struct layout *layout)
{
    if (view->record) {
        record_pane_draw(&frame->record, view, &frame->cells, layout);
        if (is_marking(frame, view)) {
            struct rect area = layout->response;
            cells_fill(&frame->cells, area, ' ', STYLE_TEXT);
            span_draw(&frame->span, view, &frame->cells, layout->response_rule, area);
        }
        return;
    }
    view_rule(&frame->cells, layout->response_rule,
              browse_is_first_start(view->session) ? "Welcome to sherd" : "Record", "",
              STYLE_DIM);
    browse_draw_empty(view, &frame->cells, layout->response);
}

static void draw_whole_queue(struct frame *frame, const struct view *view,
                             struct rect body)
{
    struct rect list = {body.row + 2, body.col, body.rows - 2, body.cols};
    queue_draw_counts(view, &frame->cells,
                      (struct rect){body.row, body.col, 1, body.cols});
    view_rule(&frame->cells, (struct rect){body.row + 1, body.col, 1, body.cols},
              "Records", "", STYLE_DIM);
    queue_draw(&frame->queue, view, &frame->cells, list);
}

static void draw_middle(struct frame *frame, const struct view *view,
                        const struct layout *layout)
{
    if (view->mode == MODE_PAGER) {
        pager_draw(&frame->pager, view, &frame->cells, layout->body);
    } else if (view->mode == MODE_QUEUE) {
        draw_whole_queue(frame, view, layout->body);
    } else if (view->mode == MODE_MODELS) {
        models_draw(&frame->models, view, &frame->cells, layout->body);
    } else if (view->mode == MODE_DATASETS || view->session->is_choosing) {
        datasets_draw(&frame->datasets, view, &frame->cells, layout->body);
    } else if (view->mode == MODE_PHRASES) {
        phrases_draw(&frame->phrases, view, &frame->cells, layout->body);
    } else if (view->session->comparison.is_open) {
        compare_draw(&frame->compare, view, &frame->record, &frame->cells, layout->body);
    } else {
        draw_record(frame, view, layout);
        draw_bottom(frame, view, layout);
        draw_panes(frame, view, layout);
    }
}

/* Lines mean nothing to a reader of the screen. What a text says stays: its cells have
 * another style. */
static void blank_lines(struct cells *cells)
{
    for (int row = 0; row < cells->rows; row++)
        for (int col = 0; col < cells->cols; col++)
            if (cells_at(cells, row, col)->style == STYLE_RULE)
                cells_fill(cells, (struct rect){row, col, 1, 1}, ' ', STYLE_TEXT);
}

void frame_draw(struct frame *frame, struct view *view)
{
    struct cells *cells = &frame->cells;
    struct layout layout;
    view->rows = cells->rows;
    view->cols = cells->cols;
    view->run = &frame->run;
    const struct form *form = view->is_bulk ? &frame->bulk.form : &frame->form;
    view->question = question_at(&view->session->dataset, form->focus);
    cells_erase(cells);
    /* Beside each other two texts cannot be read aloud. */
    bool hides_queue =
        frame->hides_queue || view->is_plain || view->session->comparison.is_open;
    bool has_beside =
        frame->beside.is_on && !view->is_plain && !view->session->comparison.is_open;
    int columns = layout_text_cols(cells->cols, hides_queue, has_beside);
    if (columns < 1)
        columns = 1;
    record_pane_lay_out(&frame->record, view, columns);
    const struct field *pinned = dataset_prompt_field(&view->session->dataset);
    size_t lines = record_pane_lines(&frame->record);
    if (is_marking(frame, view)) {
        lines = span_lay_out(&frame->span, view, columns);
        if (pinned && strcmp(pinned->name, view->question->field) == 0)
            pinned = NULL; /* it stands below */
    }
    struct layout_wish wish = {
        .rows = cells->rows,
        .cols = cells->cols,
        .hides_queue = hides_queue,
        .has_beside = has_beside,
        .has_prompt = view->record && pinned,
        .is_prompt_alone = view->record && pinned && lines == 0 && !view_stream(view) &&
                           !dataset_response_field(&view->session->dataset),
        .prompt_lines = (int)flow_line_count(frame->record.prompt.flow),
        .response_lines = view_stream(view) ? -1 : (int)lines,
        .bottom_lines = measure_bottom(frame, view, columns),
    };
    search_mark(frame, view);
    layout_make(&layout, &wish);
    if (layout.is_too_small) {
        draw_too_small(frame);
        return;
    }
    status_draw(view, cells, layout.status);
    draw_middle(frame, view, &layout);
    draw_last_rows(frame, view, &layout);
    if (view->is_plain)
        blank_lines(cells);
}

int64_t frame_next_change(const struct view *view)
{
    const struct session *session = view->session;
    int64_t left = session->notice.until_ms - view->now_ms;
    int64_t next = -1;
    if (session->notice.text[0] != '\0' && left > 0 && left < 60000)
        next = left + 1;
    bool has_run = view->mode == MODE_PAGER && view->run && view->run->progress &&
                   !view->run->is_over;
    if ((view_stream(view) || has_run) && !view->is_plain && (next < 0 || next > TICK_MS))
        next = TICK_MS;
    return next;
}

void frame_init(struct frame *frame, int rows, int cols)
{
    *frame = (struct frame){0};
    cells_resize(&frame->cells, rows, cols);
    record_pane_init(&frame->record);
    form_init(&frame->form);
    form_init(&frame->bulk.form);
    frame->pager.flow = flow_new();
    trace_pane_init(&frame->trace);
    frame->sentence = flow_new();
    frame->beside.flow = flow_new();
    for (int i = 0; i < PICK_MAX; i++)
        frame->compare.flows[i] = flow_new();
    frame->compare.diff = flow_new();
    frame->clash.mine = flow_new();
    frame->clash.theirs = flow_new();
    frame->prompt.edit = editbuf_new();
    frame->command.edit = editbuf_new();
    frame->search.edit = editbuf_new();
    frame->models.filter = editbuf_new();
    frame->datasets.filter = editbuf_new();
    frame->options.filter = editbuf_new();
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++)
        frame->sampling.edits[i] = editbuf_new();
}

void frame_clear(struct frame *frame)
{
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++)
        editbuf_free(frame->sampling.edits[i]);
    editbuf_free(frame->command.edit);
    editbuf_free(frame->search.edit);
    free(frame->search.before);
    editbuf_free(frame->models.filter);
    editbuf_free(frame->datasets.filter);
    free(frame->datasets.shown);
    editbuf_free(frame->options.filter);
    editbuf_free(frame->prompt.edit);
    sampling_clear(&frame->prompt.request);
    flow_free(frame->sentence);
    flow_free(frame->beside.flow);
    phrases_clear(&frame->phrases);
    for (int i = 0; i < PICK_MAX; i++)
        flow_free(frame->compare.flows[i]);
    flow_free(frame->compare.diff);
    flow_free(frame->clash.mine);
    flow_free(frame->clash.theirs);
    flow_free(frame->pager.flow);
    trace_pane_clear(&frame->trace);
    form_clear(&frame->form);
    form_clear(&frame->bulk.form);
    record_clear(&frame->bulk.record);
    dataset_clear(&frame->bulk.asked);
    span_pane_clear(&frame->span);
    record_pane_clear(&frame->record);
    cells_clear(&frame->cells);
    *frame = (struct frame){0};
}
