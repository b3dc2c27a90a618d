/* SPDX-License-Identifier: MIT
 *
 * cells - a screen as a grid of safe cells with a style each.
 *
 * Views draw here and nowhere else, so every screen can be tested as text.
 * Drawing outside the grid or the clip rectangle is cut off, never an error.
 */
#ifndef TEXT_CELLS_H
#define TEXT_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/sanitise.h"

/* Roles, not colours: term's palette says how each looks, with and without colour. */
enum style {
    STYLE_TEXT,     /* the hero */
    STYLE_DIM,      /* labels, units, hints */
    STYLE_RULE,     /* the one rule between parts */
    STYLE_TITLE,    /* part titles */
    STYLE_ACCENT,   /* where you are, the chosen rating */
    STYLE_SELECTED, /* the selected row */
    STYLE_WARNING,  /* second accent */
    STYLE_ERROR,
    STYLE_STRONG, /* the next six: of Markdown */
    STYLE_EMPHASIS,
    STYLE_CODE,
    STYLE_HEADING,
    STYLE_LINK,
    STYLE_QUOTE,
    STYLE_KEY,        /* a key in the key line */
    STYLE_SUGGESTION, /* a suggested value */
    STYLE_MATCH,      /* a search hit */
    STYLE_MARK,       /* a visible sign for something that was not printable */
    STYLE_COUNT
};

struct cell {
    uint32_t cp[CLUSTER_MAX]; /* 0-terminated unless full; blank = ' ' */
    uint8_t width;            /* 1, 2, or 0 for the right half of a wide cell */
    uint8_t style;            /* enum style */
    uint16_t whole; /* of cells_whole: this cell starts an emoji sequence that cp only
                       stands for; CELL_REST: it belongs to the one before; 0 = none */
};

#define CELL_REST UINT16_MAX

/* A sequence that takes two columns where a terminal knows it. */
struct cell_whole {
    char text[44];
    uint8_t needs; /* SEQUENCE_* bits */
};

struct rect {
    int row, col, rows, cols;
};

/* Where a click means something. kind and value are those of whoever draws. */
struct spot {
    struct rect area;
    int kind;
    uint64_t value;
};

struct cells {
    struct spot *spots;
    size_t spot_count, spot_room;
    int rows, cols;
    struct cell *cell; /* rows * cols, row by row */
    struct rect clip;  /* drawing is cut to this; the whole grid after resize */
    int cursor_row;    /* -1 = hidden */
    int cursor_col;
};

/* Makes the grid rows × cols and blank. A zeroed struct is a valid empty one. */
void cells_resize(struct cells *cells, int rows, int cols);
/* Frees the grid; the struct is an empty one again. */
void cells_clear(struct cells *cells);
/* Blanks everything, hides the cursor, resets the clip. Allocates nothing. */
void cells_erase(struct cells *cells);
void cells_fill(struct cells *cells, struct rect area, uint32_t cp, enum style style);

/* Puts one cluster, in as many cells as it has columns; returns its width. text is what
 * it was read from, where it starts; NULL when it is none of a text. Overwriting half of
 * a wide cell blanks the other half. One that does not fit becomes a blank. */
int cells_put(struct cells *cells, int row, int col, const struct cluster *cluster,
              const char *text, enum style style);
/* Puts one line of text through sanitise, at most max_cols columns; newlines show
 * as a blank. Returns the columns used. Allocates nothing. */
int cells_text(struct cells *cells, int row, int col, int max_cols, const char *text,
               size_t len, enum style style);
/* The same for a C string that ends in "…" when it does not fit. */
int cells_string(struct cells *cells, int row, int col, int max_cols, const char *text,
                 enum style style);
/* Right-aligned so that it ends before column end_col. Returns the columns used. */
int cells_string_right(struct cells *cells, int row, int end_col, int max_cols,
                       const char *text, enum style style);
void cells_set_style(struct cells *cells, struct rect area, enum style style);
void cells_set_cursor(struct cells *cells, int row, int col);

/* Only what the clip shows counts; forgotten by cells_erase. */
void cells_add_spot(struct cells *cells, struct rect area, int kind, uint64_t value);
/* The last one of that kind (-1 = of any) that was put over the place; NULL = none. */
const struct spot *cells_spot(const struct cells *cells, int row, int col, int kind);

/* The sequence with this number (not 0, not CELL_REST); numbers are the program's, not a
 * grid's, and stay. */
const struct cell_whole *cells_whole(uint16_t number);

/* A blank cell when row or col is outside. */
const struct cell *cells_at(const struct cells *cells, int row, int col);

#endif
