/* SPDX-License-Identifier: MIT
 *
 * Searching: the line in which it is typed, going from hit to hit, and the words about
 * where one is.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/search.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "text/match.h"
#include "text/width.h"
#include "ui/parts.h"
#include "json/readable.h"

enum { NAMED_COLS = 24 }; /* of what is searched for, beside other words */

/* ---- the hits of a record ---- */

/* Of the fields: a note about how the completion ended stands behind them, where there is
 * one. */
static size_t field_sections(const struct record_pane *pane)
{
    bool has_note = pane->section_count > 0 && pane->note[0] != '\0';
    return pane->section_count - has_note;
}

/* The index-th text in which hits are shown; NULL = there are no more. */
static struct flow *flow_at(const struct frame *frame, const struct view *view,
                            size_t index)
{
    const struct record_pane *pane = &frame->record;
    const struct dataset *dataset = &view->session->dataset;
    if (index-- == 0)
        return pane->prompt.flow;
    size_t sections = field_sections(pane);
    if (index < sections)
        return pane->sections[index].text.flow;
    index -= sections;
    for (size_t i = 0; i < dataset->question_count && i < frame->form.flow_count; i++)
        if (dataset->questions[i].type == QUESTION_TEXT && index-- == 0)
            return frame->form.flows[i];
    return NULL;
}

static bool finds(struct match *match, const char *text, size_t len)
{
    struct match_hit hit;
    return text && match_find(match, text, len, 0, &hit) == MATCH_FOUND;
}

/* Where it stands beside the texts. */
static const char *find_aside(struct match *match, const struct record *record)
{
    size_t len;
    char *lines = readable_metadata(record->metadata_json, &len);
    const char *found = finds(match, lines, len) ? "in its metadata" : NULL;
    const struct values *values = &record->response.values;
    for (size_t i = 0; i < values->count && !found; i++)
        if (values->items[i].type != QUESTION_TEXT && values->items[i].text &&
            finds(match, values->items[i].text, strlen(values->items[i].text)))
            found = "in an answer";
    if (!found && record->note && finds(match, record->note, strlen(record->note)))
        found = "in your note";
    free(lines);
    return found;
}

/* Makes the chosen one stand out, and its line come into view. */
static void show_chosen(struct search_line *line, struct frame *frame,
                        const struct view *view)
{
    struct record_pane *pane = &frame->record;
    size_t sections = field_sections(pane);
    size_t left = line->chosen;
    struct flow *flow;
    line->where[0] = '\0';
    for (size_t i = 0; (flow = flow_at(frame, view, i)); i++) {
        size_t count = flow_hit_count(flow);
        if (left >= count) {
            left -= count;
            continue;
        }
        size_t at = flow_hit_line(flow, left);
        flow_choose_hit(flow, left);
        if (at == SIZE_MAX)
            snprintf(line->where, sizeof line->where, "in its marks");
        else if (i > sections && at > 0)
            snprintf(line->where, sizeof line->where, "line %zu of your text", at + 1);
        if (!line->is_new || at == SIZE_MAX)
            break;
        if (i == 0) {
            pane->prompt_scroll.reveal = at + 1;
        } else if (i <= sections) {
            const struct record_section *section = &pane->sections[i - 1];
            pane->scroll.reveal = section->first + (section->title[0] != '\0') + at + 1;
        }
        break;
    }
    line->is_new = false;
}

void search_mark(struct frame *frame, const struct view *view)
{
    struct search_line *line = &frame->search;
    const struct finding *finding = &view->session->finding;
    struct match *match = view->record ? finding->match : NULL;
    struct flow *flow;
    line->count = 0;
    line->is_part = false;
    for (size_t i = 0; (flow = flow_at(frame, view, i)); i++) {
        if (!flow_find(flow, match, finding->number) && match)
            line->is_part = true;
        flow_choose_hit(flow, SIZE_MAX);
        line->count += flow_hit_count(flow);
    }
    if (!match)
        return;
    if (line->number != finding->number || !id_equal(&line->record, &view->record->id)) {
        line->number = finding->number;
        line->record = view->record->id;
        line->chosen = SIZE_MAX;
        line->aside = find_aside(match, view->record);
    }
    if (line->wanted != HIT_WANTED_NONE && !id_equal(&line->wanted_not, &line->record)) {
        line->chosen = line->count == 0                   ? SIZE_MAX
                       : line->wanted == HIT_WANTED_FIRST ? 0
                                                          : line->count - 1;
        line->wanted = HIT_WANTED_NONE;
        line->is_new = true;
    }
    if (line->chosen < line->count)
        show_chosen(line, frame, view);
}

/* ---- actions ---- */

static void want(struct search_line *line, enum hit_wanted wanted, struct id of_not)
{
    line->wanted = wanted;
    line->wanted_not = of_not;
}

