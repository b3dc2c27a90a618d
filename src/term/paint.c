/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>
#include <term.h>

#include "base/xalloc.h"
#include "term/tty.h"

enum hue { HUE_NONE, HUE_ACCENT, HUE_WARNING, HUE_SOFT, HUE_FAINT, HUE_COUNT };

/* plain: attributes without colour. tinted: the attributes that stay beside one; a
 * hue a terminal does not have falls back to plain. */
struct role {
    uint8_t plain, tinted;
    enum hue hue;
};

static const struct role roles[STYLE_COUNT] = {
    [STYLE_TEXT] = {0, 0, HUE_NONE},
    [STYLE_DIM] = {LOOK_DIM, 0, HUE_SOFT},
    [STYLE_RULE] = {LOOK_DIM, 0, HUE_FAINT},
    [STYLE_TITLE] = {LOOK_BOLD, LOOK_BOLD, HUE_NONE},
    [STYLE_ACCENT] = {LOOK_BOLD | LOOK_UNDERLINE, LOOK_BOLD, HUE_ACCENT},
    [STYLE_SELECTED] = {LOOK_REVERSE, LOOK_REVERSE, HUE_NONE},
    [STYLE_WARNING] = {LOOK_BOLD | LOOK_ITALIC, LOOK_BOLD, HUE_WARNING},
    [STYLE_ERROR] = {LOOK_BOLD | LOOK_REVERSE, LOOK_BOLD | LOOK_REVERSE, HUE_WARNING},
    [STYLE_STRONG] = {LOOK_BOLD, LOOK_BOLD, HUE_NONE},
    [STYLE_EMPHASIS] = {LOOK_ITALIC, LOOK_ITALIC, HUE_NONE},
    [STYLE_CODE] = {LOOK_DIM, 0, HUE_SOFT},
    [STYLE_HEADING] = {LOOK_BOLD | LOOK_UNDERLINE, LOOK_BOLD | LOOK_UNDERLINE, HUE_NONE},
    [STYLE_LINK] = {LOOK_UNDERLINE, LOOK_UNDERLINE, HUE_NONE},
    [STYLE_QUOTE] = {LOOK_DIM | LOOK_ITALIC, LOOK_ITALIC, HUE_SOFT},
    [STYLE_KEY] = {LOOK_BOLD, LOOK_BOLD, HUE_NONE},
    [STYLE_SUGGESTION] = {LOOK_DIM | LOOK_UNDERLINE, LOOK_UNDERLINE, HUE_SOFT},
    [STYLE_MATCH] = {LOOK_REVERSE | LOOK_UNDERLINE, LOOK_REVERSE, HUE_ACCENT},
    [STYLE_MARK] = {LOOK_DIM | LOOK_REVERSE, LOOK_REVERSE, HUE_FAINT},
};

enum depth { DEPTH_DIRECT, DEPTH_256, DEPTH_16, DEPTH_8, DEPTH_COUNT };

#define NONE LOOK_DEFAULT /* of greys a terminal with few colours has none to trust */

/* The named colours of small terminals are the user's theme. Where numbers are ours
 * they were chosen for contrast on both black and the usual dark greys, or on white. */
static const int32_t hues[DEPTH_COUNT][2][HUE_COUNT] = {
    [DEPTH_DIRECT] = {{NONE, 0x5fb3b3, 0xffaf5f, 0x9e9e9e, 0x626262},
                      {NONE, 0x006f6f, 0xa84300, 0x5f5f5f, 0xa8a8a8}},
    [DEPTH_256] = {{NONE, 73, 215, 247, 241}, {NONE, 30, 130, 59, 248}},
    [DEPTH_16] = {{NONE, 14, 11, NONE, NONE}, {NONE, 6, 1, NONE, NONE}},
    [DEPTH_8] = {{NONE, 6, 3, NONE, NONE}, {NONE, 6, 1, NONE, NONE}},
};

static enum depth depth_of(int colors)
{
    if (colors > 256)
        return DEPTH_DIRECT;
    if (colors == 256)
        return DEPTH_256;
    return colors >= 16 ? DEPTH_16 : DEPTH_8;
}

