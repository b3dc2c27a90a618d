/* SPDX-License-Identifier: MIT
 *
 * How an answer ended, in a sentence: the table that gives a refusal its meaning, and
 * what is said of streams that ended otherwise.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "llm/protocol.h"
#include "net/retry.h"

enum { NEEDS_CODE = 1, NEEDS_NO_WAIT = 2, NAMES_MODEL = 4, NAMES_PATH = 8 };

/* The first row that fits counts. words: one of these stands in the code or (unless
 * NEEDS_CODE) in the message; NULL = any. NEEDS_NO_WAIT: the endpoint did not say when to
 * come again, which tells a limit from a quota better than words do. */
static const struct meaning {
    long from, to;
    const char *words;
    unsigned needs;
    enum status status;
    enum llm_error_class class;
    enum llm_fault fault;
    const char *what; /* after "The endpoint NAME "; NULL = about the key */
    const char *to_do;
} meanings[] = {
    {400, 599,
     "content_filter|content_policy|responsibleai|data_inspection|moderation_blocked|"
     "prohibited_content",
     NEEDS_CODE, STATUS_REFUSED, LLM_ERROR_LASTING, LLM_FAULT_PASSING,
     "stopped the prompt in its content filter", "Change the prompt."},
    {503, 503, "loading", 0, STATUS_BUSY, LLM_ERROR_LOADING, LLM_FAULT_LIKELY,
     "is loading its model", "It is asked again until it is ready."},
    {400, 499,
     "insufficient_quota|billing_hard_limit|billing_not_active|spend_limit|insufficient_"
     "balance|credit",
     NEEDS_CODE, STATUS_REFUSED, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN,
     "says that the quota or the credit is used up",
     "Check the account that the key belongs to."},
    {429, 429, "rate limit|rate_limit|ratelimit|too many requests|per minute|slow_down",
     0, STATUS_BUSY, LLM_ERROR_PASSING, LLM_FAULT_LIKELY,
     "limits how often it may be asked",
     "Wait a little and try again, or lower the concurrency."},
    {429, 429, "quota|billing|spend|credit|balance", NEEDS_NO_WAIT, STATUS_REFUSED,
     LLM_ERROR_LASTING, LLM_FAULT_CERTAIN, "says that the quota or the credit is used up",
     "Check the account that the key belongs to."},
    {429, 429, NULL, 0, STATUS_BUSY, LLM_ERROR_PASSING, LLM_FAULT_LIKELY,
     "limits how often it may be asked",
     "Wait a little and try again, or lower the concurrency."},
    {401, 401, NULL, 0, STATUS_AUTH, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN, NULL, NULL},
    /* Gemini calls it an argument */
    {400, 403,
     "api key not valid|api_key_invalid|invalid_api_key|invalid api key|incorrect api "
     "key|api key expired",
     0, STATUS_AUTH, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN, NULL, NULL},
    {402, 402, NULL, 0, STATUS_REFUSED, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN,
     "says that there is no credit left", "Check the account that the key belongs to."},
    {403, 403, "moderation|flagged|content_filter|safety", 0, STATUS_REFUSED,
     LLM_ERROR_LASTING, LLM_FAULT_PASSING, "stopped the prompt in its content filter",
     "Change the prompt."},
    {403, 403, NULL, 0, STATUS_AUTH, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN,
     "does not allow this request", "Check what the key may do."},
    /* OpenAI's own words for a model of another path */
    {400, 410, "use v1/chat/completions|this is a chat model", 0, STATUS_NOT_FOUND,
     LLM_ERROR_LASTING, LLM_FAULT_CERTAIN, "has this model for chat only",
     "Set kind = openai-chat."},
    {400, 410, "not a chat model|use v1/completions", 0, STATUS_NOT_FOUND,
     LLM_ERROR_LASTING, LLM_FAULT_CERTAIN, "has this model for completions only",
     "Set kind = openai-completions."},
    {400, 410, "only supported in v1/responses|use the responses api", 0,
     STATUS_NOT_FOUND, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN,
     "has this model for responses only", "Set kind = openai-responses."},
    {404, 410, "model", NAMES_MODEL, STATUS_NOT_FOUND, LLM_ERROR_LASTING,
     LLM_FAULT_CERTAIN, "does not have the model",
     "Set another model; sherd endpoints lists what it has."},
    /* LiteLLM, Mistral, OpenRouter, DeepSeek */
    {400, 422,
     "invalid model name|invalid_model|not a valid model|model not exist|model_not_found",
     NAMES_MODEL, STATUS_NOT_FOUND, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN,
     "does not have the model", "Set another model; sherd endpoints lists what it has."},
    {404, 410, NULL, NAMES_PATH, STATUS_NOT_FOUND, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN,
     "has no chat service at this address", NULL},
    {400, 422,
     "context_length|context length|context size|maximum context|too long|too many "
     "tokens",
     0, STATUS_REFUSED, LLM_ERROR_LASTING, LLM_FAULT_PASSING,
     "cannot take so long a prompt",
     "Shorten the prompt or the system prompt, or lower max_tokens."},
    {400, 400, "content_filter|content management|moderation|safety", 0, STATUS_REFUSED,
     LLM_ERROR_LASTING, LLM_FAULT_PASSING, "stopped the prompt in its content filter",
     "Change the prompt."},
    {407, 407, NULL, 0, STATUS_CONFIG, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN,
     "is behind a proxy that wants a user name and a password",
     "Set proxy = http://NAME:PASSWORD@HOST:PORT."},
    {408, 408, NULL, 0, STATUS_TIMEOUT, LLM_ERROR_PASSING, LLM_FAULT_LIKELY,
     "gave up waiting", "Try again."},
    {413, 413, NULL, 0, STATUS_REFUSED, LLM_ERROR_LASTING, LLM_FAULT_PASSING,
     "cannot take so long a prompt", "Shorten the prompt."},
    {498, 498, NULL, 0, STATUS_BUSY, LLM_ERROR_PASSING, LLM_FAULT_LIKELY,
     "has no room at the moment", "Try again later."},
    {400, 499, NULL, 0, STATUS_REFUSED, LLM_ERROR_LASTING, LLM_FAULT_LIKELY,
     "refused the request", "Check the model and its parameters."},
    {504, 504, NULL, 0, STATUS_TIMEOUT, LLM_ERROR_PASSING, LLM_FAULT_LIKELY,
     "gave up waiting for its model", "Try again."},
    {524, 524, NULL, 0, STATUS_TIMEOUT, LLM_ERROR_PASSING, LLM_FAULT_LIKELY,
     "gave up waiting for its model", "Try again."},
    {502, 503, NULL, 0, STATUS_BUSY, LLM_ERROR_PASSING, LLM_FAULT_LIKELY,
     "is not available at the moment", "Try again later."},
    {529, 529, NULL, 0, STATUS_BUSY, LLM_ERROR_PASSING, LLM_FAULT_LIKELY, "is overloaded",
     "Try again later."},
    {500, 599, NULL, 0, STATUS_BUSY, LLM_ERROR_PASSING, LLM_FAULT_LIKELY, "failed",
     "Try again, or look at its log."},
    {0, 999, NULL, 0, STATUS_PROTOCOL, LLM_ERROR_LASTING, LLM_FAULT_LIKELY,
     "answered with what is no answer", "Check its url, or try again."},
};

