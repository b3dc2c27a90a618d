/* SPDX-License-Identifier: MIT
 *
 * The whole screen from its state, each time anew.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ui/command.h"
#include "ui/first_start.h"
#include "ui/layout.h"
#include "ui/screen_parts.h"
#include "ui/view_keys.h"
#include "ui/view_prompt.h"
#include "ui/view_settings.h"
#include "ui/view_status.h"

#define TICK_MS 200       /* times and the pulse of a stream */
#define DIVIDER_CP 0x2502 /* │ */
#define RULE_CP 0x2500    /* ─ */
#define RIGHT_CP 0x251C   /* ├ */
#define DOWN_CP 0x252C    /* ┬ */

static void draw_too_small(struct screen *screen)
{
    char text[160];
    struct cells *cells = &screen->cells;
    snprintf(text, sizeof text,
             "sherd needs a window of %d columns and %d rows; this one has %d and %d.",
             LAYOUT_COLS_MIN, LAYOUT_ROWS_MIN, cells->cols, cells->rows);
    flow_set_raw(screen->sentence, text, strlen(text), cells->cols > 0 ? cells->cols : 1);
    flow_draw(screen->sentence, cells, (struct rect){0, 0, cells->rows, cells->cols}, 0);
}

/* ---- the part at the bottom: form, prompt or settings ---- */

static bool writes_prompt(const struct screen *screen)
{
    return screen->mode == MODE_PROMPT;
}

/* The form's height is the least for all three, so that opening them moves nothing. */
static int measure_bottom(struct screen *screen, const struct view *view, int columns)
{
    int rows = form_measure(&screen->form, view, columns);
    if (writes_prompt(screen))
        return prompt_measure(screen->prompt, columns, rows);
    if (screen->mode == MODE_SETTINGS) {
        int wanted = settings_measure(&screen->sampling, columns);
        return wanted > rows ? wanted : rows;
    }
    return rows;
}

static void draw_prompt(struct screen *screen, const struct view *view,
                        const struct layout *layout)
{
    struct prompt_view prompt = {
        .edit = screen->prompt,
        .sampling = screen->has_request ? &screen->request : &view->session->sampling,
        .is_own = screen->has_request};
    view_prompt_draw(&prompt, view, &screen->cells, layout->bottom_rule, layout->bottom);
}

static void draw_bottom(struct screen *screen, const struct view *view,
                        const struct layout *layout)
{
    if (writes_prompt(screen))
        draw_prompt(screen, view, layout);
    else if (screen->mode == MODE_SETTINGS)
        view_settings_draw(&screen->sampling, screen->sampling_is_own, &screen->cells,
                           layout->bottom_rule, layout->bottom);
    else if (view->session->has_current)
        view_form_draw(&screen->form, view, &screen->cells, layout->bottom_rule,
                       layout->bottom);
}

/* ---- the last rows: notice or command, keys ---- */

/* The ways to complete what stands in the command line, the one that was taken marked. */
static void draw_candidates(struct screen *screen, struct rect row)
{
    const char *line = screen->completion.is_running ? screen->completion.stem
                                                     : editbuf_text(screen->command);
    char text[256];
    int col = row.col;
    int end = row.col + row.cols;
    size_t first = screen->completion.is_running && screen->completion.index > 5
                       ? screen->completion.index - 5
                       : 0;
    for (size_t i = first; col < end && command_complete(line, i, screen_question(screen),
                                                         text, sizeof text);
         i++) {
        bool is_taken = screen->completion.is_running && i == screen->completion.index;
        col += cells_string(&screen->cells, row.row, col, end - col, text,
                            is_taken ? STYLE_ACCENT : STYLE_DIM) +
               2;
    }
}

static void draw_command(struct screen *screen, const struct layout *layout)
{
    struct rect row = layout->notice;
    cells_string(&screen->cells, row.row, row.col, 1, ":", STYLE_KEY);
    row.col++;
    row.cols--;
    editbuf_layout(screen->command, row.cols);
    editbuf_draw(screen->command, &screen->cells, row, STYLE_TEXT, true);
}

static void draw_last_rows(struct screen *screen, const struct view *view,
                           const struct layout *layout)
{
    struct cells *cells = &screen->cells;
    bool has_command = screen->mode == MODE_COMMAND;
    if (has_command)
        draw_command(screen, layout);
    else if (!layout->shares_notice || view_notice_is_live(view))
        view_notice_draw(view, cells, layout->notice);
    if (layout->shares_notice && (has_command || view_notice_is_live(view)))
        return;
    if (has_command && editbuf_len(screen->command) > 0)
        draw_candidates(screen, layout->keys);
    else
        view_keys_draw(view, cells, layout->keys);
}

