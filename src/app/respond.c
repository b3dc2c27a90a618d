/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/respond.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/choice.h"
#include "app/current.h"
#include "app/suggest.h"
#include "base/utf8.h"
#include "base/xalloc.h"

/* ---- what a change makes of a response ---- */

bool app_can_respond(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_current)
        current_say_empty(app);
    else if (session_is_elsewhere(session, &session->current))
        app_notify(app, NOTICE_WARNING,
                   "Another sherd is still writing this answer; it can be rated when it "
                   "is whole.");
    else if (!session_has_answer(session, &session->current))
        app_notify(app, NOTICE_WARNING,
                   session->can_log ? "There is no answer to rate: %s asks again."
                                    : "There is no answer to rate.",
                   app_key_name(app, ACTION_REGENERATE).text);
    else
        return true;
    return false;
}

/* The current response as it may be changed: what the form shows becomes the person's. */
static void begin_change(const struct app *app, struct response *next)
{
    const struct session *session = &app->session;
    memset(next, 0, sizeof *next);
    response_copy(next, &session->current.response);
    suggest_values(&session->current, &session->dataset, &next->values);
    if (next->status == RESPONSE_SUBMITTED)
        values_set_own(&next->values);
    next->updated_ms = clock_wall_ms(app->clock);
}

/* Values changed: what is not open becomes a draft again, an empty draft pending; not
 * where it would start from the suggestions again, which were taken away. */
static void settle_status(struct app *app, struct response *next)
{
    const struct dataset *dataset = &app->session.dataset;
    const char *missing = dataset_missing_answer(dataset, &next->values);
    bool was_final =
        next->status == RESPONSE_SUBMITTED || next->status == RESPONSE_DISCARDED;
    char label[64];
    if (was_final && missing)
        app_notify(
            app, NOTICE_WARNING,
            "It was %s and is open again, without %s: %s brings it back.",
            response_status_name(next->status),
            question_label(dataset_question(dataset, missing), label, sizeof label),
            app_key_name(app, ACTION_UNDO).text);
    else if (was_final)
        app_notify(app, NOTICE_INFO, "It was %s and is a draft now: %s submits %s.",
                   response_status_name(next->status),
                   app_key_name(app, ACTION_SUBMIT).text,
                   next->status == RESPONSE_SUBMITTED ? "it again" : "it");
    bool is_draft =
        next->values.count || suggest_has_start(&app->session.current, dataset);
    next->status = is_draft ? RESPONSE_DRAFT : RESPONSE_PENDING;
}

/* Writes it, then shows it: the record as it was is what the person saw. True once the
 * store has it. */
static bool end_change(struct app *app, struct response *next, enum change_kind kind,
                       enum set_how how)
{
    struct record *current = &app->session.current;
    bool is_kept = false, is_grown = how == SET_GROWN || how == SET_GROWN_SUBMIT;
    bool is_joined = is_grown || (how == SET_TYPED && app->edit);
    if (!is_joined)
        app->last_edit++;
    if (!is_joined && how == SET_TYPED)
        app->edit = app->last_edit;
    next->is_changed =
        response_is_changed(&current->response, next, kind == CHANGE_DRAFT);
    if (app->session.is_again) {
        again_change(app, next, is_joined);
        response_clear(next);
        return true;
    }
    if (how == SET_TYPED)
        unsaved_type_response(app, current, next, app->edit);
    else
        is_kept = unsaved_put_response(app, current, next, kind, app->last_edit);
    if (is_kept || unsaved_find(app, &current->id, UNSAVED_RESPONSE))
        response_copy(&current->response, next); /* else it was refused, and is gone */
    response_clear(next);
    current_put_row(app, current);
    app_changed(app);
    return is_kept;
}

/* ---- leaving a record ---- */

/* Words that are true once the commit is on disk. */
static void say_left(struct app *app, const char *label, const char *word,
                     const char *haste)
{
    const struct queue *queue = &app->session.queue;
    size_t open = queue->counts[RESPONSE_PENDING] + queue->counts[RESPONSE_DRAFT];
    bool is_all = app->session.is_queue_loaded && !open;
    if (is_all && queue->count == 1)
        unsaved_say_saved(app, "%s %s and saved; it was the only one.", label, word);
    else if (is_all)
        unsaved_say_saved(app, "%s %s and saved. All %zu records are done.", label, word,
                          queue->count);
    else if (haste)
        unsaved_say_saved(app, "%s %s and saved. The last %d %s.", label, word, PACE_ROW,
                          haste);
    else
        unsaved_say_saved(app, "%s %s and saved; %s takes it back.", label, word,
                          app_key_name(app, ACTION_UNDO).text);
}

