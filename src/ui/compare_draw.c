/* SPDX-License-Identifier: MIT
 *
 * Answers to one prompt beside each other, without names until one is chosen; and the
 * words in which two of them differ. What has no room beside the others is gone through.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "text/page.h"
#include "text/worddiff.h"
#include "ui/frame.h"

#define GAP_COLS 3
#define COLS_MIN 34       /* of an answer beside another */
#define ROWS_MIN 6        /* of one above another, its title included */
#define DIVIDER_CP 0x2502 /* │ */
#define HERE_CP 0x25B6    /* ▶ */

/* ---- the list to choose from ---- */

static void draw_list(const struct compare_pane *pane, const struct comparison *list,
                      const struct view *view, struct cells *cells, struct rect area)
{
    view_rule(cells, area, "Which answers? Mark two to four", "", STYLE_DIM);
    area.row++;
    area.rows--;
    size_t top = pane->here >= (size_t)area.rows ? pane->here - (size_t)area.rows + 1 : 0;
    for (int i = 0; i < area.rows && top + (size_t)i < list->candidate_count; i++) {
        const struct candidate *item = &list->candidates[top + (size_t)i];
        bool is_here = top + (size_t)i == pane->here;
        char text[sizeof item->start + 48];
        snprintf(text, sizeof text, "  [%s] #%-5zu %s", item->is_marked ? "x" : " ",
                 item->number, item->start[0] != '\0' ? item->start : "no answer");
        cells_string(cells, area.row + i, area.col, area.cols, text,
                     is_here ? STYLE_SELECTED : STYLE_TEXT);
        if (!is_here)
            continue;
        cells_fill(cells, (struct rect){area.row + i, area.col, 1, 1},
                   view->is_plain ? '>' : HERE_CP, STYLE_SELECTED);
        if (view->is_plain)
            cells_set_cursor(cells, area.row + i, area.col);
    }
}

/* ---- answers beside each other ---- */

/* "2 · better · smollm2 · T 0.9"; without names until it is decided. */
static void write_title(const struct comparison *comparison, const struct view *one,
                        size_t index, char *out, size_t size)
{
    char origin[192];
    snprintf(out, size, "%zu", index + 1);
    if (!comparison->is_decided)
        return;
    if ((int)index == comparison->chosen)
        view_join(out, size, comparison->count > 2 ? "best" : "better");
    facts_origin(one, origin, sizeof origin);
    view_join(out, size, "%s", origin);
}

/* How it stands with an answer, in words that say nothing of who writes it. */
static const char *state_of(const struct view *one)
{
    const struct record *record = one->record;
    if (view_stream(one))
        return view_stream(one)->text.len ? "being written" : "waiting";
    if (!record->has_completion)
        return "";
    switch (record->completion.state) {
    case COMPLETION_RUNNING:
        return "written elsewhere";
    case COMPLETION_CUT:
        return "cut off";
    case COMPLETION_FAILED:
        return "failed";
    case COMPLETION_DONE:
        break;
    }
    return finish_find(record->completion.finish_reason)->is_limit ? "cut off" : "";
}

static void lay_out_answer(struct flow *flow, const struct comparison *comparison,
                           const struct view *one, bool is_raw, int columns)
{
    char note[1024] = "";
    enum style style = STYLE_TEXT;
    size_t len;
    const char *text = session_record_response(one->session, one->record, &len);
    bool is_blank = utf8_is_blank(text, len);
    if (is_blank && comparison->is_decided)
        facts_note(one, note, sizeof note, &style);
    else if (is_blank)
        snprintf(note, sizeof note, "%s", view_stream(one) ? "" : "No answer came.");
    if (is_blank)
        flow_set_raw(flow, note, strlen(note), columns);
    else if (is_raw)
        flow_set_raw(flow, text, len, columns);
    else
        flow_set_markdown(flow, text, len, columns);
}

/* How many stand side by side and how many one above the other. */
struct grid {
    int columns, bands;
};

static struct grid make_grid(const struct view *view, int count, int rows, int cols)
{
    struct grid grid = {1, 1};
    if (view->is_plain) /* beside each other two texts cannot be read aloud */
        return grid;
    int columns = (cols + GAP_COLS) / (COLS_MIN + GAP_COLS);
    int bands = rows / ROWS_MIN > 1 ? rows / ROWS_MIN : 1;
    grid.columns = columns < 1 ? 1 : columns > count ? count : columns;
    grid.bands = (count + grid.columns - 1) / grid.columns;
    if (grid.bands > bands)
        grid.bands = bands;
    /* four: two by two, not three and one */
    if (grid.columns * grid.bands >= count)
        grid.columns = (count + grid.bands - 1) / grid.bands;
    return grid;
}

