/* SPDX-License-Identifier: MIT
 *
 * Writing a text answer. Every letter is text; app has it at once and the store at most
 * 250 ms later.
 */
#include "config.h"

#include <string.h>

#include "ui/edit_keys.h"
#include "ui/questions.h"
#include "ui/screen_parts.h"

static void text_changed(struct screen *screen)
{
    const struct question *question = screen_question(screen);
    if (question) /* the server's dataset may have come with other questions */
        app_type_text(screen->app, question, editbuf_text(screen->frame.form.edit),
                      editbuf_len(screen->frame.form.edit));
}

void feedback_enter(struct screen *screen, size_t question)
{
    const struct session *session = screen_session(screen);
    if (!session->has_current || question >= session->dataset.question_count) {
        app_notify(screen->app, NOTICE_INFO, "There is no record to write about yet.");
        return;
    }
    const struct value *value =
        question_value(session, &session->dataset.questions[question]);
    const char *text = value && value->text ? value->text : "";
    editbuf_set(screen->frame.form.edit, text, strlen(text));
    if (screen->mode != MODE_FEEDBACK)
        screen->choice_focus = screen->frame.form.focus;
    screen->frame.form.focus = question;
    screen->mode = MODE_FEEDBACK;
}

void feedback_leave(struct screen *screen)
{
    if (screen->mode != MODE_FEEDBACK)
        return;
    app_end_feedback(screen->app);
    screen->frame.form.focus = screen->choice_focus;
    screen->mode = MODE_BROWSE;
}

void feedback_walk(struct screen *screen, int direction)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    size_t from = screen->frame.form.focus;
    feedback_leave(screen);
    if (dataset->question_count == 0)
        return;
    size_t next = question_next(dataset, from, direction);
    if (dataset->questions[next].type == QUESTION_TEXT)
        feedback_enter(screen, next);
    else
        screen->frame.form.focus = next;
}

static void tell_full(struct screen *screen)
{
    app_notify(screen->app, NOTICE_WARNING,
               "That is too long: a text holds at most 1 MiB. Nothing was inserted.");
}

static void after_edit(struct screen *screen, enum edit_outcome outcome)
{
    if (outcome == EDIT_CHANGED)
        text_changed(screen);
    else if (outcome == EDIT_FULL)
        tell_full(screen);
}

static bool is_plain(struct key key, uint32_t code)
{
    return key.code == code && key.mods == 0;
}

static bool is_leaving(struct key key)
{
    return is_plain(key, KEYCODE_ESCAPE) || (key.code == 'c' && key.mods == KEY_CTRL_BIT);
}

void feedback_key(struct screen *screen, struct key key)
{
    if (is_leaving(key)) {
        feedback_leave(screen);
    } else if (is_plain(key, KEYCODE_ENTER) ||
               (key.code == 'j' && key.mods == KEY_CTRL_BIT)) {
        after_edit(screen, edit_newline(screen->frame.form.edit));
    } else if (key.code == KEYCODE_ENTER) {
        answer_submit(screen); /* with Ctrl or Alt: Esc Enter comes as Alt-Enter */
    } else if (key.code == KEYCODE_TAB) {
        feedback_walk(screen, (key.mods & KEY_SHIFT_BIT) ? -1 : 1);
    } else if (key.code == 'x' && key.mods == KEY_CTRL_BIT) {
        edit_outside(screen);
    } else {
        enum edit_outcome outcome = edit_key(screen->frame.form.edit, key);
        if (outcome == EDIT_UNKNOWN)
            screen_refuse_key(screen, key);
        after_edit(screen, outcome);
    }
}

void feedback_paste(struct screen *screen, const struct event *event)
{
    after_edit(screen, edit_paste(screen->frame.form.edit, event, true));
}

void feedback_set_text(struct screen *screen, const char *text, size_t len)
{
    editbuf_set(screen->frame.form.edit, text, len);
    text_changed(screen);
}