/* What was final is another answer now: a key alone may have done that. */
static const char *word_of_change(const struct app *app, const struct response *next,
                                  const char *word, char *out, size_t size)
{
    const struct response *now = &app->session.current.response;
    const struct dataset *dataset = &app->session.dataset;
    const struct value *from = NULL, *to = NULL;
    const struct question *asked = NULL;
    struct buf was = {0}, is = {0};
    size_t changed = 0;
    if (next->status != RESPONSE_SUBMITTED || now->status < RESPONSE_SUBMITTED)
        return word;
    if (now->status == RESPONSE_DISCARDED)
        return "was discarded, is submitted now";
    for (size_t i = 0; i < dataset->question_count; i++) {
        const char *name = dataset->questions[i].name;
        const struct value *old = values_find(&now->values, name);
        const struct value *new = values_find(&next->values, name);
        if (!old == !new && (!old || value_equal(old, new)))
            continue;
        changed++;
        asked = &dataset->questions[i];
        from = old;
        to = new;
    }
    if (!changed)
        return word;
    snprintf(out, size, "was submitted, is changed now");
    if (changed > 1 || !from || !to ||
        (to->type != QUESTION_RATING && to->type != QUESTION_LABEL))
        return out;
    choice_write(asked, from, NULL, &was);
    choice_write(asked, to, NULL, &is);
    snprintf(out, size, "was %.40s, is %.40s now", buf_text(&was), buf_text(&is));
    buf_clear(&was);
    buf_clear(&is);
    return out;
}

/* Takes next over. */
static void leave_with(struct app *app, struct response *next,
                       enum response_status status, enum set_how how)
{
    bool is_submit = status == RESPONSE_SUBMITTED, is_draft = status == RESPONSE_DRAFT;
    const char *word = is_submit  ? "submitted"
                       : is_draft ? "kept as a draft"
                                  : "discarded";
    struct queue *queue = &app->session.queue;
    struct viewing viewing;
    char label[64], changed[128];
    app->edit = 0;
    next->status = status;
    if (is_submit)
        dataset_complete_values(&app->session.dataset, &next->values);
    app_record_label(app, &app->session.current, label, sizeof label);
    if (app->session.is_again) {
        if (again_end(app, next))
            say_left(app, label, word, NULL);
        response_clear(next);
        return;
    }
    word = word_of_change(app, next, word, changed, sizeof changed);
    if (app->session.decides)
        app_mark_decided(app);
    pace_take(app, &viewing);
    next->viewing = viewing;
    bool is_kept = end_change(app, next, change_kind_to(status), how);
    if (is_kept)
        say_left(app, label, word, is_submit ? pace_haste(app, &viewing) : NULL);
    if (!app->session.is_queue_loaded || app->session.current.has_clash)
        return;
    size_t index = app_next_to_answer(app);
    if (index == SIZE_MAX || index == queue->position)
        return;
    int64_t again = is_kept && status >= RESPONSE_SUBMITTED ? again_due(app) : 0;
    queue_go(queue, index);
    if (again)
        current_show_again(app, again, NULL);
    else
        current_show(app, index);
}

/* ---- values ---- */

/* A text whose question is gone has come over to another one. */
static void drop_orphan(const struct dataset *dataset, struct values *values,
                        const char *text)
{
    for (size_t i = values->count; i-- > 0;) {
        const struct value *value = &values->items[i];
        if (value->type == QUESTION_TEXT && !dataset_question(dataset, value->question) &&
            strcmp(value->text, text) == 0)
            values_remove(values, value->question);
    }
}

/* Puts the value into the values; true when that took something away. old is the person's
 * own, to be toggled; NULL = none. */
static bool put_value(struct values *values, const struct question *question,
                      const struct value *value, const struct value *old)
{
    struct value next = *value;
    next.type = question->type;
    bool is_gone =
        next.type == QUESTION_RATING ? next.rating < 0 : !next.text || !*next.text;
    if (is_gone || (old && value_equal(old, &next)))
        return values_remove(values, question->name);
    values_set(values, &next);
    return false;
}

/* There is nothing yet that could be judged. */
static bool has_no_word(const struct session *session)
{
    size_t len;
    const char *text = session_response(session, &len);
    return session_stream(session, &session->current.id) && utf8_is_blank(text, len);
}

