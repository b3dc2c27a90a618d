/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/choice.h"
#include "base/xalloc.h"
#include "text/sanitise.h"

enum { FEEDBACK_DELAY_MS = 250 };

/* One write of a response, until the store has confirmed it. */
struct put_job {
    struct app *app;
    struct id record;
    enum change_kind kind;
    bool is_draft;
    char label[64]; /* of the record, when the change was asked for */
};

int app_rating_of(const struct app *app, const struct response *response)
{
    const struct question *question = dataset_rating_question(&app->session.dataset);
    const struct value *value =
        question ? values_find(&response->values, question->name) : NULL;
    return value && value->type == QUESTION_RATING ? value->rating : -1;
}

/* ---- writing ---- */

static void show_response(struct app *app, const struct flight *flight)
{
    struct session *session = &app->session;
    const struct record *record = &flight->record;
    if (session->has_current && id_equal(&session->current.id, &record->id))
        response_copy(&session->current.response, &record->response);
    size_t index = queue_find(&session->queue, record->row);
    if (index != SIZE_MAX)
        queue_set_status(&session->queue, index, record->response.status,
                         app_rating_of(app, &record->response));
}

static bool has_open_record(const struct queue *queue)
{
    return queue->counts[RESPONSE_PENDING] + queue->counts[RESPONSE_DRAFT] > 0;
}

/* Said only now, because "saved" must be true. */
static void announce(struct app *app, const struct put_job *job)
{
    static const char *const words[] = {[CHANGE_SUBMIT] = "submitted",
                                        [CHANGE_DRAFT] = "kept as a draft",
                                        [CHANGE_DISCARD] = "discarded"};
    const struct queue *queue = &app->session.queue;
    if (job->kind != CHANGE_SUBMIT && job->kind != CHANGE_DRAFT &&
        job->kind != CHANGE_DISCARD)
        return;
    bool is_all = app->session.is_queue_loaded && !has_open_record(queue);
    if (is_all && queue->count == 1)
        app_notify(app, NOTICE_DONE, "%s %s and saved; it was the only one.", job->label,
                   words[job->kind]);
    else if (is_all)
        app_notify(app, NOTICE_DONE, "%s %s and saved. All %zu records are done.",
                   job->label, words[job->kind], queue->count);
    else
        app_notify(app, NOTICE_DONE, "%s %s and saved; %s takes it back.", job->label,
                   words[job->kind], app_key_name(app, ACTION_UNDO).text);
}

static void on_put(void *ctx, const struct store_result *result)
{
    struct put_job *job = ctx;
    struct app *app = job->app;
    struct flight *flight = flight_find(app, &job->record);
    if (flight) {
        flight->writes--;
        if (result->err.code)
            flight->is_failed = true;
        else if (!flight->writes)
            flight->is_failed = false;
    }
    if (result->err.code)
        app_say_unsaved(app, job->label, &result->err);
    else if (!app->is_closing)
        announce(app, job);
    app_refresh_save(app);
    if (!result->err.code)
        link_poke(app, job->is_draft);
    if (flight)
        flight_release(app, flight);
    free(job);
    app_changed(app);
}

static void write_flight(struct app *app, struct flight *flight)
{
    struct put_job *job = xcalloc(1, sizeof *job);
    job->app = app;
    job->record = flight->record.id;
    job->kind = flight->kind;
    job->is_draft = flight->record.response.status == RESPONSE_DRAFT;
    app_record_label(app, &flight->record, job->label, sizeof job->label);
    flight->writes++;
    flight->is_failed = false;
    store_put_response(app->store, &flight->record.id, &flight->record.response,
                       flight->kind, flight->edit, on_put, job);
}

void app_write_failed_again(struct app *app)
{
    history_write_failed_again(app);
    for (size_t i = 0; i < app->flights.count; i++) {
        struct flight *flight = app->flights.items[i];
        if (flight->is_unstored && !flight->writes)
            answer_store_again(app, flight);
        if (flight->is_failed)
            write_flight(app, flight);
    }
}

void app_put_response(struct app *app, const struct id *id,
                      const struct response *response, enum change_kind kind,
                      int64_t edit)
{
    struct flight *flight = flight_open(app, id);
    if (!flight)
        return;
    flight->is_failed = false; /* the new values hold the old ones */
    app_write_failed_again(app);
    response_copy(&flight->record.response, response);
    flight->kind = kind;
    flight->edit = edit;
    show_response(app, flight);
    write_flight(app, flight);
    app_refresh_save(app);
    app_changed(app);
}

void app_flush_feedback(struct app *app)
{
    if (!app->has_unsaved_feedback)
        return;
    app->has_unsaved_feedback = false;
    loop_timer_stop(app->feedback_timer);
    struct response response = {0};
    response_copy(&response, &app->session.current.response);
    app_put_response(app, &app->session.current.id, &response, CHANGE_FEEDBACK,
                     app->edit);
    response_clear(&response);
}

