/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/editbuf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "text/editlayout.h"
#include "text/editundo.h"

#define WORD_WINDOW 4096 /* bytes looked at on each side for a word's border */
#define DEFAULT_COLUMNS 80

struct editbuf {
    struct buf text;
    size_t cursor;
    int wanted_col; /* for UP and DOWN; -1 = the cursor's own */
    size_t top;     /* first visual line that is drawn */
    int left;       /* first column that is drawn where one line is all there is */
    struct edit_layout layout;
    struct edit_undo undo;
    struct buf killed;
};

struct editbuf *editbuf_new(void)
{
    struct editbuf *edit = xcalloc(1, sizeof *edit);
    edit->wanted_col = -1;
    edit_layout_all(&edit->layout, "", 0, DEFAULT_COLUMNS);
    return edit;
}

void editbuf_free(struct editbuf *edit)
{
    if (!edit)
        return;
    buf_clear(&edit->text);
    buf_clear(&edit->killed);
    edit_layout_clear(&edit->layout);
    edit_undo_clear(&edit->undo);
    free(edit);
}

const char *editbuf_text(const struct editbuf *edit)
{
    return buf_text(&edit->text);
}

size_t editbuf_len(const struct editbuf *edit)
{
    return edit->text.len;
}

size_t editbuf_cursor(const struct editbuf *edit)
{
    return edit->cursor;
}

/* What of text may stand in the buffer. */
static void filter(struct buf *out, const char *text, size_t len)
{
    char bytes[UTF8_MAX];
    for (size_t at = 0; at < len;) {
        uint32_t cp;
        at += utf8_decode(text, len, at, &cp);
        if (cp == '\r' && at < len && text[at] == '\n')
            at++;
        if (cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029)
            buf_add_byte(out, '\n');
        else if (cp == UTF8_BAD)
            buf_add(out, bytes, utf8_encode(UTF8_REPLACEMENT, bytes));
        else if (cp == '\t' || (cp >= 0x20 && (cp < 0x7f || cp > 0x9f)))
            buf_add(out, bytes, utf8_encode(cp, bytes));
    }
}

/* The first grapheme border at or after position. */
static size_t snap(const struct editbuf *edit, size_t position)
{
    size_t line = edit_layout_line_at(&edit->layout, position);
    size_t at = edit->layout.start.at[line];
    while (at < position)
        at = edit_grapheme_end(editbuf_text(edit), edit->text.len, at);
    return at;
}

static size_t previous_border(const struct editbuf *edit, size_t position)
{
    if (position == 0)
        return 0;
    size_t line = edit_layout_line_at(&edit->layout, position - 1);
    size_t at = edit->layout.start.at[line];
    for (;;) {
        size_t end = edit_grapheme_end(editbuf_text(edit), edit->text.len, at);
        if (end >= position)
            return at;
        at = end;
    }
}

static size_t line_start(const struct editbuf *edit, size_t position)
{
    const char *text = editbuf_text(edit);
    const char *newline = memrchr(text, '\n', position);
    return newline ? (size_t)(newline - text) + 1 : 0;
}

static size_t line_end(const struct editbuf *edit, size_t position)
{
    const char *text = editbuf_text(edit);
    const char *newline = memchr(text + position, '\n', edit->text.len - position);
    return newline ? (size_t)(newline - text) : edit->text.len;
}

static size_t word_target(const struct editbuf *edit, bool is_left)
{
    const struct edit_layout *layout = &edit->layout;
    size_t at = edit->cursor;
    size_t back = at > WORD_WINDOW ? at - WORD_WINDOW : 0;
    bool is_near_end = edit->text.len - at <= WORD_WINDOW;
    size_t from = layout->start.at[edit_layout_line_at(layout, back)];
    size_t to = is_near_end ? edit->text.len : snap(edit, at + WORD_WINDOW);
    const char *text = editbuf_text(edit) + from;
    at -= from;
    at = from + (is_left ? edit_word_left(text, to - from, at)
                         : edit_word_right(text, to - from, at));
    /* a word of UAX 29 can start inside a grapheme */
    size_t border = snap(edit, at);
    return is_left && border > at ? previous_border(edit, at) : border;
}

