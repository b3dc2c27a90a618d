/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/llm.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/xalloc.h"
#include "llm/llm_models.h"
#include "llm/protocol.h"
#include "llm/stream.h"
#include "llm/verdict.h"
#include "llm/wire.h"
#include "net/retry.h"
#include "json/json.h"

enum {
    LOADING_POLL_MS = 1500, /* between two questions to a model that is being loaded */
    TAIL_MS = 1000,         /* for a usage chunk and the end, after the finish reason */
    MAX_ERROR_BODY = 1024 * 1024
};

struct llm_call {
    struct http *http;
    const struct clock *clock;
    const struct protocol *protocol;
    struct endpoint endpoint;
    struct wire wire;
    struct llm_memory *memory; /* borrowed; NULL = none */
    json_t *messages;
    llm_fn fn;
    void *ctx;

    struct http_call *request; /* NULL between attempts */
    struct stream stream;
    struct loop_timer *timer;
    void (*on_time)(struct llm_call *call); /* what the timer is for */
    struct completion completion;
    struct buf reasoning;
    int64_t started_ms;  /* monotonic */
    int64_t complete_ms; /* after the start, when the answer was whole; -1 = not yet */
    enum http_retry_hint retry_hint; /* of the answer under way */
    int tries;                       /* that count against the policy */
    int depth;                       /* of our functions that still need the call */
    bool has_shown;                  /* something reached the caller: no way back */
    bool has_progress;               /* new content in the bytes just read */
    bool is_model_guessed;           /* the endpoint's first one */
    bool is_ended;
};

static void call_free(struct llm_call *call)
{
    llm_memory_end(call->memory);
    http_cancel(call->request);
    loop_timer_free(call->timer);
    stream_clear(&call->stream);
    completion_clear(&call->completion);
    endpoint_clear(&call->endpoint);
    json_decref(call->messages);
    buf_clear(&call->reasoning);
    free(call);
}

/* Callbacks may end the call; it is freed when nobody is inside it any more. */
static void enter(struct llm_call *call)
{
    call->depth++;
}

static void leave(struct llm_call *call)
{
    if (--call->depth == 0 && call->is_ended)
        call_free(call);
}

static void arm(struct llm_call *call, void (*on_time)(struct llm_call *), int64_t ms)
{
    call->on_time = on_time;
    if (ms > 0 || on_time)
        loop_timer_start(call->timer, ms, 0);
}

static void on_timer(void *ctx)
{
    struct llm_call *call = ctx;
    enter(call);
    call->on_time(call);
    leave(call);
}

static int64_t elapsed_ms(const struct llm_call *call)
{
    return clock_mono_ms(call->clock) - call->started_ms;
}

static void fill_completion(struct llm_call *call, const struct verdict *verdict)
{
    struct completion *completion = &call->completion;
    bool is_cancelled = verdict->err.code == STATUS_CANCELLED;
    completion->state = verdict->state;
    completion->total_ms = call->complete_ms >= 0 ? call->complete_ms : elapsed_ms(call);
    if (completion->attempts == 0) /* stopped before the first */
        completion->attempts = 1;
    completion->prompt_tokens = call->stream.prompt_tokens;
    completion->completion_tokens = call->stream.completion_tokens;
    stream_keep(&completion->model_used, call->stream.model);
    stream_keep(&completion->finish_reason,
                is_cancelled ? "cancelled" : call->stream.finish_reason);
    stream_keep(&completion->error, verdict->err.text);
    if (call->reasoning.len)
        completion->reasoning = buf_take(&call->reasoning);
    /* what the endpoint would not take was not asked for */
    if (call->wire.flags & WIRE_NO_TEMPERATURE)
        completion->sampling.has_temperature = false;
    if (call->wire.flags & WIRE_NO_SEED)
        completion->sampling.has_seed = false;
}

static void end(struct llm_call *call, const struct verdict *verdict)
{
    call->is_ended = true;
    loop_timer_stop(call->timer);
    http_cancel(call->request);
    call->request = NULL;
    fill_completion(call, verdict);
    if (call->is_model_guessed && verdict->state == COMPLETION_FAILED)
        llm_memory_keep_model(call->memory, &call->endpoint, NULL);
    struct llm_event event = {.kind = LLM_END,
                              .err = verdict->err.code ? &verdict->err : NULL,
                              .completion = &call->completion};
    call->fn(call->ctx, &event);
}

static double random01(void)
{
    struct id id;
    id_random(&id);
    return (id.bytes[0] * 256 + id.bytes[1]) / 65536.0;
}

static void attempt(struct llm_call *call);

static void wait_and_retry(struct llm_call *call, const struct verdict *verdict,
                           int64_t wait_ms)
{
    http_cancel(call->request);
    call->request = NULL;
    arm(call, attempt, wait_ms);
    struct llm_event event = {
        .kind = LLM_WAITING, .wait_ms = wait_ms, .err = &verdict->err};
    call->fn(call->ctx, &event);
}

