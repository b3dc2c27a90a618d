/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text/width.h"

#define FULL_CP 0x2593  /* ▓ */
#define EMPTY_CP 0x2591 /* ░ */
#define FOCUS_CP 0x25B8 /* ▸ */
#define HERE_CP 0x25B6  /* ▶ */
#define LEAD_COLS 3     /* "── " */
#define GAP_COLS 2

void view_mark_focus(const struct view *view, struct cells *cells, int row, int col,
                     enum style style)
{
    if (view->is_plain)
        cells_set_cursor(cells, row, col);
    cells_fill(cells, (struct rect){row, col, 1, 1}, view->is_plain ? '>' : FOCUS_CP,
               style);
}

void view_mark_row(const struct view *view, struct cells *cells, struct rect row)
{
    cells_set_style(cells, row, STYLE_SELECTED);
    cells_fill(cells, (struct rect){row.row, row.col, 1, 1},
               view->is_plain ? '>' : HERE_CP, STYLE_SELECTED);
}

const struct stream *view_stream(const struct view *view)
{
    return view->record ? session_stream(view->session, &view->record->id) : NULL;
}

const char *view_field(const struct view *view, const struct field *field, size_t *len)
{
    const struct dataset *dataset = &view->session->dataset;
    *len = 0;
    if (!field || !view->record)
        return "";
    if (field == dataset_prompt_field(dataset))
        return session_record_prompt(view->session, view->record, len);
    if (field == dataset_response_field(dataset))
        return session_record_response(view->session, view->record, len);
    const struct record_field *found = record_field(view->record, field->name);
    *len = found ? found->len : 0;
    return found && found->text ? found->text : "";
}

/* Bytes of as many whole " · " parts as fit into cols; all when not even one does. */
static size_t fit_parts(const char *text, int cols)
{
    static const char between[] = " · ";
    size_t len = strlen(text);
    for (size_t fits = len; fits > 0; fits--) {
        bool is_end =
            fits == len || strncmp(text + fits, between, sizeof between - 1) == 0;
        if (is_end && width_of(text, fits) <= (size_t)cols)
            return fits;
    }
    return len;
}

void view_rule(struct cells *cells, struct rect row, const char *title, const char *right,
               enum style right_style)
{
    if (row.rows < 1)
        return;
    cells_fill(cells, (struct rect){row.row, row.col, 1, row.cols}, VIEW_RULE_CP,
               STYLE_RULE);
    int title_cols = 0;
    if (title[0] != '\0' && row.cols > 2 * LEAD_COLS) {
        int col = row.col + LEAD_COLS;
        title_cols = cells_string(cells, row.row, col, row.cols - 2 * LEAD_COLS, title,
                                  STYLE_TITLE);
        cells_fill(cells, (struct rect){row.row, col - 1, 1, 1}, ' ', STYLE_RULE);
        cells_fill(cells, (struct rect){row.row, col + title_cols, 1, 1}, ' ',
                   STYLE_RULE);
    }
    int room = row.cols - title_cols - 3 * LEAD_COLS;
    if (right[0] == '\0' || room < 4)
        return;
    int end = row.col + row.cols - LEAD_COLS;
    char parts[256];
    snprintf(parts, sizeof parts, "%.*s", (int)fit_parts(right, room), right);
    int used = cells_string_right(cells, row.row, end, room, parts, right_style);
    cells_fill(cells, (struct rect){row.row, end, 1, 1}, ' ', STYLE_RULE);
    cells_fill(cells, (struct rect){row.row, end - used - 1, 1, 1}, ' ', STYLE_RULE);
}

void view_flow(const struct flow *flow, struct cells *cells, struct rect area)
{
    char more[48];
    size_t lines = flow_line_count(flow);
    flow_draw(flow, cells, area, 0);
    if (lines <= (size_t)area.rows)
        return;
    snprintf(more, sizeof more, " … %zu more", lines - (size_t)area.rows);
    cells_string_right(cells, area.row + area.rows - 1, area.col + area.cols, area.cols,
                       more, STYLE_DIM);
}

void view_edit(struct editbuf *edit, const char *label, struct cells *cells,
               struct rect area)
{
    int used = cells_string(cells, area.row, area.col, area.cols, label, STYLE_TITLE);
    struct rect rest = {area.row, area.col + used, 1, area.cols - used};
    editbuf_draw_line(edit, cells, rest);
}

