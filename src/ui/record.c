/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "ui/frame.h"

#define CURSOR_CP 0x2588 /* █ */

void record_pane_init(struct record_pane *pane)
{
    *pane = (struct record_pane){.prompt = flow_new()};
}

void record_pane_clear(struct record_pane *pane)
{
    for (size_t i = 0; i < pane->section_capacity; i++)
        flow_free(pane->sections[i].flow);
    free(pane->sections);
    flow_free(pane->prompt);
    *pane = (struct record_pane){0};
}

static struct record_section *next_section(struct record_pane *pane)
{
    if (pane->section_count == pane->section_capacity) {
        pane->sections = xreallocarray(pane->sections, pane->section_capacity + 1,
                                       sizeof *pane->sections);
        pane->sections[pane->section_capacity++].flow = flow_new();
    }
    return &pane->sections[pane->section_count++];
}

static void add_section(struct record_pane *pane, const char *title, enum style style)
{
    size_t first = 0;
    if (pane->section_count > 0) {
        const struct record_section *last = &pane->sections[pane->section_count - 1];
        first = last->end > last->first ? last->end + 1 : last->end;
    }
    struct record_section *section = next_section(pane);
    section->title = title;
    section->style = style;
    section->first = first;
}

static void set_flow(struct flow *flow, const char *text, size_t len, int columns,
                     bool is_markdown)
{
    if (is_markdown)
        flow_set_markdown(flow, text, len, columns);
    else
        flow_set_raw(flow, text, len, columns);
}

/* The section that was added last ends where its text does. */
static void fill_section(struct record_pane *pane, const char *text, size_t len,
                         int columns, bool is_markdown)
{
    struct record_section *section = &pane->sections[pane->section_count - 1];
    set_flow(section->flow, text, len, columns, is_markdown);
    size_t lines = len > 0 ? flow_line_count(section->flow) : 0;
    section->end = section->first + lines + (section->title[0] != '\0' ? 1 : 0);
}

static void lay_out_fields(struct record_pane *pane, const struct view *view, int columns)
{
    const struct dataset *dataset = &view->session->dataset;
    const struct field *pinned = dataset_prompt_field(dataset);
    const struct field *response = dataset_response_field(dataset);
    bool has_titles = dataset->field_count > 2;
    for (size_t i = 0; i < dataset->field_count; i++) {
        const struct field *field = &dataset->fields[i];
        size_t len;
        const char *text = view_field(view, field, &len);
        if (field == pinned || (len == 0 && field != response))
            continue;
        add_section(pane, has_titles ? (field->title ? field->title : field->name) : "",
                    STYLE_TEXT);
        /* Models write Markdown whether or not the dataset says so. */
        fill_section(pane, text, len, columns,
                     !pane->is_raw && (field->use_markdown || field == response));
    }
}

static void lay_out_note(struct record_pane *pane, const struct view *view, int columns)
{
    enum style style = STYLE_DIM;
    facts_note(view, pane->note, sizeof pane->note, &style);
    if (pane->note[0] == '\0')
        return;
    add_section(pane, "", style);
    fill_section(pane, pane->note, strlen(pane->note), columns, false);
}

void record_pane_lay_out(struct record_pane *pane, const struct view *view, int columns)
{
    const struct field *field = dataset_prompt_field(&view->session->dataset);
    size_t len;
    pane->section_count = 0;
    if (!view->record) {
        pane->record = (struct id){0};
        return;
    }
    if (!id_equal(&pane->record, &view->record->id)) {
        pane->record = view->record->id;
        pane->prompt_scroll = (struct scroll){0};
        pane->scroll = (struct scroll){.follows = view_stream(view) != NULL};
    }
    if (columns > VIEW_TEXT_COLS_MAX)
        columns = VIEW_TEXT_COLS_MAX;
    const char *prompt = view_field(view, field, &len);
    set_flow(pane->prompt, prompt, len, columns,
             field && field->use_markdown && !pane->is_raw);
    lay_out_fields(pane, view, columns);
    lay_out_note(pane, view, columns);
}

