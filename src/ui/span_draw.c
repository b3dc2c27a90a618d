/* SPDX-License-Identifier: MIT
 *
 * Spans as they are drawn: in the text, in the form, and while they are marked.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/suggest.h"
#include "base/xalloc.h"
#include "text/match.h"
#include "text/width.h"
#include "ui/frame.h"
#include "ui/questions.h"

#define LABELS_SHOWN 10 /* those with a digit */
#define QUOTE_BYTES 120
#define HITS_MAX 1000 /* those that are shown */

void span_pane_clear(struct span_pane *pane)
{
    marked_clear(&pane->marked);
    free(pane->starts);
    *pane = (struct span_pane){0};
}

const char *span_text(const struct record *record, const struct question *question,
                      size_t *len)
{
    const struct record_field *field =
        record && question->field ? record_field(record, question->field) : NULL;
    *len = field ? field->len : 0;
    return field ? field->text : "";
}

size_t span_at(const struct spans *spans, size_t from, size_t to)
{
    for (size_t i = 0; i < spans->count; i++)
        if (spans->items[i].from == from && spans->items[i].to == to)
            return i;
    return SIZE_MAX;
}

void span_read_untouched(const struct record *record, const struct question *question,
                         struct spans *out)
{
    const struct suggestion *suggestion = suggest_find(record, question);
    const struct value *value = suggest_value(record, question);
    struct spans now = {0};
    size_t len;
    const char *text = span_text(record, question, &len);
    spans_clear(out);
    if (!suggestion || !value || record->suggestion_use != SUGGESTIONS_START ||
        record->response.status > RESPONSE_DRAFT)
        return;
    spans_read(&now, value, text, len);
    spans_read(out, &suggestion->value, text, len);
    for (size_t i = out->count; i-- > 0;) {
        const struct span *given = &out->items[i];
        size_t at = span_at(&now, given->from, given->to);
        if (at == SIZE_MAX || strcmp(now.items[at].label, given->label) != 0 ||
            value->own & VALUE_OWN(given->from))
            spans_remove(out, i);
    }
    spans_clear(&now);
}

/* A question's spans and their text; untouched: those that are drawn as suggested. */
struct shown {
    const char *text;
    size_t len;
    struct spans spans, untouched;
};

static void show_clear(struct shown *shown)
{
    spans_clear(&shown->spans);
    spans_clear(&shown->untouched);
}

static void show_read(struct shown *shown, const struct view *view,
                      const struct question *question)
{
    *shown = (struct shown){0};
    shown->text = span_text(view->record, question, &shown->len);
    spans_read(&shown->spans, suggest_value(view->record, question), shown->text,
               shown->len);
    span_read_untouched(view->record, question, &shown->untouched);
}

/* ---- in the text ---- */

/* HITS_MAX more than the spans, and one, have room; owned. */
static struct stretch *make_marks(const struct question *question,
                                  const struct shown *shown)
{
    struct stretch *marks = xcalloc(shown->spans.count + HITS_MAX + 1, sizeof *marks);
    for (size_t i = 0; i < shown->spans.count; i++) {
        const struct span *span = &shown->spans.items[i];
        bool is_start = span_at(&shown->untouched, span->from, span->to) != SIZE_MAX;
        marks[i] = (struct stretch){.start = span->from,
                                    .end = span->to,
                                    .open = is_start ? "(" : "[",
                                    .close = is_start ? ")" : "]",
                                    .label = question_option_text(question, span->label),
                                    .style = is_start ? STYLE_SUGGESTION : STYLE_LINK};
    }
    return marks;
}

bool span_mark_field(const struct view *view, const struct field *field,
                     struct marked *out)
{
    const struct dataset *dataset = &view->session->dataset;
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        struct shown shown;
        if (question->type != QUESTION_SPAN || !question->field ||
            strcmp(question->field, field->name) != 0)
            continue;
        show_read(&shown, view, question);
        bool has_spans = shown.spans.count > 0;
        if (has_spans) {
            struct stretch *marks = make_marks(question, &shown);
            marked_make(out, shown.text, shown.len, marks, shown.spans.count);
            free(marks);
        }
        show_clear(&shown);
        return has_spans; /* a field belongs to one question at most */
    }
    return false;
}

void span_selection(const struct span_pane *pane, size_t *from, size_t *to)
{
    bool is_open = pane->is_open;
    *from = is_open && pane->base_from < pane->from ? pane->base_from : pane->from;
    *to = is_open && pane->base_to > pane->to ? pane->base_to : pane->to;
}

