/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/cells.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/xalloc.h"
#include "text/width.h"

#define WHOLES_MAX 4000 /* different emoji sequences; there are 3,000 in Unicode */

static const struct cell blank = {.cp = {' '}, .width = 1, .style = STYLE_TEXT};

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* start + count without overflow: areas may reach far outside the grid. */
static int end_of(int start, int count)
{
    return start > 0 && count > INT_MAX - start ? INT_MAX : start + max_int(count, 0);
}

/* The part of area that lies in the clip and in the grid. */
static struct rect visible_part(const struct cells *cells, struct rect area)
{
    const struct rect *clip = &cells->clip;
    int top = max_int(max_int(area.row, clip->row), 0);
    int left = max_int(max_int(area.col, clip->col), 0);
    int bottom = min_int(end_of(area.row, area.rows), end_of(clip->row, clip->rows));
    int right = min_int(end_of(area.col, area.cols), end_of(clip->col, clip->cols));
    int rows = min_int(bottom, cells->rows) - top;
    int cols = min_int(right, cells->cols) - left;
    return (struct rect){top, left, max_int(rows, 0), max_int(cols, 0)};
}

static bool is_visible(const struct cells *cells, int row, int col)
{
    struct rect part = visible_part(cells, (struct rect){row, col, 1, 1});
    return part.rows == 1 && part.cols == 1;
}

static struct cell *cell_at(const struct cells *cells, int row, int col)
{
    return cells->cell + (size_t)row * (size_t)cells->cols + (size_t)col;
}

static void blank_cell(struct cell *cell)
{
    uint8_t style = cell->style;
    *cell = blank;
    cell->style = style;
}

/* Before a cell is overwritten: a wide character that has a half there goes. */
static void break_wide(struct cells *cells, int row, int col)
{
    struct cell *cell = cell_at(cells, row, col);
    if (cell->width == 2 && col + 1 < cells->cols)
        blank_cell(cell + 1);
    else if (cell->width == 0 && col > 0)
        blank_cell(cell - 1);
}

static void put_blank(struct cells *cells, int row, int col, enum style style)
{
    if (!is_visible(cells, row, col))
        return;
    break_wide(cells, row, col);
    struct cell *cell = cell_at(cells, row, col);
    *cell = blank;
    cell->style = (uint8_t)style;
}

static void put_cell(struct cells *cells, int row, int col, const struct cell *cell)
{
    bool is_wide = cell->width == 2;
    if (!is_visible(cells, row, col) || (is_wide && !is_visible(cells, row, col + 1))) {
        put_blank(cells, row, col, cell->style);
        if (is_wide)
            put_blank(cells, row, col + 1, cell->style);
        return;
    }
    break_wide(cells, row, col);
    if (is_wide) {
        break_wide(cells, row, col + 1);
        *cell_at(cells, row, col + 1) = (struct cell){.style = cell->style};
    }
    *cell_at(cells, row, col) = *cell;
}

void cells_resize(struct cells *cells, int rows, int cols)
{
    rows = max_int(rows, 0);
    cols = max_int(cols, 0);
    size_t count = (size_t)rows * (size_t)cols;
    cells->cell = xreallocarray(cells->cell, count, sizeof *cells->cell);
    cells->rows = rows;
    cells->cols = cols;
    cells_erase(cells);
}

void cells_clear(struct cells *cells)
{
    free(cells->cell);
    free(cells->spots);
    *cells = (struct cells){.cursor_row = -1};
}

void cells_erase(struct cells *cells)
{
    size_t count = (size_t)cells->rows * (size_t)cells->cols;
    for (size_t i = 0; i < count; i++)
        cells->cell[i] = blank;
    cells->clip = (struct rect){0, 0, cells->rows, cells->cols};
    cells->cursor_row = -1;
    cells->cursor_col = 0;
    cells->spot_count = 0;
}

void cells_add_spot(struct cells *cells, struct rect area, int kind, uint64_t value)
{
    struct rect seen = visible_part(cells, area);
    if (seen.rows <= 0 || seen.cols <= 0)
        return;
    cells->spots =
        xgrow(cells->spots, cells->spot_count, &cells->spot_room, sizeof *cells->spots);
    cells->spots[cells->spot_count++] = (struct spot){seen, kind, value};
}

const struct spot *cells_spot(const struct cells *cells, int row, int col, int kind)
{
    for (size_t i = cells->spot_count; i > 0; i--) {
        const struct spot *spot = &cells->spots[i - 1];
        const struct rect *area = &spot->area;
        if (row >= area->row && row < area->row + area->rows && col >= area->col &&
            col < area->col + area->cols && (kind < 0 || kind == spot->kind))
            return spot;
    }
    return NULL;
}

void cells_fill(struct cells *cells, struct rect area, uint32_t cp, enum style style)
{
    struct rect part = visible_part(cells, area);
    struct cell cell = {.cp = {cp}, .width = 1, .style = (uint8_t)style};
    if (wcwidth((wchar_t)cp) != 1)
        cell.cp[0] = ' ';
    for (int row = part.row; row < part.row + part.rows; row++) {
        for (int col = part.col; col < part.col + part.cols; col++)
            put_cell(cells, row, col, &cell);
    }
}

