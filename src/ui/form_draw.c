/* SPDX-License-Identifier: MIT
 *
 * The form as it is drawn: a label, the value, and what is asked or suggested beside it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/choice.h"
#include "app/suggest.h"
#include "base/xalloc.h"
#include "text/width.h"
#include "ui/frame.h"
#include "ui/questions.h"

#define LABEL_SIZE 64
#define HINT_COLS_MIN 12
/* Below a question at most. */
#define ASKS_ROWS(view) ((view)->rows < 20 ? 0 : (view)->rows < 36 ? 1 : 3)
#define NOTE_COL 18 /* in the rule, behind its title */

void form_init(struct form *form)
{
    *form = (struct form){.edit = editbuf_new()};
}

void form_clear(struct form *form)
{
    for (size_t i = 0; i < form->flow_count; i++)
        flow_free(form->flows[i]);
    free(form->flows);
    editbuf_free(form->edit);
    *form = (struct form){0};
}

static bool is_typing(const struct form *form, const struct view *view, size_t index)
{
    return view->mode == MODE_FEEDBACK && form->focus == index;
}

static int label_cols(const struct dataset *dataset, int columns)
{
    size_t widest = 6;
    for (size_t i = 0; i < dataset->question_count; i++) {
        char label[LABEL_SIZE];
        question_label(&dataset->questions[i], label, sizeof label);
        size_t width = width_of(label, strlen(label));
        width += dataset->questions[i].is_required ? 2 : 0; /* " *" */
        widest = width > widest ? width : widest;
    }
    int most = columns / 3;
    return (int)widest + 3 < most ? (int)widest + 3 : most;
}

static void grow_flows(struct form *form, size_t count)
{
    if (count <= form->flow_count)
        return;
    form->flows = xreallocarray(form->flows, count, sizeof(struct flow *));
    while (form->flow_count < count)
        form->flows[form->flow_count++] = flow_new();
}

static void lay_out_text(struct form *form, const struct view *view, size_t index,
                         int columns)
{
    const struct value *value =
        suggest_value(view->record, &view->session->dataset.questions[index]);
    const char *text = value && value->text ? value->text : "";
    bool is_markdown = view->session->dataset.questions[index].use_markdown;
    if (is_typing(form, view, index)) {
        editbuf_layout(form->edit, columns);
        text = editbuf_text(form->edit); /* for the preview */
    }
    (is_markdown ? flow_set_markdown : flow_set_raw)(form->flows[index], text,
                                                     strlen(text), columns);
}

/* A box at rest has a fixed height, so that moving between records moves nothing. */
static int text_rows(const struct form *form, const struct view *view, size_t index)
{
    int at_rest = view->rows < 20 ? 1 : view->rows < 36 ? 2 : 3;
    int most = view->rows < 36 ? 6 : 10;
    if (!is_typing(form, view, index))
        return at_rest;
    size_t lines = editbuf_line_count(form->edit);
    if (form->is_preview) {
        lines = flow_line_count(form->flows[index]);
        most = view->rows; /* it gets what is left of the bottom */
    }
    int rows = lines < (size_t)most ? (int)lines : most;
    return rows > at_rest ? rows : at_rest;
}

static struct rect value_area(const struct view *view, struct rect area)
{
    int labels = label_cols(&view->session->dataset, area.cols);
    return (struct rect){area.row, area.col + labels, area.rows, area.cols - labels};
}

/* Why the dataset, as it is now, does not take what is chosen; else what is suggested. */
static enum style write_hint(const struct view *view, const struct question *question,
                             struct buf *out)
{
    const struct value *value = suggest_value(view->record, question);
    const char *why = value && question_has_choices(question)
                          ? choice_fault(NULL, question, value, false)
                          : NULL;
    if (why)
        buf_add_text(out, why);
    else
        suggest_write(view->record, question, false, out);
    return why ? STYLE_WARNING : STYLE_SUGGESTION;
}

/* Where what is asked or suggested stands, beside choices that end in end_col of their
 * last row, or in a row of its own when a suggestion has no room there. */
