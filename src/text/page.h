/* SPDX-License-Identifier: MIT
 *
 * page - text with a style on each stretch (rich), such text cut into visual lines, and
 * lines being written under the bars of quotes and the hanging indents of list items; and
 * tables: cells first, then lines with aligned columns. Columns shrink and wrap to fit; a
 * table with more columns than the width can hold is written a row a paragraph.
 */
#ifndef TEXT_PAGE_H
#define TEXT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/cells.h"
#include "text/width.h"

#define RICH_NONE UINT32_MAX

struct rich_run {
    uint32_t start;  /* byte in text; goes up to the next run */
    uint32_t source; /* where it stands in what was rendered; RICH_NONE = nowhere */
    uint8_t style;   /* enum style */
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
/* The same for text that stands at source in what is rendered. */
void rich_add_from(struct rich *rich, const char *text, size_t len, enum style style,
                   size_t source);
void rich_add_text(struct rich *rich, const char *text, enum style style);
/* Keeps the first len bytes. */
void rich_cut(struct rich *rich, size_t len);
void rich_clear(struct rich *rich);
/* The style at byte `at`; TEXT when there are no runs. */
enum style rich_style(const struct rich *rich, size_t at);
/* Where that byte came from; RICH_NONE. */
size_t rich_source(const struct rich *rich, size_t at);

/* A new line starts there. */
void lines_begin_at(struct lines *lines, size_t start);
/* Keeps the first count lines and the first len bytes. */
void lines_cut(struct lines *lines, size_t count, size_t len);
void lines_clear(struct lines *lines);

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
/* Starts a line; what is added to page->lines->rich then belongs to it. */
void page_begin(struct page *page);
/* Wraps text into lines, between words or (code) at the last column. */
void page_write(struct page *page, const struct rich *text, bool cuts_words);
/* The same for text as it is, without the newlines at its end, that stands at source. */
void page_write_plain(struct page *page, const char *text, size_t len, size_t source);

#define TABLE_COLUMNS_MAX 64
#define TABLE_CELLS_MAX 20000

enum table_align { TABLE_LEFT, TABLE_CENTRE, TABLE_RIGHT };

struct table_cell {
    size_t start, end; /* in text */
    enum table_align align;
};

/* The first row is the header. A zeroed struct is empty. */
struct table {
    struct rich text; /* of all cells */
    struct table_cell *cell;
    size_t cell_count, cell_capacity;
    size_t columns;
};

/* False when it is larger than a table on a screen may be. */
bool table_begin(struct table *table, size_t columns, size_t rows);
/* What is added to table->text between these two is the cell. */
void table_cell_begin(struct table *table, enum table_align align);
void table_cell_end(struct table *table);
void table_write(struct table *table, struct page *page);
void table_clear(struct table *table);

#endif
