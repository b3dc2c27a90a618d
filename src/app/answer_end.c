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
    if (!record->has_generation)
        return 0;
    bool has_text = text && text->len;
    switch (record->generation.state) {
    case GENERATION_RUNNING:
        return QUEUE_STREAMING;
    case GENERATION_DONE:
        return 0;
    case GENERATION_CUT:
        return QUEUE_CUT;
    case GENERATION_FAILED:
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
static void complete_generation(const struct answer *answer,
                                struct generation *generation)
{
    const struct generation *ours = &answer->generation;
    generation->run = ours->run;
    generation->parent = ours->parent;
    generation->sample = ours->sample;
    if (!generation->endpoint && ours->endpoint)
        generation->endpoint = xstrdup(ours->endpoint);
    if (!generation->started_ms)
        generation->started_ms = ours->started_ms;
    if (!generation->reasoning && answer->stream.reasoning.len)
        generation->reasoning = xstrdup(buf_text(&answer->stream.reasoning));
    if (answer->is_full && !generation->error)
        generation->error = xstrdup("The answer was cut off at 64 MiB.");
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
                     const struct generation *generation, struct flight *flight)
{
    struct generation *kept = &flight->record.generation;
    generation_copy(kept, generation);
    complete_generation(answer, kept);
    if (err->code && !kept->error)
        kept->error = xstrdup(err->text);
    flight->record.has_generation = true;
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
        store_put_generation(app->store, &flight->record.id, field->name, text->text,
                             text->len, &flight->record.generation, on_end_stored, job);
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
                const struct generation *generation)
{
    struct app *app = answer->app;
    struct flight *flight = flight_open(app, &answer->stream.record);
    struct end_job *job = xcalloc(1, sizeof *job);
    *job = (struct end_job){.app = app,
                            .record = answer->stream.record,
                            .on_end = answer->on_end,
                            .ctx = answer->ctx};
    if (why && generation->state == GENERATION_FAILED)
        job->err = *why;
    struct err shown = why ? *why : (struct err){0};
    app->session.answer_code = shown.code;
    remove_stream(app, answer);
    if (answer->on_streamed)
        answer->on_streamed(answer->ctx);
    if (flight) {
        fill_end(answer, &shown, generation, flight);
        flight_show(app, flight);
        say_end(app, &flight->record, &shown);
    }
    store_end(app, flight, job, &shown);
    answer_free(answer);
    app_refresh_save(app);
    app_changed(app);
}

/* Ends an answer whose call has not begun, or could not. */
void answer_end_early(struct answer *answer, enum generation_state state,
                      const struct err *err)
{
    struct generation generation;
    generation_init(&generation);
    generation_copy(&generation, &answer->generation);
    generation.state = state;
    generation.total_ms = clock_wall_ms(answer->app->clock) - generation.started_ms;
    if (state == GENERATION_CUT)
        generation.finish_reason = xstrdup("cancelled");
    answer_end(answer, err, &generation);
    generation_clear(&generation);
}