static const struct meaning *find_meaning(const struct llm_error *error, long status,
                                          int64_t asked_ms)
{
    const struct meaning *row = meanings;
    for (;; row++) {
        bool has_words =
            !row->words || llm_error_has(error, row->words, !(row->needs & NEEDS_CODE));
        bool fits = status >= row->from && status <= row->to && has_words &&
                    !(row->needs & NEEDS_NO_WAIT && asked_ms >= 0);
        if (fits || row->to == 999)
            return row;
    }
}

static const char *name_of(const struct endpoint *endpoint)
{
    return endpoint->name ? endpoint->name : "";
}

/* "(401: Incorrect key)", "(502)", "(Incorrect key)". */
static void put_reason(char *out, size_t size, const struct llm_error *error, long status)
{
    const char *said = *error->message ? error->message : error->code;
    size_t len = strlen(said);
    while (len && (said[len - 1] == '.' || said[len - 1] == ' '))
        len--;
    if (status && len)
        snprintf(out, size, "(%ld: %.*s)", status, (int)len, said);
    else if (status)
        snprintf(out, size, "(%ld)", status);
    else if (len)
        snprintf(out, size, "(%.*s)", (int)len, said);
    else
        snprintf(out, size, "(it does not say why)");
}

static void explain_key(const struct endpoint *endpoint, const char *name,
                        const char *reason, struct err *err)
{
    const char *set =
        "Set api_key_env, api_key_file or api_key_cmd in its section of the config file";
    if (!strcmp(endpoint->name ? endpoint->name : "", "env"))
        set = "Set OPENAI_API_KEY, or add an [endpoint NAME] with its url and "
              "api_key_cmd to the config file";
    else if (endpoint->name && strstr(endpoint->name, "://")) /* of --endpoint URL */
        set = "Add an [endpoint NAME] with its url and api_key_env, api_key_file or "
              "api_key_cmd to the config file";
    if (secret_is_set(&endpoint->key))
        err_set(err, STATUS_AUTH, "The endpoint %.80s refused the key %s. %s.", name,
                reason, set);
    else
        err_set(err, STATUS_AUTH,
                "The endpoint %.80s wants a key and none is set %s. %s.", name, reason,
                set);
}

