/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/layout.h"

#define ROWS_WITH_NOTICE 14 /* from here on the notice has its own row */
#define ROWS_WITH_GAP 24    /* and a blank row above it */
#define QUEUE_COLS_MIN 33
#define QUEUE_COLS_MAX 60
#define MARGIN 1

static int clamp(int value, int low, int high)
{
    if (value > high)
        value = high;
    return value < low ? low : value;
}

bool layout_is_beside_left(int cols, bool has_beside)
{
    return has_beside && cols >= LAYOUT_COLS_WIDE && cols < LAYOUT_COLS_THREE;
}

static bool shows_left(int cols, bool hides_queue, bool has_beside)
{
    return cols >= LAYOUT_COLS_WIDE &&
           (!hides_queue || layout_is_beside_left(cols, has_beside));
}

/* Of a pane beside the record. */
static int pane_cols(int cols)
{
    return clamp(cols * 3 / 10, QUEUE_COLS_MIN, QUEUE_COLS_MAX);
}

/* The first column of the record's parts; a pane and its divider stand before it. */
static int record_col(int cols, bool hides_queue, bool has_beside)
{
    return shows_left(cols, hides_queue, has_beside) ? pane_cols(cols) + 2 : MARGIN;
}

/* The column after their last; a divider and a pane stand behind it. */
static int record_end(int cols, bool has_beside)
{
    return cols - MARGIN -
           (has_beside && cols >= LAYOUT_COLS_THREE ? pane_cols(cols) + 2 : 0);
}

int layout_text_cols(int cols, bool hides_queue, bool has_beside)
{
    return record_end(cols, has_beside) - record_col(cols, hides_queue, has_beside);
}

static void place_frame(struct layout *layout, const struct layout_wish *wish)
{
    int last = wish->rows - 1;
    int width = wish->cols - 2 * MARGIN;
    layout->shares_notice = wish->rows < ROWS_WITH_NOTICE;
    layout->status = (struct rect){0, MARGIN, 1, width};
    layout->keys = (struct rect){last, MARGIN, 1, width};
    int rows = wish->rows >= ROWS_WITH_GAP ? 2 : 1;
    int end = layout->shares_notice ? wish->rows : last;
    layout->notice = (struct rect){end - rows, MARGIN, rows, width};
    layout->body = (struct rect){1, MARGIN, end - 2, width};
    if (layout->has_queue)
        layout->counts = (struct rect){1, MARGIN, 1, width};
}

static void place_panes(struct layout *layout, const struct layout_wish *wish, int top,
                        int end)
{
    layout->divider_col = layout->beside_col = -1;
    int cols = wish->cols;
    int rows = end - top - 1;
    bool is_left = layout_is_beside_left(cols, wish->has_beside);
    if (shows_left(cols, wish->hides_queue, wish->has_beside)) {
        layout->divider_col = record_col(cols, wish->hides_queue, wish->has_beside) - 2;
        int width = layout->divider_col - MARGIN;
        struct rect *rule = is_left ? &layout->beside_rule : &layout->queue_rule;
        struct rect *pane = is_left ? &layout->beside : &layout->queue;
        *rule = (struct rect){top, MARGIN, 1, width};
        *pane = (struct rect){top + 1, MARGIN, rows, is_left ? width - 1 : width};
    }
    if (wish->has_beside && cols >= LAYOUT_COLS_THREE) {
        layout->beside_col = record_end(cols, true);
        int col = layout->beside_col + 2;
        int width = cols - MARGIN - col;
        layout->beside_rule = (struct rect){top, col, 1, width};
        layout->beside = (struct rect){top + 1, col, rows, width};
    }
}

static struct rect take_rows(struct rect *left, int rows)
{
    struct rect taken = {left->row, left->col, rows, left->cols};
    left->row += rows;
    left->rows -= rows;
    return taken;
}