static void go(struct screen *screen, int step)
{
    struct search_line *line = &screen->frame.search;
    enum hit_wanted wanted = step > 0 ? HIT_WANTED_FIRST : HIT_WANTED_LAST;
    bool is_here = screen_session(screen)->has_current &&
                   id_equal(&line->record, &screen_session(screen)->current.id);
    size_t next = line->chosen == SIZE_MAX ? (step > 0 ? 0 : line->count - 1)
                                           : line->chosen + (size_t)step;
    if (is_here && next < line->count) {
        line->chosen = next;
        line->is_new = true;
        return;
    }
    switch (app_go_hit(screen->app, step)) {
    case HIT_MOVED:
    case HIT_AWAITED:
        want(line, wanted, line->record);
        break;
    case HIT_HERE:
        want(line, wanted, (struct id){{0}});
        app_notify(screen->app, NOTICE_INFO,
                   "No other record has it: on from the %s hit again.",
                   step > 0 ? "first" : "last");
        break;
    case HIT_NONE:
        break;
    }
}

/* ---- typing ---- */

/* "re/" is a pattern here, for the line begins with a slash: as match_parse has it. */
static char *typed_text(const struct editbuf *edit)
{
    size_t len = editbuf_len(edit);
    char *typed = xasprintf("/%s", editbuf_text(edit));
    bool is_pattern =
        typed[1] != '/' && typed[len] == '/' && match_pattern(typed, "") != 0;
    if (!is_pattern)
        memmove(typed, typed + 1, len + 1);
    return typed;
}

/* Each letter searches: the hits of this record are seen at once. */
static void follow_typing(struct screen *screen)
{
    struct search_line *line = &screen->frame.search;
    struct err err = {0};
    char *typed = typed_text(line->edit);
    line->why[0] = '\0';
    if (!app_search(screen->app, typed, &err))
        sanitise_line(err.text, strlen(err.text), line->why, sizeof line->why);
    want(line, HIT_WANTED_FIRST, (struct id){{0}});
    free(typed);
}

/* Before it is laid out. */
static bool is_found_here(const struct session *session)
{
    const struct record *record = &session->current;
    struct match *match = session->finding.match;
    bool is_found = session->has_current && find_aside(match, record);
    for (size_t i = 0; session->has_current && i < record->field_count && !is_found; i++)
        is_found = finds(match, record->fields[i].text, record->fields[i].len);
    const struct values *values = &record->response.values;
    for (size_t i = 0; session->has_current && i < values->count && !is_found; i++)
        is_found = values->items[i].text &&
                   finds(match, values->items[i].text, strlen(values->items[i].text));
    return is_found;
}

static void commit(struct screen *screen, const char *typed)
{
    struct search_line *line = &screen->frame.search;
    const struct finding *finding = &screen_session(screen)->finding;
    size_t count;
    char *const *former = app_former_lines(screen->app, LINES_SEARCHES, &count);
    if (typed[0] == '\0' && count > 0)
        typed = former[0];
    editbuf_set(line->edit, typed, strlen(typed));
    follow_typing(screen);
    screen_go_back(screen);
    if (line->why[0] != '\0')
        app_notify(screen->app, NOTICE_ERROR, "%s", line->why);
    else if (!finding->typed)
        app_notify(screen->app, NOTICE_INFO, "Nothing has been searched for yet.");
    if (!finding->typed)
        return;
    app_keep_line(screen->app, LINES_SEARCHES, finding->typed);
    if (screen->mode == MODE_SPAN)
        span_find(screen);
    else if (!is_found_here(screen_session(screen)))
        go(screen, 1);
}

enum action search_key(struct screen *screen, struct key key)
{
    struct search_line *line = &screen->frame.search;
    bool is_rubbed_out = key.code == KEYCODE_BACKSPACE && editbuf_len(line->edit) == 0;
    if (key.code == KEYCODE_ENTER) {
        char *typed = xmemdup0(editbuf_text(line->edit), editbuf_len(line->edit));
        commit(screen, typed);
        free(typed);
    } else if (key.code == KEYCODE_ESCAPE || is_rubbed_out ||
               (key.code == 'c' && key.mods == KEY_CTRL_BIT)) {
        screen_go_back(screen);
        app_search(screen->app, line->before, NULL);
        screen->frame.span.is_searching = screen->mode == MODE_SPAN && line->before;
    } else if (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN) {
        size_t count;
        char *const *former = app_former_lines(screen->app, LINES_SEARCHES, &count);
        if (former_step(&screen->search_history, line->edit, former, count,
                        key.code == KEYCODE_UP ? 1 : -1))
            follow_typing(screen);
    } else if (screen_edit_key(screen, line->edit, key) == EDIT_CHANGED) {
        follow_typing(screen);
    }
    return ACTION_NONE;
}

void search_paste(struct screen *screen, const struct event *event)
{
    if (edit_paste(screen->frame.search.edit, event, false) == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING, "That is too long to search for.");
    follow_typing(screen);
}

