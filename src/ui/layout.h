/* SPDX-License-Identifier: MIT
 *
 * layout - where each part of the main screen stands, and which lines of a text are in
 * view: sizes in, rectangles and line numbers out.
 *
 *   status
 *   counts                     (wide only)
 *   queue │ prompt rule        (queue: wide only)
 *         │ prompt
 *         │ response rule
 *         │ response
 *         │ bottom rule
 *         │ bottom             (the form, the prompt line or the settings)
 *                              (beside: very wide: right of them; wide: in the queue's
 *                               place)
 *   notice                     (on small screens it shares the row of the keys)
 *   keys
 */
#ifndef UI_LAYOUT_H
#define UI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "text/cells.h"

#define LAYOUT_ROWS_MIN 10
#define LAYOUT_COLS_MIN 40
#define LAYOUT_COLS_WIDE 110
#define LAYOUT_COLS_THREE 170 /* from here on a third pane has room */

struct layout_wish {
    int rows, cols;
    bool hides_queue;     /* a wide screen shows it unless the user does not want it */
    bool has_beside;      /* a text is to stand beside the record where it has room */
    bool has_prompt;      /* false: no prompt part at all */
    bool is_prompt_alone; /* no response part: the prompt has the room of both */
    int prompt_lines;   /* as many as its text has; it gets at most a third, and more when
                           the response leaves rows free */
    int response_lines; /* -1 = it grows: leaves none */
    int bottom_lines;   /* it gets at most a half */
};

struct layout {
    bool is_too_small;
    bool has_queue;
    struct rect status;
    struct rect counts; /* rows 0 = none, for this and those below */
    struct rect queue_rule, queue;
    int divider_col; /* -1 = none */
    struct rect beside_rule, beside;
    int beside_col; /* of the line before it, when it is right of the record; -1 */
    struct rect prompt_rule, prompt;
    struct rect response_rule, response;
    struct rect bottom_rule, bottom;
    struct rect notice; /* one row, or two: a blank one above for long sentences */
    bool shares_notice; /* notice is the keys' row */
    struct rect keys;
    struct rect body; /* all between status and the last notice row: for pages */
};

/* Below this nothing is drawn but a sentence, and nothing acts. */
bool layout_is_too_small(int rows, int cols);
/* Columns that the record's parts will have, to lay their text out first. */
int layout_text_cols(int cols, bool hides_queue, bool has_beside);
/* What stands beside takes the queue's place. */
bool layout_is_beside_left(int cols, bool has_beside);
void layout_make(struct layout *layout, const struct layout_wish *wish);

/* ---- scrolling ---- */

/* Which lines of a text are in view. After scroll_fit: top + rows <= lines, or top is
 * 0. */
struct scroll {
    size_t top;    /* first line in view */
    size_t lines;  /* lines in all, as of the last scroll_fit */
    size_t rows;   /* rows in view, as of the last scroll_fit */
    bool follows;  /* stays at the end while the text grows */
    size_t reveal; /* a line from 1 that the next scroll_fit brings into view; 0 = none */
};

/* Tells the size of the text and of its place; keeps the end in view when it follows. */
void scroll_fit(struct scroll *scroll, size_t lines, size_t rows);
/* Moves by delta lines, stops at the ends. True if it moved. */
bool scroll_by(struct scroll *scroll, long delta);
/* Moves by delta pages, one line of the former page stays in view. */
bool scroll_page(struct scroll *scroll, int delta);
bool scroll_is_at_end(const struct scroll *scroll);
/* After scroll_fit: brings a line into view. */
void scroll_show(struct scroll *scroll, size_t line);

/* The row of a list that lies delta rows from at; stops at the ends. */
size_t list_move(size_t at, size_t count, long delta);
/* The rows by which an arrow or a page's key moves; 0 = it is another key. */
long list_rows(struct key key, int page);

#endif