void palette_fill(struct look looks[STYLE_COUNT], const struct palette_options *options)
{
    const int32_t *hue = hues[depth_of(options->colors)][options->light ? 1 : 0];
    bool has_color = options->colors >= 8;
    for (int style = 0; style < STYLE_COUNT; style++) {
        const struct role *role = &roles[style];
        int32_t foreground = has_color ? hue[role->hue] : LOOK_DEFAULT;
        bool is_tinted = role->hue == HUE_NONE || foreground != LOOK_DEFAULT;
        uint8_t attributes = is_tinted ? role->tinted : role->plain;
        if (attributes & LOOK_ITALIC && !options->has_italic)
            attributes = (uint8_t)((attributes & ~LOOK_ITALIC) | LOOK_UNDERLINE);
        looks[style] = (struct look){attributes, foreground};
    }
}

bool palette_is_light(const char *colorfgbg)
{
    const char *ground = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
    if (!ground || !ground[1])
        return false;
    char *end;
    long color = strtol(ground + 1, &end, 10);
    return !*end && (color == 7 || (color >= 9 && color <= 15));
}

uint32_t palette_ascii(uint32_t cp)
{
    /* U+2500 to U+259F: lines, corners, blocks; the light shade is not done yet */
    enum { BOXES = 0x2500 };
    static const char boxes[] = "--||--||--||++++++++++++++++++++++++++++++++++++++++++++"
                                "++++++++++++++++++++--||=|++++++++++++++++++++++++++++++"
                                "+/\\X-|-|-|-|-|-|#########|||||||#.##############";
    static const struct {
        uint32_t first, last;
        char ascii;
    } stand_ins[] = {
        {0x00b7, 0x00b7, '.'}, {0x2010, 0x2015, '-'}, {0x2018, 0x2019, '\''},
        {0x201c, 0x201d, '"'}, {0x2022, 0x2022, '*'}, {0x2026, 0x2026, '.'},
        {0x2190, 0x2190, '<'}, {0x2191, 0x2191, '^'}, {0x2192, 0x2192, '>'},
        {0x2193, 0x2193, 'v'}, {0x25a0, 0x25a0, '#'}, {0x25b2, 0x25b2, '^'},
        {0x25b6, 0x25b8, '>'}, {0x25bc, 0x25be, 'v'}, {0x25c0, 0x25c2, '<'},
        {0x25cb, 0x25cb, 'o'}, {0x25cf, 0x25cf, '*'}, {0x2605, 0x2605, '*'},
        {0x2606, 0x2606, '.'}, {0x2691, 0x2691, 'F'}, {0x2713, 0x2714, 'v'},
        {0x2715, 0x2718, 'x'},
    };
    if (cp >= BOXES && cp - BOXES < sizeof boxes - 1)
        return (unsigned char)boxes[cp - BOXES];
    for (size_t i = 0; i < sizeof stand_ins / sizeof stand_ins[0]; i++)
        if (cp >= stand_ins[i].first && cp <= stand_ins[i].last)
            return (unsigned char)stand_ins[i].ascii;
    return cp;
}

/* --- frames --- */

