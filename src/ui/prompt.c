/* SPDX-License-Identifier: MIT
 *
 * Writing a prompt, below the response: the text is kept until it is sent, also between
 * sessions. And, in the same place, one's own note on the record, in the form's box; one
 * quiet line of it stands in the form's rule.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/ask.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "ui/parts.h"

#define ROWS_MAX 6
#define LINE_COLS_MIN 12

/* ---- a note ---- */

/* As the record has it: the box may leave out some of that. */
static void keep_note(struct screen *screen, const char *note)
{
    free(screen->writing);
    screen->writing = xstrdup(note);
}

static void after_noting(struct screen *screen, enum edit_outcome outcome)
{
    if (outcome == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING,
                   "That is too long: a note holds at most 1 MiB. Nothing was inserted.");
    if (outcome != EDIT_CHANGED)
        return;
    app_set_note(screen->app, &screen->written, editbuf_text(screen->frame.form.edit),
                 screen->writing);
    keep_note(screen, editbuf_text(screen->frame.form.edit));
}

void note_begin(struct screen *screen, const char *text)
{
    const struct session *session = screen_session(screen);
    const char *note = session->current.note ? session->current.note : "";
    if (!session->has_current || (text && strcmp(text, note) == 0)) {
        app_notify(screen->app, NOTICE_INFO,
                   session->has_current ? "That is its note already."
                                        : "There is no record to write about yet.");
        return;
    }
    app_end_text(screen->app);
    keep_note(screen, note);
    screen->written = session->current.id;
    if (text) { /* said before it is written: what fails then stays in view */
        char undo[32];
        keymap_first_key(&screen->keymap, ACTION_UNDO, undo, sizeof undo);
        app_notify(screen->app, NOTICE_DONE, "Noted on #%zu; %s takes that back.",
                   session->queue.position + 1, *undo ? undo : ":undo");
        app_set_note(screen->app, &screen->written, text, screen->writing);
        app_end_text(screen->app);
        return;
    }
    editbuf_set(screen->frame.form.edit, note, strlen(note));
    screen->mode = MODE_NOTE;
    if (screen->orphan && !screen->orphan_question &&
        id_equal(&screen->orphan_record, &screen->written)) {
        editbuf_set(screen->frame.form.edit, screen->orphan, strlen(screen->orphan));
        free(screen->orphan);
        screen->orphan = NULL;
        after_noting(screen, EDIT_CHANGED);
    }
}

/* Another record may be shown meanwhile: the note is still that one's. */
static void take_note(struct screen *screen, const char *text, size_t len)
{
    struct editbuf *edit = screen->frame.form.edit;
    if (text &&
        (len != editbuf_len(edit) || memcmp(text, editbuf_text(edit), len) != 0)) {
        editbuf_set(edit, text, len);
        after_noting(screen, EDIT_CHANGED);
        app_end_text(screen->app);
        screen_keep_refused(screen, NULL);
    }
}

static void note_key(struct screen *screen, struct key key)
{
    struct editbuf *edit = screen->frame.form.edit;
    bool is_ctrl = key.mods == KEY_CTRL_BIT, is_enter = key.code == KEYCODE_ENTER;
    if (key.code == KEYCODE_ESCAPE || (key.code == 'c' && is_ctrl) ||
        (is_enter && key.mods != 0)) { /* Esc Enter comes as Alt-Enter */
        app_end_text(screen->app);
        screen_keep_refused(screen, NULL);
        screen->mode = MODE_BROWSE;
    } else if (is_enter || (key.code == 'j' && is_ctrl)) {
        after_noting(screen, edit_newline(edit));
    } else if (key.code == 'x' && is_ctrl) {
        screen_edit(screen, edit, take_note);
    } else {
        after_noting(screen, screen_edit_key(screen, edit, key));
    }
}

/* ---- keys ---- */

bool prompt_run(struct screen *screen, enum action action)
{
    struct prompt *prompt = &screen->frame.prompt;
    const struct session *session = screen_session(screen);
    if (action == ACTION_NOTE)
        note_begin(screen, NULL);
    if (action != ACTION_PROMPT && action != ACTION_ASK_ON)
        return action == ACTION_NOTE;
    prompt->is_follow_up = action == ACTION_ASK_ON && session->has_current;
    if (prompt->is_follow_up) {
        prompt->follows = session->current.id;
        prompt->follows_number = session->queue.position + 1;
    }
    /* Better said before than after the writing. The box opens all the same: whoever is
     * typing already must not be running commands. */
    (void)app_can_ask(screen->app);
    if (!editbuf_len(prompt->edit)) {
        char *kept = app_kept_prompt(screen->app);
        editbuf_set(prompt->edit, kept, strlen(kept));
        free(kept);
        screen->has_prompt = true;
    }
    former_clear(&screen->prompt_history);
    screen->mode = MODE_PROMPT;
    return true;
}

