/* SPDX-License-Identifier: MIT
 *
 * Marks, and what is done to all records that are marked or shown: the form for all of
 * them, the question, and how far it is.
 */
#include "config.h"

#include "ui/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bulk.h"

/* ---- the form for all of them ---- */

static void end_writing(struct screen *screen)
{
    struct bulk_pane *pane = &screen->frame.bulk;
    const struct question *question = question_at(&pane->asked, pane->form.focus);
    if (pane->is_writing && question)
        values_set_text(&pane->record.response.values, question->name, QUESTION_TEXT,
                        editbuf_text(pane->form.edit));
    pane->is_writing = false;
}

static void leave(struct screen *screen)
{
    screen->frame.bulk.is_writing = false;
    if (screen->frame.bulk.record.response.values.count)
        app_notify(screen->app, NOTICE_INFO,
                   "What you filled in is kept for the next time, and saved nowhere.");
    screen->mode = screen->base;
}

static void walk(struct screen *screen, int direction)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    size_t *focus = &screen->frame.bulk.form.focus, from = *focus;
    end_writing(screen);
    do
        *focus = question_next(dataset, *focus, direction);
    while (dataset->questions[*focus].type == QUESTION_SPAN && *focus != from);
}

static void enter(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    struct bulk_pane *pane = &screen->frame.bulk;
    if (!session->has_current || session->comparison.is_open ||
        !session->dataset.question_count) {
        app_notify(screen->app, NOTICE_INFO, "There is no record to answer here.");
        return;
    }
    struct values *given = &pane->record.response.values;
    if (pane->asked.row != session->dataset.row)
        values_clear(given);
    for (size_t i = given->count; i-- > 0;) { /* the dataset may ask other things now */
        const struct question *question =
            dataset_question(&session->dataset, given->items[i].question);
        if (!question || question->type != given->items[i].type)
            values_remove(given, given->items[i].question);
    }
    dataset_copy(&pane->asked, &session->dataset);
    pane->record.response.status = RESPONSE_DRAFT;
    pane->form.focus = question_first(&session->dataset);
    if (session->dataset.questions[pane->form.focus].type == QUESTION_SPAN)
        walk(screen, 1);
    if (given->count)
        app_notify(screen->app, NOTICE_INFO,
                   "Filled in as you left it; Delete takes an answer out.");
    screen->number = 0;
    screen->mode = MODE_BULK;
}

void bulk_follow(struct screen *screen)
{
    struct bulk_pane *pane = &screen->frame.bulk;
    if (!screen_is_bulk(screen) ||
        dataset_asks_same(&pane->asked, &screen_session(screen)->dataset))
        return;
    end_writing(screen);
    screen_interrupt(screen, "The dataset asks other things now; nothing was given, and "
                             "what is still asked stays filled in.");
}

/* The question in focus, if it is a text, else the dataset's first. */
static void write_text(struct screen *screen)
{
    struct bulk_pane *pane = &screen->frame.bulk;
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct question *question = screen_question(screen);
    if (!question || question->type != QUESTION_TEXT)
        question = dataset_feedback_question(dataset);
    if (!question) {
        app_notify(screen->app, NOTICE_INFO, "This dataset asks for no text.");
        return;
    }
    const struct value *value =
        values_find(&pane->record.response.values, question->name);
    const char *text = value ? value->text : "";
    pane->form.focus = (size_t)(question - dataset->questions);
    editbuf_set(pane->form.edit, text, strlen(text));
    pane->is_writing = true;
}

static const char stays[] =
    "Spans are in the text of one record: they cannot be given to many.";

static void ask(struct screen *screen, enum bulk_verb verb)
{
    end_writing(screen);
    app_ask_bulk(screen->app,
                 &(struct bulk_order){
                     .verb = verb, .given = screen->frame.bulk.record.response.values});
}