struct paint {
    SCREEN *screen;
    struct cell *last; /* the frame on the screen, rows * cols */
    cchar_t *row;      /* one row as curses wants it */
    int rows, cols;
    bool is_forgotten;
    bool ascii;
    unsigned known;    /* SEQUENCE_* bits that the terminal draws in two columns */
    struct buf wholes; /* sequences to be written over what curses has put */
    int cursor;        /* as curs_set has it; -1 = not known */
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

const char *paint_capability(const char *name)
{
    const char *text = tigetstr(name);
    return text == (const char *)-1 ? NULL : text;
}

static unsigned short side_of(const char *variable)
{
    const char *text = getenv(variable);
    long side = text ? strtol(text, NULL, 10) : 0;
    side = side < PAINT_SIDE_MAX ? side : PAINT_SIDE_MAX;
    return (unsigned short)(side > 0 ? side : 0);
}

/* Also without newterm's guesses: it refuses a terminal that says 0 × 0. */
static struct winsize choose_size(void)
{
    struct winsize told = {0}, size = {0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &told);
    use_env(FALSE); /* LINES and COLUMNS may be of another terminal */
    /* a mad size would take gigabytes; update_size cuts it */
    bool is_sane = told.ws_row && told.ws_col && told.ws_row <= PAINT_SIDE_MAX &&
                   told.ws_col <= PAINT_SIDE_MAX;
    use_tioctl(is_sane);
    if (told.ws_row && told.ws_col)
        return size;
    /* a serial line, a pipe behind script(1): nobody else knows better */
    size.ws_row = side_of("LINES");
    size.ws_col = side_of("COLUMNS");
    return size;
}

/* Whether curses knows the terminal, and can place the cursor on it. */
static enum status ask_type(const char *type, struct err *err)
{
    int found = 0;
    if (setupterm(NULL, STDOUT_FILENO, &found) == ERR && found < 0)
        return err_set(err, STATUS_CONFIG,
                       "This machine has no terminfo database, so nobody knows what a "
                       "terminal of type \"%.60s\" can do. Install it (ncurses-base), or "
                       "set TERMINFO to where it is.",
                       type);
    if (found == 0)
        return err_set(err, STATUS_CONFIG,
                       "The terminal type \"%.60s\" is unknown on this machine. Set TERM "
                       "to one that it knows, for example TERM=xterm-256color.",
                       type);
    if (!paint_capability("cup"))
        return err_set(err, STATUS_CONFIG,
                       "A terminal of type \"%.60s\" cannot place the cursor, so it "
                       "cannot show the screen. Use another terminal, set TERM to its "
                       "real type, or use a command that needs no screen (sherd --help).",
                       type);
    return STATUS_OK;
}

static enum status start_curses(struct paint *paint, const struct paint_options *options,
                                struct err *err)
{
    const char *type = getenv("TERM"); /* tty_check has seen it */
    enum status status = ask_type(type, err);
    if (status != STATUS_OK)
        return status;
    /* what every ECMA-48 terminal of today has, whatever its entry says */
    bool is_painted = options->color &&
                      strncmp(paint_capability("cup"), "\033[", 2) == 0 &&
                      tigetnum("colors") < 8;
    struct winsize size = choose_size();
    TERMINAL *asked = cur_term; /* newterm makes one of its own */
    paint->screen = newterm(is_painted ? "xterm-color" : NULL, stdout, stdin);
    if (!paint->screen && is_painted)
        paint->screen = newterm(NULL, stdout, stdin);
    if (asked && asked != cur_term)
        del_curterm(asked);
    if (!paint->screen)
        return err_set(err, STATUS_IO,
                       "The screen could not be started on this terminal, though its "
                       "type (\"%.60s\") is known. Use another terminal, or a command "
                       "that needs no screen (sherd --help).",
                       type);
    raw();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    typeahead(-1);
    if (size.ws_row || size.ws_col)
        resizeterm(size.ws_row ? size.ws_row : LINES, size.ws_col ? size.ws_col : COLS);
    return STATUS_OK;
}

enum status paint_open(struct paint **out, const struct paint_options *options,
                       struct err *err)
{
    struct paint *paint = xcalloc(1, sizeof *paint);
    enum status status = start_curses(paint, options, err);
    *out = NULL;
    if (status) {
        if (cur_term)
            del_curterm(cur_term);
        free(paint);
        return status;
    }
    paint->ascii = options->ascii;
    paint->cursor = -1;
    paint->is_forgotten = true;
    struct look looks[STYLE_COUNT];
    struct palette_options palette = {
        .colors = colors_to_use(options->no_color),
        .light =
            options->light || (!options->dark && palette_is_light(getenv("COLORFGBG"))),
        .has_italic = paint_capability("sitm") != NULL};
    palette_fill(looks, &palette);
    for (int style = 0; style < STYLE_COUNT; style++) {
        paint->attributes[style] = attributes_of(looks[style].attributes);
        if (looks[style].foreground == LOOK_DEFAULT)
            continue;
        paint->pair[style] = (short)(style + 1);
        init_extended_pair(style + 1, looks[style].foreground, -1);
    }
    *out = paint;
    return STATUS_OK;
}

void paint_free(struct paint *paint)
{
    if (!paint)
        return;
    delscreen(paint->screen);
    free(paint->last);
    free(paint->row);
    buf_clear(&paint->wholes);
    free(paint);
}

void paint_forget(struct paint *paint)
{
    paint->is_forgotten = true;
    paint->cursor = -1;
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

/* Alone in its cell everywhere, so that curses may patch the row around it. */
static bool is_plain(const struct cell *cell)
{
    uint32_t cp = cell->cp[0];
    return cell->width == 1 && !cell->whole && cell->cp[1] == 0 &&
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
        bool is_same = last[col].width == cell->width && last[col].style == cell->style &&
                       last[col].whole == cell->whole &&
                       memcmp(last[col].cp, cell->cp, sizeof cell->cp) == 0;
        if (paint->is_forgotten || !is_same) {
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

/* curses measures such a sequence as the sum of its parts, and so cannot write it: it
 * puts what stands for it, and the terminal gets the whole past it. */
static bool shows_whole(const struct paint *paint, const struct cell *row, int col)
{
    if (!row[col].whole || row[col].whole == CELL_REST)
        return false;
    bool is_all_there =
        row[col].width == 2 || (col + 1 < paint->cols && row[col + 1].whole == CELL_REST);
    return is_all_there && !(cells_whole(row[col].whole)->needs & ~paint->known);
}

static void put_row(struct paint *paint, int row)
{
    const struct cell *last = paint->last + (size_t)row * (size_t)paint->cols;
    wchar_t text[CLUSTER_MAX + 1];
    int count = 0;
    for (int col = 0; col < paint->cols; col++) {
        int style = last[col].style < STYLE_COUNT ? last[col].style : STYLE_TEXT;
        bool is_rest = last[col].whole == CELL_REST && col > 0;
        if (shows_whole(paint, last, col))
            buf_addf(&paint->wholes, "\033[%d;%dH\033[0%sm%s", row + 1, col + 1,
                     paint->attributes[style] & A_REVERSE ? ";7" : "",
                     cells_whole(last[col].whole)->text);
        else if (last[col].whole && !(is_rest && shows_whole(paint, last, col - 1)))
            style = STYLE_MARK;
        cell_text(paint, &last[col], text);
        setcchar(&paint->row[count++], text, paint->attributes[style], paint->pair[style],
                 NULL);
        col += wcwidth(text[0]) - 1;
    }
    mvadd_wchnstr(row, 0, paint->row, count);
}

void paint_flush(struct paint *paint, const struct cells *cells)
{
    int rows, cols;
    getmaxyx(stdscr, rows, cols);
    if (rows != paint->rows || cols != paint->cols) {
        size_t count = (size_t)rows * (size_t)cols;
        paint->last = xreallocarray(paint->last, count, sizeof *paint->last);
        paint->row = xreallocarray(paint->row, (size_t)cols + 1, sizeof *paint->row);
        paint->rows = rows;
        paint->cols = cols;
        paint->is_forgotten = true;
    }
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
    bool is_shown = cells->cursor_row >= 0 && cells->cursor_row < paint->rows &&
                    cells->cursor_col < paint->cols;
    if (paint->cursor != is_shown)
        curs_set(is_shown);
    paint->cursor = is_shown;
    leaveok(stdscr, !is_shown);
    if (is_shown)
        wmove(stdscr, cells->cursor_row, cells->cursor_col);
    wnoutrefresh(stdscr);
    doupdate();
    if (paint->wholes.len) { /* curses must find cursor and attributes as it left them */
        tty_write("\0337", 2);
        tty_write(paint->wholes.data, paint->wholes.len);
        tty_write("\0338", 2);
        buf_reset(&paint->wholes);
    }
}

void paint_know(struct paint *paint, unsigned sequences)
{
    paint->known = sequences;
    paint_forget(paint);
}
