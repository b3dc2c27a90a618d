/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/verdict.h"

#include <inttypes.h>
#include <string.h>

#include "text/sanitise.h"

/* Finish reasons that are failures in disguise. Source: llm-protocols.md §1.6, §1.9. */
static const char *const failures[] = {"error", "network_error",
                                       "insufficient_system_resource"};
static const char *const limits[] = {"length", "model_length", "max_tokens"};

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; text && i < count; i++)
        if (!strcmp(text, words[i]))
            return true;
    return false;
}

static void name_of(const struct endpoint *endpoint, char *out, size_t size)
{
    const char *name = endpoint->name ? endpoint->name : "";
    sanitise_line(name, strlen(name), out, size);
}

#define NAME_SIZE 80

static void set_empty(struct verdict *verdict, const struct stream *stream,
                      const char *name)
{
    const char *reason = stream->finish_reason;
    char safe[80];
    bool at_limit = is_one_of(reason, limits, sizeof limits / sizeof *limits);
    bool has_thought = stream->reasoning_len || stream->reasoning_tokens > 0;
    sanitise_line(reason ? reason : "none", reason ? strlen(reason) : 4, safe,
                  sizeof safe);
    verdict->state = COMPLETION_FAILED;
    if (at_limit && has_thought)
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %s spent its whole token budget on reasoning and wrote no "
                "answer. Raise max_tokens.",
                name);
    else if (at_limit)
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %s came to its token limit before the first word. Raise "
                "max_tokens, or shorten the prompt.",
                name);
    else
        err_set(&verdict->err, STATUS_REFUSED,
                "The endpoint %s gave an empty answer (finish reason: %s). Try again, or "
                "change the prompt.",
                name, safe);
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
    verdict->state = stream->text_len ? COMPLETION_CUT : COMPLETION_FAILED;
    verdict->class = stream->text_len ? LLM_ERROR_LASTING : LLM_ERROR_PASSING;
    verdict->is_interrupted = true;
    err_set(
        &verdict->err, STATUS_BUSY,
        "The endpoint %s ended this answer without a finish reason, as servers do that "
        "take one request at a time when another comes. %sTry again, one at a time "
        "(concurrency 1).",
        name, stream->text_len ? "What came is kept. " : "");
}

static void judge_complete(struct verdict *verdict, const struct stream *stream,
                           const char *name)
{
    const char *reason = stream->finish_reason;
    if (is_one_of(reason, failures, sizeof failures / sizeof *failures)) {
        verdict->state = COMPLETION_FAILED;
        verdict->class = LLM_ERROR_PASSING;
        err_set(
            &verdict->err, STATUS_BUSY,
            "The endpoint %s gave up in the middle of its answer (finish reason: %s). "
            "Try again.",
            name, reason);
    } else if (stream->lost_pieces) {
        verdict->state = COMPLETION_CUT;
        err_set(
            &verdict->err, STATUS_PROTOCOL,
            "The endpoint %s sent %d piece%s of this answer that cannot be read: text "
            "may be missing. Try again.",
            name, stream->lost_pieces, stream->lost_pieces == 1 ? "" : "s");
    } else if (is_interrupted(stream)) {
        set_interrupted(verdict, stream, name);
    } else if (!stream->text_len) {
        set_empty(verdict, stream, name);
    } else {
        verdict->state = COMPLETION_DONE;
    }
}

static void judge_broken(struct verdict *verdict, const struct stream *stream,
                         const char *name)
{
    if (stream->text_len) {
        verdict->state = COMPLETION_CUT;
        err_set(&verdict->err, STATUS_NETWORK,
                "The endpoint %s ended the stream without saying that the answer is "
                "complete. What came is kept; try again for a whole one.",
                name);
        return;
    }
    verdict->state = COMPLETION_FAILED;
    verdict->class = LLM_ERROR_PASSING;
    err_set(
        &verdict->err, STATUS_NETWORK,
        "The endpoint %s ended the stream without an answer. Try again, or look at its "
        "log.",
        name);
}

void verdict_of_stream(struct verdict *verdict, const struct stream *stream,
                       const struct endpoint *endpoint, const struct http_reply *reply)
{
    char name[NAME_SIZE];
    name_of(endpoint, name, sizeof name);
    *verdict = (struct verdict){.class = LLM_ERROR_LASTING};
    if (stream->is_too_large) {
        verdict->state = COMPLETION_FAILED;
        err_set(&verdict->err, STATUS_FULL,
                "The endpoint %s sent more than %zu MiB; the rest was not read.", name,
                STREAM_MAX_TEXT >> 20);
    } else if (stream->has_error) {
        verdict_of_error(verdict, &stream->error, 0, endpoint, stream->model);
    } else if (stream_is_complete(stream)) {
        judge_complete(verdict, stream, name);
    } else if (reply && reply->status != STATUS_OK) {
        verdict_of_transport(verdict, endpoint, &reply->err);
    } else {
        judge_broken(verdict, stream, name);
    }
}

void verdict_of_error(struct verdict *verdict, const struct llm_error *error, long status,
                      const struct endpoint *endpoint, const char *model)
{
    *verdict = (struct verdict){.state = COMPLETION_FAILED};
    verdict->class = llm_error_explain(error, status, endpoint, model, &verdict->err);
}

void verdict_of_transport(struct verdict *verdict, const struct endpoint *endpoint,
                          const struct err *why)
{
    char name[NAME_SIZE];
    name_of(endpoint, name, sizeof name);
    *verdict = (struct verdict){.state = COMPLETION_FAILED,
                                .err = *why,
                                .class = why->code == STATUS_NETWORK ||
                                                 why->code == STATUS_TIMEOUT
                                             ? LLM_ERROR_PASSING
                                             : LLM_ERROR_LASTING};
    err_prefix(&verdict->err, "The endpoint %s", name);
    secret_redact(&endpoint->key, verdict->err.text);
}

void verdict_no_first_token(struct verdict *verdict, const struct endpoint *endpoint)
{
    char name[NAME_SIZE];
    name_of(endpoint, name, sizeof name);
    *verdict = (struct verdict){.state = COMPLETION_FAILED, .class = LLM_ERROR_LASTING};
    err_set(&verdict->err, STATUS_TIMEOUT,
            "The endpoint %s has not begun its answer within %" PRId64
            " s. A model that is loaded first takes long: try again, or raise "
            "first_token_timeout.",
            name, (endpoint->first_token_timeout_ms + 999) / 1000);
}

void verdict_idle(struct verdict *verdict, const struct endpoint *endpoint)
{
    char name[NAME_SIZE];
    name_of(endpoint, name, sizeof name);
    *verdict = (struct verdict){.state = COMPLETION_FAILED, .class = LLM_ERROR_LASTING};
    err_set(&verdict->err, STATUS_TIMEOUT,
            "The endpoint %s has sent no more text for %" PRId64
            " s. What came is kept; try again for a whole answer, or raise idle_timeout.",
            name, (endpoint->idle_timeout_ms + 999) / 1000);
}

void verdict_cancelled(struct verdict *verdict)
{
    *verdict = (struct verdict){.state = COMPLETION_CUT, .class = LLM_ERROR_LASTING};
    err_set(&verdict->err, STATUS_CANCELLED, "You stopped this answer.");
}
