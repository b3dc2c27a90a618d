/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/answer_parts.h"
#include "base/xalloc.h"

enum { CHECKPOINT_MS = 1000, MAX_ANSWER = 64 * 1024 * 1024 };

static struct answer *answer_at(const struct app *app, size_t index)
{
    return (struct answer *)app->session.streams[index];
}

void answer_free(struct answer *answer)
{
    buf_clear(&answer->stream.text);
    buf_clear(&answer->stream.reasoning);
    completion_clear(&answer->completion);
    free(answer->prompt);
    free(answer);
}

/* ---- the stream ---- */

static void take_text(struct answer *answer, const struct llm_event *event)
{
    struct stream *stream = &answer->stream;
    if (!stream->first_token_ms)
        stream->first_token_ms = clock_mono_ms(answer->app->clock);
    stream->pieces++;
    stream->waiting[0] = '\0';
    stream->retry_at_ms = 0;
    struct buf *buf = event->kind == LLM_TEXT ? &stream->text : &stream->reasoning;
    if (!buf_add(buf, event->text, event->len))
        answer->is_full = true; /* the next checkpoint stops it */
}

static void take_wait(struct answer *answer, const struct llm_event *event)
{
    struct stream *stream = &answer->stream;
    stream->retry_at_ms = clock_mono_ms(answer->app->clock) + event->wait_ms;
    const char *why = event->err ? event->err->text : "";
    size_t len = strlen(why);
    if (len >= sizeof stream->waiting)
        len = sizeof stream->waiting - 1;
    memcpy(stream->waiting, why, len);
    stream->waiting[len] = '\0';
    if (answer->on_wait && event->err)
        answer->on_wait(answer->ctx, event->err);
}

static void on_llm(void *ctx, const struct llm_event *event)
{
    struct answer *answer = ctx;
    struct app *app = answer->app;
    switch (event->kind) {
    case LLM_TEXT:
    case LLM_REASONING:
        take_text(answer, event);
        break;
    case LLM_WAITING:
        take_wait(answer, event);
        break;
    case LLM_END:
        answer_end(answer, event->err, event->completion);
        break;
    }
    app_changed(app);
}

static void begin_call(struct answer *answer)
{
    struct app *app = answer->app;
    struct llm_message message = {"user", answer->prompt, answer->prompt_len};
    struct llm_request request = {.endpoint = &app->endpoint,
                                  .messages = &message,
                                  .message_count = 1,
                                  .sampling = &answer->completion.sampling,
                                  .memory = app->memory};
    answer->stream.waiting[0] = '\0';
    answer->call = llm_start(app->http, app->loop, app->clock, &request, on_llm, answer);
}

static void on_key(struct app *app, struct secret *key, const struct err *err)
{
    if (!err->code)
        secret_copy(&app->endpoint.key, key);
    for (size_t i = app->session.stream_count; i-- > 0;) {
        struct answer *answer = answer_at(app, i);
        if (!answer->wants_key)
            continue;
        answer->wants_key = false;
        if (err->code)
            answer_end_early(answer, COMPLETION_FAILED, err);
        else
            begin_call(answer);
    }
    app_changed(app);
}

static bool is_fetching_key(const struct app *app)
{
    for (size_t i = 0; i < app->session.stream_count; i++) {
        if (answer_at(app, i)->wants_key)
            return true;
    }
    return false;
}

static void begin(struct answer *answer)
{
    static const char words[] = "Waiting for api_key_cmd.";
    struct app *app = answer->app;
    if (!app->endpoint.key_command || secret_is_set(&app->endpoint.key)) {
        begin_call(answer);
        return;
    }
    memcpy(answer->stream.waiting, words, sizeof words);
    bool is_fetching = is_fetching_key(app);
    answer->wants_key = true;
    if (!is_fetching)
        keyring_fetch(app, app->endpoint.key_command, on_key);
}

static void add_stream(struct app *app, struct answer *answer)
{
    struct session *session = &app->session;
    session->streams = xreallocarray(session->streams, session->stream_count + 1,
                                     sizeof *session->streams);
    session->streams[session->stream_count++] = &answer->stream;
    if (!loop_timer_is_running(app->checkpoint_timer))
        loop_timer_start(app->checkpoint_timer, CHECKPOINT_MS, CHECKPOINT_MS);
}

/* ---- the record ---- */

static struct answer *new_answer(struct app *app, const struct answer_spec *spec)
{
    struct answer *answer = xcalloc(1, sizeof *answer);
    answer->app = app;
    answer->prompt = xmemdup0(spec->prompt, spec->len);
    answer->prompt_len = spec->len;
    answer->on_end = spec->on_end;
    answer->on_wait = spec->on_wait;
    answer->on_streamed = spec->on_streamed;
    answer->ctx = spec->ctx;
    answer->stream.record = spec->id;
    answer->stream.started_ms = clock_mono_ms(app->clock);
    buf_init(&answer->stream.text, MAX_ANSWER);
    buf_init(&answer->stream.reasoning, MAX_ANSWER);
    struct completion *completion = &answer->completion;
    completion_init(completion);
    completion->state = COMPLETION_RUNNING;
    completion->endpoint = xstrdup(app->endpoint.name);
    sampling_copy(&completion->sampling, spec->sampling);
    completion->started_ms = clock_wall_ms(app->clock);
    completion->run = spec->run;
    completion->parent = spec->parent;
    completion->sample = spec->sample;
    return answer;
}

