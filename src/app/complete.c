/* SPDX-License-Identifier: MIT
 * Completions under way: claimed, asked for, streamed, kept, ended. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/ask.h"
#include "base/xalloc.h"
#include "json/readable.h"

/* A kill loses a quarter of a second of what was shown. Many streams, and long texts,
 * that would keep the loop busy, are kept every fourth time. */
enum { CHECKPOINT_MS = 250, FEW_STREAMS = 8, SMALL_TEXT = 32 * 1024 };
enum { MAX_TEXT = 64 * 1024 * 1024, CLOSING_TURNS = 10 };

/* A completion under way. The session knows its first member only. */
struct asking {
    struct stream stream;
    struct app *app;
    struct llm_call *call;   /* NULL until it was sent */
    struct agent_run *agent; /* the same, of one */
    bool wants_key;          /* waits for the key command */
    struct endpoint endpoint;
    struct llm_messages messages;
    int64_t spent_in, spent_out; /* tokens of the steps before this one */
    size_t kept;                 /* bytes of the text in the last checkpoint */
    bool is_full;                /* more came than we keep */
    struct completion completion;
    struct err err;        /* how it ended */
    bool is_over, is_told; /* taken out of the session; who asked knows it */
    enum llm_fault fault;
    int64_t wait_ms;
    void (*on_end)(void *ctx, const struct answered *answered);
    void (*on_wait)(void *ctx, const struct err *err);
    bool (*on_answer)(void *ctx, const char *text, size_t len, struct buf *next);
    void *ctx;
};

const char complete_no_pairs[] =
    "This dataset has no text fields for a prompt and its response, or needs others too: "
    "it can be reviewed, not added to.";

static struct asking *asking_at(const struct app *app, size_t index)
{
    return (struct asking *)app->session.streams[index];
}

static void free_asking(struct asking *asking)
{
    buf_clear(&asking->stream.text);
    buf_clear(&asking->stream.reasoning);
    completion_clear(&asking->completion);
    llm_messages_clear(&asking->messages);
    endpoint_clear(&asking->endpoint);
    free(asking);
}

/* ---- the end ---- */

static void tell(struct asking *asking)
{
    struct app *app = asking->app;
    struct record record = {0};
    bool is_there =
        store_get_record(app->store, &asking->stream.record, &record, NULL) == STATUS_OK;
    if (is_there)
        unsaved_lay_over(app, &record);
    asking->on_end(asking->ctx, &(struct answered){.record = is_there ? &record : NULL,
                                                   .err = &asking->err,
                                                   .fault = asking->fault,
                                                   .wait_ms = asking->wait_ms});
    record_clear(&record);
}

static void tell_ended(void *ctx)
{
    struct app *app = ctx;
    for (size_t i = 0; i < app->ended_count;) {
        struct asking *asking = app->ended[i];
        if (!asking->is_told) {
            asking->is_told = true;
            if (asking->on_end)
                tell(asking);
        }
        if (asking->call || asking->agent) { /* its own end is still to come */
            i++;
            continue;
        }
        app->ended_count--;
        memmove(&app->ended[i], &app->ended[i + 1],
                (app->ended_count - i) * sizeof *app->ended);
        free_asking(asking);
    }
}

/* Facts that the endpoint's side does not know. */
static void fill_facts(const struct asking *asking, struct completion *completion)
{
    const struct completion *ours = &asking->completion;
    completion->run = ours->run;
    completion->parent = ours->parent;
    completion->sample = ours->sample;
    if (!completion->messages)
        completion->messages = xstrdup_or_null(ours->messages);
    setting_text(&completion->tools, ours->tools);
    if (!completion->endpoint && ours->endpoint)
        completion->endpoint = xstrdup(ours->endpoint);
    if (!completion->started_ms)
        completion->started_ms = ours->started_ms;
    if (asking->spent_in)
        completion->prompt_tokens =
            asking->spent_in +
            (completion->prompt_tokens > 0 ? completion->prompt_tokens : 0);
    if (asking->spent_out)
        completion->completion_tokens =
            asking->spent_out +
            (completion->completion_tokens > 0 ? completion->completion_tokens : 0);
    if (!completion->reasoning && asking->stream.reasoning.len)
        completion->reasoning = xstrdup(buf_text(&asking->stream.reasoning));
    if (asking->is_full && !completion->error)
        completion->error = xstrdup("The answer was cut off at 64 MiB.");
    if (asking->err.code && !completion->error)
        completion->error = xstrdup(asking->err.text);
}

