/* SPDX-License-Identifier: MIT
 *
 * The table that gives a refusal its meaning.
 */
#include "config.h"

#include "llm/llm_error.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text/sanitise.h"

/* The first row that fits counts. words: one of these (divided by '|') stands in the
 * code or the message; NULL = any. */
static const struct meaning {
    long from, to;
    const char *words;
    enum status status;
    enum llm_error_class class;
    const char *what; /* after "The endpoint NAME " */
    const char *to_do;
} meanings[] = {
    {503, 503, "loading", STATUS_BUSY, LLM_ERROR_LOADING, "is loading its model",
     "It is asked again until it is ready."},
    {429, 429, "insufficient_quota|quota|billing|spend|credit|balance", STATUS_REFUSED,
     LLM_ERROR_LASTING, "says that the quota or the credit is used up",
     "Check the account that the key belongs to."},
    {429, 429, NULL, STATUS_BUSY, LLM_ERROR_PASSING, "limits how often it may be asked",
     "Wait a little and try again, or lower the concurrency."},
    {401, 401, NULL, STATUS_AUTH, LLM_ERROR_LASTING, NULL, NULL},
    {402, 402, NULL, STATUS_REFUSED, LLM_ERROR_LASTING,
     "says that there is no credit left", "Check the account that the key belongs to."},
    {403, 403, "moderation|flagged|content_filter|safety", STATUS_REFUSED,
     LLM_ERROR_LASTING, "stopped the prompt in its content filter", "Change the prompt."},
    {403, 403, NULL, STATUS_AUTH, LLM_ERROR_LASTING, "does not allow this request",
     "Check what the key may do."},
    {404, 404, "model", STATUS_NOT_FOUND, LLM_ERROR_LASTING, "does not have the model",
     "Set another model; sherd doctor lists what it has."},
    {404, 405, NULL, STATUS_NOT_FOUND, LLM_ERROR_LASTING,
     "has no chat service at this address",
     "Check its url: it ends before /chat/completions, mostly in /v1."},
    {400, 422,
     "context_length|context length|context size|maximum context|too long|too many "
     "tokens",
     STATUS_REFUSED, LLM_ERROR_LASTING, "cannot take so long a prompt",
     "Shorten the prompt or the system prompt, or lower max_tokens."},
    {400, 400, "content_filter|content management|moderation|safety", STATUS_REFUSED,
     LLM_ERROR_LASTING, "stopped the prompt in its content filter", "Change the prompt."},
    {408, 408, NULL, STATUS_TIMEOUT, LLM_ERROR_PASSING, "gave up waiting", "Try again."},
    {413, 413, NULL, STATUS_REFUSED, LLM_ERROR_LASTING, "cannot take so long a prompt",
     "Shorten the prompt."},
    {498, 498, NULL, STATUS_BUSY, LLM_ERROR_PASSING, "has no room at the moment",
     "Try again later."},
    {400, 499, NULL, STATUS_REFUSED, LLM_ERROR_LASTING, "refused the request",
     "Check the model and its parameters."},
    {504, 504, NULL, STATUS_TIMEOUT, LLM_ERROR_PASSING, "gave up waiting for its model",
     "Try again."},
    {524, 524, NULL, STATUS_TIMEOUT, LLM_ERROR_PASSING, "gave up waiting for its model",
     "Try again."},
    {502, 503, NULL, STATUS_BUSY, LLM_ERROR_PASSING, "is not available at the moment",
     "Try again later."},
    {529, 529, NULL, STATUS_BUSY, LLM_ERROR_PASSING, "is overloaded", "Try again later."},
    {500, 599, NULL, STATUS_BUSY, LLM_ERROR_PASSING, "failed",
     "Try again, or look at its log."},
    {0, 999, NULL, STATUS_PROTOCOL, LLM_ERROR_LASTING, "answered with what is no answer",
     "Check its url, or try again."},
};

/* Errors inside a stream have no HTTP status; their words stand for one. */
static const struct {
    const char *words;
    long status;
} stand_ins[] = {
    {"insufficient_quota|rate_limit|rate limit|too many requests|resource_exhausted",
     429},
    {"overloaded", 529},
    {"loading model|unavailable|no capacity|no_capacity", 503},
    {"timeout|timed out", 504},
    {"authentication|invalid_api_key", 401},
    {"permission", 403},
    {"model_not_found", 404},
    {"invalid_request|invalid request|bad_request|bad request|content_filter|context "
     "length",
     400},
};

static bool has_words(const struct llm_error *error, const char *words)
{
    char word[64];
    while (words && *words) {
        size_t len = strcspn(words, "|");
        snprintf(word, sizeof word, "%.*s", (int)len, words);
        if (strcasestr(error->code, word) || strcasestr(error->message, word))
            return true;
        words += len + (words[len] == '|');
    }
    return false;
}

long llm_error_status(const struct llm_error *error)
{
    if (error->status)
        return error->status;
    for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
        if (has_words(error, stand_ins[i].words))
            return stand_ins[i].status;
    return 500;
}

static const struct meaning *find_meaning(const struct llm_error *error, long status)
{
    const struct meaning *row = meanings;
    while (row->to < 999 && (status < row->from || status > row->to ||
                             (row->words && !has_words(error, row->words))))
        row++;
    return row;
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
        "Set api_key_env, api_key_file or api_key_cmd in its section of the "
        "config file";
    if (!strcmp(endpoint->name ? endpoint->name : "", "env"))
        set = "Set OPENAI_API_KEY, or api_key_cmd in the config file";
    if (secret_is_set(&endpoint->key))
        err_set(err, STATUS_AUTH, "The endpoint %s refused the key %s. %s.", name, reason,
                set);
    else
        err_set(err, STATUS_AUTH, "The endpoint %s wants a key and none is set %s. %s.",
                name, reason, set);
}

enum llm_error_class llm_error_explain(const struct llm_error *error, long status,
                                       const struct endpoint *endpoint, const char *model,
                                       struct err *err)
{
    char name[80], model_name[80], reason[330];
    const struct meaning *row =
        find_meaning(error, status ? status : llm_error_status(error));
    const char *label = endpoint->name ? endpoint->name : "";
    sanitise_line(label, strlen(label), name, sizeof name);
    sanitise_line(model ? model : "", model ? strlen(model) : 0, model_name,
                  sizeof model_name);
    put_reason(reason, sizeof reason, error, status ? status : error->status);
    if (row->status == STATUS_AUTH && !row->what)
        explain_key(endpoint, name, reason, err);
    else
        err_set(err, row->status, "The endpoint %s %s%s%s %s. %s", name, row->what,
                row->status == STATUS_NOT_FOUND && row->words ? " " : "",
                row->status == STATUS_NOT_FOUND && row->words ? model_name : "", reason,
                row->to_do);
    secret_redact(&endpoint->key, err->text);
    return row->class;
}
