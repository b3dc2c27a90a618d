/* SPDX-License-Identifier: MIT
 *
 * view - what every view is given, and the few shapes that they share.
 *
 * Views read a const session and write cells. They keep nothing but layouts of text.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "app/session.h"
#include "text/cells.h"
#include "ui/keymap.h"
#include "ui/mode.h"
#include "ui/scroll.h"

/* Wider lines of running text are hard to read. */
#define VIEW_TEXT_COLS_MAX 110
/* From here on there is room for words where narrow screens have figures only. */
#define VIEW_COLS_MEDIUM 60

struct view {
    const struct session *session;
    const struct keymap *keymap;
    enum ui_mode mode;
    const struct question *question; /* in focus, or NULL; set by the frame */
    int rows, cols;  /* of the whole screen: with more, there is more to say */
    int64_t now_ms;  /* monotonic */
    int64_t wall_ms; /* since 1970 */
    /* The first line of a queue row's prompt. Never returns NULL. */
    const char *(*snippet)(void *ctx, size_t index);
    void *snippet_ctx;
};

/* "── Title ──────── right ──" over the whole of row; right may be "". */
void view_rule(struct cells *cells, struct rect row, const char *title, const char *right,
               enum style right_style);
/* "12 of 40 lines", or "12/40" on narrow screens; "" when all are in view. */
void view_format_place(const struct view *view, const struct scroll *scroll, char *out,
                       size_t size);
/* Done of total in cols cells. */
void view_bar(struct cells *cells, int row, int col, int cols, size_t done, size_t total);
/* Adds text to line with " · " between the parts. */
void view_join(char *line, size_t size, const char *text);
/* "0.4 s", "12 s", "3 min". */
void view_format_seconds(int64_t ms, char *out, size_t size);
/* "14:02", in the local time zone. */
void view_format_time(int64_t wall_ms, char *out, size_t size);
/* "12,345" */
void view_format_count(size_t count, char *out, size_t size);

#endif