static int column_of(const struct editbuf *edit, size_t line, size_t position)
{
    int col = 0;
    for (size_t at = edit->layout.start.at[line]; at < position;) {
        size_t end = edit_grapheme_end(editbuf_text(edit), edit->text.len, at);
        col += edit_grapheme_width(editbuf_text(edit), at, end, col);
        at = end;
    }
    return col;
}

/* The place in a visual line that is nearest before or at column. */
static size_t position_at(const struct editbuf *edit, size_t line, int column)
{
    const char *text = editbuf_text(edit);
    size_t at = edit->layout.start.at[line];
    size_t line_stop = edit_layout_end(&edit->layout, line, edit->text.len);
    bool is_last = line + 1 == edit->layout.start.count;
    int col = 0;
    while (at < line_stop && text[at] != '\n') {
        size_t end = edit_grapheme_end(text, edit->text.len, at);
        int width = edit_grapheme_width(text, at, end, col);
        if (col + width > column || (end >= line_stop && !is_last))
            break; /* the end of a wrapped line shows as the next one's start */
        col += width;
        at = end;
    }
    return at;
}

static size_t vertical(struct editbuf *edit, bool is_up)
{
    size_t line = edit_layout_line_at(&edit->layout, edit->cursor);
    if (is_up ? line == 0 : line + 1 == edit->layout.start.count)
        return edit->cursor;
    if (edit->wanted_col < 0)
        edit->wanted_col = column_of(edit, line, edit->cursor);
    return position_at(edit, is_up ? line - 1 : line + 1, edit->wanted_col);
}

static size_t target_of(struct editbuf *edit, enum editbuf_move move)
{
    switch (move) {
    case EDITBUF_LEFT:
        return previous_border(edit, edit->cursor);
    case EDITBUF_RIGHT:
        if (edit->cursor == edit->text.len)
            return edit->cursor;
        return edit_grapheme_end(editbuf_text(edit), edit->text.len, edit->cursor);
    case EDITBUF_WORD_LEFT:
        return word_target(edit, true);
    case EDITBUF_WORD_RIGHT:
        return word_target(edit, false);
    case EDITBUF_LINE_START:
        return line_start(edit, edit->cursor);
    case EDITBUF_LINE_END:
        return line_end(edit, edit->cursor);
    case EDITBUF_UP:
    case EDITBUF_DOWN:
        return vertical(edit, move == EDITBUF_UP);
    case EDITBUF_TEXT_START:
        return 0;
    case EDITBUF_TEXT_END:
        return edit->text.len;
    }
    return edit->cursor;
}

bool editbuf_move(struct editbuf *edit, enum editbuf_move move)
{
    size_t target = target_of(edit, move);
    if (move != EDITBUF_UP && move != EDITBUF_DOWN)
        edit->wanted_col = -1;
    if (target == edit->cursor)
        return false;
    edit->cursor = target;
    edit->undo.is_sealed = true;
    return true;
}

/* Exchanges bytes of the text; added must be filtered. */
static void splice(struct editbuf *edit, size_t at, size_t removed, const char *added,
                   size_t added_len)
{
    struct buf *text = &edit->text;
    size_t tail = text->len - at - removed;
    buf_add(text, added, added_len); /* makes room */
    if (!text->data)
        return;
    memmove(text->data + at + added_len, text->data + at + removed, tail);
    if (added_len)
        memcpy(text->data + at, added, added_len);
    text->len = at + added_len + tail;
    text->data[text->len] = '\0';
    edit_layout_update(&edit->layout, text->data, text->len,
                       (struct edit_span){at, removed, added_len});
    edit->wanted_col = -1;
}