/* Behind the marks of the spans; returns how many they are then. */
static size_t add_hits(struct span_pane *pane, const struct view *view,
                       const struct shown *shown, struct stretch *marks)
{
    struct match *match = view->session->finding.match;
    struct match_hit hit = {0, 0};
    size_t count = shown->spans.count;
    pane->hit = pane->hit_count = 0;
    while (pane->is_searching && match && pane->hit_count < HITS_MAX &&
           match_find(match, shown->text, shown->len, hit.end, &hit) == MATCH_FOUND) {
        marks[count++] = (struct stretch){hit.start, hit.end, "", "", NULL, STYLE_MATCH};
        pane->hit_count++;
        if (hit.start < pane->to && hit.end > pane->from)
            pane->hit = pane->hit_count;
    }
    return count;
}

size_t span_lay_out(struct span_pane *pane, const struct view *view, int columns)
{
    if (columns > VIEW_TEXT_COLS_MAX)
        columns = VIEW_TEXT_COLS_MAX;
    const struct question *question = view->question;
    struct shown shown;
    show_read(&shown, view, question);
    struct stretch *marks = make_marks(question, &shown);
    size_t from, to;
    span_selection(pane, &from, &to);
    size_t count = add_hits(pane, view, &shown, marks);
    marks[count++] = (struct stretch){from, to, "", "", NULL, STYLE_SELECTED};
    marked_make(&pane->marked, shown.text, shown.len, marks, count);
    free(marks);
    show_clear(&shown);
    struct wrap wrap = {.text = pane->marked.rich.text.data,
                        .len = pane->marked.rich.text.len,
                        .columns = columns > 0 ? columns : 1};
    pane->count = 0;
    pane->columns = wrap.columns;
    for (size_t at = 0; at < wrap.len; at = wrap_next(&wrap, at)) {
        pane->starts =
            xgrow(pane->starts, pane->count, &pane->capacity, sizeof *pane->starts);
        pane->starts[pane->count++] = at;
    }
    wrap_clear(&wrap);
    return pane->count;
}

static size_t line_end(const struct span_pane *pane, size_t line)
{
    return line + 1 < pane->count ? pane->starts[line + 1] : pane->marked.rich.text.len;
}

/* Goes through a line up to the byte `place`, or as far as it begins before column col;
 * the columns so far are in *width. */
static size_t walk_line(const struct span_pane *pane, size_t line, size_t place, int col,
                        int *width)
{
    const char *text = pane->marked.rich.text.data;
    size_t at = pane->starts[line], end = line_end(pane, line);
    struct cluster cluster;
    *width = 0;
    while (at < end && at < place) {
        sanitise_next(text, end, at, &cluster);
        int cols =
            cluster.kind == CLUSTER_TAB ? WRAP_TAB - *width % WRAP_TAB : cluster.width;
        if (cluster.kind == CLUSTER_NEWLINE || *width + cols > col)
            break;
        *width += cols;
        at += cluster.bytes;
    }
    return at;
}

void span_cell(const struct span_pane *pane, size_t at, size_t *line, int *col)
{
    size_t place = marked_place(&pane->marked, at);
    *line = 0;
    *col = 0;
    while (*line + 1 < pane->count && pane->starts[*line + 1] <= place)
        ++*line;
    if (pane->count > 0)
        walk_line(pane, *line, place, pane->columns, col);
}

size_t span_byte(const struct span_pane *pane, size_t line, int col)
{
    int width;
    if (line >= pane->count)
        return 0;
    return marked_text(&pane->marked, walk_line(pane, line, SIZE_MAX, col, &width));
}

size_t span_pointed(const struct span_pane *pane, int row, int col, bool *is_added)
{
    long delta = (long)row - pane->area.row;
    size_t line = list_move(pane->scroll.top, pane->count, delta);
    int width;
    *is_added = false;
    if (pane->count == 0)
        return 0;
    size_t place = walk_line(pane, line, SIZE_MAX, col - pane->area.col, &width);
    if (place == line_end(pane, line) && place > pane->starts[line])
        place--; /* the next line is not meant */
    size_t at = marked_text(&pane->marked, place);
    *is_added = place < marked_place(&pane->marked, at);
    return at;
}

static void draw_line(const struct span_pane *pane, struct cells *cells, struct rect area,
                      size_t line)
{
    const char *text = pane->marked.rich.text.data;
    size_t at = pane->starts[line], end = line_end(pane, line);
    struct cluster cluster;
    for (int col = 0; at < end && col < area.cols; at += cluster.bytes) {
        sanitise_next(text, end, at, &cluster);
        enum style style = rich_style(&pane->marked.rich, at);
        if (cluster.kind == CLUSTER_NEWLINE)
            return;
        if (cluster.kind == CLUSTER_TAB) {
            int cols = WRAP_TAB - col % WRAP_TAB;
            cells_set_style(cells, (struct rect){area.row, area.col + col, 1, cols},
                            style);
            col += cols;
        } else {
            col += cells_put(cells, area.row, area.col + col, &cluster, text + at, style);
        }
    }
}