/* What helps where the path or the model is missing; whether it is another protocol. */
static bool put_path(char *to_do, size_t size, const struct llm_error *error,
                     const struct meaning *row, const struct endpoint *endpoint)
{
    const struct protocol *protocol = protocol_find(endpoint->kind);
    const char *speaks = error->speaks ? error->speaks : "";
    bool is_foreign = *speaks && strcmp(speaks, endpoint_kind_name(endpoint->kind)) != 0;
    /* its last model of that path closed in September 2026 */
    bool is_closed = endpoint->kind == ENDPOINT_OPENAI_COMPLETIONS &&
                     endpoint->base_url &&
                     strstr(endpoint->base_url, "://api.openai.com/");
    bool lacks_path = row->needs & NAMES_PATH;
    if (is_foreign && (lacks_path || row->to == 999))
        snprintf(to_do, size, "It speaks another protocol: set kind = %s.", speaks);
    else if ((lacks_path || (row->needs & NAMES_MODEL && is_closed)) && protocol->missing)
        snprintf(to_do, size, "%s", protocol->missing);
    else if (lacks_path)
        snprintf(to_do, size, "Check its url: it ends before %s, mostly in /v1.",
                 protocol->path);
    return is_foreign;
}

void verdict_of_error(struct verdict *verdict, const struct llm_error *error, long status,
                      int64_t asked_ms, const struct endpoint *endpoint,
                      const char *model)
{
    char reason[330], wait[24], to_do[128] = "";
    int64_t wait_ms = asked_ms >= 0 ? asked_ms : error->wait_ms;
    const struct meaning *row =
        find_meaning(error, status ? status : llm_error_status(error), wait_ms);
    bool names_model = row->needs & NAMES_MODEL;
    const char *name = name_of(endpoint);
    put_reason(reason, sizeof reason, error, status ? status : error->status);
    *verdict = (struct verdict){.state = COMPLETION_FAILED,
                                .class = row->class,
                                .fault = row->fault,
                                .wait_ms = wait_ms};
    /* so long that nobody waits for it: nothing more is to be had until then */
    if (row->class == LLM_ERROR_PASSING && wait_ms > retry_model.max_server_ms) {
        verdict->fault = LLM_FAULT_CERTAIN;
        /* "45 s", "12 min", "3 h": rounded up. */
        size_t size = sizeof wait;
        int64_t seconds = (wait_ms + 999) / 1000;
        if (seconds < 120)
            snprintf(wait, size, "%" PRId64 " s", seconds);
        else if (seconds < 7200)
            snprintf(wait, size, "%" PRId64 " min", (seconds + 59) / 60);
        else
            snprintf(wait, size, "%" PRId64 " h", (seconds + 3599) / 3600);
        snprintf(to_do, sizeof to_do, "It asks not to be called again for %s.", wait);
    }
    bool is_foreign = put_path(to_do, sizeof to_do, error, row, endpoint);
    if (!row->what)
        explain_key(endpoint, name, reason, &verdict->err);
    else
        err_set(&verdict->err, row->status, "The endpoint %.80s %s%s%.80s %s. %s%s", name,
                row->what, names_model ? " " : "", names_model && model ? model : "",
                reason, *to_do ? to_do : row->to_do,
                row->needs & NAMES_PATH && model && !is_foreign
                    ? " sherd doctor finds what it speaks."
                    : "");
}

