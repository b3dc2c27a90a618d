/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/answer_parts.h"
#include "base/xalloc.h"

/* The last write of an answer, until it is committed. */
struct end_job {
    struct app *app;
    struct id record;
    struct err err;
    void (*on_end)(void *ctx, const struct record *record, const struct err *err);
    void *ctx;
};

uint8_t answer_flags(const struct app *app, const struct record *record)
{
    const struct field *field = dataset_response_field(&app->session.dataset);
    const struct record_field *text = field ? record_field(record, field->name) : NULL;
    if (session_stream(&app->session, &record->id))
        return QUEUE_STREAMING;
    if (!record->has_completion)
        return 0;
    bool has_text = text && text->len;
    switch (record->completion.state) {
    case COMPLETION_RUNNING:
        return QUEUE_STREAMING;
    case COMPLETION_DONE:
        return 0;
    case COMPLETION_CUT:
        return QUEUE_CUT;
    case COMPLETION_FAILED:
        return has_text ? QUEUE_CUT : QUEUE_FAILED;
    }
    return 0;
}

static void remove_stream(struct app *app, const struct answer *answer)
{
    struct session *session = &app->session;
    size_t i = 0;
    while (session->streams[i] != &answer->stream)
        i++;
    session->stream_count--;
    memmove(&session->streams[i], &session->streams[i + 1],
            (session->stream_count - i) * sizeof *session->streams);
    if (!session->stream_count)
        loop_timer_stop(app->checkpoint_timer);
}

void answer_say_unstored(struct app *app, struct flight *flight, const struct err *err)
{
    if (flight)
        flight->is_unstored = true;
    app_say_unsaved(app, "The answer", err);
}

static void on_end_stored(void *ctx, const struct store_result *result)
{
    struct end_job *job = ctx;
    struct app *app = job->app;
    struct flight *flight = flight_find(app, &job->record);
    if (flight)
        flight->writes--;
    if (result->err.code) {
        answer_say_unstored(app, flight, &result->err);
        err_set(&job->err, result->err.code, "%s", result->err.text);
    }
    app_refresh_save(app);
    if (job->on_end)
        job->on_end(job->ctx, flight ? &flight->record : NULL, &job->err);
    flight = flight_find(app, &job->record);
    if (flight)
        flight_release(app, flight);
    if (!result->err.code)
        link_poke(app, false);
    free(job);
    app_changed(app);
}

/* Facts that the endpoint's side does not know. */
static void complete_completion(const struct answer *answer,
                                struct completion *completion)
{
    const struct completion *ours = &answer->completion;
    completion->run = ours->run;
    completion->parent = ours->parent;
    completion->sample = ours->sample;
    if (!completion->endpoint && ours->endpoint)
        completion->endpoint = xstrdup(ours->endpoint);
    if (!completion->started_ms)
        completion->started_ms = ours->started_ms;
    if (!completion->reasoning && answer->stream.reasoning.len)
        completion->reasoning = xstrdup(buf_text(&answer->stream.reasoning));
    if (answer->is_full && !completion->error)
        completion->error = xstrdup("The answer was cut off at 64 MiB.");
}

static void say_end(struct app *app, const struct record *record, const struct err *err)
{
    char label[64];
    if (!err->code || app->is_closing)
        return;
    app_record_label(app, record, label, sizeof label);
    app_notify(app, err->code == STATUS_CANCELLED ? NOTICE_INFO : NOTICE_WARNING,
               "%s: %s", label, err->text);
}

static void fill_end(struct answer *answer, const struct err *err,
                     const struct completion *completion, struct flight *flight)
{
    struct completion *kept = &flight->record.completion;
    completion_copy(kept, completion);
    complete_completion(answer, kept);
    if (err->code && !kept->error)
        kept->error = xstrdup(err->text);
    flight->record.has_completion = true;
    const struct field *field = dataset_response_field(&answer->app->session.dataset);
    record_set_field(&flight->record, field->name, buf_text(&answer->stream.text),
                     answer->stream.text.len);
}

/* An answer whose record could not be added is not written by itself either: it is kept,
 * and tried as a whole if it has text. */
static void store_end(struct app *app, struct flight *flight, struct end_job *job,
                      const struct err *shown)
{
    const struct field *field = dataset_response_field(&app->session.dataset);
    static const struct record_field nothing = {0};
    const struct record_field *text =
        flight ? record_field(&flight->record, field->name) : NULL;
    if (!text)
        text = &nothing;
    if (flight && !flight->is_unstored) {
        flight->writes++;
        store_put_completion(app->store, &flight->record.id, field->name, text->text,
                             text->len, &flight->record.completion, on_end_stored, job);
        return;
    }
    struct err err = *shown;
    err_set(&err, STATUS_IO, "The answer could not be saved.");
    if (job->on_end)
        job->on_end(job->ctx, flight ? &flight->record : NULL, &err);
    if (flight && text->len)
        answer_store_again(app, flight);
    free(job);
}

/* The answer is gone after it. */
void answer_end(struct answer *answer, const struct err *why,
                const struct completion *completion)
{
    struct app *app = answer->app;
    struct flight *flight = flight_open(app, &answer->stream.record);
    struct end_job *job = xcalloc(1, sizeof *job);
    *job = (struct end_job){.app = app,
                            .record = answer->stream.record,
                            .on_end = answer->on_end,
                            .ctx = answer->ctx};
    if (why && completion->state == COMPLETION_FAILED)
        job->err = *why;
    struct err shown = why ? *why : (struct err){0};
    app->session.answer_code = shown.code;
    remove_stream(app, answer);
    if (answer->on_streamed)
        answer->on_streamed(answer->ctx);
    if (flight) {
        fill_end(answer, &shown, completion, flight);
        flight_show(app, flight);
        say_end(app, &flight->record, &shown);
    }
    store_end(app, flight, job, &shown);
    answer_free(answer);
    app_refresh_save(app);
    app_changed(app);
}

/* Ends an answer whose call has not begun, or could not. */
void answer_end_early(struct answer *answer, enum completion_state state,
                      const struct err *err)
{
    struct completion completion;
    completion_init(&completion);
    completion_copy(&completion, &answer->completion);
    completion.state = state;
    completion.total_ms = clock_wall_ms(answer->app->clock) - completion.started_ms;
    if (state == COMPLETION_CUT)
        completion.finish_reason = xstrdup("cancelled");
    answer_end(answer, err, &completion);
    completion_clear(&completion);
}