/* The record is on disk: now the prompt may be sent. */
static void go_on(struct app *app, const struct id *record, const struct err *err)
{
    struct answer *answer = (struct answer *)session_stream(&app->session, record);
    if (!answer || answer->call || answer->wants_key)
        return;
    if (err->code)
        answer_end_early(answer, COMPLETION_FAILED, err);
    else
        begin(answer);
}

static void on_stored(void *ctx, const struct store_result *result)
{
    struct app *app = ctx;
    struct flight *flight = flight_find(app, &result->record);
    if (flight)
        flight->writes--;
    if (result->err.code)
        answer_say_unstored(app, flight, &result->err);
    else if (flight)
        flight_settle_row(app, flight, result->record_row);
    go_on(app, &result->record, &result->err);
    app_refresh_save(app);
    flight = flight_find(app, &result->record);
    if (flight)
        flight_release(app, flight);
    if (!result->err.code)
        link_poke(app, false);
    app_changed(app);
}

static struct flight *add_record(struct app *app, const struct answer_spec *spec,
                                 const struct answer *answer)
{
    const struct dataset *dataset = &app->session.dataset;
    struct record record = {.id = spec->id, .dataset_row = dataset->row};
    record.inserted_ms = answer->completion.started_ms;
    record.has_completion = true;
    completion_copy(&record.completion, &answer->completion);
    record_set_field(&record, dataset_prompt_field(dataset)->name, spec->prompt,
                     spec->len);
    record_set_field(&record, dataset_response_field(dataset)->name, "", 0);
    store_add_record(app->store, &record, false, on_stored, app);
    struct flight *flight = flight_new(app, &record);
    record_clear(&record);
    return flight;
}

static struct flight *take_record_again(struct app *app, const struct answer_spec *spec,
                                        const struct answer *answer)
{
    struct flight *flight = flight_open(app, &spec->id);
    if (!flight)
        return NULL;
    const char *name = dataset_response_field(&app->session.dataset)->name;
    record_set_field(&flight->record, name, "", 0);
    completion_copy(&flight->record.completion, &answer->completion);
    flight->record.has_completion = true;
    flight->is_unstored = false;
    if (flight_has_row(flight))
        store_put_completion(app->store, &spec->id, name, "", 0, &answer->completion,
                             on_stored, app);
    else
        store_add_record(app->store, &flight->record, false, on_stored, app);
    return flight;
}

struct flight *answer_start(struct app *app, const struct answer_spec *spec,
                            struct err *err)
{
    struct answer *answer = new_answer(app, spec);
    struct flight *flight = spec->is_again ? take_record_again(app, spec, answer)
                                           : add_record(app, spec, answer);
    if (!flight) {
        answer_free(answer);
        err_set(err, STATUS_NOT_FOUND, "The record that is to be asked again is gone.");
        return NULL;
    }
    flight->writes++;
    answer->stream.row = flight->record.row;
    add_stream(app, answer);
    if (spec->sends_at_once)
        begin(answer);
    flight_show(app, flight);
    app_changed(app);
    return flight;
}

void answer_store_again(struct app *app, struct flight *flight)
{
    const struct field *field = dataset_response_field(&app->session.dataset);
    const struct record *record = &flight->record;
    const struct record_field *text = field ? record_field(record, field->name) : NULL;
    if (!text || session_stream(&app->session, &record->id))
        return;
    flight->is_unstored = false;
    flight->writes++;
    if (flight_has_row(flight))
        store_put_completion(app->store, &record->id, field->name, text->text, text->len,
                             &record->completion, on_stored, app);
    else
        store_add_record(app->store, record, record->completion.state == COMPLETION_DONE,
                         on_stored, app);
}

/* ---- while it runs ---- */

void answer_checkpoint(struct app *app)
{
    const struct field *field = dataset_response_field(&app->session.dataset);
    for (size_t i = app->session.stream_count; i-- > 0;) {
        struct answer *answer = answer_at(app, i);
        const struct buf *text = &answer->stream.text;
        if (answer->is_full) {
            llm_cancel(answer->call);
        } else if (text->len != answer->kept) {
            answer->kept = text->len;
            store_put_completion(app->store, &answer->stream.record, field->name,
                                 buf_text(text), text->len, &answer->completion, NULL,
                                 NULL);
        }
    }
}

static void cancel(struct answer *answer)
{
    struct err err = {0};
    if (answer->call) {
        llm_cancel(answer->call);
        return;
    }
    err_set(&err, STATUS_CANCELLED, "Stopped before it was sent.");
    answer_end_early(answer, COMPLETION_CUT, &err);
}

void answer_cancel(struct app *app, const struct id *record)
{
    struct stream *stream = session_stream(&app->session, record);
    if (stream)
        cancel((struct answer *)stream);
}

void answer_cancel_all(struct app *app)
{
    for (size_t i = app->session.stream_count; i-- > 0;)
        cancel(answer_at(app, i));
    /* what was under way says so in the loop's next turn */
    while (app->session.stream_count)
        loop_turn(app->loop);
}