static void draw_answer(const struct compare_pane *pane, const struct view *view,
                        size_t index, struct cells *cells, struct rect at)
{
    const struct comparison *comparison = &view->session->comparison;
    char title[256], right[160] = "";
    enum style style = STYLE_DIM;
    struct view one = *view;
    one.record = &comparison->records[index];
    write_title(comparison, &one, index, title, sizeof title);
    if (comparison->is_decided)
        facts_measure(&one, right, sizeof right, &style);
    else
        snprintf(right, sizeof right, "%s", state_of(&one));
    view_rule(cells, at, title, right, style);
    flow_draw(pane->flows[index], cells,
              (struct rect){at.row + 1, at.col, at.rows - 1, at.cols}, pane->scroll.top);
}

static void draw_answers(struct compare_pane *pane, const struct view *view, bool is_raw,
                         struct cells *cells, struct rect area)
{
    const struct comparison *comparison = &view->session->comparison;
    size_t lines = 0;
    struct grid grid = make_grid(view, (int)comparison->count, area.rows, area.cols);
    int rows = area.rows / grid.bands;
    int cols = (area.cols - GAP_COLS * (grid.columns - 1)) / grid.columns;
    pane->in_view = (size_t)grid.columns * (size_t)grid.bands;
    if (pane->in_view > comparison->count)
        pane->in_view = comparison->count;
    if (pane->first + pane->in_view > comparison->count)
        pane->first = comparison->count - pane->in_view;
    for (size_t i = pane->first; i < pane->first + pane->in_view; i++) {
        struct view one = *view;
        one.record = &comparison->records[i];
        lay_out_answer(pane->flows[i], comparison, &one, is_raw, cols);
        if (flow_line_count(pane->flows[i]) > lines)
            lines = flow_line_count(pane->flows[i]);
    }
    scroll_fit(&pane->scroll, lines, (size_t)(rows > 1 ? rows - 1 : 1));
    for (int i = 0; i < (int)pane->in_view; i++) {
        struct rect at = {area.row + i / grid.columns * rows,
                          area.col + i % grid.columns * (cols + GAP_COLS), rows, cols};
        draw_answer(pane, view, pane->first + (size_t)i, cells, at);
        if (i % grid.columns > 0)
            cells_fill(cells, (struct rect){at.row, at.col - 2, rows, 1}, DIVIDER_CP,
                       STYLE_RULE);
    }
}

/* ---- two texts as one ---- */

bool compare_pair(size_t count, size_t pair, size_t *one, size_t *other)
{
    for (*one = 0; pair && *one < count; (*one)++)
        for (*other = *one + 1; *other < count; (*other)++)
            if (--pair == 0)
                return true;
    return false;
}

static void draw_diff(struct compare_pane *pane, const struct view *view,
                      struct cells *cells, struct rect area)
{
    const struct comparison *comparison = &view->session->comparison;
    size_t one, other, one_len, other_len;
    struct rich text = {0};
    char title[96], right[96];
    if (!compare_pair(comparison->count, pane->pair, &one, &other))
        return;
    const char *a =
        session_record_response(view->session, &comparison->records[one], &one_len);
    const char *b =
        session_record_response(view->session, &comparison->records[other], &other_len);
    size_t words = worddiff_write(a, one_len, b, other_len, &text);
    flow_set_rich(pane->diff, &text,
                  area.cols < VIEW_TEXT_COLS_MAX ? area.cols : VIEW_TEXT_COLS_MAX);
    rich_clear(&text);
    snprintf(title, sizeof title, "[-only %zu-] {+only %zu+}", one + 1, other + 1);
    snprintf(right, sizeof right, "%zu word%s differ%s", words, words == 1 ? "" : "s",
             words == 1 ? "s" : "");
    view_rule(cells, area, title, right, STYLE_DIM);
    area.row++;
    area.rows--;
    scroll_fit(&pane->scroll, flow_line_count(pane->diff), (size_t)area.rows);
    flow_draw(pane->diff, cells, area, pane->scroll.top);
}

/* ---- the choice ---- */

int compare_side(const struct comparison *comparison)
{
    bool is_chosen = comparison->is_decided && comparison->chosen >= 0;
    return !is_chosen ? 0 : comparison->chosen == 0 ? -1 : 1;
}

/* "1 is better   3   2   1  [0]  1   2   3   2 is better" */
static void draw_scale(int scale, struct cells *cells, struct rect row)
{
    int col = row.col +
              cells_string(cells, row.row, row.col, row.cols, "1 is better  ", STYLE_DIM);
    for (int at = -PICK_STRENGTH_MAX; at <= PICK_STRENGTH_MAX; at++) {
        char text[16];
        snprintf(text, sizeof text, at == scale ? "[%d]" : " %d ", at < 0 ? -at : at);
        cells_string(cells, row.row, col, 3, text,
                     at == scale ? STYLE_ACCENT : STYLE_TEXT);
        col += 3;
    }
    cells_string(cells, row.row, col, row.col + row.cols - col, "  2 is better",
                 STYLE_DIM);
}

