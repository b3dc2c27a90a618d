/* SPDX-License-Identifier: MIT
 *
 * The records one a row: number, rating or state, start of the prompt.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/narrow.h"
#include "base/xalloc.h"
#include "ui/bulk.h"
#include "ui/parts.h"

#define PAGE_ROWS 10
#define MARK_COLS 7 /* five stars, the sign of a draft, a blank */
#define PLAIN_MARK_COLS 11
#define FLAG_CP 0x2691 /* ⚑ */
#define NOTE_CP 0x270E /* ✎ */

/* ---- keys ---- */

bool queue_run(struct screen *screen, enum action action)
{
    const struct queue *queue = &screen_session(screen)->queue;
    enum response_status status;
    char *now, *line;
    switch (action) {
    case ACTION_QUEUE:
        app_narrow_again(screen->app);
        if (screen->frame.cells.cols >= LAYOUT_COLS_WIDE && !screen->is_plain)
            screen->frame.hides_queue = !screen->frame.hides_queue;
        else
            screen->mode = screen->base = MODE_QUEUE;
        return true;
    case ACTION_SHOW_PENDING:
    case ACTION_SHOW_DRAFTS:
    case ACTION_SHOW_SUBMITTED:
    case ACTION_SHOW_DISCARDED:
        status = (enum response_status)(action - ACTION_SHOW_PENDING);
        /* the same one again shows all of them */
        app_filter(screen->app, !queue->has_filter || queue->filter != status, status);
        return true;
    case ACTION_SHOW_ALL:
        app_narrow(screen->app, "");
        return true;
    case ACTION_NARROW:
        now = app_narrowed(screen->app);
        line = xasprintf("filter %s%s", now, *now ? " " : "");
        command_enter(screen, line);
        free(line);
        free(now);
        return true;
    default:
        return false;
    }
}

/* One letter a status, "a" for all; Tab goes round those that there are. */
static bool filters(struct screen *screen, struct key key)
{
    static const char letters[] = "pdsx";
    enum { ALL = RESPONSE_STATUS_COUNT, PLACES };
    const struct queue *queue = &screen_session(screen)->queue;
    const char *letter = key.mods == 0 && key.code > 0 && key.code < 0x80
                             ? strchr(letters, (int)key.code)
                             : NULL;
    int now = queue->has_filter ? (int)queue->filter : ALL;
    if (key.code == KEYCODE_TAB) {
        int step = (key.mods & KEY_SHIFT_BIT) ? PLACES - 1 : 1;
        do
            now = (now + step) % PLACES;
        while (now != ALL && queue_counts(queue)[now] == 0);
    } else if (letter) {
        now = (int)(letter - letters);
    } else if (key.code == 'a' && key.mods == 0) {
        app_narrow(screen->app, "");
        return true;
    } else {
        return false;
    }
    app_filter(screen->app, now != ALL,
               now != ALL ? (enum response_status)now : RESPONSE_PENDING);
    return true;
}

/* A row or a page down or up; false = the action is none of these. */
static bool moves(struct screen *screen, enum action action)
{
    bool is_down = action == ACTION_SCROLL_DOWN || action == ACTION_PAGE_DOWN;
    int steps = action == ACTION_PAGE_DOWN || action == ACTION_PAGE_UP ? PAGE_ROWS : 1;
    if (!is_down && action != ACTION_SCROLL_UP && action != ACTION_PAGE_UP)
        return false;
    while (steps-- > 0 && (is_down ? app_go_next : app_go_previous)(screen->app)) {
    }
    return true;
}

