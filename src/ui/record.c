/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "ui/frame.h"
#include "json/readable.h"

#define CURSOR_CP 0x2588 /* █ */

void record_pane_init(struct record_pane *pane)
{
    *pane = (struct record_pane){.prompt.flow = flow_new()};
}

static void clear_text(struct record_text *text)
{
    flow_free(text->flow);
    free(text->readable);
}

void record_pane_clear(struct record_pane *pane)
{
    for (size_t i = 0; i < pane->section_capacity; i++)
        clear_text(&pane->sections[i].text);
    free(pane->sections);
    clear_text(&pane->prompt);
    *pane = (struct record_pane){0};
}

/* ---- laying out ---- */

/* FNV-1a; fields that are no texts are read anew only when they have changed. */
static uint64_t hash(const char *text, size_t len)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ (unsigned char)text[i]) * 1099511628211u;
    return sum | 1;
}

/* Where what the user said last begins, in a conversation that is read as a text or as
 * Markdown; 0 = it is none. */
static size_t find_last_turn(const char *text, size_t len)
{
    static const char *const turns[] = {"\n\nUser: ", "\n\n**user**\n\n"};
    size_t found = 0;
    for (size_t i = 0; i < 2; i++) {
        const char *at = text;
        while ((at = memmem(at, len - (size_t)(at - text), turns[i], strlen(turns[i]))))
            found = (size_t)(at++ - text);
    }
    return found;
}

/* The text with the spans that are marked in it, as it is: brackets in Markdown would be
 * links. False when it has none. */
static bool set_marked(struct record_text *out, const struct view *view,
                       const struct field *field, int columns)
{
    struct marked marked = {0};
    bool is_marked = span_mark_field(view, field, &marked);
    if (is_marked)
        flow_set_rich(out->flow, &marked.rich, columns);
    marked_clear(&marked);
    return is_marked;
}

/* Returns whether there is anything to see. turn: the line of the last turn of a
 * conversation; NULL = it is not asked for. */
static bool set_field(struct record_text *out, const struct view *view,
                      const struct field *field, int columns, bool is_raw, size_t *turn)
{
    size_t len;
    const char *text = view_field(view, field, &len);
    bool is_text = !field->type || strcmp(field->type, "text") == 0;
    bool is_response = field == dataset_response_field(&view->session->dataset);
    uint64_t source = is_text ? 0 : hash(text, len);
    if (source != out->source) {
        free(out->readable);
        out->readable = is_text ? NULL
                                : readable_field(field->type, text, len,
                                                 &out->readable_len, &out->is_markdown);
        out->source = source;
    }
    /* Models write Markdown whether or not the dataset says so. */
    bool is_markdown =
        is_text ? field->use_markdown || is_response : out->readable && out->is_markdown;
    if (out->readable) {
        text = out->readable;
        len = out->readable_len;
    }
    void (*set)(struct flow *, const char *, size_t, int) =
        is_markdown && !is_raw ? flow_set_markdown : flow_set_raw;
    if (set_marked(out, view, field, columns))
        return len > 0;
    size_t front = turn ? find_last_turn(text, len) : 0;
    if (front) {
        set(out->flow, text, front, columns);
        *turn = flow_line_count(out->flow) + 1;
    }
    set(out->flow, text, len, columns);
    return len > 0;
}

size_t record_pane_lines(const struct record_pane *pane)
{
    return pane->section_count > 0 ? pane->sections[pane->section_count - 1].end : 0;
}

struct scroll *record_pane_scroll(struct record_pane *pane)
{
    bool is_prompt = pane->scroll.lines <= pane->scroll.rows &&
                     pane->prompt_scroll.lines > pane->prompt_scroll.rows;
    return is_prompt ? &pane->prompt_scroll : &pane->scroll;
}

/* The caller fills its flow and tells its end. */
static struct record_section *add_section(struct record_pane *pane, const char *title,
                                          enum style style)
{
    size_t end = record_pane_lines(pane);
    bool has_gap =
        pane->section_count > 0 && end > pane->sections[pane->section_count - 1].first;
    if (pane->section_count == pane->section_capacity) {
        pane->sections = xreallocarray(pane->sections, pane->section_capacity + 1,
                                       sizeof *pane->sections);
        pane->sections[pane->section_capacity++] =
            (struct record_section){.text.flow = flow_new()};
    }
    struct record_section *section = &pane->sections[pane->section_count++];
    section->title = title;
    section->style = style;
    section->first = end + has_gap;
    section->end = section->first;
    return section;
}

static void end_section(struct record_section *section, bool has_text)
{
    section->end = section->first + (section->title[0] != '\0' ? 1 : 0) +
                   (has_text ? flow_line_count(section->text.flow) : 0);
}

static const char *title_of(const struct field *field)
{
    return field->title && field->title[0] != '\0' ? field->title : field->name;
}

static void lay_out_fields(struct record_pane *pane, const struct view *view, int columns)
{
    const struct dataset *dataset = &view->session->dataset;
    const struct field *pinned = dataset_prompt_field(dataset);
    const struct field *only = NULL;
    size_t shown = 0;
    for (size_t i = 0; i < dataset->field_count; i++) {
        if (&dataset->fields[i] != pinned && shown++ == 0)
            only = &dataset->fields[i];
    }
    snprintf(pane->title, sizeof pane->title, "%s",
             shown == 1 ? title_of(only) : "Record");
    for (size_t i = 0; i < dataset->field_count; i++) {
        const struct field *field = &dataset->fields[i];
        size_t len;
        view_field(view, field, &len);
        if (field == pinned || len == 0)
            continue;
        struct record_section *section =
            add_section(pane, shown > 1 ? title_of(field) : "", STYLE_TEXT);
        end_section(section,
                    set_field(&section->text, view, field, columns, pane->is_raw, NULL));
    }
}