static struct rect hint_area(const struct view *view, const struct question *question,
                             struct rect choices, int rows, int end_col)
{
    struct buf text = {0};
    struct rect beside = {choices.row + rows - 1, end_col + 1, 1,
                          choices.col + choices.cols - end_col - 1};
    write_hint(view, question, &text);
    bool has_room =
        text.len == 0 || (int)width_of(buf_text(&text), text.len) <= beside.cols;
    if (rows > 1 && text.len == 0)
        beside.cols = 0; /* what is asked is not worth a place there */
    buf_clear(&text);
    return has_room
               ? beside
               : (struct rect){choices.row + rows, choices.col + 1, 1, choices.cols - 1};
}

static int question_rows(const struct form *form, const struct view *view, size_t index,
                         int columns)
{
    const struct question *question = &view->session->dataset.questions[index];
    struct rect area = value_area(view, (struct rect){0, 0, 1, columns});
    int end_col;
    if (question->type == QUESTION_TEXT)
        return text_rows(form, view, index);
    area.col--; /* as they are drawn */
    area.cols++;
    if (!question_has_choices(question))
        return 1;
    int rows = question_draw_choices(view, question, NULL, area, &end_col);
    return hint_area(view, question, area, rows, end_col).row + 1;
}

/* The rows below a question with choices in which it tells what it asks: none where there
 * is room for that beside them. The same whatever has the focus, so that nothing moves.
 */
static int described_rows(const struct view *view, const struct question *question,
                          int columns)
{
    struct rect area = value_area(view, (struct rect){0, 0, 1, columns});
    const char *asks = question->description ? question->description : "";
    int end_col;
    if (!question_has_choices(question))
        return 0;
    int rows = question_draw_choices(
        view, question, NULL, (struct rect){0, area.col - 1, 1, area.cols + 1}, &end_col);
    int beside = rows > 1 ? 0 : area.col + area.cols - end_col - 1;
    if (beside >= HINT_COLS_MIN && (int)width_of(asks, strlen(asks)) <= beside)
        return 0;
    area.rows = ASKS_ROWS(view);
    return question_draw_description(question, NULL, area);
}

int form_measure(struct form *form, const struct view *view, int columns)
{
    const struct dataset *dataset = &view->session->dataset;
    struct rect area = value_area(view, (struct rect){0, 0, 1, columns});
    int rows = 0, described = 0;
    grow_flows(form, dataset->question_count);
    for (size_t i = 0; i < dataset->question_count; i++) {
        if (dataset->questions[i].type == QUESTION_TEXT)
            lay_out_text(form, view, i, area.cols < 1 ? 1 : area.cols);
        rows += question_rows(form, view, i, columns);
        int wanted = described_rows(view, &dataset->questions[i], columns);
        described = wanted > described ? wanted : described;
    }
    return rows > 0 ? rows + described : 1;
}

static void draw_label(const struct form *form, const struct view *view,
                       struct cells *cells, struct rect area, size_t index)
{
    const struct dataset *dataset = &view->session->dataset;
    const struct question *question = &dataset->questions[index];
    char label[LABEL_SIZE];
    question_label(question, label, sizeof label);
    bool is_focused = form->focus == index;
    bool is_marked = is_typing(form, view, index) ||
                     (is_focused && (dataset->question_count > 2 || view->about));
    int room = label_cols(dataset, area.cols) - (question->is_required ? 3 : 1);
    int used = cells_string(cells, area.row, area.col, room, label,
                            is_marked ? STYLE_ACCENT : STYLE_TITLE);
    if (question->is_required)
        cells_string(cells, area.row, area.col + used, 2, " *", STYLE_DIM);
    if (is_marked && area.col > 0)
        view_mark_focus(view, cells, area.row, area.col - 1, STYLE_ACCENT);
    else if (is_focused && view->is_plain && view->mode == MODE_BROWSE)
        cells_set_cursor(cells, area.row, area.col);
}

/* What is asked or what the chosen label means, or what is suggested, in the room that
 * the answer leaves. */
static void draw_hint(const struct view *view, const struct question *question,
                      struct cells *cells, struct rect room, const char *asks)
{
    struct buf hint = {0};
    const struct value *value = suggest_value(view->record, question);
    char label[64];
    if (room.cols < HINT_COLS_MIN)
        return;
    const struct question_option *option =
        value && question->type == QUESTION_LABEL
            ? question_find_option(question, value->text)
            : NULL;
    if (option && option->description &&
        (int)width_of(option->description, strlen(option->description)) <= room.cols)
        asks = option->description;
    enum style style = write_hint(view, question, &hint);
    if (hint.len > 0)
        cells_string(cells, room.row, room.col, room.cols, hint.data, style);
    else if (strcasecmp(asks, question->name) != 0 &&
             strcmp(asks, question_label(question, label, sizeof label)) != 0)
        cells_string(cells, room.row, room.col, room.cols, asks, STYLE_DIM);
    buf_clear(&hint);
}

