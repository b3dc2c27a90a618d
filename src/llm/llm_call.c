/* SPDX-License-Identifier: MIT
 *
 * One prompt on its way: attempts, limits of time, and what is told of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/xalloc.h"
#include "llm/protocol.h"
#include "net/retry.h"

enum {
    LOADING_POLL_MS = 1500, /* between two questions to a model that is being loaded */
    TAIL_MS = 1000,         /* for a usage chunk and the end, after the finish reason */
    RIDING_TAIL_MS = 10000, /* the same when the reason, one of many, had content */
    MAX_ERROR_BODY = 1024 * 1024
};

struct llm_call {
    struct http *http;
    const struct clock *clock;
    const struct protocol *protocol;
    struct endpoint endpoint;
    struct wire wire;
    struct llm_memory *memory; /* borrowed; NULL = none */
    struct protocol_request asked;
    json_t *body; /* of the last attempt; NULL before */
    llm_fn fn;
    void *ctx;

    struct http_call *request; /* NULL between attempts */
    void *canned;              /* the answer of a protocol without a network; NULL */
    struct stream stream;
    struct loop_timer *timer;
    void (*on_time)(struct llm_call *call); /* what the timer is for */
    struct completion completion;
    struct buf reasoning;
    int64_t started_ms;  /* monotonic */
    int64_t complete_ms; /* after the start, when the answer was whole; -1 = not yet */
    enum http_retry_hint retry_hint; /* of the answer under way */
    int64_t retry_after_ms;          /* likewise */
    int tries;                       /* that count against the policy */
    bool has_shown;                  /* something reached the caller: no way back */
    bool has_progress;               /* new content in the bytes just read */
    bool has_news;                   /* a finish reason or the end mark in them */
    bool is_model_guessed;           /* the endpoint's first one */
    bool refuses_tools;
    bool is_cancelled; /* END is due with the loop's next turn */
    bool is_ended;     /* END is being told */
};

/* The attempt under way is over; nothing more comes of it. */
static void stop_attempt(struct llm_call *call)
{
    http_cancel(call->request);
    call->request = NULL;
    if (call->canned)
        call->protocol->free(call->canned);
    call->canned = NULL;
}

static void arm(struct llm_call *call, void (*on_time)(struct llm_call *), int64_t ms)
{
    call->on_time = on_time;
    loop_timer_start(call->timer, ms, 0);
}

static void on_timer(void *ctx)
{
    struct llm_call *call = ctx;
    call->on_time(call); /* which may be its end */
}

static int64_t elapsed_ms(const struct llm_call *call)
{
    return clock_mono_ms(call->clock) - call->started_ms;
}

static void fill_completion(struct llm_call *call, const struct verdict *verdict)
{
    struct completion *completion = &call->completion;
    completion->state = verdict->state;
    completion->total_ms = call->complete_ms >= 0 ? call->complete_ms : elapsed_ms(call);
    if (completion->attempts == 0) /* stopped before the first */
        completion->attempts = 1;
    completion->prompt_tokens = call->stream.prompt_tokens;
    completion->completion_tokens = call->stream.completion_tokens;
    stream_keep(&call->stream, &completion->model_used, call->stream.model);
    stream_keep(&call->stream, &completion->finish_reason,
                call->is_cancelled ? "cancelled" : call->stream.finish_reason);
    stream_keep(&call->stream, &completion->error, verdict->err.text);
    if (call->reasoning.len)
        completion->reasoning = buf_take(&call->reasoning);
    /* what the endpoint would not take was not asked for */
    if (call->wire.flags & WIRE_NO_TEMPERATURE)
        completion->sampling.has_temperature = false;
    if (call->wire.flags & WIRE_NO_SEED)
        completion->sampling.has_seed = false;
}

/* The last thing that anybody does with it. */
static void end(struct llm_call *call, struct verdict *verdict)
{
    call->is_ended = true;
    if (!call->is_cancelled)
        stream_release(&call->stream);
    if (call->stream.has_words && verdict->state == COMPLETION_FAILED)
        verdict->state = COMPLETION_CUT;
    stop_attempt(call);
    fill_completion(call, verdict);
    if (call->is_model_guessed && verdict->state == COMPLETION_FAILED)
        memory_keep_model(call->memory, &call->endpoint, NULL);
    bool is_done = verdict->state == COMPLETION_DONE;
    struct llm_event event = {.kind = LLM_END,
                              .err = verdict->err.code ? &verdict->err : NULL,
                              .fault = is_done ? LLM_FAULT_NONE : verdict->fault,
                              .wait_ms = verdict->wait_ms,
                              .completion = &call->completion,
                              .refuses_tools = call->refuses_tools};
    if (is_done && call->stream.call_count) {
        event.call_count = call->stream.call_count;
        event.calls = stream_calls(&call->stream);
        event.kept = stream_kept(&call->stream, call->completion.reasoning);
    }
    call->fn(call->ctx, &event);
    memory_end(call->memory);
    loop_timer_free(call->timer);
    stream_clear(&call->stream);
    completion_clear(&call->completion);
    endpoint_clear(&call->endpoint);
    llm_messages_clear(&call->asked.copies);
    json_decref(call->body);
    buf_clear(&call->reasoning);
    free(call);
}

