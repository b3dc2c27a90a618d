/* SPDX-License-Identifier: MIT
 *
 * pilot_screen - the whole program but the terminal: keys in, a grid of cells out. The
 * model is the demo's endpoint on loopback, driven by the same loop.
 *
 *     struct pilot_screen stand = {.rows = 24, .cols = 80};
 *     pilot_screen_start(&stand);
 *     pilot_keys(&stand, "4f");
 *     pilot_type(&stand, "Good.");
 *     pilot_keys(&stand, "<Esc><Enter>");
 *     pilot_see(&stand, "#1 submitted");
 *     pilot_screen_end(&stand);
 */
#ifndef TESTS_SUPPORT_PILOT_SCREEN_H
#define TESTS_SUPPORT_PILOT_SCREEN_H

#include "base/buf.h"
#include "tests/support/pilot_app.h"
#include "ui/screen.h"

struct pilot_screen {
    /* Set before the start. */
    int rows, cols;
    int records;          /* finished ones in the queue: "Question 1" … */
    bool has_no_endpoint; /* else the demo's, one token every token_ms */
    int64_t token_ms;
    void (*prepare)(struct dataset *dataset); /* changes the dataset before it opens */

    struct pilot pilot;
    struct screen *screen;
    int64_t clock_base_ms;

    /* What the terminal was asked. */
    struct buf frame; /* the last one, a row a line */
    int cursor_row, cursor_col;
    size_t flushes;
    int64_t flushed_ms[4096]; /* when, while there is room */
    struct buf copied;
    bool refuses_copy;
    int redraws, suspends, leaves, returns;
    const char *keys_at_return; /* what was typed while it was left; NULL */
};

void pilot_screen_start(struct pilot_screen *stand);
/* As another start of the program; what was on the disk is there. */
void pilot_screen_reopen(struct pilot_screen *stand);
/* As main does when another dataset was taken. */
void pilot_screen_go_over(struct pilot_screen *stand);
/* Another dataset of the store, with a record "Elsewhere?"; its row. */
int64_t pilot_add_other(struct pilot_screen *stand, const char *name);
void pilot_open_other(struct pilot_screen *stand, const char *name); /* by :open */
void pilot_screen_end(struct pilot_screen *stand);
/* For cmocka: *state is a fixture of the heap that begins with its stand. */
int pilot_screen_tear_down(void **state);
/* A started one of 80 by 24; free it with pilot_screen_free. */
struct pilot_screen *pilot_screen_new(int records, int64_t token_ms);
void pilot_screen_free(struct pilot_screen *stand);
struct id pilot_current(const struct pilot_screen *stand);

/* "4f<Esc><Ctrl-R>": each letter a key, names in <>. The loop turns after each. */
void pilot_keys(struct pilot_screen *stand, const char *keys);
/* Every letter as a key; '\n' is Enter. */
void pilot_type(struct pilot_screen *stand, const char *text);
void pilot_paste(struct pilot_screen *stand, const char *text);
/* A click on the first cell of the first place that shows this text. */
void pilot_click(struct pilot_screen *stand, const char *text);
/* The same of the pointer that is moved there with the button held, or let go there. */
void pilot_drag(struct pilot_screen *stand, const char *text, bool is_let_go);
void pilot_resize(struct pilot_screen *stand, int rows, int cols);
/* Waits until a row holds the text; fails after ten seconds with the screen. */
void pilot_see(struct pilot_screen *stand, const char *text);
/* Waits until no row does. */
void pilot_see_gone(struct pilot_screen *stand, const char *text);
bool pilot_sees(const struct pilot_screen *stand, const char *text);
/* Until nothing streams and all is saved. */
void pilot_rest(struct pilot_screen *stand);

#endif