void editbuf_set(struct editbuf *edit, const char *text, size_t len)
{
    buf_reset(&edit->text);
    filter(&edit->text, text, len);
    edit->cursor = edit->text.len;
    edit->wanted_col = -1;
    edit->top = 0;
    edit_undo_clear(&edit->undo);
    edit_layout_all(&edit->layout, editbuf_text(edit), edit->text.len,
                    edit->layout.columns);
}

/* text must be filtered. */
static bool insert(struct editbuf *edit, const char *text, size_t len,
                   enum edit_change_kind kind)
{
    if (len > EDITBUF_MAX - edit->text.len)
        return false;
    if (len == 0)
        return true;
    size_t before = edit->cursor;
    splice(edit, before, 0, text, len);
    edit->cursor = snap(edit, before + len);
    struct edit_change change = {.kind = kind,
                                 .at = before,
                                 .added = {.data = (char *)(uintptr_t)text, .len = len},
                                 .cursor_before = before,
                                 .cursor_after = edit->cursor};
    edit_undo_record(&edit->undo, &change);
    return true;
}

bool editbuf_insert(struct editbuf *edit, const char *text, size_t len, bool is_paste)
{
    struct buf filtered = {0};
    if (len > 2 * EDITBUF_MAX) /* filtering cannot halve what a person would keep */
        return false;
    filter(&filtered, text, len);
    bool fits = edit->text.len <= EDITBUF_MAX &&
                insert(edit, buf_text(&filtered), filtered.len,
                       is_paste ? EDIT_CHANGE_WHOLE : EDIT_CHANGE_TYPED);
    buf_clear(&filtered);
    return fits;
}

static bool erase(struct editbuf *edit, size_t from, size_t to,
                  enum edit_change_kind kind)
{
    if (from >= to)
        return false;
    struct edit_change change = {.kind = kind, .at = from, .cursor_before = edit->cursor};
    buf_add(&change.removed, editbuf_text(edit) + from, to - from);
    splice(edit, from, to - from, "", 0);
    edit->cursor = snap(edit, from);
    change.cursor_after = edit->cursor;
    edit_undo_record(&edit->undo, &change);
    buf_clear(&change.removed);
    return true;
}

static void keep_killed(struct editbuf *edit, size_t from, size_t to)
{
    if (from >= to)
        return;
    buf_reset(&edit->killed);
    buf_add(&edit->killed, editbuf_text(edit) + from, to - from);
}

bool editbuf_delete(struct editbuf *edit, enum editbuf_move move)
{
    size_t target = target_of(edit, move);
    size_t from = target < edit->cursor ? target : edit->cursor;
    size_t to = target < edit->cursor ? edit->cursor : target;
    bool is_one = move == EDITBUF_LEFT || move == EDITBUF_RIGHT;
    if (move == EDITBUF_WORD_LEFT || move == EDITBUF_WORD_RIGHT)
        keep_killed(edit, from, to);
    edit->wanted_col = -1;
    return erase(edit, from, to, is_one ? EDIT_CHANGE_ERASED : EDIT_CHANGE_WHOLE);
}

bool editbuf_delete_line(struct editbuf *edit, int direction)
{
    size_t from = edit->cursor, to = edit->cursor;
    if (direction < 0)
        from = line_start(edit, from);
    else
        to = line_end(edit, to);
    if (direction >= 0 && to == from && to < edit->text.len)
        to++;
    keep_killed(edit, from, to);
    return erase(edit, from, to, EDIT_CHANGE_WHOLE);
}

bool editbuf_yank(struct editbuf *edit)
{
    return edit->killed.len > 0 && edit->text.len <= EDITBUF_MAX &&
           insert(edit, edit->killed.data, edit->killed.len, EDIT_CHANGE_WHOLE);
}

static bool walk(struct editbuf *edit, bool is_back)
{
    struct edit_change change;
    if (!edit_undo_walk(&edit->undo, is_back, &change))
        return false;
    splice(edit, change.at, change.removed.len, change.added.data, change.added.len);
    edit->cursor = change.cursor_after;
    return true;
}

bool editbuf_undo(struct editbuf *edit)
{
    return walk(edit, true);
}