void prompt_keep(struct screen *screen)
{
    if (screen->has_prompt)
        app_keep_prompt(screen->app, editbuf_text(screen->frame.prompt.edit));
}

/* To the session's model, or all that are marked. */
static bool ask(struct screen *screen, const char *text, size_t len)
{
    const struct prompt *prompt = &screen->frame.prompt;
    const struct sampling *request = prompt->has_request ? &prompt->request : NULL;
    size_t count;
    struct ask_target *targets = app_marked_targets(screen->app, &count);
    bool is_asked =
        prompt->is_follow_up ? app_ask_on(screen->app, &prompt->follows, text, len,
                                          targets, count, request)
        : count ? app_ask_many(screen->app, text, len, targets, count, 1, request) > 0
                : app_ask(screen->app, text, len, request, NULL);
    free(targets);
    return is_asked;
}

static void send_prompt(struct screen *screen)
{
    struct prompt *prompt = &screen->frame.prompt;
    const char *text = editbuf_text(prompt->edit);
    if (text[strspn(text, " \t\n")] == '\0') {
        app_notify(screen->app, NOTICE_INFO, "The prompt is empty.");
        return;
    }
    if (!ask(screen, text, editbuf_len(prompt->edit)))
        return;
    editbuf_set(prompt->edit, "", 0);
    former_clear(&screen->prompt_history);
    sampling_clear(&prompt->request);
    prompt->has_request = false;
    prompt_keep(screen);
    screen->mode = MODE_BROWSE;
}

static void after_edit(struct screen *screen, enum edit_outcome outcome)
{
    if (outcome == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING,
                   "That is too long: a prompt holds at most 1 MiB. Nothing was "
                   "inserted.");
    if (outcome != EDIT_CHANGED)
        return;
    former_clear(&screen->prompt_history);
    if (!loop_timer_is_running(screen->autosave))
        loop_timer_start(screen->autosave, SCREEN_AUTOSAVE_MS, 0);
}

/* Up on the first line and Down on the last one go through former prompts. */
static bool walks_history(struct screen *screen, struct key key)
{
    struct editbuf *edit = screen->frame.prompt.edit;
    bool is_up = key.code == KEYCODE_UP;
    if ((!is_up && key.code != KEYCODE_DOWN) || key.mods != 0)
        return false;
    if (editbuf_move(edit, is_up ? EDITBUF_UP : EDITBUF_DOWN))
        return true;
    size_t count;
    char *const *former = app_former_prompts(screen->app, &count);
    if (!former_step(&screen->prompt_history, edit, former, count, is_up ? 1 : -1) &&
        is_up)
        app_notify(screen->app, NOTICE_INFO, "There is no older prompt.");
    return true;
}

static void take_edited(struct screen *screen, const char *text, size_t len)
{
    if (text)
        editbuf_set(screen->frame.prompt.edit, text, len);
    prompt_keep(screen);
}

enum action prompt_key(struct screen *screen, struct key key)
{
    struct editbuf *edit = screen->frame.prompt.edit;
    bool is_enter = key.code == KEYCODE_ENTER;
    bool is_ctrl = key.mods == KEY_CTRL_BIT;
    if (screen->mode == MODE_NOTE) {
        note_key(screen, key);
    } else if (is_enter && key.mods == 0) {
        send_prompt(screen);
    } else if (is_enter || (is_ctrl && key.code == 'j')) {
        after_edit(screen, edit_newline(edit));
    } else if (key.code == KEYCODE_ESCAPE || (is_ctrl && key.code == 'c')) {
        app_put_prompt_away(screen->app, editbuf_text(edit));
        screen->mode = MODE_BROWSE;
    } else if (is_ctrl && key.code == 'o') {
        return ACTION_SETTINGS;
    } else if (is_ctrl && key.code == 'x') {
        screen_edit(screen, edit, take_edited);
    } else if (!walks_history(screen, key)) {
        after_edit(screen, screen_edit_key(screen, edit, key));
    }
    return ACTION_NONE;
}