/* Takes it out of the session and keeps what came. */
static void end(struct asking *asking, const struct err *why,
                const struct completion *how)
{
    struct app *app = asking->app;
    struct record record = {.id = asking->stream.record, .row = asking->stream.row};
    struct completion completion;
    char label[64];
    asking->err = why ? *why : (struct err){0};
    app->session.answer_code = asking->err.code;
    completion_init(&completion);
    completion_copy(&completion, how);
    fill_facts(asking, &completion);
    struct session *session = &app->session;
    size_t i = 0;
    while (session->streams[i] != &asking->stream)
        i++;
    session->stream_count--;
    memmove(&session->streams[i], &session->streams[i + 1],
            (session->stream_count - i) * sizeof *session->streams);
    if (!session->stream_count)
        loop_timer_stop(app->checkpoint_timer);
    unsaved_put_completion(app, &record, buf_text(&asking->stream.text),
                           asking->stream.text.len, &completion);
    current_update(app, &record.id);
    if (asking->err.code && !app->is_closing && !unsaved_has_failed(app))
        app_notify(app,
                   asking->err.code == STATUS_CANCELLED ? NOTICE_INFO : NOTICE_WARNING,
                   "%s: %s", app_record_label(app, &record, label, sizeof label),
                   asking->err.text);
    if (completion.state != COMPLETION_FAILED)
        asking->err = (struct err){0};
    completion_clear(&completion);
    /* who asked hears of it in a turn of its own, never from inside what they called */
    asking->is_over = true;
    app->ended = xreallocarray(app->ended, app->ended_count + 1, sizeof(struct asking *));
    app->ended[app->ended_count++] = asking;
    if (!app->ended_timer)
        app->ended_timer = loop_timer_new(app->loop, tell_ended, app);
    loop_timer_start(app->ended_timer, 0, 0);
    app_changed(app);
}

/* Ends it by ourselves, now: what the call would still say is not heard. */
static void end_now(struct asking *asking, enum completion_state state,
                    const char *reason, const struct err *err)
{
    struct completion completion;
    completion_init(&completion);
    completion_copy(&completion, &asking->completion);
    completion.state = state;
    completion.total_ms = clock_wall_ms(asking->app->clock) - completion.started_ms;
    if (asking->stream.first_token_ms)
        completion.first_token_ms =
            asking->stream.first_token_ms - asking->stream.started_ms;
    if (reason)
        completion.finish_reason = xstrdup(reason);
    end(asking, err, &completion);
    completion_clear(&completion);
    llm_cancel(asking->call);
    agents_cancel(asking->agent);
}

void complete_end_all(struct app *app, const char *reason, const char *sentence)
{
    struct err err = {0};
    err_set(&err, STATUS_CANCELLED, "%s", sentence);
    while (app->session.stream_count)
        end_now(asking_at(app, app->session.stream_count - 1), COMPLETION_CUT, reason,
                &err);
}

void complete_cancel(struct app *app, const struct id *record)
{
    struct asking *asking = (struct asking *)session_stream(&app->session, record);
    struct err err = {0};
    if (asking && (asking->call || asking->agent)) {
        llm_cancel(asking->call);
        agents_cancel(asking->agent);
    } else if (asking) {
        err_set(&err, STATUS_CANCELLED, "Stopped before it was sent.");
        end_now(asking, COMPLETION_CUT, "cancelled", &err);
    }
}

void complete_forget(struct app *app, const void *ctx)
{
    for (size_t i = 0; i < app->session.stream_count; i++) {
        struct asking *asking = asking_at(app, i);
        if (asking->ctx == ctx) {
            asking->on_end = NULL;
            asking->on_wait = NULL;
            asking->on_answer = NULL;
        }
    }
    for (size_t i = 0; i < app->ended_count; i++)
        if (app->ended[i]->ctx == ctx)
            app->ended[i]->on_end = NULL;
}

void complete_close(struct app *app)
{
    /* the calls that were cancelled say so in the loop's next turn */
    for (size_t i = 0; i < app->ended_count; i++)
        app->ended[i]->on_end = NULL;
    for (int turn = 0; app->ended_count && turn < CLOSING_TURNS; turn++)
        loop_poll(app->loop);
    for (size_t i = 0; i < app->ended_count; i++)
        free_asking(app->ended[i]);
    free(app->ended);
    app->ended = NULL;
    app->ended_count = 0;
    loop_timer_free(app->ended_timer);
    app->ended_timer = NULL;
}

/* ---- the stream ---- */

