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
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "event/event.h"
#include "text/cells.h"

/* ---- paint.c: how each role of cells.h looks for the colours a terminal has (the
 * palette), and frames of cells onto the curses screen, only the rows that changed ----
 *
 * One accent, one warning colour, greys; the background is always the terminal's own.
 * What carries a meaning also has an attribute, so nothing depends on colour. The
 * painter starts curses, and allocates when the size changes only. */

#define PAINT_SIDE_MAX 1000 /* rows or columns; a larger screen is cut */

enum {
    LOOK_BOLD = 1,
    LOOK_DIM = 2,
    LOOK_ITALIC = 4,
    LOOK_UNDERLINE = 8,
    LOOK_REVERSE = 16
};

#define LOOK_DEFAULT (-1) /* the terminal's own colour */

struct look {
    uint8_t attributes; /* LOOK_* bits */
    int32_t foreground; /* a colour number, 0xRRGGBB with direct colour, or default */
};

struct palette_options {
    int colors; /* what the terminal has: 0 or 1 = none, 8, 16, 256, 1 << 24 = direct */
    bool light; /* dark text on a light ground */
    bool has_italic; /* else italic is underlined */
};

void palette_fill(struct look looks[STYLE_COUNT], const struct palette_options *options);
/* What COLORFGBG ("15;0", "0;default;15") says of the ground. NULL: dark. */
bool palette_is_light(const char *colorfgbg);
/* An ASCII stand-in for box drawing, blocks and the other signs that screens use;
 * anything else comes back as it is. */
uint32_t palette_ascii(uint32_t cp);

struct paint;

struct paint_options {
    bool no_color; /* NO_COLOR, or colour = never */
    bool color;    /* colour = always: eight, also where terminfo knows of none */
    bool light;    /* light background: palette for it */
    bool dark;     /* surely dark; with neither COLORFGBG says, or it is dark */
    bool ascii;    /* no box-drawing or block characters */
};

/* Starts curses: the screen is entered. Refuses with a sentence. */
enum status paint_open(struct paint **out, const struct paint_options *options,
                       struct err *err) __attribute__((warn_unused_result));
/* The screen must have been left (endwin). NULL is allowed. */
void paint_free(struct paint *paint);
/* A string of the terminal's terminfo entry; NULL = it has none. */
const char *paint_capability(const char *name);
/* Cuts the cells to the screen's size, or fills up with blanks. */
void paint_flush(struct paint *paint, const struct cells *cells);
/* Which emoji sequences (SEQUENCE_* bits) the terminal draws in two columns; at first it
 * is not trusted with any. All is painted anew. */
void paint_know(struct paint *paint, unsigned sequences);
/* Nobody knows what is on the terminal: the next flush paints all of it. */
void paint_forget(struct paint *paint);

/* ---- term.c ---- */

struct term;

struct term_options {
    struct paint_options look;
    bool mouse; /* EVENT_WHEEL, _CLICK, _DRAG; its own selection then needs Shift */
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
