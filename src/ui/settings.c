/* SPDX-License-Identifier: MIT
 *
 * What the next prompts are asked with: the form of model, temperature, max tokens, seed
 * and system prompt, in the place of the answer form; and the models that the configured
 * endpoints offer, one a row, where typing narrows the list, Enter takes one and Space
 * marks several.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "ui/parts.h"

#define LABEL_COLS 16
#define SYSTEM_ROWS_MAX 4
#define PAGE_ROWS 10
#define MARK_COLS 6 /* the sign of what has the focus, a mark, blanks */
#define ENDPOINT_COLS 20

void settings_open(struct sampling_form *form, const struct sampling *sampling)
{
    form->focus = SAMPLING_MODEL;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        char *text = sampling_format(sampling, (enum sampling_field)i);
        editbuf_set(form->edits[i], text, strlen(text));
        free(text);
    }
}

/* Every field, or the sentence about the first that is wrong; that has the focus then. */
static enum status read_form(struct sampling_form *form, struct sampling *out,
                             struct err *err)
{
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        enum status status = sampling_set(out, field, editbuf_text(form->edits[i]), err);
        if (status != STATUS_OK) {
            form->focus = field;
            return status;
        }
    }
    return STATUS_OK;
}

/* ---- keys ---- */

void settings_enter(struct screen *screen)
{
    struct frame *frame = &screen->frame;
    frame->sampling.is_own = screen->mode == MODE_PROMPT;
    settings_open(&frame->sampling, frame->sampling.is_own && frame->prompt.has_request
                                        ? &frame->prompt.request
                                        : &screen_session(screen)->sampling);
    screen->mode = MODE_SETTINGS;
}

static void leave(struct screen *screen)
{
    screen->mode = screen->frame.sampling.is_own ? MODE_PROMPT : MODE_BROWSE;
}

static void apply(struct screen *screen)
{
    struct sampling_form *form = &screen->frame.sampling;
    struct prompt *prompt = &screen->frame.prompt;
    struct sampling sampling = {0};
    struct err err = {0};
    if (read_form(form, &sampling, &err) != STATUS_OK) {
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    } else if (form->is_own) {
        sampling_clear(&prompt->request);
        sampling_copy(&prompt->request, &sampling);
        prompt->has_request = true;
        app_notify(screen->app, NOTICE_DONE, "Settings taken for this one request.");
        leave(screen);
    } else {
        app_set_sampling(screen->app, &sampling);
        app_notify(screen->app, NOTICE_DONE,
                   "Settings taken for the prompts from now on.");
        leave(screen);
    }
    sampling_clear(&sampling);
}

static void move(struct sampling_form *form, int direction)
{
    int step = direction > 0 ? 1 : SAMPLING_FIELD_COUNT - 1;
    form->focus = (enum sampling_field)(((int)form->focus + step) % SAMPLING_FIELD_COUNT);
}

enum action settings_key(struct screen *screen, struct key key)
{
    struct sampling_form *form = &screen->frame.sampling;
    struct editbuf *edit = form->edits[form->focus];
    bool is_ctrl = key.mods == KEY_CTRL_BIT;
    bool is_enter = key.code == KEYCODE_ENTER;
    if ((is_enter && key.mods != 0) || (is_ctrl && key.code == 'j')) {
        if (form->focus == SAMPLING_SYSTEM)
            (void)edit_newline(edit);
    } else if (is_enter) {
        apply(screen);
    } else if (key.code == KEYCODE_ESCAPE || (is_ctrl && key.code == 'c')) {
        leave(screen);
    } else if (key.code == KEYCODE_TAB) {
        move(form, (key.mods & KEY_SHIFT_BIT) ? -1 : 1);
    } else if (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN) {
        /* They stay inside a text of several lines until its end. */
        bool is_down = key.code == KEYCODE_DOWN;
        if (!editbuf_move(edit, is_down ? EDITBUF_DOWN : EDITBUF_UP))
            move(form, is_down ? 1 : -1);
    } else {
        screen_edit_key(screen, edit, key);
    }
    return ACTION_NONE;
}

void settings_paste(struct screen *screen, const struct event *event)
{
    struct sampling_form *form = &screen->frame.sampling;
    if (edit_paste(form->edits[form->focus], event, form->focus == SAMPLING_SYSTEM) ==
        EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING, "That is too long for a setting.");
}

/* ---- drawing ---- */

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

static void draw_field(struct sampling_form *form, const struct view *view, int field,
                       struct cells *cells, struct rect area)
{
    bool is_focused = (int)form->focus == field;
    cells_string(cells, area.row, area.col, LABEL_COLS - 1,
                 sampling_row((enum sampling_field)field)->title,
                 is_focused ? STYLE_ACCENT : STYLE_TITLE);
    if (is_focused && area.col > 0)
        view_mark_focus(view, cells, area.row, area.col - 1, STYLE_ACCENT);
    struct rect value = {area.row, area.col + LABEL_COLS, area.rows,
                         area.cols - LABEL_COLS};
    if (editbuf_len(form->edits[field]) == 0)
        cells_string(cells, value.row, value.col, value.cols, "the endpoint's own",
                     STYLE_DIM);
    if (is_focused || editbuf_len(form->edits[field]) > 0)
        editbuf_draw(form->edits[field], cells, value, STYLE_TEXT, is_focused);
}

void settings_draw(struct sampling_form *form, const struct view *view,
                   struct cells *cells, struct rect rule, struct rect area)
{
    struct rect clip = cells->clip;
    view_rule(cells, rule, "Settings",
              form->is_own ? "for this one request" : "for the prompts from now on",
              STYLE_DIM);
    cells->clip = (struct rect){area.row, 0, area.rows, cells->cols};
    int rows[SAMPLING_FIELD_COUNT], end = 0;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        rows[i] = field_rows(form, i) < area.rows ? field_rows(form, i) : area.rows;
        end += i <= (int)form->focus ? rows[i] : 0;
    }
    int row = end > area.rows ? area.row - (end - area.rows) : area.row;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        draw_field(form, view, i, cells,
                   (struct rect){row, area.col, rows[i], area.cols});
        row += rows[i];
    }
    cells->clip = clip;
}

void settings_hints(struct hints *hints)
{
    hints_add_key(hints, "Enter", "use them");
    hints_add_key(hints, "↑ ↓", "move");
    hints_add_key(hints, "Ctrl-U", "clear");
    hints_add_key(hints, "Esc", "leave as it was");
}

/* ---- the list of models ---- */

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
    if (is_here)
        view_mark_row(view, cells, row);
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
    view_rule(cells, area, "Models", place, STYLE_DIM);
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
    hints_add_key(hints, "Enter", has_marks ? "ask those marked" : "take");
    hints_add_key(hints, "Space", "mark several");
    hints_add_key(hints, "↑ ↓", "move");
    hints_add_key(hints, "letters", "filter");
    hints_add_key(hints, "Esc", "back");
    hints_add(hints, view, ACTION_HELP, "help");
}