static void take_text(struct asking *asking, const struct llm_event *event)
{
    struct stream *stream = &asking->stream;
    if (!stream->first_token_ms)
        stream->first_token_ms = clock_mono_ms(asking->app->clock);
    stream->pieces++;
    stream->waiting[0] = '\0';
    stream->retry_at_ms = 0;
    struct buf *buf = event->kind == LLM_TEXT ? &stream->text : &stream->reasoning;
    if (!asking->completion.sampling.model && event->model) /* the endpoint's own */
        setting_text(&asking->completion.sampling.model, event->model);
    if (event->takes_back && buf->len) {
        buf->len -= event->takes_back < buf->len ? event->takes_back : buf->len;
        buf->data[buf->len] = '\0';
    }
    if (!buf_add(buf, event->text, event->len))
        asking->is_full = true; /* the next checkpoint stops it */
}

static void take_wait(struct asking *asking, const struct llm_event *event)
{
    struct stream *stream = &asking->stream;
    stream->retry_at_ms = clock_mono_ms(asking->app->clock) + event->wait_ms;
    const char *why =
        event->err ? event->err->text : "The endpoint asked all prompts to wait.";
    snprintf(stream->waiting, sizeof stream->waiting, "%s", why);
    if (asking->on_wait && event->err)
        asking->on_wait(asking->ctx, event->err);
}

static void begin_call(struct asking *asking);

/* Whether the answer was one step of several, and the next one is under way. */
static bool goes_on(struct asking *asking, const struct completion *how)
{
    struct stream *stream = &asking->stream;
    struct buf next = {0};
    bool is_more =
        how->state == COMPLETION_DONE && asking->on_answer &&
        asking->on_answer(asking->ctx, buf_text(&stream->text), stream->text.len, &next);
    if (is_more) {
        const struct llm_message message = {
            .role = "user", .text = buf_text(&next), .len = next.len};
        asking->spent_in += how->prompt_tokens > 0 ? how->prompt_tokens : 0;
        asking->spent_out += how->completion_tokens > 0 ? how->completion_tokens : 0;
        llm_messages_clear(&asking->messages);
        llm_messages_add(&asking->messages, &message);
        buf_reset(&stream->text);
        buf_reset(&stream->reasoning);
        begin_call(asking);
    }
    buf_clear(&next);
    return is_more;
}

static void on_llm(void *ctx, const struct llm_event *event)
{
    struct asking *asking = ctx;
    struct app *app = asking->app;
    if (event->kind == LLM_END) {
        asking->call = NULL;
        asking->agent = NULL;
    }
    if (asking->is_over) {
        loop_timer_start(app->ended_timer, 0, 0);
        return;
    }
    switch (event->kind) {
    case LLM_TEXT:
    case LLM_REASONING:
        take_text(asking, event);
        break;
    case LLM_WAITING:
        take_wait(asking, event);
        break;
    case LLM_END:
        if (goes_on(asking, event->completion))
            break;
        asking->fault = event->fault;
        asking->wait_ms = event->wait_ms;
        end(asking, event->err, event->completion);
        break;
    }
    app_changed(app);
}

static void begin_call(struct asking *asking)
{
    struct app *app = asking->app;
    struct llm_request request = {.endpoint = &asking->endpoint,
                                  .messages = asking->messages.items,
                                  .message_count = asking->messages.count,
                                  .sampling = &asking->completion.sampling,
                                  .memory = app->memory};
    asking->stream.waiting[0] = '\0';
    if (asking->completion.tools)
        asking->agent = agents_start(app, &asking->stream, &request, on_llm, asking);
    else
        asking->call =
            llm_start(app->http, app->loop, app->clock, &request, on_llm, asking);
}

static void on_key(void *ctx, const char *command, const struct secret *key,
                   const struct err *err)
{
    struct app *app = ctx;
    for (size_t i = app->session.stream_count; i-- > 0;) {
        struct asking *asking = asking_at(app, i);
        if (!asking->wants_key || strcmp(asking->endpoint.key_command, command) != 0)
            continue;
        asking->wants_key = false;
        if (err->code) {
            asking->fault = LLM_FAULT_CERTAIN; /* the next ones need the key, too */
            end_now(asking, COMPLETION_FAILED, NULL, err);
        } else {
            secret_copy(&asking->endpoint.key, key);
            begin_call(asking);
        }
    }
    app_changed(app);
}

static void begin(struct asking *asking)
{
    static const char words[] = "Waiting for api_key_cmd.";
    struct app *app = asking->app;
    const char *command = asking->endpoint.key_command;
    bool is_fetching = false;
    if (!command || secret_is_set(&asking->endpoint.key)) {
        begin_call(asking);
        return;
    }
    for (size_t i = 0; i < app->session.stream_count; i++) {
        const struct asking *other = asking_at(app, i);
        is_fetching |= other->wants_key && !strcmp(other->endpoint.key_command, command);
    }
    memcpy(asking->stream.waiting, words, sizeof words);
    asking->wants_key = true;
    if (!is_fetching)
        keyring_fetch(app->keyring, command, on_key, app);
}

