/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_settings.h"

#define LABEL_COLS 16
#define SYSTEM_ROWS_MAX 4
#define FOCUS_CP 0x25B8 /* ▸ */

static int field_rows(const struct sampling_form *form, int field)
{
    size_t lines = editbuf_line_count(form->edits[field]);
    if (field != SAMPLING_SYSTEM)
        return 1;
    return lines < SYSTEM_ROWS_MAX ? (int)lines : SYSTEM_ROWS_MAX;
}

int settings_measure(struct sampling_form *form, int columns)
{
    int rows = 0;
    int width = columns > LABEL_COLS + 1 ? columns - LABEL_COLS : 1;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        editbuf_layout(form->edits[i], width);
        rows += field_rows(form, i);
    }
    return rows;
}

static void draw_field(struct sampling_form *form, int field, struct cells *cells,
                       struct rect area)
{
    bool is_focused = (int)form->focus == field;
    cells_string(cells, area.row, area.col, LABEL_COLS - 1,
                 sampling_row((enum sampling_field)field)->title,
                 is_focused ? STYLE_ACCENT : STYLE_TITLE);
    if (is_focused && area.col > 0)
        cells_fill(cells, (struct rect){area.row, area.col - 1, 1, 1}, FOCUS_CP,
                   STYLE_ACCENT);
    struct rect value = {area.row, area.col + LABEL_COLS, area.rows,
                         area.cols - LABEL_COLS};
    if (editbuf_len(form->edits[field]) == 0)
        cells_string(cells, value.row, value.col, value.cols, "the endpoint's own",
                     STYLE_DIM);
    if (is_focused || editbuf_len(form->edits[field]) > 0)
        editbuf_draw(form->edits[field], cells, value, STYLE_TEXT, is_focused);
}

/* Rows above the area that are hidden so that the focused field is in view. */
static int hidden_rows(const struct sampling_form *form, int rows)
{
    int end = 0;
    for (int i = 0; i <= (int)form->focus; i++)
        end += field_rows(form, i);
    return end > rows ? end - rows : 0;
}

void view_settings_draw(struct sampling_form *form, bool is_own, struct cells *cells,
                        struct rect rule, struct rect area)
{
    struct rect clip = cells->clip;
    view_rule(cells, rule, "Settings",
              is_own ? "for this one request" : "for the prompts from now on", STYLE_DIM);
    cells->clip = (struct rect){area.row, 0, area.rows, cells->cols};
    int row = area.row - hidden_rows(form, area.rows);
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        int rows = field_rows(form, i);
        if (rows > area.rows)
            rows = area.rows;
        draw_field(form, i, cells, (struct rect){row, area.col, rows, area.cols});
        row += rows;
    }
    cells->clip = clip;
}