void span_draw(struct span_pane *pane, const struct view *view, struct cells *cells,
               struct rect rule, struct rect area)
{
    const struct field *field =
        dataset_field(&view->session->dataset, view->question->field);
    size_t line, last;
    int col, last_col;
    char right[128] = "";
    scroll_fit(&pane->scroll, pane->count, (size_t)area.rows);
    span_cell(pane, pane->from, &line, &col);
    span_cell(pane, pane->to > pane->from ? pane->to - 1 : pane->to, &last, &last_col);
    if (!pane->is_wheeled) {
        scroll_show(&pane->scroll, last);
        scroll_show(&pane->scroll, line); /* its start is worth more than its end */
    }
    pane->area = area;
    cells_add_spot(cells, area, SPOT_TEXT, 0);
    view_join(right, sizeof right, "%s", view_place(view, &pane->scroll).text);
    if (pane->is_searching && pane->hit)
        view_join(right, sizeof right, "hit %zu of %zu", pane->hit, pane->hit_count);
    else if (pane->is_searching)
        view_join(right, sizeof right, "%zu hit%s", pane->hit_count,
                  pane->hit_count == 1 ? "" : "s");
    view_rule(cells, rule, field && field->title ? field->title : "Text", right,
              STYLE_DIM);
    for (int i = 0; i < area.rows && pane->scroll.top + (size_t)i < pane->count; i++)
        draw_line(pane, cells, (struct rect){area.row + i, area.col, 1, area.cols},
                  pane->scroll.top + (size_t)i);
    if (line >= pane->scroll.top && line < pane->scroll.top + (size_t)area.rows)
        cells_set_cursor(cells, area.row + (int)(line - pane->scroll.top),
                         area.col + col);
}

/* ---- in the form ---- */

/* "Person “Ana Botín”" of a span, or that it is not in the text. */
static void format_span(const struct question *question, const struct span *span,
                        const char *text, char *out, size_t size)
{
    char quote[QUOTE_BYTES];
    const char *label = question_option_text(question, span->label);
    sanitise_line(text + span->from, span->to - span->from, quote, sizeof quote);
    if (span->to > span->from)
        snprintf(out, size, "%.60s “%s”", label, quote);
    else
        snprintf(out, size, "%.60s %zu–%zu, not in the text", label, span->start,
                 span->end);
}

bool span_write(const struct record *record, const struct question *question,
                const struct value *value, struct buf *out)
{
    struct spans spans = {0};
    size_t len;
    const char *text = span_text(record, question, &len);
    if (question->type != QUESTION_SPAN)
        return false;
    spans_read(&spans, value, text, len);
    for (size_t i = 0; i < spans.count; i++) {
        char one[QUOTE_BYTES + 80];
        format_span(question, &spans.items[i], text, one, sizeof one);
        buf_addf(out, "%s%s", i > 0 ? ", " : "", one);
    }
    spans_clear(&spans);
    return true;
}

int span_draw_row(const struct view *view, const struct question *question,
                  struct cells *cells, struct rect row)
{
    struct shown shown;
    int col = 0;
    show_read(&shown, view, question);
    size_t count = shown.spans.count;
    for (size_t i = 0; i < count; i++) {
        const struct span *span = &shown.spans.items[i];
        bool is_start = span_at(&shown.untouched, span->from, span->to) != SIZE_MAX;
        char one[QUOTE_BYTES + 80], whole[QUOTE_BYTES + 90], more[32] = "";
        format_span(question, span, shown.text, one, sizeof one);
        snprintf(whole, sizeof whole, is_start ? "(%s)" : "[%s]", one);
        bool is_last = i + 1 == count;
        if (!is_last)
            snprintf(more, sizeof more, "+%zu more", count - i);
        int width = (int)width_of(whole, strlen(whole));
        if (col > 0 && col + width + (is_last ? 0 : 9) > row.cols) {
            snprintf(more, sizeof more, "+%zu more", count - i);
            cells_string(cells, row.row, row.col + col, row.cols - col, more, STYLE_DIM);
            break;
        }
        col += cells_string(cells, row.row, row.col + col, row.cols - col, whole,
                            is_start ? STYLE_SUGGESTION : STYLE_ACCENT) +
               1;
    }
    show_clear(&shown);
    return col;
}

/* ---- while they are marked ---- */

/* That Argilla's page, which counts UTF-16 units, shows a span behind an emoji too early:
 * its server and its SDK count code points, as we do. cells NULL: only measures. Returns
 * the rows, none when no span ends behind such a sign. */
