/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"

/* --- styled text --- */

void rich_add_from(struct rich *rich, const char *text, size_t len, enum style style,
                   size_t source)
{
    if (len == 0)
        return;
    const struct rich_run *last =
        rich->run_count > 0 ? &rich->run[rich->run_count - 1] : NULL;
    size_t next = last && last->source != RICH_NONE
                      ? last->source + (rich->text.len - last->start)
                      : RICH_NONE;
    if (!last || last->style != style || next != source) {
        rich->run =
            xgrow(rich->run, rich->run_count, &rich->run_capacity, sizeof *rich->run);
        rich->run[rich->run_count++] =
            (struct rich_run){(uint32_t)rich->text.len, (uint32_t)source, (uint8_t)style};
    }
    buf_add(&rich->text, text, len);
}

void rich_add(struct rich *rich, const char *text, size_t len, enum style style)
{
    rich_add_from(rich, text, len, style, RICH_NONE);
}

void rich_add_text(struct rich *rich, const char *text, enum style style)
{
    rich_add(rich, text, strlen(text), style);
}

static void add_blanks(struct rich *rich, int count, enum style style)
{
    for (int i = 0; i < count; i++)
        rich_add(rich, " ", 1, style);
}

void rich_cut(struct rich *rich, size_t len)
{
    while (rich->run_count > 0 && rich->run[rich->run_count - 1].start >= len)
        rich->run_count--;
    rich->text.len = len;
    if (rich->text.data)
        rich->text.data[len] = '\0';
}

void rich_clear(struct rich *rich)
{
    buf_clear(&rich->text);
    free(rich->run);
    *rich = (struct rich){0};
}

/* The run that holds the byte; NULL when there are none. */
static const struct rich_run *find_run(const struct rich *rich, size_t at)
{
    size_t low = 0; /* the answer is the run before the first that starts after at */
    size_t high = rich->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rich->run[middle].start <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &rich->run[low - 1];
}

enum style rich_style(const struct rich *rich, size_t at)
{
    const struct rich_run *run = find_run(rich, at);
    return run ? (enum style)run->style : STYLE_TEXT;
}

size_t rich_source(const struct rich *rich, size_t at)
{
    const struct rich_run *run = find_run(rich, at);
    return run && run->source != RICH_NONE ? run->source + (at - run->start) : RICH_NONE;
}

/* What stands at `at` in from. */
static int copy_cluster(const struct rich *from, size_t at, const struct cluster *cluster,
                        int column, struct rich *to)
{
    enum style style = rich_style(from, at);
    if (cluster->kind == CLUSTER_TAB) {
        int width = WRAP_TAB - column % WRAP_TAB;
        add_blanks(to, width, style);
        return width;
    }
    char safe[CLUSTER_BYTES];
    size_t len = sanitise_encode(cluster, safe);
    if (cluster->lacks) /* the whole emoji, for the terminal that can show it */
        rich_add_from(to, from->text.data + at, cluster->bytes, style,
                      rich_source(from, at));
    else
        rich_add_from(to, safe, len, style, rich_source(from, at));
    return cluster->width;
}

/* Appends the clusters of from's bytes [start, end), safe already, tabs as blanks,
 * no newline, to `to`, at most columns wide. Returns the columns used. */
static int copy(const struct rich *from, size_t start, size_t end, int columns,
                struct rich *to)
{
    struct cluster cluster;
    int column = 0;
    for (size_t at = start; at < end; at += cluster.bytes) {
        sanitise_next(from->text.data, end, at, &cluster);
        bool is_over = column > 0 && column + cluster.width > columns;
        if (cluster.kind == CLUSTER_NEWLINE || is_over)
            break;
        column += copy_cluster(from, at, &cluster, column, to);
    }
    return column;
}

void lines_begin_at(struct lines *lines, size_t start)
{
    lines->start =
        xgrow(lines->start, lines->count, &lines->capacity, sizeof *lines->start);
    lines->start[lines->count++] = (uint32_t)start;
}

void lines_cut(struct lines *lines, size_t count, size_t len)
{
    lines->count = count;
    rich_cut(&lines->rich, len);
}

void lines_clear(struct lines *lines)
{
    rich_clear(&lines->rich);
    free(lines->start);
    *lines = (struct lines){0};
}

/* --- lines on a page --- */

#define BAR "\xE2\x94\x82 "
#define BAR_COLUMNS 2

struct page_part {
    bool is_quote;
    bool has_marker; /* not written yet */
    int columns;
    char marker[PAGE_MARKER];
};

void page_init(struct page *page, struct lines *lines, int columns)
{
    *page = (struct page){.lines = lines, .columns = columns};
}

void page_clear(struct page *page)
{
    free(page->part);
    wrap_clear(&page->wrap);
    *page = (struct page){0};
}