enum action bulk_key(struct screen *screen, struct key key)
{
    struct bulk_pane *pane = &screen->frame.bulk;
    const struct question *question = screen_question(screen);
    enum action action = keymap_find(&screen->keymap, key);
    bool is_out = (key.code == KEYCODE_ESCAPE && key.mods == 0) ||
                  (key.code == 'c' && key.mods == KEY_CTRL_BIT);
    bool is_enter = key.code == KEYCODE_ENTER;
    if (key.code == KEYCODE_TAB)
        return key.mods & KEY_SHIFT_BIT ? ACTION_PREVIOUS_QUESTION : ACTION_NEXT_QUESTION;
    if (is_enter && key.mods != 0)
        return ACTION_SUBMIT; /* Esc Enter comes as Alt-Enter */
    if (pane->is_writing) {
        if (is_out)
            end_writing(screen);
        else if (is_enter)
            (void)edit_newline(pane->form.edit);
        else
            screen_edit_key(screen, pane->form.edit, key);
    } else if (is_out || action == ACTION_QUIT) {
        leave(screen);
    } else if (key.code == KEYCODE_DELETE ||
               (key.code == KEYCODE_BACKSPACE && action != ACTION_DISCARD)) {
        if (question)
            values_remove(&pane->record.response.values, question->name);
    } else if (action == ACTION_NONE && key.mods == 0 && key.code >= '0' &&
               key.code <= '9') {
        form_digit(screen, (int)(key.code - '0'));
    } else if (action == ACTION_NONE) {
        screen_refuse_key(screen, key);
    } else {
        return action;
    }
    return ACTION_NONE;
}

void bulk_paste(struct screen *screen, const struct event *event)
{
    struct bulk_pane *pane = &screen->frame.bulk;
    if (!pane->is_writing)
        screen_refuse_paste(screen);
    else if (edit_paste(pane->form.edit, event, true) == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING, "That is too long for one text.");
}

bool bulk_click(struct screen *screen, size_t index)
{
    const struct question *question =
        question_at(&screen_session(screen)->dataset, index);
    end_writing(screen);
    if (question && question->type == QUESTION_SPAN) {
        app_notify(screen->app, NOTICE_INFO, "%s", stays);
        return false;
    }
    screen->frame.bulk.form.focus = index;
    if (question && question->type == QUESTION_TEXT)
        write_text(screen);
    return question && question_has_choices(question);
}

static void take_here(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    struct values *given = &screen->frame.bulk.record.response.values, here = {0};
    bool has_spans = false, is_kept = false;
    end_writing(screen);
    app_copy_form(screen->app, &here);
    for (size_t i = 0; i < here.count; i++) {
        if (values_find(given, here.items[i].question))
            is_kept = true;
        else
            values_set(given, &here.items[i]);
    }
    for (size_t i = 0; i < session->dataset.question_count; i++)
        has_spans = has_spans || session->dataset.questions[i].type == QUESTION_SPAN;
    app_notify(screen->app, NOTICE_INFO, "%s #%zu%s%s.%s%s",
               here.count ? "Filled in as" : "Nothing is answered in",
               session->queue.position + 1, here.count ? " is" : "",
               is_kept ? ", where nothing was" : "", has_spans ? " " : "",
               has_spans ? stays : "");
    values_clear(&here);
}

/* False: the whole program's. */
static bool run_in_form(struct screen *screen, enum action action)
{
    const struct question *question = screen_question(screen);
    switch (action) {
    case ACTION_COMMAND:
    case ACTION_HELP:
    case ACTION_SUSPEND:
    case ACTION_REDRAW:
        return false;
    case ACTION_NEXT_QUESTION:
    case ACTION_SCROLL_DOWN:
    case ACTION_PREVIOUS_QUESTION:
    case ACTION_SCROLL_UP:
        walk(screen,
             action == ACTION_NEXT_QUESTION || action == ACTION_SCROLL_DOWN ? 1 : -1);
        return true;
    case ACTION_PICK:
        if (question && question->type == QUESTION_TEXT)
            write_text(screen);
        else
            options_enter(screen);
        return true;
    case ACTION_FEEDBACK:
        write_text(screen);
        return true;
    case ACTION_SUBMIT:
        ask(screen, VERB_SUBMIT);
        return true;
    case ACTION_DRAFT:
        ask(screen, VERB_DRAFT);
        return true;
    case ACTION_DISCARD:
        ask(screen, VERB_DISCARD);
        return true;
    case ACTION_BULK:
        take_here(screen);
        return true;
    default:
        if (action >= ACTION_RATE_1 && action <= ACTION_RATE_5)
            form_digit(screen, (int)action - ACTION_RATE_1 + 1);
        else
            app_notify(screen->app, NOTICE_INFO,
                       "That does nothing in the form for many records; Esc leaves it.");
        return true;
    }
}

