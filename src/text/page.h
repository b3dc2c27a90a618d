/* SPDX-License-Identifier: MIT
 *
 * page - visual lines being written, under the bars of quotes and the hanging
 * indents of list items that are open.
 */
#ifndef TEXT_PAGE_H
#define TEXT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/rich.h"
#include "text/wrap.h"

#define PAGE_MARKER 24 /* bytes of a list item's marker, with its NUL */

struct page_part; /* an open quote or item */

struct page {
    struct lines *lines;
    int columns;
    int indent;   /* columns that the open parts take */
    bool has_gap; /* an empty line is due before the next line */
    struct page_part *part;
    size_t part_count, part_capacity;
    size_t bare_count; /* open parts inside those, for which there was no room */
    struct wrap wrap;
};

void page_init(struct page *page, struct lines *lines, int columns);
void page_clear(struct page *page);

void page_open_quote(struct page *page);
/* False when there is no room for an indent: the caller shows the marker itself. */
bool page_open_item(struct page *page, const char *marker);
void page_open_indent(struct page *page, int columns);
/* Closes the part opened last. An item that had no line gets one. */
void page_close(struct page *page);

/* Columns between the open parts and the right edge, >= 1. */
int page_room(const struct page *page);
/* An empty line, when one is due. */
void page_gap(struct page *page);
/* Starts a line; what is added to page->lines->rich then belongs to it. */
void page_begin(struct page *page);
/* Wraps text into lines, between words or (code) at the last column. */
void page_write(struct page *page, const struct rich *text, bool cuts_words);
/* The same for text as it is, without the newlines at its end. */
void page_write_plain(struct page *page, const char *text, size_t len);

#endif