/* Code points that belong in one cell: one with a width, and marks after it. */
static size_t next_cell(const struct cluster *cluster, size_t from, struct cell *cell)
{
    size_t at = from;
    int width = wcwidth((wchar_t)cluster->cp[at]);
    cell->cp[0] = cluster->cp[at++];
    cell->width = width == 2 ? 2 : 1;
    while (at < cluster->count && wcwidth((wchar_t)cluster->cp[at]) == 0) {
        cell->cp[at - from] = cluster->cp[at];
        at++;
    }
    return at;
}

/* --- emoji sequences: the same few come again and again --- */

static struct {
    struct cell_whole *item;
    uint16_t count;
} wholes;

static uint16_t whole_number(const char *text, size_t len, uint8_t needs)
{
    if (len >= sizeof wholes.item->text || needs & SEQUENCE_KEYCAP)
        return 0;
    for (uint16_t i = 0; i < wholes.count; i++)
        if (strncmp(wholes.item[i].text, text, len) == 0 && !wholes.item[i].text[len])
            return (uint16_t)(i + 1);
    if (wholes.count == WHOLES_MAX)
        return 0;
    wholes.item = xreallocarray(wholes.item, wholes.count + 1U, sizeof *wholes.item);
    struct cell_whole *whole = &wholes.item[wholes.count++];
    *whole = (struct cell_whole){.needs = needs};
    memcpy(whole->text, text, len);
    return wholes.count;
}

const struct cell_whole *cells_whole(uint16_t number)
{
    return &wholes.item[number - 1];
}

int cells_put(struct cells *cells, int row, int col, const struct cluster *cluster,
              const char *text, enum style style)
{
    uint16_t whole = 0;
    if (cluster->lacks && text && cluster->width == 2)
        whole = whole_number(text, cluster->bytes, cluster->lacks);
    if (cluster->lacks && !whole)
        style = STYLE_MARK; /* one sees that there is more */
    for (size_t at = 0; at < cluster->count && col < cells->cols;) {
        struct cell cell = {.style = (uint8_t)style, .whole = whole};
        at = next_cell(cluster, at, &cell);
        put_cell(cells, row, col, &cell);
        col += cell.width;
        whole = whole ? CELL_REST : 0;
    }
    return cluster->width;
}

int cells_text(struct cells *cells, int row, int col, int max_cols, const char *text,
               size_t len, enum style style)
{
    struct cluster cluster;
    int used = 0;
    for (size_t at = 0; at < len && used < max_cols; at += cluster.bytes) {
        sanitise_next(text, len, at, &cluster);
        if (cluster.kind == CLUSTER_TAB) {
            int end = min_int(used + WRAP_TAB - used % WRAP_TAB, max_cols);
            for (int i = used; i < end; i++)
                put_blank(cells, row, col + i, style);
            used = end;
            continue;
        }
        if (used + cluster.width > max_cols)
            break;
        used += cells_put(cells, row, col + used, &cluster, text + at, style);
    }
    return used;
}

int cells_string(struct cells *cells, int row, int col, int max_cols, const char *text,
                 enum style style)
{
    size_t len = strlen(text);
    if (max_cols <= 0)
        return 0;
    if (width_fit(text, len, (size_t)max_cols) == len)
        return cells_text(cells, row, col, max_cols, text, len, style);
    static const struct cluster ellipsis = {.cp = {0x2026}, .count = 1, .width = 1};
    len = width_fit(text, len, (size_t)(max_cols - 1));
    int used = cells_text(cells, row, col, max_cols - 1, text, len, style);
    return used + cells_put(cells, row, col + used, &ellipsis, NULL, style);
}

int cells_string_right(struct cells *cells, int row, int end_col, int max_cols,
                       const char *text, enum style style)
{
    size_t width = width_of(text, strlen(text));
    int cols = max_cols > 0 && width > (size_t)max_cols ? max_cols : (int)width;
    return cells_string(cells, row, end_col - cols, min_int(cols, max_cols), text, style);
}

void cells_set_style(struct cells *cells, struct rect area, enum style style)
{
    struct rect part = visible_part(cells, area);
    for (int row = part.row; row < part.row + part.rows; row++) {
        for (int col = part.col; col < part.col + part.cols; col++)
            cell_at(cells, row, col)->style = (uint8_t)style;
    }
}

void cells_set_cursor(struct cells *cells, int row, int col)
{
    bool is_inside = row >= 0 && row < cells->rows && col >= 0 && col < cells->cols;
    cells->cursor_row = is_inside ? row : -1;
    cells->cursor_col = is_inside ? col : 0;
}

const struct cell *cells_at(const struct cells *cells, int row, int col)
{
    if (row < 0 || row >= cells->rows || col < 0 || col >= cells->cols)
        return &blank;
    return cell_at(cells, row, col);
}