/* ---- marks ---- */

void bulk_say_marked(struct screen *screen)
{
    app_notify(screen->app, NOTICE_INFO, "%zu marked.",
               screen_session(screen)->marks.count);
}

bool bulk_mark_to_here(struct screen *screen, struct key key)
{
    const struct session *session = screen_session(screen);
    const struct queue *queue = &session->queue;
    size_t here = queue->position;
    size_t from = session->marks.last ? queue_find(queue, session->marks.last) : SIZE_MAX;
    if (key.code != 'W' || key.mods != 0 || queue->count == 0)
        return false;
    if (from == SIZE_MAX)
        from = here;
    app_mark_range(screen->app, from < here ? from : here, from < here ? here : from);
    bulk_say_marked(screen);
    return true;
}

/* ---- keys ---- */

bool bulk_run(struct screen *screen, enum action action)
{
    const struct session *session = screen_session(screen);
    if (screen->mode == MODE_BULK)
        return run_in_form(screen, action);
    if (action == ACTION_BULK) {
        enter(screen);
    } else if (action == ACTION_MARK && session->queue.count) {
        app_mark(screen->app, session->queue.position);
        bulk_say_marked(screen);
    } else if (action == ACTION_DELETE) {
        app_ask_bulk(screen->app,
                     &(struct bulk_order){.verb = VERB_DELETE, .is_current = true});
    } else {
        return false;
    }
    return true;
}

bool bulk_answers(struct screen *screen, struct key key)
{
    if (screen_session(screen)->bulk.phase != BULK_ASKING)
        return false;
    bool is_yes = key.code == 'y' && key.mods == 0;
    app_decide_bulk(screen->app, is_yes);
    if (is_yes && screen->mode == MODE_BULK) {
        values_clear(&screen->frame.bulk.record.response.values);
        leave(screen);
    }
    return true;
}

/* ---- drawing ---- */

void bulk_view(struct bulk_pane *pane, struct view *view)
{
    view->record = &pane->record;
    view->about = bulk_say_about(view->session, pane->about, sizeof pane->about);
    if (view->mode == MODE_BULK)
        view->mode = pane->is_writing ? MODE_FEEDBACK : MODE_BROWSE;
}

void bulk_hints(const struct bulk_pane *pane, const struct view *view,
                struct hints *hints)
{
    struct view all = *view;
    all.record = &pane->record;
    if (pane->is_writing) {
        hints_add_key(hints, "Esc", "done");
        hints_add_key(hints, "Esc Enter", "submit all");
        hints_add_key(hints, "Tab", "next question");
        return;
    }
    hints_add(hints, view, ACTION_SUBMIT, "submit all");
    hints_add(hints, view, ACTION_DRAFT, "drafts");
    hints_add(hints, view, ACTION_DISCARD, "discard");
    hints_add(hints, view, ACTION_BULK, "as here");
    hints_add_key(hints, "Esc", "leave");
    form_hints(&all, hints);
    hints_add(hints, view, ACTION_COMMAND, "flag or delete");
}

const char *bulk_sentence(const struct session *session, char *out, size_t size)
{
    const struct bulk_shown *bulk = &session->bulk;
    if (bulk->phase == BULK_NONE || bulk->phase == BULK_ASKING)
        return bulk->phase == BULK_NONE ? "" : bulk->text;
    if (bulk->total)
        snprintf(out, size, "%s: %s of %s", bulk->text, view_count(bulk->done).text,
                 view_count(bulk->total).text);
    else
        snprintf(out, size, "%s: %s", bulk->text, view_count(bulk->done).text);
    return out;
}

const char *bulk_say_about(const struct session *session, char *out, size_t size)
{
    const struct queue *queue = &session->queue;
    if (session->marks.count)
        snprintf(out, size, "%zu marked", session->marks.count);
    else
        snprintf(out, size, "all %zu shown",
                 queue->has_filter ? queue_counts(queue)[queue->filter]
                                   : queue_total(queue));
    return out;
}