/* Keeps what came so far. */
static void checkpoint(void *ctx)
{
    struct app *app = ctx;
    bool has_many = app->session.stream_count > FEW_STREAMS;
    app->checkpoints++;
    for (size_t i = app->session.stream_count; i-- > 0;) {
        struct asking *asking = asking_at(app, i);
        const struct buf *text = &asking->stream.text;
        struct record record = {.id = asking->stream.record, .row = asking->stream.row};
        bool is_due =
            (i + app->checkpoints) % 4 == 0 || (!has_many && text->len <= SMALL_TEXT);
        if (asking->is_full) {
            llm_cancel(asking->call);
            agents_cancel(asking->agent);
        } else if (is_due && text->len != asking->kept) {
            asking->kept = text->len;
            unsaved_put_completion(app, &record, buf_text(text), text->len,
                                   &asking->completion);
        }
    }
}

/* ---- the record ---- */

static struct asking *new_asking(struct app *app, const struct asked *asked)
{
    struct asking *asking = xcalloc(1, sizeof *asking);
    asking->app = app;
    endpoint_copy(&asking->endpoint, asked->endpoint ? asked->endpoint : &app->endpoint);
    const struct llm_message prompt = {
        .role = "user", .text = asked->prompt, .len = asked->len};
    for (size_t i = 0; i < (asked->messages ? asked->message_count : 1); i++)
        llm_messages_add(&asking->messages,
                         asked->messages ? &asked->messages[i] : &prompt);
    asking->on_end = asked->on_end;
    asking->on_wait = asked->on_wait;
    asking->on_answer = asked->on_answer;
    asking->ctx = asked->ctx;
    asking->wait_ms = -1;
    asking->stream.started_ms = clock_mono_ms(app->clock);
    buf_init(&asking->stream.text, MAX_TEXT);
    buf_init(&asking->stream.reasoning, MAX_TEXT);
    struct completion *completion = &asking->completion;
    completion_init(completion);
    completion->state = COMPLETION_RUNNING;
    completion->endpoint = xstrdup(asking->endpoint.name);
    sampling_copy(&completion->sampling, asked->sampling);
    completion->started_ms = clock_wall_ms(app->clock);
    completion->run = asked->run;
    completion->parent = asked->parent;
    completion->sample = asked->sample;
    completion->messages = xstrdup_or_null(asked->conversation);
    completion->tools = xstrdup_or_null(app->session.agent);
    asking->stream.is_agent = completion->tools != NULL;
    return asking;
}

enum status complete_start(struct app *app, const struct asked *asked,
                           struct record *record, enum claim *claim, struct err *err)
{
    struct session *session = &app->session;
    const struct dataset *dataset = &session->dataset;
    *record = (struct record){.has_completion = true};
    if (!dataset_takes_pairs(dataset))
        return err_set(err, STATUS_CONFIG, "%s", complete_no_pairs);
    if (app_make_dataset(app, err))
        return err->code;
    record->dataset_row = dataset->row;
    struct asking *asking = new_asking(app, asked);
    record->id = asked->id;
    if (id_is_zero(&record->id))
        id_random(&record->id);
    record->metadata_json = xstrdup_or_null(asked->metadata);
    record->inserted_ms = asking->completion.started_ms;
    completion_copy(&record->completion, &asking->completion);
    conversation_set_prompt(record, dataset, asked->prompt, asked->len,
                            asked->conversation);
    record_set_field(record, dataset_response_field(dataset)->name, "", 0);
    enum status status = store_claim_completion(app->store, record, claim, err);
    if (status != STATUS_OK || *claim != CLAIM_OURS) {
        free_asking(asking);
        return status;
    }
    asking->stream.record = record->id;
    asking->stream.row = record->row;
    session->streams = xreallocarray(session->streams, session->stream_count + 1,
                                     sizeof *session->streams);
    session->streams[session->stream_count++] = &asking->stream;
    if (!app->checkpoint_timer)
        app->checkpoint_timer = loop_timer_new(app->loop, checkpoint, app);
    if (!loop_timer_is_running(app->checkpoint_timer))
        loop_timer_start(app->checkpoint_timer, CHECKPOINT_MS, CHECKPOINT_MS);
    unsaved_committed(app, false);
    begin(asking);
    current_put_row(app, record);
    app_changed(app);
    return STATUS_OK;
}