enum action queue_key(struct screen *screen, struct key key)
{
    enum action action = keymap_find_scroll(&screen->keymap, key);
    if (key.code == KEYCODE_ESCAPE || key.code == KEYCODE_ENTER ||
        action == ACTION_QUIT || action == ACTION_QUEUE) {
        screen->mode = MODE_BROWSE;
        return ACTION_NONE;
    }
    if (filters(screen, key) || bulk_mark_to_here(screen, key) || moves(screen, action))
        return ACTION_NONE;
    if (key.code == '/' && key.mods == 0) {
        command_enter(screen, "filter ");
        return ACTION_NONE;
    }
    switch (action) {
    case ACTION_NEXT:
    case ACTION_PREVIOUS:
    case ACTION_FIRST:
    case ACTION_LAST:
    case ACTION_NEXT_OPEN:
    case ACTION_MARK:
    case ACTION_BULK:
    case ACTION_DELETE:
    case ACTION_UNDO:
    case ACTION_REDO:
    case ACTION_COMMAND:
    case ACTION_NARROW:
    case ACTION_SHOW_PENDING:
    case ACTION_SHOW_DRAFTS:
    case ACTION_SHOW_SUBMITTED:
    case ACTION_SHOW_DISCARDED:
    case ACTION_SHOW_ALL:
    case ACTION_HELP:
    case ACTION_SYNC:
    case ACTION_REDRAW:
    case ACTION_SUSPEND:
        return action;
    default:
        screen_refuse_key(screen, key);
        return ACTION_NONE;
    }
}

/* ---- drawing ---- */

