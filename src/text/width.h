/* SPDX-License-Identifier: MIT
 *
 * width - how many columns text takes, as libc's wcwidth has it (and so ncurses), and
 * where one visual line of it ends.
 *
 * A line depends only on the text from its own start to a little past its end, so
 * laying out a text that grew can begin again at the last line.
 */
#ifndef TEXT_WIDTH_H
#define TEXT_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Columns of one line of text after sanitise; tabs count to the next multiple of 8. */
size_t width_of(const char *text, size_t len);
/* Bytes of the longest prefix that takes at most columns; cut at a cluster. */
size_t width_fit(const char *text, size_t len, size_t columns);

/* Adds a foreign text in just so many columns: its end as "…", or blanks behind it. */
void width_add_column(struct buf *out, const char *text, size_t columns);

#define WRAP_TAB 8 /* columns between tab stops */
/* A line is cut here, however narrow it is. */
#define WRAP_LINE_BYTES ((size_t)64 << 10)

struct wrap {
    const char *text;
    size_t len;
    int columns;       /* >= 1 */
    bool cuts_words;   /* code: cut at the last column, not between words */
    bool is_settled;   /* set by wrap_next: more text at the end changes nothing */
    struct buf breaks; /* scratch */
};

/* The end of the visual line that starts at start (< len), past its newline and
 * past the blanks that hang over the edge. Always > start. */
size_t wrap_next(struct wrap *wrap, size_t start);
void wrap_clear(struct wrap *wrap);

#endif
