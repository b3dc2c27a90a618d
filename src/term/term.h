/* SPDX-License-Identifier: MIT
 *
 * term - the terminal: cells out, events in. The only user of curses.
 *
 * One terminal per process. Whatever happens (exit, error, signal, crash, Ctrl-Z) it is
 * put back as it was found.
 */
#ifndef TERM_TERM_H
#define TERM_TERM_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "event/event.h"
#include "term/paint.h"

struct term;

struct term_options {
    struct paint_options look;
    bool mouse; /* EVENT_WHEEL, EVENT_CLICK; the terminal's own selection then needs Shift
                 */
};

/* Refuses, with a sentence, a terminal that is not one, a TERM that is unknown or
 * cannot place the cursor, a locale that is not UTF-8. Events go to fn from the loop;
 * fn may leave and suspend, but not close. SIGTERM and SIGINT are the caller's. */
enum status term_open(struct term **out, struct loop *loop,
                      const struct term_options *options, event_fn fn, void *ctx,
                      struct err *err) __attribute__((warn_unused_result));
/* NULL is allowed. */
void term_close(struct term *term);
/* Handles what was typed by now: before an end that a signal asks for. */
void term_read_rest(struct term *term);
void term_size(const struct term *term, int *rows, int *cols);
/* Paints what differs from the last frame; nothing while the screen is left. cells may
 * be of another size: it is cut. */
void term_flush(struct term *term, const struct cells *cells);
/* What is on the terminal may have been disturbed: the next flush paints all of it. */
void term_redraw(struct term *term);
/* Leaves the screen to another program / stops the process, and comes back
 * (EVENT_RESUMED follows, and EVENT_RESIZE before it if need be). */
void term_suspend(struct term *term); /* Ctrl-Z */
void term_leave(struct term *term);
void term_return(struct term *term);
/* While away, or right after the return: forgets what was typed before the screen was
 * left, which else comes as events from the loop after EVENT_RESUMED. Says whether there
 * was anything. (What is typed later goes to the other program.) */
bool term_drop_typed(struct term *term);
/* Puts text into the terminal's clipboard with OSC 52. False when too long (> 74,994
 * bytes once encoded: what xterm and tmux take). */
bool term_copy(struct term *term, const char *text, size_t len);
/* Sets the window title; text goes through sanitise. The old one comes back. */
void term_title(struct term *term, const char *text);

#endif