static int draw_counted_twice(const struct shown *shown, struct cells *cells,
                              struct rect row)
{
    char note[100];
    size_t at = 0, behind = 0;
    while (at < shown->len && (unsigned char)shown->text[at] < 0xF0)
        at++;
    for (size_t i = 0; i < shown->spans.count; i++)
        behind += shown->spans.items[i].to > at;
    snprintf(note, sizeof note,
             "Argilla's page shows spans behind %.4s too early; their offsets are right.",
             shown->text + at);
    if (behind && cells)
        cells_string(cells, row.row, row.col, row.cols, note, STYLE_DIM);
    return behind > 0;
}

int span_measure_list(const struct view *view, int columns)
{
    struct shown shown;
    show_read(&shown, view, view->question);
    int rows = 2 + (int)(shown.spans.count < 100 ? shown.spans.count : 100) +
               draw_counted_twice(&shown, NULL, (struct rect){0}) +
               question_draw_description(view->question, NULL,
                                         (struct rect){0, 0, view->rows, columns});
    show_clear(&shown);
    return rows;
}

/* "1 Person  2 Place  +12 more: Enter" */
static void draw_labels(const struct span_pane *pane, const struct question *question,
                        struct cells *cells, struct rect row)
{
    int col = 0;
    for (size_t i = 0; i < question->option_count && col < row.cols; i++) {
        char text[100];
        size_t left = question->option_count - i;
        snprintf(text, sizeof text, "%zu %.60s", (i + 1) % 10, question->options[i].text);
        int width = (int)width_of(text, strlen(text));
        bool is_over = i >= LABELS_SHOWN || col + width + (left > 1 ? 18 : 0) > row.cols;
        if (is_over && i > 0)
            snprintf(text, sizeof text, "+%zu more: Enter", left);
        uint32_t key = is_over && i > 0 ? KEYCODE_ENTER : '0' + (uint32_t)((i + 1) % 10);
        int used = cells_string(cells, row.row, row.col + col, row.cols - col, text,
                                is_over && i > 0   ? STYLE_DIM
                                : i == pane->label ? STYLE_ACCENT
                                                   : STYLE_TEXT);
        cells_add_spot(cells, (struct rect){row.row, row.col + col, 1, used}, SPOT_KEY,
                       key);
        col += 2 + used;
        if (is_over && i > 0)
            return;
    }
    const char *description = pane->label < question->option_count
                                  ? question->options[pane->label].description
                                  : NULL;
    if (description && row.cols - col > (int)width_of(description, strlen(description)))
        cells_string(cells, row.row, row.col + col + 1, row.cols - col - 1, description,
                     STYLE_DIM);
}

void span_draw_list(const struct span_pane *pane, const struct view *view,
                    struct cells *cells, struct rect rule, struct rect area)
{
    const struct question *question = view->question;
    struct shown shown;
    size_t top = 0;
    char title[64], right[64];
    show_read(&shown, view, question);
    size_t count = shown.spans.count, given = shown.untouched.count;
    size_t here = span_at(&shown.spans, pane->from, pane->to);
    snprintf(right, sizeof right, "%zu %s%s", count, count == 1 ? "span" : "spans",
             given == 0       ? ""
             : given == count ? ", suggested"
                              : ", some suggested");
    view_rule(cells, rule, question_label(question, title, sizeof title), right,
              STYLE_DIM);
    draw_labels(pane, question, cells, (struct rect){area.row, area.col, 1, area.cols});
    area.row++;
    area.rows--;
    int label_row = area.row;
    area = question_draw_head(question, cells, area);
    struct rect last = {area.row + area.rows - 1, area.col, 1, area.cols};
    if (area.rows > 2)
        area.rows -= draw_counted_twice(&shown, cells, last);
    if (here != SIZE_MAX && area.rows > 0 && here >= (size_t)area.rows)
        top = here + 1 - (size_t)area.rows;
    for (int i = 0; i < area.rows && top + (size_t)i < count; i++) {
        char line[QUOTE_BYTES + 90];
        bool is_here = top + (size_t)i == here;
        format_span(question, &shown.spans.items[top + (size_t)i], shown.text, line,
                    sizeof line);
        cells_add_spot(cells, (struct rect){area.row + i, area.col, 1, area.cols},
                       SPOT_ITEM, top + (size_t)i);
        if (is_here)
            view_mark_focus(view, cells, area.row + i, area.col, STYLE_ACCENT);
        cells_string(cells, area.row + i, area.col + 2, area.cols - 2, line,
                     is_here ? STYLE_ACCENT : STYLE_TEXT);
    }
    if (count == 0 && area.row == label_row && area.rows > 0)
        cells_string(cells, area.row, area.col + 2, area.cols - 2,
                     question_asks(question), STYLE_DIM);
    show_clear(&shown);
}
