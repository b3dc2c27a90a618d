/* SPDX-License-Identifier: MIT
 *
 * rich - text with a style on each stretch, and such text cut into visual lines.
 */
#ifndef TEXT_RICH_H
#define TEXT_RICH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/cells.h"

struct rich_run {
    uint32_t start; /* byte in text; goes up to the next run */
    uint8_t style;  /* enum style */
};

/* A zeroed struct is empty. */
struct rich {
    struct buf text;
    struct rich_run *run;
    size_t run_count, run_capacity;
};

/* Visual lines: line i is text[start[i]] up to the next start. */
struct lines {
    struct rich rich;
    uint32_t *start;
    size_t count, capacity;
};

void rich_add(struct rich *rich, const char *text, size_t len, enum style style);
void rich_add_text(struct rich *rich, const char *text, enum style style);
void rich_add_blanks(struct rich *rich, int count, enum style style);
/* Keeps the first len bytes. */
void rich_cut(struct rich *rich, size_t len);
void rich_clear(struct rich *rich);
/* The style at byte `at`; TEXT when there are no runs. */
enum style rich_style(const struct rich *rich, size_t at);
/* Appends the clusters of from's bytes [start, end), safe already, tabs as blanks,
 * no newline, to `to`, at most columns wide. Returns the columns used. */
int rich_copy(const struct rich *from, size_t start, size_t end, int columns,
              struct rich *to);

/* A new line starts at the end of the text, or at a place given by the caller. */
void lines_begin(struct lines *lines);
void lines_begin_at(struct lines *lines, size_t start);
/* Keeps the first count lines and the first len bytes. */
void lines_cut(struct lines *lines, size_t count, size_t len);
void lines_clear(struct lines *lines);

#endif