static void draw_choice(const struct compare_pane *pane, const struct view *view,
                        struct cells *cells, struct rect area)
{
    static const char *const how[] = {"", ", slightly", "", ", by far"};
    const struct comparison *comparison = &view->session->comparison;
    struct rect row = {area.row + 1, area.col, 1, area.cols};
    char place[96] = "", text[160];
    bool is_paged = !pane->pair && pane->in_view < comparison->count;
    if (is_paged && pane->in_view == 1)
        snprintf(place, sizeof place, "%zu of %zu", pane->first + 1, comparison->count);
    else if (is_paged)
        snprintf(place, sizeof place, "%zu–%zu of %zu", pane->first + 1,
                 pane->first + pane->in_view, comparison->count);
    view_join(place, sizeof place, "%s", view_place(view, &pane->scroll).text);
    snprintf(text, sizeof text, "%s",
             comparison->is_decided  ? "Your choice"
             : comparison->count > 2 ? "Which is best?"
                                     : "Which is better?");
    if (area.rows < 2 && pane->scale) /* no row for the scale */
        snprintf(text, sizeof text, "%d by %d: Enter", pane->scale < 0 ? 1 : 2,
                 pane->scale < 0 ? -pane->scale : pane->scale);
    view_rule(cells, area, text, place, STYLE_DIM);
    if (area.rows < 2)
        return;
    if (comparison->count == 2 && (pane->scale || !comparison->is_decided)) {
        draw_scale(pane->scale, cells, row);
        return;
    }
    if (!comparison->is_decided)
        snprintf(text, sizeof text, "Names are shown once you have chosen.");
    else if (comparison->chosen < 0)
        snprintf(text, sizeof text, "They are alike.");
    else
        snprintf(text, sizeof text, "%d is %s%s.", comparison->chosen + 1,
                 comparison->count > 2 ? "the best" : "better",
                 how[comparison->strength & 3]);
    cells_string(cells, row.row, row.col, row.cols, text,
                 comparison->is_decided ? STYLE_TEXT : STYLE_DIM);
}

void compare_draw(struct compare_pane *pane, const struct view *view,
                  struct record_pane *record, struct cells *cells, struct rect area)
{
    const struct comparison *comparison = &view->session->comparison;
    size_t wanted = flow_line_count(record->prompt.flow);
    int most = area.rows / 4 > 1 ? area.rows / 4 : 1;
    int prompt = wanted < (size_t)most ? (int)wanted : most;
    scroll_fit(&record->prompt_scroll, wanted, (size_t)prompt);
    view_rule(cells, area, "Prompt", view_place(view, &record->prompt_scroll).text,
              STYLE_DIM);
    flow_draw(record->prompt.flow, cells,
              (struct rect){area.row + 1, area.col, prompt, area.cols},
              record->prompt_scroll.top);
    int bottom = area.rows >= 12 ? 2 : 1;
    struct rect middle = {area.row + 1 + prompt, area.col,
                          area.rows - 1 - prompt - bottom, area.cols};
    if (!comparison->count) {
        middle.rows += bottom;
        draw_list(pane, comparison, view, cells, middle);
        return;
    }
    if (pane->pair)
        draw_diff(pane, view, cells, middle);
    else
        draw_answers(pane, view, record->is_raw, cells, middle);
    draw_choice(pane, view, cells,
                (struct rect){middle.row + middle.rows, area.col, bottom, area.cols});
}

void compare_hints(const struct compare_pane *pane, const struct view *view,
                   struct hints *hints)
{
    const struct comparison *comparison = &view->session->comparison;
    char digits[32];
    if (!comparison->count) {
        hints_add_key(hints, "Space", "mark");
        hints_add_key(hints, "Enter", "compare");
        hints_add(hints, view, ACTION_SCROLL_DOWN, "down");
        hints_add(hints, view, ACTION_SCROLL_UP, "up");
        hints_add_key(hints, "Esc", "back");
        return;
    }
    snprintf(digits, sizeof digits, "1–%zu", comparison->count);
    int side = comparison->count == 2 ? compare_side(comparison) : 0;
    if (comparison->is_decided && !pane->scale)
        hints_add_key(hints, "Enter",
                      view->cols < VIEW_COLS_MEDIUM ? "next" : "next record");
    else if (side)
        hints_add_key(hints, "Enter", "save");
    if (side)
        hints_add_key(hints, "← →", side < 0 ? "more/less" : "less/more");
    hints_add_key(hints, digits, comparison->count > 2 ? "best" : "better");
    if (!pane->pair && pane->in_view < comparison->count)
        hints_add_key(hints, "Tab", "others");
    if (comparison->count == 2 && !side)
        hints_add_key(hints, "← → Enter", "by how much");
    hints_add_key(hints, "0", "alike");
    hints_add(hints, view, ACTION_DIFF, "words");
    hints_add(hints, view, ACTION_UNDO, "undo");
    hints_add_key(hints, "Esc", "back");
    hints_add(hints, view, ACTION_SCROLL_DOWN, "down");
    hints_add(hints, view, ACTION_RAW, "raw");
    hints_add(hints, view, ACTION_HELP, "help");
}