static void attempt(struct llm_call *call);

/* why NULL = for the endpoint's sake. */
static void attempt_later(struct llm_call *call, int64_t wait_ms, const struct err *why)
{
    arm(call, attempt, wait_ms);
    call->fn(call->ctx,
             &(struct llm_event){.kind = LLM_WAITING, .wait_ms = wait_ms, .err = why});
}

/* Milliseconds until the next attempt; -1 = it is over. */
static int64_t retry_wait(struct llm_call *call, const struct verdict *verdict,
                          const struct http_reply *reply)
{
    if (verdict->class != LLM_ERROR_LASTING)
        memory_pause(call->memory, &call->endpoint, verdict->wait_ms,
                     clock_mono_ms(call->clock));
    if (call->has_shown || verdict->class == LLM_ERROR_LASTING ||
        (verdict->is_interrupted && !memory_is_alone(call->memory)))
        return -1;
    if (verdict->class == LLM_ERROR_LOADING) {
        bool has_time = elapsed_ms(call) < call->endpoint.first_token_timeout_ms;
        int64_t asked = verdict->wait_ms;
        return !has_time ? -1 : asked > 0 && asked < 60000 ? asked : LOADING_POLL_MS;
    }
    struct id id; /* as a source of chance */
    id_random(&id);
    double chance = (id.bytes[0] * 256 + id.bytes[1]) / 65536.0;
    bool is_whole = !reply || (reply->status == STATUS_OK && reply->code < 400);
    /* an error inside a stream has no reply of its own */
    struct http_reply asked = is_whole ? (struct http_reply){.code = 500} : *reply;
    asked.retry_hint = call->retry_hint;
    asked.retry_after_ms = verdict->wait_ms;
    call->tries++;
    return retry_delay(&retry_model, call->tries, &asked, chance);
}

static void settle(struct llm_call *call, struct verdict *verdict,
                   const struct http_reply *reply)
{
    int64_t wait_ms =
        verdict->state == COMPLETION_FAILED ? retry_wait(call, verdict, reply) : -1;
    if (wait_ms < 0) {
        end(call, verdict);
        return;
    }
    stop_attempt(call);
    attempt_later(call, wait_ms, &verdict->err);
}

/* An error told by the endpoint: it may be about how the request was written. */
static void settle_error(struct llm_call *call, const struct llm_error *error,
                         long status, const struct http_reply *reply)
{
    const struct sampling *sampling = &call->completion.sampling;
    long from = status ? status : llm_error_status(error);
    unsigned before = call->wire.flags;
    bool is_learned =
        !call->has_shown && wire_learn(&call->wire, error, from, sampling, call->body);
    if (!is_learned && !call->has_shown && call->asked.tool_count &&
        wire_refuses_tools(error, from)) {
        call->refuses_tools = true;
        call->wire.flags |= WIRE_NO_TOOLS;
    }
    memory_keep(call->memory, &call->endpoint, sampling->model, before, &call->wire.flags,
                clock_wall_ms(call->clock));
    if (is_learned) {
        stop_attempt(call);
        arm(call, attempt, 0);
        return;
    }
    struct verdict verdict;
    verdict_of_error(&verdict, error, status, call->retry_after_ms, &call->endpoint,
                     call->completion.sampling.model);
    if (call->refuses_tools)
        verdict.class = LLM_ERROR_LASTING;
    settle(call, &verdict, reply);
}

static void settle_stream(struct llm_call *call, const struct http_reply *reply)
{
    if (call->stream.has_error) {
        settle_error(call, &call->stream.error, 0, reply);
        return;
    }
    struct verdict verdict;
    verdict_of_stream(&verdict, &call->stream, reply);
    settle(call, &verdict, reply);
}

static void on_tail_over(struct llm_call *call)
{
    settle_stream(call, NULL);
}

static void on_too_late(struct llm_call *call)
{
    struct verdict verdict;
    verdict_too_late(&verdict, &call->endpoint, call->has_shown || call->stream.call_len);
    end(call, &verdict);
}

