/* SPDX-License-Identifier: MIT
 *
 * The models that the configured endpoints offer, one a row: typing narrows the list,
 * Enter takes one, Space marks several for the next prompts.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/ask.h"
#include "app/models.h"
#include "ui/parts.h"

#define PAGE_ROWS 10
#define MARK_COLS 6 /* the sign of what has the focus, a mark, blanks */
#define ENDPOINT_COLS 20
#define HERE_CP 0x25B6 /* ▶ */

/* The filter stands in "ENDPOINT/MODEL". */
static bool is_shown(const struct models_list *list, const struct model_choice *choice)
{
    char name[512];
    snprintf(name, sizeof name, "%s/%s", choice->endpoint,
             choice->model ? choice->model : "");
    return strcasestr(name, editbuf_text(list->filter)) != NULL;
}

/* The choice in the row-th row that is shown; SIZE_MAX = there are fewer. */
static size_t choice_at(const struct models_list *list, const struct session *session,
                        size_t row)
{
    for (size_t i = 0; i < session->choice_count; i++)
        if (is_shown(list, &session->choices[i]) && row-- == 0)
            return i;
    return SIZE_MAX;
}

static size_t count_rows(const struct models_list *list, const struct session *session)
{
    size_t count = 0;
    for (size_t i = 0; i < session->choice_count; i++)
        count += is_shown(list, &session->choices[i]);
    return count;
}

/* ---- keys ---- */

bool models_run(struct screen *screen, enum action action)
{
    if (action != ACTION_MODELS)
        return false;
    struct models_list *list = &screen->frame.models;
    editbuf_set(list->filter, "", 0);
    list->focus = 0;
    list->scroll = (struct scroll){0};
    app_list_models(screen->app);
    screen->mode = MODE_MODELS;
    return true;
}

void models_move(struct screen *screen, long delta)
{
    struct models_list *list = &screen->frame.models;
    list->focus = list_move(list->focus, count_rows(list, screen_session(screen)), delta);
}

/* Key by key: NOLINTNEXTLINE(readability-function-cognitive-complexity) */
enum action models_key(struct screen *screen, struct key key)
{
    struct models_list *list = &screen->frame.models;
    size_t choice = choice_at(list, screen_session(screen), list->focus);
    bool is_plain = key.mods == 0;
    if (key.code == KEYCODE_ESCAPE && editbuf_len(list->filter)) {
        editbuf_set(list->filter, "", 0);
        list->focus = 0;
    } else if (key.code == KEYCODE_ESCAPE ||
               (key.code == 'c' && key.mods == KEY_CTRL_BIT)) {
        screen->mode = screen->base;
    } else if (list_rows(key, PAGE_ROWS)) {
        models_move(screen, list_rows(key, PAGE_ROWS));
    } else if ((key.code == KEYCODE_ENTER || key.code == ' ') && is_plain) {
        if (choice == SIZE_MAX)
            app_notify(screen->app, NOTICE_INFO, "There is no model to take here.");
        else if (key.code == ' ')
            app_mark_model(screen->app, choice);
        else if (screen_session(screen)->marked_count || /* those stay */
                 app_use_model(screen->app, choice))
            screen->mode = screen->base;
    } else if (screen_edit_key(screen, list->filter, key) == EDIT_CHANGED) {
        list->focus = 0;
    }
    return ACTION_NONE;
}

void models_paste(struct screen *screen, const struct event *event)
{
    (void)edit_paste(screen->frame.models.filter, event, false);
    screen->frame.models.focus = 0;
}

/* ---- drawing ---- */

static void draw_choice(const struct view *view, struct cells *cells, struct rect row,
                        size_t at, bool is_here)
{
    const struct session *session = view->session;
    const struct model_choice *choice = &session->choices[at];
    bool is_now = choice->model && session->sampling.model &&
                  !strcmp(choice->model, session->sampling.model) &&
                  !strcmp(choice->endpoint, session->endpoint);
    bool is_marked =
        session_marked(session, choice->endpoint, choice->model) < session->marked_count;
    enum style style = is_here            ? STYLE_SELECTED
                       : choice->is_fault ? STYLE_ERROR
                                          : STYLE_TEXT;
    if (is_here) {
        cells_set_style(cells, row, STYLE_SELECTED);
        cells_fill(cells, (struct rect){row.row, row.col, 1, 1},
                   view->is_plain ? '>' : HERE_CP, style);
    }
    cells_string(cells, row.row, row.col + 2, 3, is_marked ? "[x]" : "[ ]", style);
    char text[400];
    snprintf(text, sizeof text, "%.150s%s%s%.200s", choice->model ? choice->model : "",
             is_now ? " (now)" : "", choice->note && choice->model ? " · " : "",
             choice->note ? choice->note : "");
    int name_cols = ENDPOINT_COLS < row.cols / 3 ? ENDPOINT_COLS : row.cols / 3;
    cells_string(cells, row.row, row.col + MARK_COLS, name_cols - 1, choice->endpoint,
                 is_here ? style : STYLE_DIM);
    cells_string(cells, row.row, row.col + MARK_COLS + name_cols,
                 row.cols - MARK_COLS - name_cols, text, style);
}

void models_draw(struct models_list *list, const struct view *view, struct cells *cells,
                 struct rect area)
{
    const struct session *session = view->session;
    size_t count = count_rows(list, session);
    struct rect rows = {area.row + 2, area.col, area.rows - 2, area.cols};
    struct scroll *scroll = &list->scroll;
    char place[96] = "";
    list->focus = list_move(list->focus, count, 0);
    scroll_fit(scroll, count, (size_t)rows.rows);
    scroll_show(scroll, list->focus);
    if (session->choices_awaited)
        snprintf(place, sizeof place, "%zu still to answer", session->choices_awaited);
    else if (session->marked_count)
        snprintf(place, sizeof place, "%zu marked", session->marked_count);
    view_rule(cells, (struct rect){area.row, area.col, 1, area.cols}, "Models", place,
              STYLE_DIM);
    view_edit(list->filter, "filter ", cells,
              (struct rect){area.row + 1, area.col, 1, area.cols});
    for (int i = 0; i < rows.rows && scroll->top + (size_t)i < count; i++) {
        size_t row = scroll->top + (size_t)i;
        cells_add_spot(cells, (struct rect){rows.row + i, rows.col, 1, rows.cols},
                       SPOT_ITEM, row);
        draw_choice(view, cells, (struct rect){rows.row + i, rows.col, 1, rows.cols},
                    choice_at(list, session, row), row == list->focus);
    }
    if (!count)
        cells_string(cells, rows.row, rows.col + 2, rows.cols - 2,
                     session->choice_count ? "No endpoint or model has this in its name."
                                           : "No endpoint is configured.",
                     STYLE_DIM);
}

void models_hints(const struct view *view, struct hints *hints)
{
    bool has_marks = view->session->marked_count > 0;
    hints_add_key(hints, "Enter", has_marks ? "ask those marked" : "use it");
    hints_add_key(hints, "Space", "mark several");
    hints_add_key(hints, "↑ ↓", "move");
    hints_add_key(hints, "letters", "filter");
    hints_add_key(hints, "Esc", "back");
}