struct short_text view_place(const struct view *view, const struct scroll *scroll)
{
    struct short_text out = {""};
    bool is_narrow = view->cols < VIEW_COLS_MEDIUM;
    if (scroll->lines > scroll->rows)
        snprintf(out.text, sizeof out.text, is_narrow ? "%zu/%zu" : "%zu of %zu lines",
                 scroll->top + scroll->rows, scroll->lines);
    return out;
}

void view_bar(struct cells *cells, int row, int col, int cols, size_t done, size_t total)
{
    size_t full = total > 0 ? done * (size_t)cols / total : 0;
    if (full == 0 && done > 0)
        full = 1;
    cells_fill(cells, (struct rect){row, col, 1, (int)full}, FULL_CP, STYLE_ACCENT);
    cells_fill(cells, (struct rect){row, col + (int)full, 1, cols - (int)full}, EMPTY_CP,
               STYLE_DIM);
}

void view_join(char *line, size_t size, const char *fmt, ...)
{
    char part[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(part, sizeof part, fmt, args);
    va_end(args);
    size_t used = strlen(line);
    if (part[0] != '\0')
        snprintf(line + used, size - used, "%s%s", used > 0 ? " · " : "", part);
}

struct short_text view_seconds(int64_t ms)
{
    struct short_text out;
    if (ms < 10000)
        snprintf(out.text, sizeof out.text, "%.1f s", (double)(ms > 0 ? ms : 0) / 1000);
    else if (ms < 120000)
        snprintf(out.text, sizeof out.text, "%d s", (int)(ms / 1000));
    else
        snprintf(out.text, sizeof out.text, "%d min", (int)(ms / 60000));
    return out;
}

struct short_text view_time(int64_t wall_ms)
{
    struct short_text out;
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    localtime_r(&seconds, &tm);
    strftime(out.text, sizeof out.text, "%H:%M", &tm);
    return out;
}

struct short_text view_count(size_t count)
{
    struct short_text out = {""};
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%zu", count);
    for (int i = 0, used = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out.text[used++] = ',';
        out.text[used++] = digits[i];
    }
    return out;
}

struct short_text view_key(const struct view *view, enum action action)
{
    struct short_text out = {""};
    keymap_first_key(view->keymap, action, out.text, sizeof out.text);
    if (out.text[0] == '\0')
        snprintf(out.text, sizeof out.text, ":%s", action_name(action));
    return out;
}

/* ---- the line of keys ---- */

void hints_add_key(struct hints *hints, const char *keys, const char *label)
{
    if (hints->count == HINTS_MAX || keys[0] == '\0')
        return;
    snprintf(hints->rows[hints->count].keys, sizeof hints->rows[0].keys, "%s", keys);
    hints->rows[hints->count++].label = label;
}

void hints_add(struct hints *hints, const struct view *view, enum action action,
               const char *label)
{
    char key[32];
    if (session_lacks_right(view->session, action))
        return;
    keymap_first_key(view->keymap, action, key, sizeof key);
    hints_add_key(hints, key, label);
}

/* Columns of a hint and the gap behind it. */
static int hint_cols(const struct hints *hints, size_t index)
{
    const char *keys = hints->rows[index].keys;
    const char *label = hints->rows[index].label;
    return (int)(width_of(keys, strlen(keys)) + 1 + width_of(label, strlen(label))) +
           GAP_COLS;
}

void hints_draw(const struct hints *hints, struct cells *cells, struct rect row,
                bool keeps_last)
{
    int col = row.col;
    int end = row.col + row.cols;
    int room = row.cols + GAP_COLS;
    size_t last = hints->count - 1;
    if (keeps_last && hints->count > 0)
        room -= hint_cols(hints, last);
    for (size_t i = 0; i < hints->count; i++) {
        int cols = hint_cols(hints, i);
        bool is_kept = keeps_last && i == last;
        if (cols > room && !is_kept)
            continue;
        int at = col + cells_string(cells, row.row, col, end - col, hints->rows[i].keys,
                                    STYLE_KEY);
        cells_string(cells, row.row, at + 1, end - at - 1, hints->rows[i].label,
                     STYLE_DIM);
        struct key key;
        if (key_parse(hints->rows[i].keys, &key)) /* "1–5" is none, nor is "↑ ↓" */
            cells_add_spot(cells, (struct rect){row.row, col, 1, cols - GAP_COLS},
                           SPOT_KEY, key.code | (uint64_t)key.mods << 32);
        col += cols;
        room -= is_kept ? 0 : cols;
    }
}
