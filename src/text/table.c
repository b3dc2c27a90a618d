/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/table.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "text/width.h"

#define SEPARATOR " \xE2\x94\x82 "
#define SEPARATOR_COLUMNS 3
#define CROSSING "\xE2\x94\x80\xE2\x94\xBC\xE2\x94\x80"
#define DASH "\xE2\x94\x80"
#define COLUMN_MIN 3

/* One row being written. */
struct row {
    const struct table_cell *cell;
    size_t next[TABLE_COLUMNS_MAX]; /* where each cell's next line starts */
    const int *width;
};

bool table_begin(struct table *table, size_t columns, size_t rows)
{
    rich_cut(&table->text, 0);
    table->cell_count = 0;
    table->columns = columns;
    return columns > 0 && columns <= TABLE_COLUMNS_MAX &&
           rows <= TABLE_CELLS_MAX / columns;
}

void table_cell_begin(struct table *table, enum table_align align)
{
    table->cell =
        xgrow(table->cell, table->cell_count, &table->cell_capacity, sizeof *table->cell);
    size_t start = table->text.text.len;
    table->cell[table->cell_count++] = (struct table_cell){start, start, align};
}

void table_cell_end(struct table *table)
{
    table->cell[table->cell_count - 1].end = table->text.text.len;
}

static int natural_width(const struct table *table, size_t column, int room)
{
    int widest = 1;
    for (size_t i = column; i < table->cell_count; i += table->columns) {
        const struct table_cell *cell = &table->cell[i];
        size_t width = 0;
        if (cell->end > cell->start)
            width =
                width_of(table->text.text.data + cell->start, cell->end - cell->start);
        if (width > (size_t)widest)
            widest = width > (size_t)room ? room : (int)width;
    }
    return widest;
}

/* Takes columns from the widest until all fit. False when they cannot. */
static bool fit_widths(const struct table *table, int room, int *width)
{
    int count = (int)table->columns;
    int total = SEPARATOR_COLUMNS * (count - 1);
    for (size_t i = 0; i < table->columns; i++) {
        width[i] = natural_width(table, i, room);
        total += width[i];
    }
    while (total > room) {
        size_t widest = 0;
        for (size_t i = 1; i < table->columns; i++) {
            if (width[i] > width[widest])
                widest = i;
        }
        if (width[widest] <= COLUMN_MIN)
            return false;
        width[widest]--;
        total--;
    }
    return true;
}

/* One visual line of one cell, padded to its column. */
static void write_cell_line(const struct table *table, struct page *page,
                            const struct row *row, size_t column, size_t start)
{
    struct rich *out = &page->lines->rich;
    const struct table_cell *cell = &row->cell[column];
    size_t end = row->next[column];
    int width = row->width[column];
    while (end > start && table->text.text.data[end - 1] == ' ')
        end--; /* the blank at a break would push right-aligned text in */
    int used =
        end > start ? (int)width_of(table->text.text.data + start, end - start) : 0;
    int left = 0;
    if (cell->align != TABLE_LEFT && used < width)
        left = cell->align == TABLE_RIGHT ? width - used : (width - used) / 2;
    rich_add_blanks(out, left, STYLE_TEXT);
    if (end > start)
        left += rich_copy(&table->text, start, end, width, out);
    if (column + 1 < table->columns)
        rich_add_blanks(out, width - left, STYLE_TEXT);
}

static bool has_more(const struct table *table, const struct row *row)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (row->next[i] < row->cell[i].end)
            return true;
    }
    return false;
}

static void write_row_line(const struct table *table, struct page *page, struct row *row)
{
    page_begin(page);
    for (size_t i = 0; i < table->columns; i++) {
        size_t start = row->next[i];
        if (start < row->cell[i].end) {
            struct wrap *wrap = &page->wrap;
            wrap->text = table->text.text.data;
            wrap->len = row->cell[i].end;
            wrap->columns = row->width[i];
            wrap->cuts_words = false;
            row->next[i] = wrap_next(wrap, start);
        }
        if (i > 0)
            rich_add_text(&page->lines->rich, SEPARATOR, STYLE_RULE);
        write_cell_line(table, page, row, i, start);
    }
}

static void write_row(const struct table *table, struct page *page, size_t first,
                      const int *width)
{
    struct row row = {.cell = table->cell + first, .width = width};
    for (size_t i = 0; i < table->columns; i++)
        row.next[i] = row.cell[i].start;
    do {
        write_row_line(table, page, &row);
    } while (has_more(table, &row));
}

static void write_rule(const struct table *table, struct page *page, const int *width)
{
    struct rich *out = &page->lines->rich;
    page_begin(page);
    for (size_t i = 0; i < table->columns; i++) {
        if (i > 0)
            rich_add_text(out, CROSSING, STYLE_RULE);
        for (int k = 0; k < width[i]; k++)
            rich_add_text(out, DASH, STYLE_RULE);
    }
}

/* No room for columns: the cells of a row one after the other. */
static void write_row_as_text(const struct table *table, struct page *page, size_t first)
{
    struct rich text = {0};
    for (size_t i = 0; i < table->columns; i++) {
        const struct table_cell *cell = &table->cell[first + i];
        if (i > 0)
            rich_add_text(&text, SEPARATOR, STYLE_RULE);
        if (cell->end > cell->start)
            rich_copy(&table->text, cell->start, cell->end, INT32_MAX, &text);
    }
    page_write(page, &text, false);
    rich_clear(&text);
}

void table_write(struct table *table, struct page *page)
{
    int width[TABLE_COLUMNS_MAX] = {0};
    bool fits = fit_widths(table, page_room(page), width);
    size_t count = table->cell_count / table->columns * table->columns;
    for (size_t first = 0; first < count; first += table->columns) {
        if (fits)
            write_row(table, page, first, width);
        else
            write_row_as_text(table, page, first);
        if (fits && first == 0)
            write_rule(table, page, width);
    }
}

void table_clear(struct table *table)
{
    rich_clear(&table->text);
    free(table->cell);
    *table = (struct table){0};
}