static int digits_of(size_t number)
{
    int digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

/* The row in view that stands rows_up above index; the first one at most. */
static size_t row_above(const struct queue *queue, size_t index, int rows_up)
{
    for (int i = 0; i < rows_up; i++) {
        size_t previous = queue_previous(queue, index);
        if (previous == SIZE_MAX)
            break;
        index = previous;
    }
    return index;
}

static bool is_in_view(const struct queue *queue, size_t top, int rows)
{
    size_t index = top;
    for (int i = 0; i < rows && index != SIZE_MAX; i++) {
        if (index == queue->position)
            return true;
        index = queue_next(queue, index);
    }
    return false;
}

/* Scrolls as little as needed; a jump puts the current row in the middle. No row stays
 * empty below the last while there is one above. */
static void fit_top(struct queue_pane *pane, const struct queue *queue, int rows)
{
    size_t here = queue->position;
    if (pane->top >= queue->count || !queue_shows(queue, pane->top))
        pane->top = here;
    if (!is_in_view(queue, pane->top, rows)) {
        size_t below = row_above(queue, here, rows - 1);
        if (row_above(queue, below, 1) == pane->top)
            pane->top = below;
        else if (queue_next(queue, here) == pane->top)
            pane->top = here;
        else
            pane->top = row_above(queue, here, rows / 2);
    }
    int shown = 0;
    for (size_t at = pane->top; shown < rows && at != SIZE_MAX; shown++)
        at = queue_next(queue, at);
    pane->top = row_above(queue, pane->top, rows - shown);
}

static int highest_rating(const struct dataset *dataset)
{
    const struct question *question = dataset_rating_question(dataset);
    int highest = 0;
    for (size_t i = 0; question && i < question->rating_count; i++)
        if (question->ratings[i] > highest)
            highest = question->ratings[i];
    return highest;
}

static bool is_open_with(const struct queue_row *row, enum queue_flag flag)
{
    return row->status == RESPONSE_PENDING && (row->flags & flag);
}

/* Words, for a screen reader. */
static void write_mark(const struct queue_row *row, int highest, char *out, size_t size)
{
    const char *draft = row->status == RESPONSE_DRAFT ? " draft" : "";
    if (row->flags & QUEUE_CLASH)
        snprintf(out, size, "two");
    else if (row->flags & QUEUE_GONE)
        snprintf(out, size, "gone");
    else if (row->flags & QUEUE_STREAMING)
        snprintf(out, size, "streaming");
    else if (is_open_with(row, QUEUE_FAILED))
        snprintf(out, size, "failed");
    else if (is_open_with(row, QUEUE_CUT))
        snprintf(out, size, "cut off");
    else if (is_open_with(row, QUEUE_COMPLETED))
        snprintf(out, size, "enough");
    else if (row->status != RESPONSE_DISCARDED && row->rating >= 0)
        snprintf(out, size, "%d/%d%s", row->rating, highest, draft);
    else
        snprintf(out, size, "%s",
                 response_status_name((enum response_status)row->status));
}

/* Five cells: the rating, or why there is none; a sixth that tells a draft ("~"), two
 * versions ("!") and what the server has no more ("?"). */
static void draw_mark(const struct queue_row *row, int highest, char *out, size_t size)
{
    static const char *const stars[] = {"·····", "★····", "★★···",
                                        "★★★··", "★★★★·", "★★★★★"};
    const char *sign = (row->flags & QUEUE_CLASH)      ? "!"
                       : (row->flags & QUEUE_GONE)     ? "?"
                       : row->status == RESPONSE_DRAFT ? "~"
                                                       : "";
    if (row->flags & QUEUE_STREAMING)
        snprintf(out, size, "▍…");
    else if (row->status == RESPONSE_DISCARDED)
        snprintf(out, size, "–    %s", sign);
    else if (is_open_with(row, QUEUE_FAILED))
        snprintf(out, size, "✕");
    else if (is_open_with(row, QUEUE_CUT))
        snprintf(out, size, "✕ cut");
    else if (is_open_with(row, QUEUE_COMPLETED))
        snprintf(out, size, "✓✓");
    else if (row->status == RESPONSE_SUBMITTED && row->rating < 0)
        snprintf(out, size, "✓    %s", sign);
    else if (row->rating < 0 || (highest == 5 && row->rating <= 5))
        snprintf(out, size, "%s%s", stars[row->rating < 0 ? 0 : row->rating], sign);
    else
        snprintf(out, size, "%2d/%-2d%s", row->rating, highest, sign);
}

/* A flag and a note: signs beside the number and at the end; plain: words in front of the
 * text, whose columns come back. */
static int draw_signs(const struct view *view, size_t index, struct cells *cells,
                      struct rect row, int flag, int text)
{
    const struct queue *queue = &view->session->queue;
    bool is_flagged = queue->rows[index].flags & QUEUE_FLAGGED;
    bool is_noted = queue->rows[index].flags & QUEUE_NOTED;
    bool is_here = index == queue->position;
    enum style accent = is_here ? STYLE_SELECTED : STYLE_ACCENT;
    char words[24];
    snprintf(words, sizeof words, "%s%s", is_flagged ? "flagged: " : "",
             is_noted ? "noted: " : "");
    if (view->is_plain)
        return cells_string(cells, row.row, text, row.cols, words,
                            is_here ? STYLE_SELECTED : STYLE_TEXT);
    if (is_flagged)
        cells_fill(cells, (struct rect){row.row, flag, 1, 1}, FLAG_CP, accent);
    if (is_noted)
        cells_fill(cells, (struct rect){row.row, row.col + row.cols - 1, 1, 1}, NOTE_CP,
                   accent);
    return 0;
}

static void draw_row(const struct view *view, struct cells *cells, struct rect row,
                     size_t index)
{
    const struct queue *queue = &view->session->queue;
    const struct queue_row *item = &queue->rows[index];
    bool is_here = index == queue->position;
    enum style style = is_here ? STYLE_SELECTED : STYLE_TEXT;
    enum style accent = is_here ? style : STYLE_ACCENT;
    int number_cols = digits_of(queue->count);
    char number[24], mark[32];
    if (is_here) {
        view_mark_row(view, cells, row);
        if (view->is_plain && view->mode == MODE_QUEUE)
            cells_set_cursor(cells, row.row, row.col);
    }
    if (session_is_marked(view->session, item->row))
        cells_string(cells, row.row, row.col + 1, 1, "*", accent);
    int col = row.col + 2 + number_cols;
    int end = row.col + row.cols;
    snprintf(number, sizeof number, "%zu", index + 1);
    cells_string_right(cells, row.row, col, number_cols, number,
                       is_here ? style : STYLE_DIM);
    int highest = highest_rating(&view->session->dataset);
    struct queue_row rated = *item;
    if (!highest) /* the question is gone */
        rated.rating = -1;
    int mark_cols = view->is_plain ? PLAIN_MARK_COLS : MARK_COLS;
    (view->is_plain ? write_mark : draw_mark)(&rated, highest, mark, sizeof mark);
    enum style mark_style =
        is_open_with(item, QUEUE_FAILED | QUEUE_CUT) ? STYLE_ERROR : STYLE_DIM;
    cells_string(cells, row.row, col + 1, mark_cols - 1, mark,
                 is_here ? style : mark_style);
    bool is_over =
        item->status >= RESPONSE_SUBMITTED || is_open_with(item, QUEUE_COMPLETED);
    int text = col + 1 + mark_cols;
    text += draw_signs(view, index, cells, row, col, text);
    cells_string(cells, row.row, text, end - text - 1, view->snippet(view->ctx, index),
                 is_here   ? style
                 : is_over ? STYLE_DIM
                           : STYLE_TEXT);
}

void queue_draw(struct queue_pane *pane, const struct view *view, struct cells *cells,
                struct rect area)
{
    const struct queue *queue = &view->session->queue;
    if (queue->count == 0) {
        cells_string(cells, area.row, area.col, area.cols,
                     view->session->is_queue_loaded ? "no records yet" : "reading…",
                     STYLE_DIM);
        return;
    }
    fit_top(pane, queue, area.rows);
    size_t index = pane->top;
    for (int i = 0; i < area.rows && index != SIZE_MAX; i++) {
        struct rect row = {area.row + i, area.col, 1, area.cols};
        draw_row(view, cells, row, index);
        cells_add_spot(cells, row, SPOT_QUEUE, index);
        index = queue_next(queue, index);
    }
}

void queue_draw_counts(const struct view *view, struct cells *cells, struct rect row)
{
    static const char *const titles[RESPONSE_STATUS_COUNT] = {
        [RESPONSE_PENDING] = "Pending",
        [RESPONSE_DRAFT] = "Draft",
        [RESPONSE_SUBMITTED] = "Submitted",
        [RESPONSE_DISCARDED] = "Discarded"};
    const struct queue *queue = &view->session->queue;
    int col = row.col, end = row.col + row.cols;
    if (!view->session->is_queue_loaded)
        return;
    for (int status = 0; status < RESPONSE_STATUS_COUNT; status++) {
        char text[128];
        bool is_filter = queue->has_filter && (int)queue->filter == status;
        snprintf(text, sizeof text, is_filter ? "[%s %s]" : "%s %s", titles[status],
                 view_count(queue_counts(queue)[status]).text);
        if (status > 0)
            col += cells_string(cells, row.row, col, end - col, " │ ", STYLE_RULE);
        int cols = cells_string(cells, row.row, col, end - col, text,
                                is_filter ? STYLE_ACCENT : STYLE_DIM);
        cells_add_spot(cells, (struct rect){row.row, col, 1, cols}, SPOT_STATUS,
                       (uint64_t)status);
        col += cols;
    }
    static const char *const words[] = {"Enough", "Flagged", "Noted", "Changed"};
    bool is_part = queue->is_narrowed;
    const size_t others[] = {queue_completed(queue),
                             is_part ? queue->shown_flagged : queue->flagged,
                             is_part ? queue->shown_noted : queue->noted,
                             is_part ? queue->shown_changed : queue->changed};
    for (int i = 0; i < 4; i++) {
        char text[128];
        if (!others[i])
            continue;
        snprintf(text, sizeof text, "%s %s", words[i], view_count(others[i]).text);
        col += cells_string(cells, row.row, col, end - col, " │ ", STYLE_RULE);
        col += cells_string(cells, row.row, col, end - col, text, STYLE_DIM);
    }
    if (view->session->marks.count) {
        char marked[64];
        snprintf(marked, sizeof marked, "  %zu marked", view->session->marks.count);
        col += cells_string(cells, row.row, col, end - col, marked, STYLE_ACCENT);
    }
    if (queue->has_filter) {
        char filter[64];
        snprintf(filter, sizeof filter, "filter: %s",
                 response_status_name(queue->filter));
        cells_string_right(cells, row.row, end, end - col - 2, filter, STYLE_ACCENT);
    }
}

void queue_hints(const struct view *view, struct hints *hints)
{
    hints_add_key(hints, "Enter", "open");
    hints_add(hints, view, ACTION_SCROLL_DOWN, "down");
    hints_add(hints, view, ACTION_SCROLL_UP, "up");
    hints_add(hints, view, ACTION_PAGE_DOWN, "page");
    hints_add_key(hints, "p d s x", "status");
    hints_add_key(hints, "a", "all");
    hints_add(hints, view, ACTION_MARK, "mark");
    hints_add_key(hints, "W", "mark to here");
    hints_add(hints, view, ACTION_BULK, "change those");
    hints_add_key(hints, "Esc", "back");
    hints_add(hints, view, ACTION_COMMAND, "command");
    hints_add(hints, view, ACTION_HELP, "help");
}