/* ---- what a change makes of a response ---- */

/* False with a notice when there is nothing to rate. Changes asked for before an undo
 * has come back would be made to the wrong state: it is waited for, a commit long. */
static bool can_change(struct app *app)
{
    app_flush_feedback(app);
    app_wait_for_undo(app);
    if (!app->session.has_current)
        app_say_empty(app);
    return app->session.has_current;
}

/* The current response as it may be changed. */
static void begin_change(const struct app *app, struct response *next)
{
    memset(next, 0, sizeof *next);
    response_copy(next, &app->session.current.response);
    next->updated_ms = clock_wall_ms(app->clock);
}

/* Values changed: what is not open becomes a draft again, an empty draft pending. */
static void settle_status(struct app *app, struct response *next)
{
    bool was_final =
        next->status == RESPONSE_SUBMITTED || next->status == RESPONSE_DISCARDED;
    if (was_final)
        app_notify(app, NOTICE_INFO, "It was %s and is a draft now: %s submits %s.",
                   response_status_name(next->status),
                   app_key_name(app, ACTION_SUBMIT).text,
                   next->status == RESPONSE_SUBMITTED ? "it again" : "it");
    next->status = next->values.count ? RESPONSE_DRAFT : RESPONSE_PENDING;
}

static void end_change(struct app *app, struct response *next, enum change_kind kind)
{
    app_put_response(app, &app->session.current.id, next, kind, 0);
    response_clear(next);
}

static void refuse_rating(struct app *app, const struct question *question, int rating)
{
    char numbers[128] = "";
    size_t len = 0;
    for (size_t i = 0; i < question->rating_count && len < sizeof numbers - 16; i++)
        len += (size_t)snprintf(numbers + len, sizeof numbers - len, "%s%d", i ? " " : "",
                                question->ratings[i]);
    app_notify(app, NOTICE_WARNING, "%d is not one of this dataset's ratings: %s.",
               rating, numbers);
}

static void set_rating(struct app *app, const struct question *question, int rating,
                       bool is_toggle)
{
    struct response next;
    begin_change(app, &next);
    const struct value *old = values_find(&next.values, question->name);
    bool is_same = old && old->type == QUESTION_RATING && old->rating == rating;
    if (is_same && !is_toggle) {
        response_clear(&next);
        return;
    }
    if (is_same)
        values_remove(&next.values, question->name);
    else
        values_set_rating(&next.values, question->name, rating);
    settle_status(app, &next);
    end_change(app, &next, is_same ? CHANGE_CLEAR : CHANGE_RATE);
}

void app_rate(struct app *app, int rating)
{
    if (!can_change(app))
        return;
    const struct question *question = dataset_rating_question(&app->session.dataset);
    if (!question)
        app_notify(app, NOTICE_WARNING, "This dataset does not ask for a rating.");
    else if (!question_allows_rating(question, rating))
        refuse_rating(app, question, rating);
    else
        set_rating(app, question, rating, true);
}

static bool is_same_text(const struct value *old, const char *text)
{
    const char *before = old && old->text ? old->text : "";
    return !strcmp(before, text ? text : "");
}

void app_set_value(struct app *app, const struct value *value)
{
    if (!can_change(app))
        return;
    const struct question *question =
        dataset_question(&app->session.dataset, value->question);
    if (!question)
        return;
    if (question->type == QUESTION_RATING &&
        question_allows_rating(question, value->rating)) {
        set_rating(app, question, value->rating, false);
        return;
    }
    struct response next;
    begin_change(app, &next);
    bool is_text = question->type == QUESTION_TEXT || question->type == QUESTION_LABEL;
    bool is_gone = question->type == QUESTION_RATING || !value->text || !*value->text;
    if (is_gone ? !values_find(&next.values, question->name)
                : is_same_text(values_find(&next.values, question->name), value->text)) {
        response_clear(&next);
        return;
    }
    if (is_gone)
        values_remove(&next.values, question->name);
    else if (is_text)
        values_set_text(&next.values, question->name, question->type, value->text);
    else
        values_set_json(&next.values, question->name, question->type, value->text);
    settle_status(app, &next);
    end_change(app, &next, is_gone ? CHANGE_CLEAR : CHANGE_RATE);
}

/* ---- feedback ---- */

/* A C string of the typed text: values hold no NUL. Owned. */
static char *text_without_nul(const char *text, size_t len)
{
    char *copy = xmemdup0(text, len);
    size_t put = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i])
            copy[put++] = text[i];
    }
    copy[put] = '\0';
    return copy;
}

static void show_feedback(struct app *app, const struct question *question,
                          const char *text)
{
    struct response next;
    begin_change(app, &next);
    if (is_same_text(values_find(&next.values, question->name), text)) {
        response_clear(&next);
        return;
    }
    values_set_text(&next.values, question->name, QUESTION_TEXT, text);
    settle_status(app, &next);
    response_copy(&app->session.current.response, &next);
    response_clear(&next);
    app->has_unsaved_feedback = true;
    app->session.save = SAVE_RUNNING;
    /* not started anew by each key, so that a steady typist is saved as well */
    if (!loop_timer_is_running(app->feedback_timer))
        loop_timer_start(app->feedback_timer, FEEDBACK_DELAY_MS, 0);
    app_changed(app);
}