/* ---- streams ---- */

/* A reason that tells of a limit without a word of text. */
static void set_empty(struct verdict *verdict, const struct stream *stream,
                      const char *name)
{
    const char *reason = stream->finish_reason ? stream->finish_reason : "none";
    const struct finish *finish = finish_find(stream->finish_reason);
    bool has_thought = stream->reasoning_len || stream->reasoning_tokens > 0;
    verdict->state = COMPLETION_FAILED;
    if (finish->is_limit && has_thought)
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %.80s spent its whole token budget on reasoning and wrote "
                "no answer. Raise max_tokens.",
                name);
    else if (finish->is_limit)
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %.80s came to its token limit before the first word. Raise "
                "max_tokens, or shorten the prompt.",
                name);
    else if (stream->explanation)
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %.80s refused to answer (finish reason: %.80s: %.200s). "
                "Change the prompt.",
                name, reason, stream->explanation);
    else
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %.80s gave an empty answer%s%s (finish reason: %.80s). Try "
                "again, or change the prompt.",
                name, finish->note ? ": " : "", finish->note ? finish->note : "", reason);
}

/* llama-cpp-python serves one request at a time: a second one ends the first stream in
 * peace, with [DONE], but its finish reason stays null (seen on 0.3.36). */
static bool is_interrupted(const struct stream *stream)
{
    return stream->framing == STREAM_EVENTS && !stream->finish_reason &&
           stream->knows_reasons;
}

/* Before the first piece another attempt can help, unless the other request is our own:
 * that one would be interrupted in turn. The caller knows. */
static void set_interrupted(struct verdict *verdict, const struct stream *stream,
                            const char *name)
{
    verdict->state = COMPLETION_CUT;
    verdict->class = stream->has_words ? LLM_ERROR_LASTING : LLM_ERROR_PASSING;
    verdict->is_interrupted = true;
    err_set(&verdict->err, STATUS_BUSY,
            "The endpoint %.80s ended this answer without a finish reason, as servers do "
            "that take one request at a time when another comes. %sTry again, one at a "
            "time (concurrency 1).",
            name, stream->has_words ? "What came is kept. " : "");
}

static void judge_complete(struct verdict *verdict, const struct stream *stream,
                           const char *name)
{
    const struct finish *finish = finish_find(stream->finish_reason);
    bool is_whole_refusal = stream->is_refusal && stream->has_words;
    if (finish->state == COMPLETION_FAILED) {
        verdict->state = COMPLETION_FAILED;
        verdict->class = LLM_ERROR_PASSING;
        err_set(&verdict->err, STATUS_BUSY,
                "The endpoint %.80s gave up in the middle of its answer (finish reason: "
                "%s). Try again.",
                name, finish->reason);
    } else if (stream->lost_pieces) {
        verdict->state = COMPLETION_CUT;
        err_set(&verdict->err, STATUS_PROTOCOL,
                "The endpoint %.80s sent %d piece%s of this answer that cannot be read: "
                "text may be missing. Try again.",
                name, stream->lost_pieces, stream->lost_pieces == 1 ? "" : "s");
    } else if (is_interrupted(stream)) {
        set_interrupted(verdict, stream, name);
    } else if (stream->call_count && finish->is_limit) {
        /* half a call must not be run */
        verdict->state = COMPLETION_CUT;
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %.80s came to its token limit inside a tool call. Raise "
                "max_tokens.",
                name);
    } else if (!stream->has_words &&
               !(stream->call_count && finish->state == COMPLETION_DONE)) {
        set_empty(verdict, stream, name);
    } else if (finish->state == COMPLETION_CUT && !is_whole_refusal) {
        verdict->state = COMPLETION_CUT;
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %.80s cut this answer off: %s (finish reason: %s%s%.200s).",
                name, finish->note, finish->reason, stream->explanation ? ": " : "",
                stream->explanation ? stream->explanation : "");
    } else {
        verdict->state = COMPLETION_DONE;
        verdict->fault = LLM_FAULT_NONE;
    }
}