/* Over a text that came from elsewhere while the box was open: its writer has seen the
 * one before, and so the store finds that they clash. */
static void see_as_in_box(struct app *app, const struct question *question,
                          const struct value *typed)
{
    struct response *now = &app->session.current.response;
    const struct value *old = values_find(&now->values, typed->question);
    struct value seen = {
        .question = typed->question, .type = QUESTION_TEXT, .text = app->text_seen};
    if (seen.text && strcmp(seen.text, old && old->text ? old->text : "") != 0) {
        put_value(&now->values, question, &seen, NULL);
        now->status = now->status == RESPONSE_PENDING ? RESPONSE_DRAFT : now->status;
    }
    if (seen.text) {
        free(app->text_seen);
        app->text_seen = xstrdup(typed->text ? typed->text : "");
    }
}

bool app_set_value(struct app *app, const struct value *value, enum set_how how)
{
    const struct question *question =
        dataset_question(&app->session.dataset, value->question);
    struct response next;
    char allowed[128];
    if (!question || !app_can_respond(app))
        return false;
    if (question->type == QUESTION_RATING && value->rating >= 0 &&
        !question_allows_rating(question, value->rating)) {
        app_notify(app, NOTICE_WARNING, "%d is not one of this dataset's ratings: %s.",
                   value->rating,
                   question_describe_ratings(question, allowed, sizeof allowed));
        return false;
    }
    const struct response *now = &app->session.current.response;
    const char *why;
    bool submits = how == SET_SUBMIT || how == SET_GROWN_SUBMIT;
    bool toggles =
        how == SET_TOGGLE || (how == SET_SUBMIT && now->status == RESPONSE_SUBMITTED);
    if (how == SET_TYPED)
        see_as_in_box(app, question, value);
    begin_change(app, &next);
    bool is_clear = put_value(&next.values, question, value,
                              toggles ? values_find(&now->values, question->name) : NULL);
    if (how == SET_TYPED && value->text)
        drop_orphan(&app->session.dataset, &next.values, value->text);
    if (submits && !is_clear && !app->session.current.has_clash &&
        !has_no_word(&app->session) &&
        !suggest_waits(&app->session.current, &app->session.dataset, &next.values) &&
        !choice_find_fault(&app->session.dataset, &app->session.current, &next.values,
                           true, &why)) {
        leave_with(app, &next, RESPONSE_SUBMITTED, how);
        return true;
    }
    bool was_start = now->status == RESPONSE_PENDING &&
                     suggest_has_start(&app->session.current, &app->session.dataset);
    const struct value *old = values_find(&now->values, question->name);
    bool is_new = now->status == RESPONSE_DRAFT && old && value->own & ~old->own;
    if (values_equal(&next.values, &now->values) && !was_start && !is_new) {
        response_clear(&next);
        return true;
    }
    settle_status(app, &next);
    end_change(app, &next, is_clear ? CHANGE_CLEAR : CHANGE_RATE, how);
    return true;
}

static void say_none_taken(struct app *app, bool is_any, bool is_same)
{
    bool is_hidden = app->session.suggestion_use == SUGGESTIONS_HIDDEN &&
                     app->session.current.response.status != RESPONSE_SUBMITTED;
    app_notify(app, NOTICE_INFO, "%s",
               is_hidden ? "What is suggested is hidden until you have submitted."
               : !is_any ? "Nothing is suggested for this record."
               : is_same ? "The answer is what is suggested already."
                         : "Every question with a suggestion has an answer; Tab goes to "
                           "the one to be replaced.");
}

bool app_take_suggestions(struct app *app, const struct question *focused)
{
    const struct session *session = &app->session;
    const struct dataset *dataset = &session->dataset;
    const struct record *record = &session->current;
    struct response next;
    size_t suggested = 0, taken = 0;
    if (current_has_to_choose(app) || !app_can_respond(app))
        return false;
    begin_change(app, &next);
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        const struct suggestion *found = suggest_find(record, question);
        suggested += found != NULL;
        if (found && !values_find(&record->response.values, question->name)) {
            struct value value = found->value;
            value.own = UINT64_MAX;
            values_set(&next.values, &value);
            taken++;
        }
    }
    const struct suggestion *found =
        focused && !taken ? suggest_find(record, focused) : NULL;
    if (found && !suggest_is_same(record, focused, SIZE_MAX)) {
        values_set(&next.values, &found->value);
        taken = 1;
    }
    if (!taken) {
        say_none_taken(app, suggested > 0, found != NULL);
        response_clear(&next);
        return false;
    }
    const char *why;
    if (session->is_fast && !has_no_word(session) &&
        !choice_find_fault(dataset, record, &next.values, true, &why)) {
        leave_with(app, &next, RESPONSE_SUBMITTED, SET_VALUE);
        return true;
    }
    settle_status(app, &next);
    if (end_change(app, &next, CHANGE_SUGGESTION, SET_VALUE))
        app_notify(app, NOTICE_DONE, "Taken: %zu suggested; %s takes %s back.", taken,
                   app_key_name(app, ACTION_UNDO).text, taken == 1 ? "it" : "them");
    return true;
}