/* Milliseconds until the next attempt; -1 = it is over. */
static int64_t retry_wait(struct llm_call *call, const struct verdict *verdict,
                          const struct http_reply *reply)
{
    if (call->has_shown || verdict->class == LLM_ERROR_LASTING ||
        (verdict->is_interrupted && !llm_memory_is_alone(call->memory)))
        return -1;
    if (verdict->class == LLM_ERROR_LOADING) {
        bool has_time = elapsed_ms(call) < call->endpoint.first_token_timeout_ms;
        int64_t asked = reply ? reply->retry_after_ms : -1;
        return !has_time ? -1 : asked > 0 && asked < 60000 ? asked : LOADING_POLL_MS;
    }
    /* an error inside a stream has no reply of its own */
    struct http_reply inside = {
        .code = 500, .retry_after_ms = -1, .retry_hint = call->retry_hint};
    bool is_whole = !reply || (reply->status == STATUS_OK && reply->code < 400);
    call->tries++;
    return retry_delay(&retry_model, call->tries, is_whole ? &inside : reply, random01());
}

static void settle(struct llm_call *call, const struct verdict *verdict,
                   const struct http_reply *reply)
{
    int64_t wait_ms =
        verdict->state == COMPLETION_FAILED ? retry_wait(call, verdict, reply) : -1;
    if (wait_ms >= 0)
        wait_and_retry(call, verdict, wait_ms);
    else
        end(call, verdict);
}

/* An error told by the endpoint: it may be about how the request was written. */
static void settle_error(struct llm_call *call, const struct llm_error *error,
                         long status, const struct http_reply *reply)
{
    long learned_from = status ? status : llm_error_status(error);
    if (!call->has_shown &&
        wire_learn(&call->wire, error, learned_from, &call->completion.sampling)) {
        http_cancel(call->request);
        call->request = NULL;
        llm_memory_keep(call->memory, &call->endpoint, call->completion.sampling.model,
                        call->wire.flags);
        arm(call, attempt, 0);
        return;
    }
    struct verdict verdict;
    verdict_of_error(&verdict, error, status, &call->endpoint,
                     call->completion.sampling.model);
    settle(call, &verdict, reply);
}

static void settle_stream(struct llm_call *call, const struct http_reply *reply)
{
    if (call->stream.has_error) {
        settle_error(call, &call->stream.error, 0, reply);
        return;
    }
    struct verdict verdict;
    verdict_of_stream(&verdict, &call->stream, &call->endpoint, reply);
    settle(call, &verdict, reply);
}

static void on_tail_over(struct llm_call *call)
{
    settle_stream(call, NULL);
}

static void on_no_first_token(struct llm_call *call)
{
    struct verdict verdict;
    verdict_no_first_token(&verdict, &call->endpoint);
    end(call, &verdict);
}

static void on_idle(struct llm_call *call)
{
    struct verdict verdict;
    verdict_idle(&verdict, &call->endpoint);
    end(call, &verdict);
}

static void on_piece(void *ctx, bool is_reasoning, const char *text, size_t len)
{
    struct llm_call *call = ctx;
    if (call->is_ended)
        return;
    call->has_shown = call->has_progress = true;
    if (!is_reasoning && call->completion.first_token_ms < 0)
        call->completion.first_token_ms = elapsed_ms(call);
    if (is_reasoning)
        buf_add(&call->reasoning, text, len);
    struct llm_event event = {
        .kind = is_reasoning ? LLM_REASONING : LLM_TEXT, .text = text, .len = len};
    call->fn(call->ctx, &event);
}

static bool on_headers(void *ctx, const struct http_reply *reply)
{
    struct llm_call *call = ctx;
    call->retry_hint = reply->retry_hint;
    return reply->code < 300;
}

/* Only new content feeds the idle limit: comments may go on for ever. */
static void after_feed(struct llm_call *call, bool fits)
{
    bool is_tail = call->on_time == on_tail_over;
    if (call->is_ended)
        return;
    if (stream_is_complete(&call->stream) && call->complete_ms < 0)
        call->complete_ms = elapsed_ms(call);
    if (!fits || call->stream.has_error)
        settle_stream(call, NULL);
    else if (stream_is_complete(&call->stream) && !is_tail)
        arm(call, on_tail_over, TAIL_MS);
    else if (call->has_progress && !is_tail)
        arm(call, on_idle, call->endpoint.idle_timeout_ms);
}

static void on_data(void *ctx, const char *bytes, size_t len)
{
    struct llm_call *call = ctx;
    enter(call);
    call->has_progress = false;
    bool fits = stream_feed(&call->stream, bytes, len);
    after_feed(call, fits);
    leave(call);
}

static void on_done(void *ctx, const struct http_reply *reply)
{
    struct llm_call *call = ctx;
    enter(call);
    call->request = NULL;
    loop_timer_stop(call->timer);
    if (reply->status == STATUS_OK && reply->code >= 300) {
        struct llm_error error;
        llm_error_from_body(&error, reply->body, reply->body_len);
        settle_error(call, &error, reply->code, reply);
    } else {
        /* half a document is nothing; half a stream is its text so far */
        if (reply->status == STATUS_OK || call->stream.framing == STREAM_EVENTS)
            stream_end(&call->stream);
        if (!call->is_ended)
            settle_stream(call, reply);
    }
    leave(call);
}