void verdict_of_stream(struct verdict *verdict, const struct stream *stream,
                       const struct http_reply *reply)
{
    const char *name = name_of(stream->endpoint);
    /* A connection that breaks after the last word does no harm; but where the reasons
     * tell nothing it may have been any word. */
    bool tells = stream->has_end_mark ||
                 (stream->finish_reason && !stream->rides && !stream->has_early_reason);
    *verdict = (struct verdict){
        .class = LLM_ERROR_LASTING, .fault = LLM_FAULT_PASSING, .wait_ms = -1};
    if (stream->is_too_large) {
        verdict->state = COMPLETION_FAILED;
        err_set(&verdict->err, STATUS_FULL,
                "The endpoint %.80s sent more than %zu MiB; the rest was not read.", name,
                STREAM_MAX_TEXT >> 20);
    } else if (stream->has_error) {
        verdict_of_error(verdict, &stream->error, 0, -1, stream->endpoint, stream->model);
    } else if (reply && reply->status != STATUS_OK && !tells) {
        verdict_of_transport(verdict, stream->endpoint, &reply->err);
    } else if (stream_is_complete(stream)) {
        judge_complete(verdict, stream, name);
    } else {
        verdict->state = COMPLETION_FAILED;
        verdict->class = LLM_ERROR_PASSING;
        if (stream->has_words)
            err_set(&verdict->err, STATUS_NETWORK,
                    "The endpoint %.80s ended the stream without saying that the answer "
                    "is complete. What came is kept; try again for a whole one.",
                    name);
        else
            err_set(&verdict->err, STATUS_NETWORK,
                    "The endpoint %.80s ended the stream without an answer. Try again, "
                    "or look at its log.",
                    name);
    }
    /* one rule for every end: text that is not whole is cut off */
    if (verdict->state != COMPLETION_DONE)
        verdict->state = stream->has_words ? COMPLETION_CUT : COMPLETION_FAILED;
}

void verdict_of_transport(struct verdict *verdict, const struct endpoint *endpoint,
                          const struct err *why)
{
    bool is_passing = why->code == STATUS_NETWORK || why->code == STATUS_TIMEOUT;
    *verdict =
        (struct verdict){.state = COMPLETION_FAILED,
                         .err = *why,
                         .class = is_passing ? LLM_ERROR_PASSING : LLM_ERROR_LASTING,
                         .fault = is_passing                 ? LLM_FAULT_LIKELY
                                  : why->code == STATUS_FULL ? LLM_FAULT_PASSING
                                                             : LLM_FAULT_CERTAIN,
                         .wait_ms = -1};
    err_prefix(&verdict->err, "The endpoint %.80s", name_of(endpoint));
}

void verdict_too_late(struct verdict *verdict, const struct endpoint *endpoint,
                      bool has_begun)
{
    int64_t limit =
        has_begun ? endpoint->idle_timeout_ms : endpoint->first_token_timeout_ms;
    *verdict = (struct verdict){.state = COMPLETION_FAILED,
                                .fault = has_begun ? LLM_FAULT_PASSING : LLM_FAULT_LIKELY,
                                .wait_ms = -1};
    err_set(
        &verdict->err, STATUS_TIMEOUT, "The endpoint %.80s has %s %" PRId64 " s. %s",
        name_of(endpoint),
        has_begun ? "sent no more text for" : "not begun its answer within",
        (limit + 999) / 1000,
        has_begun
            ? "What came is kept; try again for a whole answer, or raise idle_timeout."
            : "A model that is loaded first takes long: try again, or raise "
              "first_token_timeout.");
}

void verdict_no_tools(struct verdict *verdict, const struct endpoint *endpoint)
{
    *verdict = (struct verdict){
        .state = COMPLETION_FAILED, .fault = LLM_FAULT_PASSING, .wait_ms = -1};
    err_set(&verdict->err, STATUS_REFUSED,
            "The endpoint %.80s takes no tools. Set another kind or model; sherd doctor "
            "has them tried once more.",
            name_of(endpoint));
}

void verdict_cancelled(struct verdict *verdict)
{
    *verdict = (struct verdict){
        .state = COMPLETION_CUT, .fault = LLM_FAULT_PASSING, .wait_ms = -1};
    err_set(&verdict->err, STATUS_CANCELLED, "You stopped this answer.");
}