bool search_run(struct screen *screen, enum action action)
{
    struct search_line *line = &screen->frame.search;
    const struct finding *finding = &screen_session(screen)->finding;
    switch (action) {
    case ACTION_SEARCH:
        free(line->before);
        line->before = xstrdup_or_null(finding->typed);
        line->why[0] = '\0';
        editbuf_set(line->edit, "", 0);
        former_clear(&screen->search_history);
        screen->frame.span.is_searching = screen->mode == MODE_SPAN;
        screen_lay_over(screen, MODE_SEARCH);
        return true;
    case ACTION_NEXT_HIT:
    case ACTION_PREVIOUS_HIT:
        if (finding->match)
            go(screen, action == ACTION_NEXT_HIT ? 1 : -1);
        else
            commit(screen, ""); /* what was searched for last */
        return true;
    default:
        return false;
    }
}

void search_command(struct screen *screen, const char *words, bool on_server)
{
    if (on_server)
        app_search_server(screen->app, words);
    else
        commit(screen, words);
}

/* ---- drawing ---- */

void search_draw(const struct search_line *line, const struct view *view,
                 struct cells *cells, struct rect row)
{
    cells_string(cells, row.row, row.col, 1, "/", STYLE_KEY);
    struct rect rest = {row.row, row.col + 1, 1, row.cols - 1};
    editbuf_draw_line(line->edit, cells, rest);
    int used = (int)width_of(editbuf_text(line->edit), editbuf_len(line->edit)) + 3;
    if (used < rest.cols)
        search_draw_words(line, view, cells,
                          (struct rect){row.row, rest.col + used, 1, rest.cols - used});
}

static void join_here(const struct search_line *line, char *out, size_t size)
{
    const char *more = line->is_part ? " or more" : "";
    if (line->count == 0 && line->is_part)
        view_join(out, size, "too hard a pattern for this record");
    else if (line->chosen < line->count)
        view_join(out, size, "hit %zu of %zu%s in this record", line->chosen + 1,
                  line->count, more);
    else if (line->count > 0)
        view_join(out, size, "%zu%s in this record", line->count, more);
    if (line->count == 0 && line->aside)
        view_join(out, size, "%s", line->aside);
}

static void write_words(const struct search_line *line, const struct view *view,
                        char *out, size_t size)
{
    const struct finding *finding = &view->session->finding;
    const struct short_text total = view_count(finding->records);
    bool is_typed = view->mode == MODE_SEARCH;
    out[0] = '\0';
    if (line->why[0] != '\0' && is_typed) {
        snprintf(out, size, "%s", line->why);
        return;
    }
    if (!finding->match || view->mode == MODE_SPAN) /* that page tells of its text */
        return;
    bool is_of_record = view->record && id_equal(&line->record, &view->record->id);
    if (is_of_record)
        join_here(line, out, size);
    const char *so_far = finding->is_counting ? " so far" : "";
    if (finding->records == 0 && finding->is_counting)
        view_join(out, size, "searching…");
    else if (finding->records == 0 && is_typed)
        view_join(out, size, "no record has it");
    else if (finding->records == 0) /* a filter may stand beside it */
        view_join(out, size, "no record has it: %.*s",
                  (int)width_fit(finding->typed, strlen(finding->typed), NAMED_COLS),
                  finding->typed);
    else if (finding->here)
        view_join(out, size, "record %s of %s%s", view_count(finding->here).text,
                  total.text, so_far);
    else
        view_join(out, size, "%s%s record%s%s", out[0] == '\0' ? "not here · " : "",
                  total.text, finding->records == 1 ? " has it" : "s have it", so_far);
    if (is_of_record)
        view_join(out, size, "%s", line->where);
    if (is_of_record && line->count > 0 && line->aside)
        view_join(out, size, "also %s", line->aside);
    if (finding->hard > 0)
        view_join(out, size, "%zu too hard", finding->hard);
}

int search_draw_words(const struct search_line *line, const struct view *view,
                      struct cells *cells, struct rect row)
{
    char words[400];
    write_words(line, view, words, sizeof words);
    int width = (int)width_of(words, strlen(words));
    if (words[0] == '\0' || row.cols < 12)
        return 0;
    if (width > row.cols)
        width = row.cols;
    int col = row.col + row.cols - width;
    cells_fill(cells, (struct rect){row.row, col, 1, width}, ' ', STYLE_TEXT);
    cells_string(cells, row.row, col, width, words,
                 line->why[0] != '\0' && view->mode == MODE_SEARCH ? STYLE_WARNING
                                                                   : STYLE_DIM);
    return width;
}

void search_hints(struct hints *hints)
{
    hints_add_key(hints, "Enter", "go there");
    hints_add_key(hints, "Esc", "back");
    hints_add_key(hints, "↑ ↓", "former");
    hints_add_key(hints, "/re/", "a pattern");
}