void record_pane_lay_out(struct record_pane *pane, const struct view *view, int columns)
{
    const struct field *prompt = dataset_prompt_field(&view->session->dataset);
    enum style style = STYLE_DIM;
    pane->section_count = 0;
    if (!view->record) {
        pane->record = (struct id){0};
        return;
    }
    bool is_new = !id_equal(&pane->record, &view->record->id);
    if (is_new) {
        pane->record = view->record->id;
        pane->prompt_scroll = (struct scroll){0};
        pane->scroll = (struct scroll){.follows = view_stream(view) != NULL};
    }
    if (columns > VIEW_TEXT_COLS_MAX)
        columns = VIEW_TEXT_COLS_MAX;
    if (prompt)
        set_field(&pane->prompt, view, prompt, columns, pane->is_raw,
                  is_new ? &pane->prompt_scroll.top : NULL);
    lay_out_fields(pane, view, columns);
    facts_note(view, pane->note, sizeof pane->note, &style);
    if (pane->note[0] != '\0') {
        struct record_section *section = add_section(pane, "", style);
        flow_set_raw(section->text.flow, pane->note, strlen(pane->note), columns);
        end_section(section, true);
    }
}

/* ---- drawing ---- */

/* "Prompt #13"; number 0 = none. */
static void format_title(const char *name, size_t number, bool is_flagged, char *out,
                         size_t size)
{
    int used = snprintf(out, size, "%.40s", name);
    if (number > 0)
        snprintf(out + used, size - (size_t)used, " #%zu", number);
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    if (is_flagged)
        view_join(out, size, "flagged");
}

/* What there is to say of the record and its text, and where one is in it. */
static enum style write_facts(const struct record_pane *pane, const struct view *view,
                              char *right, size_t size)
{
    enum style style = STYLE_DIM;
    char part[160];
    if (pane->is_raw)
        view_join(right, size, "raw");
    if (view->session->sibling_count > 1)
        view_join(right, size, "answer %zu of %zu", view->session->sibling_number,
                  view->session->sibling_count);
    if (view->record->is_gone)
        view_join(right, size, "gone from the server");
    if (view->record->is_completed && view->record->response.status == RESPONSE_PENDING)
        view_join(right, size, "has enough answers");
    view_join(right, size, "%s", view_place(view, &pane->scroll).text);
    facts_measure(view, part, sizeof part, &style);
    view_join(right, size, "%s", part);
    return style;
}

static void draw_prompt(struct record_pane *pane, const struct view *view,
                        struct cells *cells, const struct layout *layout)
{
    char title[64], origin[192];
    char right[256] = "";
    enum style style = STYLE_DIM;
    scroll_fit(&pane->prompt_scroll, flow_line_count(pane->prompt.flow),
               (size_t)layout->prompt.rows);
    const struct field *field = dataset_prompt_field(&view->session->dataset);
    format_title(title_of(field), view->number, (view->record->flags & QUEUE_FLAGGED),
                 title, sizeof title);
    /* Where one is in a prompt that is longer than its place, and the keys that move. */
    view_join(right, sizeof right, "%s", view_place(view, &pane->prompt_scroll).text);
    if (right[0] != '\0') {
        char down[32], up[32];
        size_t used = strlen(right);
        keymap_first_key(view->keymap, ACTION_PROMPT_DOWN, down, sizeof down);
        keymap_first_key(view->keymap, ACTION_PROMPT_UP, up, sizeof up);
        snprintf(right + used, sizeof right - used, " %s %s", down, up);
    }
    if (layout->response_rule.rows == 0) /* else they stand there */
        style = write_facts(pane, view, right, sizeof right);
    facts_origin(view, origin, sizeof origin);
    view_join(right, sizeof right, "%s", origin);
    view_rule(cells, layout->prompt_rule, title, right, style);
    flow_draw(pane->prompt.flow, cells, layout->prompt, pane->prompt_scroll.top);
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
    flow_draw(section->text.flow, cells, part, from - first);
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
    enum style style = write_facts(pane, view, right, sizeof right);
    char title[64];
    bool has_number = layout->prompt_rule.rows == 0; /* else it stands above */
    format_title(pane->title, has_number ? view->number : 0,
                 has_number && (view->record->flags & QUEUE_FLAGGED), title,
                 sizeof title);
    view_rule(cells, layout->response_rule, title, right, style);
}

void record_pane_draw(struct record_pane *pane, const struct view *view,
                      struct cells *cells, const struct layout *layout)
{
    if (!view_stream(view) && pane->scroll.lines <= pane->scroll.rows)
        pane->scroll.follows = false; /* a smaller window shows how it begins */
    scroll_fit(&pane->scroll, record_pane_lines(pane), (size_t)layout->response.rows);
    if (layout->prompt_rule.rows > 0)
        draw_prompt(pane, view, cells, layout);
    draw_response_rule(pane, view, cells, layout);
    for (size_t i = 0; i < pane->section_count; i++)
        draw_section(&pane->sections[i], cells, layout->response, pane->scroll.top);
    if (pane->section_count > 0 && view_stream(view) && !view->is_plain)
        draw_stream_cursor(pane, cells, layout->response);
}
