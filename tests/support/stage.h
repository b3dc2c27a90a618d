/* SPDX-License-Identifier: MIT
 *
 * stage - a session made by hand and the frame that it is drawn in: golden screens
 * without app, store or network.
 */
#ifndef TESTS_SUPPORT_STAGE_H
#define TESTS_SUPPORT_STAGE_H

#include "ui/frame.h"

#define STAGE_NOW_MS 1000000
#define STAGE_WALL_MS 1769868120000 /* 2026-01-31 14:02:00 UTC */

struct stage {
    struct session session;
    struct keymap keymap;
    struct frame frame;
    struct view view;
};

/* The guide's dataset with 340 records, the 13th finished and on the screen. */
void stage_init(struct stage *stage, int rows, int cols);
/* The guide's dataset without any record. */
void stage_init_empty(struct stage *stage, int rows, int cols);
void stage_clear(struct stage *stage);
void stage_set_text(struct stage *stage, const char *field, const char *text);
/* The current record's answer streams; text so far. */
struct stream *stage_stream(struct stage *stage, const char *text);
/* The rating, the feedback (NULL = none) and the status that follows. */
void stage_answer(struct stage *stage, int rating, const char *feedback,
                  enum response_status status);
/* A server that has answered. */
void stage_connect(struct stage *stage);
void stage_notify(struct stage *stage, enum notice_kind kind, const char *text);
/* Draws in a mode. */
void stage_draw(struct stage *stage, enum ui_mode mode);
/* The text of a row, without blanks at its end. Valid until the next call. */
const char *stage_row(struct stage *stage, int row);
/* The number of the first row that holds text, or -1. */
int stage_find(struct stage *stage, const char *text);

#endif
