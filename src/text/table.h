/* SPDX-License-Identifier: MIT
 *
 * table - a Markdown table: cells first, then lines with aligned columns.
 *
 * Columns shrink and wrap to fit; a table with more columns than the width can
 * hold is written a row a paragraph.
 */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/page.h"

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