static void draw_text_at_rest(const struct form *form, const struct view *view,
                              struct cells *cells, struct rect area, size_t index)
{
    const struct question *question = &view->session->dataset.questions[index];
    const struct value *value = suggest_value(view->record, question);
    bool is_untouched = suggest_is_untouched(view->record, question, 0);
    bool is_mark_only = area.rows == 1 && is_untouched;
    if (!value || !value->text || value->text[0] == '\0' || is_mark_only) {
        draw_hint(view, question, cells, area, question_asks(question));
        return;
    }
    if (is_untouched && area.rows > 1) {
        draw_hint(view, question, cells, area, "");
        area.row++;
        area.rows--;
    }
    view_flow(form->flows[index], cells, area);
}

static void draw_shown_only(const struct view *view, const struct question *question,
                            struct cells *cells, struct rect area)
{
    const struct value *value = suggest_value(view->record, question);
    char text[256];
    snprintf(text, sizeof text, "%.200s (this type of question is shown only)",
             value && value->text ? value->text : "no answer");
    cells_string(cells, area.row, area.col, area.cols, text, STYLE_DIM);
}

static void draw_typed(struct form *form, const struct view *view, struct cells *cells,
                       struct rect area, size_t index)
{
    const struct flow *flow = form->flows[index];
    if (!form->is_preview) {
        editbuf_draw(form->edit, cells, area, STYLE_TEXT, true);
        return;
    }
    scroll_fit(&form->preview, flow_line_count(flow), (size_t)area.rows);
    flow_draw(flow, cells, area, form->preview.top);
    if (view->is_plain)
        cells_set_cursor(cells, area.row, area.col);
}

static void draw_question(struct form *form, const struct view *view, struct cells *cells,
                          struct rect area, size_t index)
{
    const struct question *question = &view->session->dataset.questions[index];
    struct rect value = value_area(view, area);
    draw_label(form, view, cells, area, index);
    if (is_typing(form, view, index)) {
        draw_typed(form, view, cells, value, index);
    } else if (question->type == QUESTION_TEXT) {
        draw_text_at_rest(form, view, cells, value, index);
    } else if (question_has_choices(question)) {
        int end_col;
        /* The digits stand where texts start, their brackets beside them. */
        struct rect choices = {value.row, value.col - 1, value.rows, value.cols + 1};
        int rows = question_draw_choices(view, question, cells, choices, &end_col);
        bool is_below = form->focus == index && form->spare > 0 &&
                        described_rows(view, question, area.cols) > 0;
        draw_hint(view, question, cells,
                  hint_area(view, question, choices, rows, end_col),
                  is_below ? "" : question_asks(question));
    } else if (question->type == QUESTION_SPAN) {
        int used = span_draw_row(view, question, cells, value);
        value.col += used > 0 ? used + 1 : 0;
        value.cols -= used > 0 ? used + 1 : 0;
        draw_hint(view, question, cells, value, question_asks(question));
    } else {
        draw_shown_only(view, question, cells, value);
    }
}