static void on_piece(void *ctx, bool is_reasoning, const char *text, size_t len)
{
    struct llm_call *call = ctx;
    if (call->is_cancelled)
        return;
    call->has_shown = call->has_progress = true;
    if (!is_reasoning && call->completion.first_token_ms < 0)
        call->completion.first_token_ms = elapsed_ms(call);
    if (is_reasoning)
        buf_add(&call->reasoning, text, len);
    struct llm_event event = {.kind = is_reasoning ? LLM_REASONING : LLM_TEXT,
                              .text = text,
                              .len = len,
                              .model = call->completion.sampling.model};
    call->fn(call->ctx, &event);
}

static bool on_headers(void *ctx, const struct http_reply *reply)
{
    struct llm_call *call = ctx;
    call->retry_hint = reply->retry_hint;
    call->retry_after_ms = reply->retry_after_ms;
    return reply->code < 300;
}

/* How long the connection is listened to after the last piece of an answer that says it
 * is whole. Where reasons tell nothing, only the endpoint's own end does. */
static int64_t tail_ms(const struct llm_call *call)
{
    const struct stream *stream = &call->stream;
    if (stream->has_end_mark)
        return TAIL_MS;
    const struct finish *finish = finish_find(stream->finish_reason);
    bool is_final = finish->is_limit || finish->state == COMPLETION_FAILED;
    bool has_answer = stream->has_text || stream->call_count;
    if (!has_answer && !stream->reasoning_len && !is_final)
        return call->endpoint.first_token_timeout_ms;
    if (stream->has_early_reason || (!has_answer && !is_final))
        return call->endpoint.idle_timeout_ms;
    return stream->rides ? RIDING_TAIL_MS : TAIL_MS;
}

static void on_data(void *ctx, const char *bytes, size_t len)
{
    struct llm_call *call = ctx;
    size_t ends = call->stream.reasons + call->stream.has_end_mark;
    size_t call_len = call->stream.call_len;
    call->has_progress = false;
    bool fits = stream_feed(&call->stream, bytes, len);
    call->has_progress |= call->stream.call_len != call_len;
    call->has_news = ends != call->stream.reasons + call->stream.has_end_mark;
    /* only new content feeds the limits: comments may go on for ever */
    bool is_tail = call->on_time == on_tail_over;
    bool is_complete = stream_is_complete(&call->stream);
    if (!call->is_cancelled) {
        if (is_complete && (call->complete_ms < 0 || call->has_progress))
            call->complete_ms = elapsed_ms(call);
        if (!fits || call->stream.has_error || call->stream.is_stopped)
            settle_stream(call, NULL);
        else if (is_complete && (!is_tail || call->has_progress || call->has_news))
            arm(call, on_tail_over, tail_ms(call));
        else if (call->has_progress && !is_tail)
            arm(call, on_too_late, call->endpoint.idle_timeout_ms);
    }
}

static void on_done(void *ctx, const struct http_reply *reply)
{
    struct llm_call *call = ctx;
    call->request = NULL;
    loop_timer_stop(call->timer);
    call->retry_hint = reply->retry_hint;
    call->retry_after_ms = reply->retry_after_ms;
    if (reply->status == STATUS_OK && reply->code >= 300) {
        struct llm_error error;
        llm_error_from_body(&error, reply->body, reply->body_len, &call->endpoint);
        settle_error(call, &error, reply->code, reply);
    } else {
        /* half a document is nothing; half a stream is its text so far */
        if (reply->status == STATUS_OK || call->stream.framing == STREAM_EVENTS)
            stream_end(&call->stream);
        if (!call->is_cancelled)
            settle_stream(call, reply);
    }
}

static void send_request(struct llm_call *call, const char *body)
{
    const struct wire *wire = &call->wire;
    char *url = protocol_url(&call->endpoint, call->protocol->path);
    struct http_request request = {
        .method = "POST",
        .url = url,
        .body = body,
        .body_len = strlen(body),
        .accept = call->protocol->accept,
        .headers = call->protocol->headers,
        .key_header = wire->key_header ? wire->key_header : call->protocol->key_header,
        .key_prefix = wire->key_header ? wire->key_prefix : call->protocol->key_prefix,
        .key = &call->endpoint.key,
        .allow_plain_key = call->endpoint.allow_plain_key,
        .connection = &call->endpoint.connection,
        .connect_timeout_ms = call->endpoint.connect_timeout_ms,
        .max_body = MAX_ERROR_BODY,
    };
    struct http_handler handler = {
        .on_headers = on_headers, .on_data = on_data, .on_done = on_done, .ctx = call};
    call->request = http_send(call->http, &request, &handler);
    free(url);
}

/* A protocol without a network: one word each time. */
static void on_word(struct llm_call *call)
{
    bool goes_on = call->protocol->next(call->canned, &call->stream);
    if (call->is_cancelled)
        return;
    if (goes_on)
        arm(call, on_word, call->endpoint.token_ms);
    else
        settle_stream(call, NULL);
}

