/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/drawn.h"

#include "base/utf8.h"

static void dump_cell(const struct cell *cell, struct buf *out)
{
    char bytes[UTF8_MAX];
    if (cell->width == 0)
        return;
    for (size_t i = 0; i < CLUSTER_MAX && cell->cp[i] != 0; i++)
        buf_add(out, bytes, utf8_encode(cell->cp[i], bytes));
}

void cells_dump(const struct cells *cells, struct buf *out)
{
    for (int row = 0; row < cells->rows; row++) {
        buf_add_byte(out, '|');
        for (int col = 0; col < cells->cols; col++)
            dump_cell(cells_at(cells, row, col), out);
        buf_add_text(out, "|\n");
    }
}

void cells_dump_styles(const struct cells *cells, struct buf *out)
{
    static const char letters[STYLE_COUNT + 1] = ".drtaswebichlqkgmx";
    for (int row = 0; row < cells->rows; row++) {
        buf_add_byte(out, '|');
        for (int col = 0; col < cells->cols; col++) {
            bool is_cursor = row == cells->cursor_row && col == cells->cursor_col;
            buf_add_byte(out,
                         is_cursor ? '_' : letters[cells_at(cells, row, col)->style]);
        }
        buf_add_text(out, "|\n");
    }
}

static struct cells draw(const struct flow *flow, int columns)
{
    struct cells cells = {0};
    int rows = (int)flow_line_count(flow);
    cells_resize(&cells, rows, columns);
    flow_draw(flow, &cells, (struct rect){0, 0, rows, columns}, 0);
    return cells;
}

char *drawn_text(const struct flow *flow, int columns)
{
    struct cells cells = draw(flow, columns);
    struct buf out = {0};
    cells_dump(&cells, &out);
    cells_clear(&cells);
    return buf_take(&out);
}

char *drawn_styles(const struct flow *flow, int columns)
{
    struct cells cells = draw(flow, columns);
    struct buf out = {0};
    cells_dump_styles(&cells, &out);
    cells_clear(&cells);
    return buf_take(&out);
}

static void add_cell(const struct cell *cell, struct buf *out)
{
    char bytes[UTF8_MAX];
    for (size_t i = 0; i < CLUSTER_MAX && cell->cp[i] != 0; i++) {
        if (cell->cp[i] != ' ')
            buf_add(out, bytes, utf8_encode(cell->cp[i], bytes));
    }
}

static char *ink(const struct flow *flow, int columns, bool only_hits)
{
    struct cells cells = draw(flow, columns);
    struct buf out = {0};
    for (int i = 0; i < cells.rows * cells.cols; i++) {
        const struct cell *cell = &cells.cell[i];
        bool is_hit = cell->style == STYLE_MATCH || cell->style == STYLE_SELECTED;
        if (cell->width > 0 && (is_hit || !only_hits))
            add_cell(cell, &out);
    }
    cells_clear(&cells);
    buf_add(&out, "", 0);
    return buf_take(&out);
}

char *drawn_ink(const struct flow *flow, int columns)
{
    return ink(flow, columns, false);
}

char *drawn_hits(const struct flow *flow, int columns)
{
    return ink(flow, columns, true);
}