/* above and below: questions that have no room, wholly or in part. */
static void draw_rule(const struct form *form, const struct view *view,
                      struct cells *cells, struct rect rule, size_t above, size_t below)
{
    const struct session *session = view->session;
    char right[96] = "";
    char keys[32], title[64];
    bool is_preview = view->mode == MODE_FEEDBACK && form->is_preview;
    keymap_first_key(view->keymap, ACTION_GUIDELINES, keys, sizeof keys);
    bool has_guidelines =
        session->dataset.guidelines && session->dataset.guidelines[0] != '\0';
    for (size_t i = 0; i < session->dataset.question_count; i++)
        has_guidelines |= session->dataset.questions[i].description != NULL;
    if (is_preview)
        view_join(right, sizeof right, "%s", view_place(view, &form->preview).text);
    else if (has_guidelines && keys[0] != '\0' && view->cols >= VIEW_COLS_MEDIUM)
        snprintf(right, sizeof right, "%s guidelines", keys);
    if (above > 0 && !is_preview)
        view_join(right, sizeof right, "+%zu above", above);
    if (below > 0 && !is_preview)
        view_join(right, sizeof right, "+%zu below", below);
    if (is_preview)
        view_join(right, sizeof right, "as Markdown");
    if (session->has_current && !view->about)
        view_join(right, sizeof right, "%s%s",
                  response_status_name(session->current.response.status),
                  session->current.response.is_changed ? ", was submitted" : "");
    snprintf(title, sizeof title, view->about ? "For %s" : "Your answer", view->about);
    view_rule(cells, rule, title, right, STYLE_DIM);
    if (!session->is_again && !view->about) /* it would tell that one has been here */
        prompt_draw_noted(view, cells, rule.row, rule.col + NOTE_COL,
                          rule.col + rule.cols - (int)width_of(right, strlen(right)) - 7);
}

/* As many rows as the area has are the most that a box being written in can use. */
static int shown_rows(const struct form *form, const struct view *view, size_t index,
                      struct rect area)
{
    int rows = question_rows(form, view, index, area.cols);
    return is_typing(form, view, index) && rows > area.rows ? area.rows : rows;
}

/* Of its rows those with something in them: a box at rest can be mostly empty. */
static int used_rows(const struct form *form, const struct view *view, size_t index,
                     int rows)
{
    const struct question *question = &view->session->dataset.questions[index];
    if (question->type != QUESTION_TEXT || is_typing(form, view, index))
        return rows;
    int used = (int)flow_line_count(form->flows[index]) +
               suggest_is_untouched(view->record, question, 0);
    return used < 1 ? 1 : used < rows ? used : rows;
}

/* What the question in focus asks, where that is not beside it: in the rows that it does
 * not use, and in those that the form has to spare. Returns how many of these. */
static int draw_asks(const struct form *form, const struct view *view,
                     struct cells *cells, struct rect place, size_t index)
{
    const struct question *question = &view->session->dataset.questions[index];
    struct rect room = value_area(view, place);
    int used = used_rows(form, view, index, place.rows);
    if (is_typing(form, view, index))
        used = form->is_preview ? place.rows : (int)editbuf_line_count(form->edit);
    else if (!described_rows(view, question, place.cols))
        return 0;
    room.row += used;
    room.rows = place.rows - used + form->spare;
    if (room.rows > ASKS_ROWS(view))
        room.rows = ASKS_ROWS(view);
    int drawn = question_draw_description(question, cells, room);
    return used + drawn > place.rows ? used + drawn - place.rows : 0;
}

/* How many rows above the area the first question starts. */
static int hidden_rows(const struct form *form, const struct view *view, struct rect area)
{
    int start = 0, end = 0;
    for (size_t i = 0; i <= form->focus && i < view->session->dataset.question_count;
         i++) {
        start = end;
        end += shown_rows(form, view, i, area);
    }
    int hidden = end > area.rows ? end - area.rows : 0;
    return hidden < start ? hidden
                          : start; /* its first row is worth more than its last */
}

void form_draw(struct form *form, const struct view *view, struct cells *cells,
               struct rect rule, struct rect area)
{
    const struct dataset *dataset = &view->session->dataset;
    struct rect clip = cells->clip;
    size_t above = 0, below = 0;
    cells->clip = (struct rect){area.row, 0, area.rows, cells->cols};
    int row = area.row - hidden_rows(form, view, area);
    form->spare = area.rows;
    for (size_t i = 0; i < dataset->question_count; i++)
        form->spare -= shown_rows(form, view, i, area);
    for (size_t i = 0; i < dataset->question_count; i++) {
        int rows = shown_rows(form, view, i, area);
        struct rect place = {row, area.col, rows, area.cols};
        cells_add_spot(cells, place, SPOT_QUESTION, i);
        draw_question(form, view, cells, place, i);
        above += row < area.row;
        below += row + used_rows(form, view, i, rows) > area.row + area.rows;
        row += rows;
        if (i == form->focus)
            row += draw_asks(form, view, cells, place, i);
    }
    cells->clip = clip;
    draw_rule(form, view, cells, rule, above, below);
}