void app_type_text(struct app *app, const struct question *question, const char *text,
                   size_t len)
{
    app_wait_for_undo(app);
    if (!app->session.has_current)
        return;
    if (!app->edit)
        app->edit = ++app->last_edit;
    char *plain = text_without_nul(text, len);
    show_feedback(app, question, plain);
    free(plain);
}

void app_type_feedback(struct app *app, const char *text, size_t len)
{
    const struct question *question = dataset_feedback_question(&app->session.dataset);
    if (question)
        app_type_text(app, question, text, len);
    else
        app_notify(app, NOTICE_WARNING, "This dataset does not ask for feedback.");
}

void app_end_feedback(struct app *app)
{
    app_flush_feedback(app);
    app->edit = 0;
}

/* ---- leaving a record ---- */

static void go_on(struct app *app)
{
    struct queue *queue = &app->session.queue;
    if (!app->session.is_queue_loaded)
        return;
    size_t next = queue_next_open(queue, queue->position);
    if (next != SIZE_MAX && next != queue->position)
        app_go(app, next);
}

static bool leave_as(struct app *app, enum response_status status, enum change_kind kind)
{
    struct response next;
    begin_change(app, &next);
    next.status = status;
    app->edit = 0;
    end_change(app, &next, kind);
    go_on(app);
    return true;
}

/* False with a notice when the server would refuse the answers. */
static bool is_complete(struct app *app)
{
    const struct dataset *dataset = &app->session.dataset;
    const struct values *values = &app->session.current.response.values;
    const char *missing = dataset_missing_answer(dataset, values);
    const struct question *ranking = choice_half_ranked(dataset, values);
    if (!missing && !ranking)
        return true;
    const char *name = missing ? missing : ranking->name;
    const struct question *question = dataset_question(dataset, name);
    bool is_rating = question && question == dataset_rating_question(dataset);
    char safe[128];
    sanitise_line(name, strlen(name), safe, sizeof safe);
    app_notify(app, NOTICE_WARNING, "Not submitted: %s %s%s.", safe,
               missing ? "has no answer yet" : "ranks only some; rank all or none",
               missing && is_rating ? "; a digit rates" : "");
    return false;
}

bool app_submit(struct app *app)
{
    return can_change(app) && is_complete(app) &&
           leave_as(app, RESPONSE_SUBMITTED, CHANGE_SUBMIT);
}

bool app_discard(struct app *app)
{
    return can_change(app) && leave_as(app, RESPONSE_DISCARDED, CHANGE_DISCARD);
}

bool app_draft(struct app *app)
{
    return can_change(app) && leave_as(app, RESPONSE_DRAFT, CHANGE_DRAFT);
}

/* ---- undo ---- */

struct undo_job {
    struct app *app;
    const char *word;
};

static void show_undone(struct app *app, const struct store_result *result,
                        const char *word)
{
    struct flight *flight = flight_open(app, &result->record);
    if (!flight)
        return;
    response_copy(&flight->record.response, &result->response);
    flight->is_failed = false; /* what is shown now came from the disk */
    show_response(app, flight);
    if (!app->is_closing)
        app_show_flight(app, flight);
    char label[64];
    app_notify(app, NOTICE_DONE, "%s %s of %s.", word, result->what,
               app_record_label(app, &flight->record, label, sizeof label));
    app->session.save = SAVE_RUNNING; /* done, unless something else of it is not */
    app_refresh_save(app);
    flight_release(app, flight);
}

static void on_undone(void *ctx, const struct store_result *result)
{
    struct undo_job *job = ctx;
    struct app *app = job->app;
    app->undos_running--;
    if (result->err.code == STATUS_NOT_FOUND)
        app_notify(app, NOTICE_INFO, "%s", result->err.text);
    else if (result->err.code)
        app_notify_err(app, &result->err);
    else
        show_undone(app, result, job->word);
    if (!result->err.code)
        link_poke(app, false);
    free(job);
    app_changed(app);
}

static void take_back(struct app *app, const char *word,
                      void (*run)(struct store *, int64_t, store_done_fn, void *))
{
    app_end_feedback(app);
    app_write_failed_again(app); /* else an older change would be taken back */
    struct undo_job *job = xcalloc(1, sizeof *job);
    job->app = app;
    job->word = word;
    app->undos_running++;
    run(app->store, app->session.dataset.row, on_undone, job);
}

void app_wait_for_undo(struct app *app)
{
    if (app->undos_running)
        store_drain(app->store);
}

void app_undo(struct app *app)
{
    take_back(app, "Undid", store_undo);
}

void app_redo(struct app *app)
{
    take_back(app, "Redid", store_redo);
}