static void send_request(struct llm_call *call, const char *body)
{
    char *url = protocol_url(&call->endpoint, call->protocol->path);
    struct http_request request = {
        .method = "POST",
        .url = url,
        .body = body,
        .body_len = strlen(body),
        .accept = "text/event-stream, application/json",
        .key_header = call->wire.key_header,
        .key_prefix = call->wire.key_prefix,
        .key = &call->endpoint.key,
        .allow_plain_key = call->endpoint.allow_plain_key,
        .connect_timeout_ms = call->endpoint.connect_timeout_ms,
        .max_body = MAX_ERROR_BODY,
    };
    struct http_handler handler = {
        .on_headers = on_headers, .on_data = on_data, .on_done = on_done, .ctx = call};
    call->request = http_send(call->http, &request, &handler);
    free(url);
}

static void attempt(struct llm_call *call)
{
    stream_clear(&call->stream);
    stream_init(&call->stream, &call->protocol->reader, on_piece, call);
    if (!call->completion.attempts++)
        llm_memory_find(call->memory, &call->endpoint, call->completion.sampling.model,
                        &call->wire.flags);
    struct protocol_request what = {.messages = call->messages,
                                    .sampling = &call->completion.sampling,
                                    .wire = &call->wire};
    json_t *json = call->protocol->write(&what);
    char *body = json_print(json);
    send_request(call, body);
    free(body);
    json_decref(json);
    arm(call, on_no_first_token, call->endpoint.first_token_timeout_ms);
}

/* Whatever came of it, the attempt tells the user what is wrong. */
static void on_models(void *ctx, const struct http_reply *reply)
{
    struct llm_call *call = ctx;
    enter(call);
    call->request = NULL;
    if (reply->status == STATUS_OK && reply->code < 300)
        call->completion.sampling.model =
            llm_models_name(reply->body, reply->body_len, 0);
    call->is_model_guessed = call->completion.sampling.model != NULL;
    llm_memory_keep_model(call->memory, &call->endpoint, call->completion.sampling.model);
    attempt(call);
    leave(call);
}

/* A model must be named; where none was, it is the host's usual or its first one. */
static void start(struct llm_call *call)
{
    struct sampling *sampling = &call->completion.sampling;
    if (!sampling->model)
        sampling->model = xstrdup_or_null(call->wire.default_model);
    if (!sampling->model) {
        const char *known = llm_memory_model(call->memory, &call->endpoint);
        sampling->model = xstrdup_or_null(known);
        call->is_model_guessed = known != NULL;
    }
    struct http_handler handler = {.on_done = on_models, .ctx = call};
    if (!sampling->model)
        call->request = llm_models_send(call->http, &call->endpoint, &handler);
    if (!call->request)
        attempt(call);
}

static void add_message(json_t *messages, const char *role, const char *text, size_t len)
{
    json_t *message = json_object();
    json_object_set_new(message, "role", json_string(role));
    json_object_set_new(message, "content", json_new_text(text, len));
    json_array_append_new(messages, message);
}

static json_t *collect_messages(const struct llm_request *request,
                                const struct sampling *sampling)
{
    json_t *messages = json_array();
    const char *system = sampling->system_prompt;
    if (system && *system)
        add_message(messages, "system", system, strlen(system));
    for (size_t i = 0; i < request->message_count; i++)
        add_message(messages, request->messages[i].role, request->messages[i].text,
                    request->messages[i].len);
    return messages;
}

static void init_completion(struct llm_call *call, const struct llm_request *request)
{
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
}

struct llm_call *llm_start(struct http *http, struct loop *loop,
                           const struct clock *clock, const struct llm_request *request,
                           llm_fn fn, void *ctx)
{
    struct llm_call *call = xcalloc(1, sizeof *call);
    call->http = http;
    call->clock = clock;
    call->fn = fn;
    call->ctx = ctx;
    endpoint_copy(&call->endpoint, request->endpoint);
    call->protocol = protocol_find(call->endpoint.kind);
    wire_init(&call->wire, &call->endpoint);
    call->memory = request->memory;
    llm_memory_begin(call->memory);
    init_completion(call, request);
    call->messages = collect_messages(request, &call->completion.sampling);
    stream_init(&call->stream, &call->protocol->reader, on_piece, call);
    buf_init(&call->reasoning, STREAM_MAX_TEXT);
    call->started_ms = clock_mono_ms(clock);
    call->complete_ms = -1;
    call->timer = loop_timer_new(loop, on_timer, call);
    arm(call, start, 0);
    return call;
}

void llm_cancel(struct llm_call *call)
{
    if (!call || call->is_ended)
        return;
    struct verdict verdict;
    verdict_cancelled(&verdict);
    enter(call);
    end(call, &verdict);
    leave(call);
}

void llm_abandon(struct llm_call *call)
{
    if (!call || call->is_ended)
        return;
    enter(call);
    call->is_ended = true;
    loop_timer_stop(call->timer);
    leave(call);
}
