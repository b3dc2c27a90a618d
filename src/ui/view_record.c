/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "ui/record_facts.h"

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

static const char *field_text(const struct session *session, const struct field *field,
                              size_t *len)
{
    if (field == dataset_response_field(&session->dataset))
        return session_response(session, len);
    const struct record_field *found = record_field(&session->current, field->name);
    *len = found ? found->len : 0;
    return found && found->text ? found->text : "";
}

/* Models write Markdown whether or not the dataset says so. */
static bool is_markdown(const struct record_pane *pane, const struct session *session,
                        const struct field *field)
{
    return !pane->is_raw &&
           (field->use_markdown || field == dataset_response_field(&session->dataset));
}

static void lay_out_fields(struct record_pane *pane, const struct session *session,
                           int columns)
{
    const struct dataset *dataset = &session->dataset;
    const struct field *pinned = dataset_prompt_field(dataset);
    const struct field *response = dataset_response_field(dataset);
    bool has_titles = dataset->field_count > 2;
    for (size_t i = 0; i < dataset->field_count; i++) {
        const struct field *field = &dataset->fields[i];
        size_t len;
        const char *text = field_text(session, field, &len);
        if (field == pinned || (len == 0 && field != response))
            continue;
        add_section(pane, has_titles ? (field->title ? field->title : field->name) : "",
                    STYLE_TEXT);
        fill_section(pane, text, len, columns, is_markdown(pane, session, field));
    }
}

static void lay_out_note(struct record_pane *pane, const struct view *view, int columns)
{
    enum style style = STYLE_DIM;
    record_note(view, pane->note, sizeof pane->note, &style);
    if (pane->note[0] == '\0')
        return;
    add_section(pane, "", style);
    fill_section(pane, pane->note, strlen(pane->note), columns, false);
}

static void start_record(struct record_pane *pane, const struct session *session)
{
    if (id_equal(&pane->record, &session->current.id))
        return;
    pane->record = session->current.id;
    pane->prompt_scroll = (struct scroll){0};
    pane->scroll = (struct scroll){0};
    pane->scroll.follows = session_stream(session, &session->current.id) != NULL;
}

void record_pane_lay_out(struct record_pane *pane, const struct view *view, int columns)
{
    const struct session *session = view->session;
    pane->section_count = 0;
    if (!session->has_current) {
        pane->record = (struct id){0};
        return;
    }
    start_record(pane, session);
    if (columns > VIEW_TEXT_COLS_MAX)
        columns = VIEW_TEXT_COLS_MAX;
    size_t len;
    const struct field *field = dataset_prompt_field(&session->dataset);
    const char *prompt = session_prompt(session, &len);
    set_flow(pane->prompt, prompt, len, columns,
             field && field->use_markdown && !pane->is_raw);
    lay_out_fields(pane, session, columns);
    lay_out_note(pane, view, columns);
}

int record_pane_prompt_lines(const struct record_pane *pane)
{
    size_t lines = flow_line_count(pane->prompt);
    return lines < 1 ? 1 : lines > 1000 ? 1000 : (int)lines;
}

/* Where one is in a prompt that is longer than its place, and the keys that move it. */
static void write_prompt_place(const struct record_pane *pane, const struct view *view,
                               char *out, size_t size)
{
    char place[64], down[32], up[32];
    view_format_place(view, &pane->prompt_scroll, place, sizeof place);
    if (place[0] == '\0')
        return;
    keymap_first_key(view->keymap, ACTION_PROMPT_DOWN, down, sizeof down);
    keymap_first_key(view->keymap, ACTION_PROMPT_UP, up, sizeof up);
    snprintf(out, size, "%s %s %s", place, down, up);
}

static void draw_prompt(struct record_pane *pane, const struct view *view,
                        struct cells *cells, const struct layout *layout)
{
    char title[64];
    char right[256] = "";
    size_t lines = flow_line_count(pane->prompt);
    scroll_fit(&pane->prompt_scroll, lines, (size_t)layout->prompt.rows);
    record_title(view, title, sizeof title);
    write_prompt_place(pane, view, right, sizeof right);
    char origin[192];
    record_origin(view, origin, sizeof origin);
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
    record_measure(view, measured, sizeof measured, &style);
    view_join(right, sizeof right, measured);
    const struct field *field = dataset_response_field(&view->session->dataset);
    const char *title = field && field->title ? field->title : "Record";
    view_rule(cells, layout->response_rule,
              view->session->dataset.field_count > 2 ? "Record" : title, right, style);
}

void view_record_draw(struct record_pane *pane, const struct view *view,
                      struct cells *cells, const struct layout *layout)
{
    const struct session *session = view->session;
    size_t lines =
        pane->section_count > 0 ? pane->sections[pane->section_count - 1].end : 0;
    scroll_fit(&pane->scroll, lines, (size_t)layout->response.rows);
    if (layout->prompt_rule.rows > 0)
        draw_prompt(pane, view, cells, layout);
    draw_response_rule(pane, view, cells, layout);
    for (size_t i = 0; i < pane->section_count; i++)
        draw_section(&pane->sections[i], cells, layout->response, pane->scroll.top);
    if (pane->section_count > 0 && session_stream(session, &session->current.id))
        draw_stream_cursor(pane, cells, layout->response);
}