static void write_line_start(struct page *page)
{
    lines_begin_at(page->lines, page->lines->rich.text.len);
    for (size_t i = 0; i < page->part_count; i++) {
        struct rich *out = &page->lines->rich;
        if (page->part[i].is_quote)
            rich_add_text(out, BAR, STYLE_QUOTE);
        else if (page->part[i].has_marker)
            rich_add_text(out, page->part[i].marker, STYLE_DIM);
        else
            add_blanks(out, page->part[i].columns, STYLE_TEXT);
        page->part[i].has_marker = false;
    }
}

/* An empty line, when one is due. */
static void write_gap(struct page *page)
{
    if (!page->has_gap)
        return;
    page->has_gap = false;
    write_line_start(page);
}

/* Half of the width stays for text, however deep the nesting. NULL when there is no
 * room; what is opened inside such a part has none either. */
static struct page_part *push(struct page *page, int columns)
{
    if (page->bare_count > 0 || page->indent + columns > page->columns / 2) {
        page->bare_count++;
        return NULL;
    }
    page->part =
        xgrow(page->part, page->part_count, &page->part_capacity, sizeof *page->part);
    struct page_part *part = &page->part[page->part_count++];
    *part = (struct page_part){.columns = columns};
    page->indent += columns;
    return part;
}

void page_open_quote(struct page *page)
{
    write_gap(page);
    struct page_part *part = push(page, BAR_COLUMNS);
    if (part)
        part->is_quote = true;
}

bool page_open_item(struct page *page, const char *marker)
{
    write_gap(page);
    struct page_part *part = push(page, (int)width_of(marker, strlen(marker)));
    if (!part)
        return false;
    part->has_marker = true;
    size_t len = strnlen(marker, PAGE_MARKER - 1);
    memcpy(part->marker, marker, len);
    return true;
}

void page_open_indent(struct page *page, int columns)
{
    write_gap(page);
    push(page, columns);
}

void page_close(struct page *page)
{
    if (page->bare_count > 0) {
        page->bare_count--;
        return;
    }
    if (page->part[page->part_count - 1].has_marker)
        page_begin(page);
    page->indent -= page->part[--page->part_count].columns;
}

int page_room(const struct page *page)
{
    int room = page->columns - page->indent;
    return room > 0 ? room : 1;
}

void page_begin(struct page *page)
{
    write_gap(page);
    write_line_start(page);
}

void page_write(struct page *page, const struct rich *text, bool cuts_words)
{
    struct wrap *wrap = &page->wrap;
    wrap->text = text->text.data;
    wrap->len = text->text.len;
    wrap->columns = page_room(page);
    wrap->cuts_words = cuts_words;
    for (size_t at = 0; at < wrap->len;) {
        size_t end = wrap_next(wrap, at);
        page_begin(page);
        copy(text, at, end, wrap->columns, &page->lines->rich);
        at = end;
    }
}

void page_write_plain(struct page *page, const char *text, size_t len, size_t source)
{
    struct rich plain = {0};
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    rich_add_from(&plain, text, len, STYLE_TEXT, source);
    page_write(page, &plain, false);
    rich_clear(&plain);
}

/* --- tables --- */

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
        /* One visual line of one cell, padded to its column. */
        struct rich *out = &page->lines->rich;
        const struct table_cell *cell = &row->cell[i];
        size_t end = row->next[i];
        int width = row->width[i];
        while (end > start && table->text.text.data[end - 1] == ' ')
            end--; /* the blank at a break would push right-aligned text in */
        int used =
            end > start ? (int)width_of(table->text.text.data + start, end - start) : 0;
        int left = 0;
        if (cell->align != TABLE_LEFT && used < width)
            left = cell->align == TABLE_RIGHT ? width - used : (width - used) / 2;
        add_blanks(out, left, STYLE_TEXT);
        if (end > start)
            left += copy(&table->text, start, end, width, out);
        if (i + 1 < table->columns)
            add_blanks(out, width - left, STYLE_TEXT);
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
            copy(&table->text, cell->start, cell->end, INT32_MAX, &text);
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
        if (fits) {
            struct row row = {.cell = table->cell + first, .width = width};
            for (size_t i = 0; i < table->columns; i++)
                row.next[i] = row.cell[i].start;
            do {
                write_row_line(table, page, &row);
            } while (has_more(table, &row));
        } else {
            write_row_as_text(table, page, first);
        }
        if (fits && first == 0) {
            struct rich *out = &page->lines->rich;
            page_begin(page);
            for (size_t j = 0; j < table->columns; j++) {
                if (j > 0)
                    rich_add_text(out, CROSSING, STYLE_RULE);
                for (int k = 0; k < width[j]; k++)
                    rich_add_text(out, DASH, STYLE_RULE);
            }
        }
    }
}

void table_clear(struct table *table)
{
    rich_clear(&table->text);
    free(table->cell);
    *table = (struct table){0};
}