void app_begin_text(struct app *app, const struct question *question)
{
    const struct value *value =
        values_find(&app->session.current.response.values, question->name);
    free(app->text_seen);
    app->text_seen = xstrdup(value && value->text ? value->text : "");
}

void app_end_text(struct app *app)
{
    if (app->edit)
        unsaved_write(app);
    app->edit = 0;
}

/* ---- submit, discard, draft ---- */

const struct question *app_find_fault(const struct app *app, const char **why)
{
    const struct session *session = &app->session;
    struct values values = {0};
    suggest_values(&session->current, &session->dataset, &values);
    const struct question *question =
        choice_find_fault(&session->dataset, &session->current, &values, true, why);
    values_clear(&values);
    return question;
}

/* False with a notice when the server would refuse the response. */
static bool is_complete(struct app *app)
{
    if (has_no_word(&app->session)) {
        app_notify(app, NOTICE_WARNING,
                   "Not submitted: no word of this answer has come yet.");
        return false;
    }
    const struct record *record = &app->session.current;
    const char *why;
    const struct question *question = app_find_fault(app, &why);
    char label[64];
    if (!question)
        return true;
    bool is_unrated = question == dataset_rating_question(&app->session.dataset) &&
                      !suggest_value(record, question);
    app_notify(app, NOTICE_WARNING, "Not submitted: %s %s%s.",
               question_label(question, label, sizeof label), why,
               is_unrated ? "; a digit rates" : "");
    return false;
}

bool app_submit(struct app *app)
{
    if (current_has_to_choose(app) || !app_can_respond(app) || !is_complete(app))
        return false;
    struct response next;
    begin_change(app, &next);
    leave_with(app, &next, RESPONSE_SUBMITTED, SET_VALUE);
    return true;
}

/* Also of what has no answer: it is then out of the way. What is only suggested is not
 * the person's. */
bool app_discard(struct app *app)
{
    if (!app->session.has_current) {
        current_say_empty(app);
        return false;
    }
    if (current_has_to_choose(app))
        return false;
    struct response next;
    begin_change(app, &next);
    values_copy(&next.values, &app->session.current.response.values);
    leave_with(app, &next, RESPONSE_DISCARDED, SET_VALUE);
    return true;
}

bool app_draft(struct app *app)
{
    if (current_has_to_choose(app) || !app_can_respond(app))
        return false;
    struct response next;
    begin_change(app, &next);
    leave_with(app, &next, RESPONSE_DRAFT, SET_VALUE);
    return true;
}

void app_set_fast(struct app *app, bool is_fast)
{
    app->session.is_fast = is_fast;
    app_notify(app, NOTICE_DONE,
               is_fast ? "Fast: a key that completes the answer submits it and goes on; "
                         "%s ends that."
                       : "Not fast any more: Enter submits; %s turns it on again.",
               app_key_name(app, ACTION_FAST).text);
    app_changed(app);
}

/* ---- the answers of others ---- */

bool app_take_peer(struct app *app, size_t index, const struct question *question)
{
    const struct peer *peers[PEERS_SHOWN];
    size_t hidden, count = session_peers(&app->session, peers, &hidden);
    struct response next;
    if (index >= count) {
        app_notify(app, NOTICE_INFO,
                   hidden ? "The answers of others are shown after yours is submitted."
                          : "There is no such answer to take.");
        return false;
    }
    if (current_has_to_choose(app) || !app_can_respond(app))
        return false;
    app_mark_decided(app);
    const struct values *theirs = &peers[index]->response.values;
    const struct value *one = question ? values_find(theirs, question->name) : NULL;
    begin_change(app, &next);
    if (one)
        values_set(&next.values, one);
    else if (question)
        values_remove(&next.values, question->name);
    else
        values_copy(&next.values, theirs);
    next.status = RESPONSE_DRAFT;
    end_change(app, &next, CHANGE_RATE, SET_VALUE);
    return true;
}