bool editbuf_redo(struct editbuf *edit)
{
    return walk(edit, false);
}

void editbuf_layout(struct editbuf *edit, int columns)
{
    columns = columns > 0 ? columns : 1;
    if (columns == edit->layout.columns)
        return;
    edit_layout_all(&edit->layout, editbuf_text(edit), edit->text.len, columns);
    edit->wanted_col = -1;
}

size_t editbuf_line_count(const struct editbuf *edit)
{
    return edit->layout.start.count;
}

void editbuf_line_range(const struct editbuf *edit, size_t line, size_t *start,
                        size_t *end)
{
    *start = edit->layout.start.at[line];
    *end = edit_layout_end(&edit->layout, line, edit->text.len);
}

void editbuf_cursor_cell(const struct editbuf *edit, size_t *line, int *col)
{
    *line = edit_layout_line_at(&edit->layout, edit->cursor);
    *col = column_of(edit, *line, edit->cursor);
    if (*col >= edit->layout.columns) /* after blanks that hang over the edge */
        *col = edit->layout.columns - 1;
}

static void draw_line(const struct editbuf *edit, size_t line, struct cells *cells,
                      struct rect row, enum style style)
{
    size_t stop = edit_layout_end(&edit->layout, line, edit->text.len);
    const char *text = editbuf_text(edit);
    struct cluster cluster;
    int col = 0;
    for (size_t at = edit->layout.start.at[line]; at < stop && text[at] != '\n';) {
        size_t end = edit_grapheme_end(text, edit->text.len, at);
        int width = edit_grapheme_width(text, at, end, col);
        if (col + width > row.cols)
            return;
        int to = col;
        for (; at < end; at += cluster.bytes) {
            sanitise_next(text, end, at, &cluster);
            if (cluster.kind == CLUSTER_TEXT)
                to += cells_put(cells, row.row, row.col + to, &cluster, text + at, style);
        }
        col += width;
    }
}

void editbuf_draw(struct editbuf *edit, struct cells *cells, struct rect area,
                  enum style style, bool is_focused)
{
    if (area.rows < 1 || area.cols < 1)
        return;
    if (area.cols < edit->layout.columns)
        editbuf_layout(edit, area.cols);
    size_t line;
    int col;
    editbuf_cursor_cell(edit, &line, &col);
    size_t rows = (size_t)area.rows;
    size_t count = edit->layout.start.count;
    if (line < edit->top)
        edit->top = line;
    else if (line >= edit->top + rows)
        edit->top = line - rows + 1;
    if (edit->top + rows > count)
        edit->top = count > rows ? count - rows : 0;
    for (int row = 0; row < area.rows; row++) {
        if (edit->top + (size_t)row >= edit->layout.start.count)
            break;
        draw_line(edit, edit->top + (size_t)row, cells,
                  (struct rect){area.row + row, area.col, 1, area.cols}, style);
    }
    if (is_focused)
        cells_set_cursor(cells, area.row + (int)(line - edit->top), area.col + col);
}

void editbuf_draw_line(struct editbuf *edit, struct cells *cells, struct rect row)
{
    enum { LINE_COLS = 1 << 20 };
    struct rect clip = cells->clip;
    size_t line;
    int col;
    if (row.cols < 1)
        return;
    editbuf_layout(edit, LINE_COLS);
    editbuf_cursor_cell(edit, &line, &col);
    /* the cursor in view, and no room left after the end */
    int most =
        column_of(edit, line, edit_layout_end(&edit->layout, line, edit->text.len)) + 1 -
        row.cols;
    if (edit->left > most)
        edit->left = most > 0 ? most : 0;
    if (edit->left > col)
        edit->left = col;
    else if (edit->left + row.cols <= col)
        edit->left = col + 1 - row.cols;
    cells->clip = row;
    draw_line(edit, line, cells,
              (struct rect){row.row, row.col - edit->left, 1, row.cols + edit->left},
              STYLE_TEXT);
    cells->clip = clip;
    cells_set_cursor(cells, row.row, row.col + col - edit->left);
}
