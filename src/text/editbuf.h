/* SPDX-License-Identifier: MIT
 *
 * editbuf - a text being edited: moves and deletes by grapheme, word, line; undo.
 *
 * Pure state, no drawing, no keys. Text is valid UTF-8 without control bytes but
 * \n and \t; what is inserted is filtered: CR LF, CR and the Unicode line ends become
 * \n, other controls go, bad UTF-8 becomes U+FFFD. Positions are byte offsets at
 * grapheme borders.
 */
#ifndef TEXT_EDITBUF_H
#define TEXT_EDITBUF_H

#include <stdbool.h>
#include <stddef.h>

#include "text/cells.h"

#define EDITBUF_MAX ((size_t)1024 * 1024) /* bytes; more is refused whole */

struct editbuf;

enum editbuf_move {
    EDITBUF_LEFT,
    EDITBUF_RIGHT,
    EDITBUF_WORD_LEFT,
    EDITBUF_WORD_RIGHT,
    EDITBUF_LINE_START,
    EDITBUF_LINE_END, /* of the logical line */
    EDITBUF_UP,
    EDITBUF_DOWN, /* visual lines, keep the wanted column */
    EDITBUF_TEXT_START,
    EDITBUF_TEXT_END
};

struct editbuf *editbuf_new(void);
void editbuf_free(struct editbuf *edit);

/* Replaces everything, cursor at the end, undo history dropped. A text over the cap
 * is taken whole: it can be shortened but not grown. */
void editbuf_set(struct editbuf *edit, const char *text, size_t len);
const char *editbuf_text(const struct editbuf *edit); /* borrowed, NUL-terminated */
size_t editbuf_len(const struct editbuf *edit);
size_t editbuf_cursor(const struct editbuf *edit);

/* False when EDITBUF_MAX would be passed; nothing is inserted then. Typed text
 * joins into one undo step per word; a paste is one step. */
bool editbuf_insert(struct editbuf *edit, const char *text, size_t len, bool is_paste);
/* False when it could not move (UP on the first line: the caller may use it). */
bool editbuf_move(struct editbuf *edit, enum editbuf_move move);
/* Deletes from the cursor to where move would go. */
bool editbuf_delete(struct editbuf *edit, enum editbuf_move move);
/* Deletes from the cursor to the start (-1) or end (+1) of the line; at the end
 * of the line +1 deletes the newline. */
bool editbuf_delete_line(struct editbuf *edit, int direction);
/* Puts back the last piece that delete_line or a word delete removed. */
bool editbuf_yank(struct editbuf *edit);
bool editbuf_undo(struct editbuf *edit);
bool editbuf_redo(struct editbuf *edit);

/* Wraps for columns; UP and DOWN use it. */
void editbuf_layout(struct editbuf *edit, int columns);
size_t editbuf_line_count(const struct editbuf *edit); /* visual lines, >= 1 */
/* Which bytes a visual line shows, its newline counted in. */
void editbuf_line_range(const struct editbuf *edit, size_t line, size_t *start,
                        size_t *end);
void editbuf_cursor_cell(const struct editbuf *edit, size_t *line, int *col);
/* Draws the visual lines around the cursor into area (scrolled as little as
 * needed) and, if focused, sets the cells' cursor. */
void editbuf_draw(struct editbuf *edit, struct cells *cells, struct rect area,
                  enum style style, bool is_focused);
/* In one row, unwrapped: as much as fits, scrolled as little as needed. Sets the cursor.
 */
void editbuf_draw_line(struct editbuf *edit, struct cells *cells, struct rect row);

#endif