static void draw_prompt(struct record_pane *pane, const struct view *view,
                        struct cells *cells, const struct layout *layout)
{
    char title[64], origin[192];
    char right[256] = "";
    scroll_fit(&pane->prompt_scroll, flow_line_count(pane->prompt),
               (size_t)layout->prompt.rows);
    snprintf(title, sizeof title, "Prompt #%zu", view->number);
    /* Where one is in a prompt that is longer than its place, and the keys that move. */
    view_format_place(view, &pane->prompt_scroll, right, sizeof right);
    if (right[0] != '\0') {
        char down[32], up[32];
        size_t used = strlen(right);
        keymap_first_key(view->keymap, ACTION_PROMPT_DOWN, down, sizeof down);
        keymap_first_key(view->keymap, ACTION_PROMPT_UP, up, sizeof up);
        snprintf(right + used, sizeof right - used, " %s %s", down, up);
    }
    facts_origin(view, origin, sizeof origin);
    view_join(right, sizeof right, origin);
    view_rule(cells, layout->prompt_rule, title, right, STYLE_DIM);
    flow_draw(pane->prompt, cells, layout->prompt, pane->prompt_scroll.top);
}

static void draw_section(const struct record_section *section, struct cells *cells,
                         struct rect area, size_t top)
{
    size_t bottom = top + (size_t)area.rows;
    size_t first = section->first;
    if (section->title[0] != '\0') {
        if (first >= top && first < bottom)
            cells_string(cells, area.row + (int)(first - top), area.col, area.cols,
                         section->title, STYLE_TITLE);
        first++;
    }
    size_t from = first > top ? first : top;
    size_t end = section->end < bottom ? section->end : bottom;
    if (from >= end)
        return;
    struct rect part = {area.row + (int)(from - top), area.col, (int)(end - from),
                        area.cols};
    flow_draw(section->flow, cells, part, from - first);
    if (section->style != STYLE_TEXT)
        cells_set_style(cells, part, section->style);
}

/* The place where the next word will stand, right behind the last one. */
static void draw_stream_cursor(const struct record_pane *pane, struct cells *cells,
                               struct rect area)
{
    size_t line = pane->sections[0].end;
    if (pane->section_count != 1 || line == 0 || line <= pane->scroll.top ||
        line > pane->scroll.top + (size_t)area.rows)
        return;
    int row = area.row + (int)(line - 1 - pane->scroll.top);
    int col = area.col + area.cols;
    while (col > area.col && cells_at(cells, row, col - 1)->cp[0] == ' ')
        col--;
    if (col < area.col + area.cols)
        cells_fill(cells, (struct rect){row, col, 1, 1}, CURSOR_CP, STYLE_ACCENT);
}

static void draw_response_rule(const struct record_pane *pane, const struct view *view,
                               struct cells *cells, const struct layout *layout)
{
    char right[256] = "";
    enum style style = STYLE_DIM;
    char place[64];
    if (pane->is_raw)
        view_join(right, sizeof right, "raw");
    view_format_place(view, &pane->scroll, place, sizeof place);
    view_join(right, sizeof right, place);
    char measured[160];
    facts_measure(view, measured, sizeof measured, &style);
    view_join(right, sizeof right, measured);
    const struct field *field = dataset_response_field(&view->session->dataset);
    const char *title = field && field->title ? field->title : "Record";
    view_rule(cells, layout->response_rule,
              view->session->dataset.field_count > 2 ? "Record" : title, right, style);
}

void record_pane_draw(struct record_pane *pane, const struct view *view,
                      struct cells *cells, const struct layout *layout)
{
    size_t lines =
        pane->section_count > 0 ? pane->sections[pane->section_count - 1].end : 0;
    scroll_fit(&pane->scroll, lines, (size_t)layout->response.rows);
    if (layout->prompt_rule.rows > 0)
        draw_prompt(pane, view, cells, layout);
    draw_response_rule(pane, view, cells, layout);
    for (size_t i = 0; i < pane->section_count; i++)
        draw_section(&pane->sections[i], cells, layout->response, pane->scroll.top);
    if (pane->section_count > 0 && view_stream(view))
        draw_stream_cursor(pane, cells, layout->response);
}
