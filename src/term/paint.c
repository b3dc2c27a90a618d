/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/paint.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <curses.h>

#include "base/xalloc.h"
#include "term/palette.h"

struct paint {
    struct cell *last; /* the frame on the screen, rows * cols */
    cchar_t *row;      /* one row as curses wants it */
    int rows, cols;
    bool is_forgotten;
    bool ascii;
    int cursor; /* as curs_set has it; -1 = not known */
    attr_t attributes[STYLE_COUNT];
    short pair[STYLE_COUNT];
};

static const struct cell blank = {.cp = {' '}, .width = 1, .style = STYLE_TEXT};

static attr_t attributes_of(unsigned look)
{
    return (look & LOOK_BOLD ? A_BOLD : 0) | (look & LOOK_DIM ? A_DIM : 0) |
           (look & LOOK_ITALIC ? A_ITALIC : 0) |
           (look & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
           (look & LOOK_REVERSE ? A_REVERSE : 0);
}

static int colors_to_use(bool no_color)
{
    if (no_color || !has_colors() || start_color() == ERR ||
        use_default_colors() == ERR || COLOR_PAIRS <= STYLE_COUNT)
        return 0;
    return COLORS;
}

static bool has_capability(const char *name)
{
    const char *text = tigetstr(name);
    return text && text != (const char *)-1;
}

static void set_styles(struct paint *paint, const struct paint_options *options)
{
    struct look looks[STYLE_COUNT];
    struct palette_options palette = {.colors = colors_to_use(options->no_color),
                                      .light = options->light,
                                      .has_italic = has_capability("sitm")};
    palette_fill(looks, &palette);
    for (int style = 0; style < STYLE_COUNT; style++) {
        paint->attributes[style] = attributes_of(looks[style].attributes);
        if (looks[style].foreground == LOOK_DEFAULT)
            continue;
        paint->pair[style] = (short)(style + 1);
        init_extended_pair(style + 1, looks[style].foreground, -1);
    }
}

struct paint *paint_new(const struct paint_options *options)
{
    struct paint *paint = xcalloc(1, sizeof *paint);
    paint->ascii = options->ascii;
    paint->cursor = -1;
    paint->is_forgotten = true;
    set_styles(paint, options);
    return paint;
}

void paint_free(struct paint *paint)
{
    if (!paint)
        return;
    free(paint->last);
    free(paint->row);
    free(paint);
}

void paint_forget(struct paint *paint)
{
    paint->is_forgotten = true;
    paint->cursor = -1;
}

static void fit_screen(struct paint *paint)
{
    int rows, cols;
    getmaxyx(stdscr, rows, cols);
    if (rows == paint->rows && cols == paint->cols)
        return;
    size_t count = (size_t)rows * (size_t)cols;
    paint->last = xreallocarray(paint->last, count, sizeof *paint->last);
    paint->row = xreallocarray(paint->row, (size_t)cols + 1, sizeof *paint->row);
    paint->rows = rows;
    paint->cols = cols;
    paint->is_forgotten = true;
}

/* What is to stand at a place: of wide cells only whole ones. */
static const struct cell *cell_for(const struct cells *cells, int row, int col, int cols)
{
    if (row >= cells->rows || col >= cells->cols)
        return &blank;
    const struct cell *cell = cells_at(cells, row, col);
    if (cell->width == 2 && (col + 1 >= cols || col + 1 >= cells->cols))
        return &blank;
    return cell;
}

static bool is_same(const struct cell *a, const struct cell *b)
{
    return a->width == b->width && a->style == b->style &&
           memcmp(a->cp, b->cp, sizeof a->cp) == 0;
}

/* Alone in its cell everywhere, so that curses may patch the row around it. */
static bool is_plain(const struct cell *cell)
{
    uint32_t cp = cell->cp[0];
    return cell->width == 1 && cell->cp[1] == 0 &&
           (cp < 0x300 || (cp > 0x36f && cp < 0x590) || (cp >= 0x1e00 && cp < 0x2c00));
}

/* Copies the row into the last frame. Says whether it differs, and whether the old
 * or the new one holds what is not plain. */
static bool take_row(struct paint *paint, const struct cells *cells, int row,
                     bool *is_all_plain)
{
    struct cell *last = paint->last + (size_t)row * (size_t)paint->cols;
    bool differs = paint->is_forgotten;
    *is_all_plain = true;
    for (int col = 0; col < paint->cols; col++) {
        const struct cell *cell = cell_for(cells, row, col, paint->cols);
        if (!paint->is_forgotten && !is_plain(&last[col]))
            *is_all_plain = false;
        if (paint->is_forgotten || !is_same(&last[col], cell)) {
            last[col] = *cell;
            differs = true;
        }
        if (!is_plain(&last[col]))
            *is_all_plain = false;
    }
    return differs;
}

/* The code points of a cell; what curses would measure in another way becomes '?'. */
static void cell_text(const struct paint *paint, const struct cell *cell,
                      wchar_t text[CLUSTER_MAX + 1])
{
    size_t count = 0;
    for (; count < CLUSTER_MAX && cell->cp[count]; count++)
        text[count] = (wchar_t)cell->cp[count];
    text[count] = L'\0';
    if (count > 0 && paint->ascii)
        text[0] = (wchar_t)palette_ascii(cell->cp[0]);
    if (count > 0 && wcwidth(text[0]) == cell->width)
        return;
    text[0] = count == 0 || cell->width == 0 ? L' ' : L'?';
    text[1] = L'\0';
}

static void put_row(struct paint *paint, int row)
{
    const struct cell *last = paint->last + (size_t)row * (size_t)paint->cols;
    wchar_t text[CLUSTER_MAX + 1];
    int count = 0;
    for (int col = 0; col < paint->cols; col++) {
        int style = last[col].style < STYLE_COUNT ? last[col].style : STYLE_TEXT;
        cell_text(paint, &last[col], text);
        setcchar(&paint->row[count++], text, paint->attributes[style], paint->pair[style],
                 NULL);
        col += wcwidth(text[0]) - 1;
    }
    mvadd_wchnstr(row, 0, paint->row, count);
}

static void put_cursor(struct paint *paint, const struct cells *cells)
{
    bool is_shown = cells->cursor_row >= 0 && cells->cursor_row < paint->rows &&
                    cells->cursor_col < paint->cols;
    if (paint->cursor != is_shown)
        curs_set(is_shown);
    paint->cursor = is_shown;
    leaveok(stdscr, !is_shown);
    if (is_shown)
        wmove(stdscr, cells->cursor_row, cells->cursor_col);
}

void paint_flush(struct paint *paint, const struct cells *cells)
{
    fit_screen(paint);
    if (paint->is_forgotten)
        clearok(curscr, TRUE);
    for (int row = 0; row < paint->rows; row++) {
        bool is_all_plain;
        if (!take_row(paint, cells, row, &is_all_plain))
            continue;
        put_row(paint, row);
        if (!is_all_plain) /* terminals disagree on these: write the row from its start */
            wredrawln(stdscr, row, 1);
    }
    paint->is_forgotten = false;
    put_cursor(paint, cells);
    wnoutrefresh(stdscr);
    doupdate();
}