static void place_record(struct layout *layout, const struct layout_wish *wish, int top,
                         int end)
{
    struct rect left = {
        top, record_col(wish->cols, wish->hides_queue, wish->has_beside), end - top,
        layout_text_cols(wish->cols, wish->hides_queue, wish->has_beside)};
    int other = wish->is_prompt_alone ? 0 : 1; /* a rule of the response */
    int text_rows = left.rows - (wish->has_prompt ? 2 : 1) - other;
    int bottom = clamp(wish->bottom_lines, 1, text_rows / 2);
    int most = text_rows / 3;
    if (wish->response_lines >= 0 && wish->response_lines < text_rows - bottom - most)
        most = text_rows - bottom - (wish->response_lines > 0 ? wish->response_lines : 1);
    int prompt = wish->is_prompt_alone ? text_rows - bottom
                 : wish->has_prompt    ? clamp(wish->prompt_lines, 1, most)
                                       : 0;

    layout->prompt_rule = take_rows(&left, wish->has_prompt ? 1 : 0);
    layout->prompt = take_rows(&left, prompt);
    layout->response_rule = take_rows(&left, other);
    layout->response = take_rows(&left, left.rows - bottom - 1);
    layout->bottom_rule = take_rows(&left, 1);
    layout->bottom = take_rows(&left, bottom);
}

bool layout_is_too_small(int rows, int cols)
{
    return rows < LAYOUT_ROWS_MIN || cols < LAYOUT_COLS_MIN;
}

void layout_make(struct layout *layout, const struct layout_wish *wish)
{
    *layout = (struct layout){.divider_col = -1, .beside_col = -1};
    layout->is_too_small = layout_is_too_small(wish->rows, wish->cols);
    if (layout->is_too_small)
        return;
    layout->has_queue = wish->cols >= LAYOUT_COLS_WIDE && !wish->hides_queue &&
                        !layout_is_beside_left(wish->cols, wish->has_beside);
    place_frame(layout, wish);
    int top = layout->has_queue ? 2 : 1;
    place_panes(layout, wish, top, layout->notice.row);
    place_record(layout, wish, top, layout->notice.row);
}

/* ---- scrolling ---- */

static size_t last_top(const struct scroll *scroll)
{
    return scroll->lines > scroll->rows ? scroll->lines - scroll->rows : 0;
}

void scroll_fit(struct scroll *scroll, size_t lines, size_t rows)
{
    scroll->lines = lines;
    scroll->rows = rows;
    size_t line = scroll->reveal, above = rows / 3 + 1;
    scroll->reveal = 0;
    if (line > 0 && (line <= scroll->top || line > scroll->top + rows)) {
        scroll->top = line > above ? line - above : 0;
        scroll->follows = false;
    }
    if (scroll->follows || scroll->top > last_top(scroll))
        scroll->top = last_top(scroll);
}

bool scroll_by(struct scroll *scroll, long delta)
{
    size_t before = scroll->top;
    size_t last = last_top(scroll);
    if (delta < 0) {
        size_t up = (size_t)-delta;
        scroll->top = up < scroll->top ? scroll->top - up : 0;
    } else {
        size_t down = (size_t)delta;
        scroll->top = last - scroll->top > down ? scroll->top + down : last;
    }
    return scroll->top != before;
}

bool scroll_page(struct scroll *scroll, int delta)
{
    long page = scroll->rows > 1 ? (long)scroll->rows - 1 : 1;
    return scroll_by(scroll, page * delta);
}

bool scroll_is_at_end(const struct scroll *scroll)
{
    return scroll->top >= last_top(scroll);
}

void scroll_show(struct scroll *scroll, size_t line)
{
    if (line < scroll->top)
        scroll->top = line;
    if (scroll->rows && line >= scroll->top + scroll->rows)
        scroll->top = line + 1 - scroll->rows;
}

size_t list_move(size_t at, size_t count, long delta)
{
    size_t steps = (size_t)(delta < 0 ? -delta : delta);
    at = delta > 0 ? at + steps : at < steps ? 0 : at - steps;
    return at < count ? at : count ? count - 1 : 0;
}

long list_rows(struct key key, int page)
{
    switch (key.code) {
    case KEYCODE_UP:
        return -1;
    case KEYCODE_DOWN:
        return 1;
    case KEYCODE_PAGE_UP:
        return -page;
    case KEYCODE_PAGE_DOWN:
        return page;
    default:
        return 0;
    }
}