void prompt_paste(struct screen *screen, const struct event *event)
{
    if (screen->mode == MODE_NOTE)
        after_noting(screen, edit_paste(screen->frame.form.edit, event, true));
    else
        after_edit(screen, edit_paste(screen->frame.prompt.edit, event, true));
}

/* ---- drawing ---- */

int prompt_measure(struct editbuf *edit, int columns, int at_least)
{
    editbuf_layout(edit, columns);
    size_t lines = editbuf_line_count(edit);
    int rows = lines < ROWS_MAX ? (int)lines : ROWS_MAX;
    return rows > at_least ? rows : at_least;
}

/* What it will be sent with; one that asks on, as its answer was. */
static void write_settings(const struct prompt *prompt, const struct view *view,
                           char *out, size_t size)
{
    const struct session *session = view->session;
    bool is_as_before = prompt->is_follow_up && !prompt->has_request && view->record &&
                        view->record->has_completion;
    const struct completion *before = is_as_before ? &view->record->completion : NULL;
    const struct sampling *sampling = prompt->has_request ? &prompt->request
                                      : before            ? &before->sampling
                                                          : &session->sampling;
    const char *model = before ? completion_model(before) : sampling->model;
    if (!model)
        model = session->endpoint;
    out[0] = '\0';
    if (!session->has_endpoint) {
        view_join(out, size, "no model endpoint");
        return;
    }
    if (session->marked_count == 1)
        model =
            session->marked->model ? session->marked->model : session->marked->endpoint;
    if (session->marked_count > 1)
        view_join(out, size, "%zu marked models", session->marked_count);
    else
        view_join(out, size, "%s", model);
    if (sampling->has_temperature)
        view_join(out, size, "T %.3g", sampling->temperature);
    if (sampling->max_tokens > 0)
        view_join(out, size, "max %lld", (long long)sampling->max_tokens);
    if (sampling->system_prompt)
        view_join(out, size, "system prompt");
    if (prompt->has_request)
        view_join(out, size, "this one only");
}

void prompt_draw(const struct prompt *prompt, const struct view *view,
                 struct cells *cells, struct rect rule, struct rect area)
{
    char settings[256], title[64];
    write_settings(prompt, view, settings, sizeof settings);
    snprintf(title, sizeof title,
             prompt->is_follow_up ? "Ask on from #%zu" : "New prompt",
             prompt->follows_number);
    view_rule(cells, rule, title, settings,
              view->session->has_endpoint ? STYLE_DIM : STYLE_WARNING);
    editbuf_draw(prompt->edit, cells, area, STYLE_TEXT, true);
}

void prompt_draw_note(struct editbuf *edit, const struct view *view, struct cells *cells,
                      struct rect rule, struct rect area)
{
    char title[64];
    snprintf(title, sizeof title, "Note on #%zu", view->number);
    view_rule(cells, rule, title, "for you alone, never sent", STYLE_DIM);
    editbuf_draw(edit, cells, area, STYLE_TEXT, true);
}

void prompt_draw_noted(const struct view *view, struct cells *cells, int row, int col,
                       int end)
{
    char line[512];
    const char *note = view->record->note;
    if (!note || end - col < LINE_COLS_MIN) {
        const char *sign = note ? " note " : "";
        if (end - col >= (int)strlen(sign))
            cells_string(cells, row, col, end - col, sign, STYLE_DIM);
        return;
    }
    note += strspn(note, " \t\n");
    sanitise_line(note, strlen(note), line, sizeof line);
    col += cells_string(cells, row, col, end - col, " note: ", STYLE_DIM);
    col += cells_string(cells, row, col, end - col - 1, line, STYLE_DIM);
    cells_string(cells, row, col, end - col, " ", STYLE_DIM);
}

void prompt_hints(const struct view *view, struct hints *hints)
{
    bool is_note = view->mode == MODE_NOTE;
    hints_add_key(hints, is_note ? "Esc" : "Enter", is_note ? "done" : "send");
    hints_add_key(hints, is_note ? "Enter" : "Alt-Enter", "new line");
    if (!is_note) {
        hints_add_key(hints, "Esc", "keep");
        hints_add_key(hints, "↑ ↓", "former");
        hints_add_key(hints, "Ctrl-O", "settings");
    }
    hints_add_key(hints, "Ctrl-X", "editor");
}