/* ---- the middle ---- */

/* Joins a rule of the record to the line between it and the queue. */
static void draw_junction(struct screen *screen, const struct layout *layout,
                          struct rect rule)
{
    bool is_top = rule.row == layout->queue_rule.row;
    struct rect at = {rule.row, layout->divider_col, rule.rows, 1};
    cells_fill(&screen->cells, at, is_top ? DOWN_CP : RIGHT_CP, STYLE_RULE);
    at.col++;
    cells_fill(&screen->cells, at, RULE_CP, STYLE_RULE);
}

static void draw_queue(struct screen *screen, const struct view *view,
                       const struct layout *layout)
{
    struct cells *cells = &screen->cells;
    if (!layout->has_queue)
        return;
    view_counts_draw(view, cells, layout->counts);
    view_rule(cells, layout->queue_rule, "", "", STYLE_RULE);
    view_queue_draw(&screen->queue, view, cells, layout->queue);
    cells_fill(
        cells,
        (struct rect){layout->queue.row, layout->divider_col, layout->queue.rows, 1},
        DIVIDER_CP, STYLE_RULE);
    draw_junction(screen, layout, layout->prompt_rule);
    draw_junction(screen, layout, layout->response_rule);
    draw_junction(screen, layout, layout->bottom_rule);
}

static void draw_record(struct screen *screen, const struct view *view,
                        const struct layout *layout)
{
    if (view->session->has_current) {
        view_record_draw(&screen->record, view, &screen->cells, layout);
        return;
    }
    view_rule(&screen->cells, layout->response_rule,
              first_start_applies(view->session) ? "Welcome to sherd" : "Record", "",
              STYLE_DIM);
    view_first_start_draw(view, &screen->cells, layout->response);
}

static void draw_whole_queue(struct screen *screen, const struct view *view,
                             struct rect body)
{
    struct rect list = {body.row + 2, body.col, body.rows - 2, body.cols};
    view_counts_draw(view, &screen->cells,
                     (struct rect){body.row, body.col, 1, body.cols});
    view_rule(&screen->cells, (struct rect){body.row + 1, body.col, 1, body.cols},
              "Records", "", STYLE_DIM);
    view_queue_draw(&screen->queue, view, &screen->cells, list);
}

static void draw_middle(struct screen *screen, const struct view *view,
                        const struct layout *layout)
{
    if (screen->mode == MODE_PAGER) {
        view_pager_draw(&screen->pager, view, &screen->cells, layout->body);
    } else if (screen->mode == MODE_QUEUE) {
        draw_whole_queue(screen, view, layout->body);
    } else {
        draw_record(screen, view, layout);
        draw_bottom(screen, view, layout);
        draw_queue(screen, view, layout);
    }
}

void frame_draw(struct screen *screen)
{
    struct cells *cells = &screen->cells;
    struct view view;
    struct layout layout;
    screen_view(screen, &view);
    cells_erase(cells);
    int columns = layout_text_cols(cells->cols, screen->hides_queue);
    if (columns < 1)
        columns = 1;
    record_pane_lay_out(&screen->record, &view, columns);
    struct layout_wish wish = {
        .rows = cells->rows,
        .cols = cells->cols,
        .hides_queue = screen->hides_queue,
        .has_prompt = view.session->has_current &&
                      dataset_prompt_field(&view.session->dataset) != NULL,
        .prompt_lines = record_pane_prompt_lines(&screen->record),
        .bottom_lines = measure_bottom(screen, &view, columns),
    };
    layout_make(&layout, &wish);
    if (layout.is_too_small) {
        draw_too_small(screen);
        return;
    }
    view_status_draw(&view, cells, layout.status);
    draw_middle(screen, &view, &layout);
    draw_last_rows(screen, &view, &layout);
}

int64_t frame_next_change(const struct screen *screen)
{
    const struct session *session = screen_session(screen);
    int64_t left = session->notice.until_ms - clock_mono_ms(screen->clock);
    int64_t next = -1;
    if (session->notice.text[0] != '\0' && left > 0 && left < 60000)
        next = left + 1;
    if (session->has_current && session_stream(session, &session->current.id) &&
        (next < 0 || next > TICK_MS))
        next = TICK_MS;
    return next;
}