static void attempt(struct llm_call *call)
{
    int64_t paused_ms =
        llm_paused_ms(call->memory, &call->endpoint, clock_mono_ms(call->clock));
    if (paused_ms > 0) {
        attempt_later(call, paused_ms, NULL);
        return;
    }
    stream_clear(&call->stream);
    stream_init(&call->stream, call->protocol, &call->endpoint, on_piece, call);
    call->stream.takes_calls = call->asked.tool_count > 0;
    call->stream.stops = call->asked.stop;
    call->stream.stop_count = call->asked.stop_count;
    call->stream.max_tokens = call->completion.sampling.max_tokens;
    if (!call->completion.attempts++)
        memory_find(call->memory, &call->endpoint, call->completion.sampling.model,
                    &call->wire.flags);
    if (call->asked.tool_count &&
        (call->protocol->has_no_tools || call->wire.flags & WIRE_NO_TOOLS)) {
        struct verdict verdict;
        verdict_no_tools(&verdict, &call->endpoint);
        call->refuses_tools = true;
        end(call, &verdict);
        return;
    }
    if (call->protocol->begin) {
        call->canned = call->protocol->begin(&call->asked);
        arm(call, on_word, call->endpoint.token_ms);
        return;
    }
    json_decref(call->body);
    call->body = call->protocol->write(&call->asked);
    char *body = json_print(call->body);
    send_request(call, body);
    free(body);
    arm(call, on_too_late, call->endpoint.first_token_timeout_ms);
}

/* Whatever came of it, the attempt tells the user what is wrong. */
static void on_models(void *ctx, const struct http_reply *reply)
{
    struct llm_call *call = ctx;
    call->request = NULL;
    if (reply->status == STATUS_OK && reply->code < 300)
        call->completion.sampling.model = models_name(reply->body, reply->body_len, 0);
    call->is_model_guessed = call->completion.sampling.model != NULL;
    memory_keep_model(call->memory, &call->endpoint, call->completion.sampling.model);
    attempt(call);
}

/* A model must be named; where none was, it is the host's usual or its first one. */
static void start(struct llm_call *call)
{
    struct sampling *sampling = &call->completion.sampling;
    if (!sampling->model)
        sampling->model = xstrdup_or_null(call->wire.default_model);
    if (!sampling->model) {
        sampling->model = xstrdup_or_null(memory_model(call->memory, &call->endpoint));
        call->is_model_guessed = sampling->model != NULL;
    }
    struct http_handler handler = {.on_done = on_models, .ctx = call};
    if (!sampling->model)
        call->request = models_send(call->http, &call->endpoint, &handler);
    if (!call->request)
        attempt(call);
}

struct llm_call *llm_start(struct http *http, struct loop *loop,
                           const struct clock *clock, const struct llm_request *request,
                           llm_fn fn, void *ctx)
{
    struct llm_call *call = xcalloc(1, sizeof *call);
    *call = (struct llm_call){
        .http = http, .clock = clock, .fn = fn, .ctx = ctx, .memory = request->memory};
    endpoint_copy(&call->endpoint, request->endpoint);
    call->protocol = protocol_find(call->endpoint.kind);
    wire_init(&call->wire, &call->endpoint);
    struct completion *completion = &call->completion;
    const struct endpoint *endpoint = &call->endpoint;
    completion_init(completion);
    completion->attempts = 0; /* counted as they are made */
    completion->started_ms = clock_wall_ms(call->clock);
    completion->endpoint =
        xstrdup_or_null(endpoint->name ? endpoint->name : endpoint->base_url);
    if (request->sampling)
        sampling_copy(&completion->sampling, request->sampling);
    sampling_fill(&completion->sampling, &endpoint->defaults);
    protocol_request_copy(&call->asked, request, call->completion.sampling.system_prompt);
    call->asked.sampling = &call->completion.sampling;
    call->asked.wire = &call->wire;
    call->asked.turn = memory_begin(call->memory);
    stream_init(&call->stream, call->protocol, &call->endpoint, on_piece, call);
    buf_init(&call->reasoning, STREAM_MAX_TEXT);
    call->started_ms = clock_mono_ms(clock);
    call->complete_ms = call->retry_after_ms = -1;
    call->timer = loop_timer_new(loop, on_timer, call);
    arm(call, start, 0);
    return call;
}

static void on_cancelled(struct llm_call *call)
{
    struct verdict verdict;
    verdict_cancelled(&verdict);
    end(call, &verdict);
}

void llm_cancel(struct llm_call *call)
{
    if (!call || call->is_ended || call->is_cancelled)
        return;
    call->is_cancelled = true;
    http_cancel(call->request); /* a canned answer may be calling us just now */
    call->request = NULL;
    arm(call, on_cancelled, 0);
}
