/* SPDX-License-Identifier: MIT
 *
 * What an endpoint says went wrong, in any of the shapes seen in the wild.
 * Source: llm-protocols.md §1.6, §1.9, §1.10.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "llm/llm_parts.h"
#include "net/retry.h"

/* Secrets are taken out first: half of one would not be found any more. */
static void put_text(char *out, size_t size, const char *text, size_t len,
                     const struct endpoint *endpoint)
{
    char *copy = xmemdup0(text, len);
    if (endpoint)
        len = endpoint_redact(endpoint, copy, len);
    sanitise_line(copy, len, out, size);
    free(copy);
}

static void put(char *out, size_t size, const json_t *value,
                const struct endpoint *endpoint)
{
    if (json_is_string(value))
        put_text(out, size, json_string_value(value), json_string_length(value),
                 endpoint);
    else if (json_is_integer(value))
        snprintf(out, size, "%lld", (long long)json_integer_value(value));
}

/* A list of one error (Gemini), else the thing itself. */
static const json_t *unwrap(const json_t *json)
{
    return json_is_array(json) ? json_array_get(json, 0) : json;
}

static bool is_truthy(const json_t *value)
{
    if (json_is_string(value))
        return json_string_length(value) > 0;
    if (json_is_object(value))
        return json_object_size(value) > 0;
    return json_is_true(value) || (json_is_integer(value) && json_integer_value(value)) ||
           json_is_array(value);
}

static bool is_text(const json_t *object, const char *key, const char *expected)
{
    const char *text = json_get_text(object, key, NULL);
    return text && !strcmp(text, expected);
}

/* Where an error hides: Groq's x_groq, OpenRouter's first choice, or beside them. */
static const json_t *find_error(const json_t *root)
{
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    const json_t *const places[] = {
        json_object_get(root, "error"),
        json_object_get(json_object_get(root, "x_groq"), "error"),
        json_object_get(choice, "error")};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (is_truthy(places[i]))
            return places[i];
    return NULL;
}

bool llm_error_is(const json_t *json)
{
    const json_t *root = unwrap(json);
    return find_error(root) || is_text(root, "object", "error") ||
           is_text(root, "type", "error") ||
           (json_object_get(root, "detail") && !json_object_get(root, "choices"));
}

const char *llm_error_speaks(const json_t *json)
{
    const char *type = json_get_text(json, "type", NULL);
    const char *object = json_get_text(json, "object", NULL);
    if (json_is_object(json_object_get(json, "message")) && json_object_get(json, "done"))
        return "ollama";
    if (object && !strncmp(object, "chat.completion", 15))
        return "openai-chat";
    if (object && !strcmp(object, "text_completion"))
        return "openai-completions";
    if ((type && !strncmp(type, "response.", 9)) || is_text(json, "object", "response"))
        return "openai-responses";
    bool is_error = is_text(json, "type", "error") &&
                    json_get_text(json_object_get(json, "error"), "type", NULL);
    bool is_piece =
        type && (!strncmp(type, "message", 7) || !strncmp(type, "content_", 8));
    return is_error || is_piece ? "anthropic" : NULL;
}

/* FastAPI's list of faults: [{"msg":…, "loc":[…]}]. */
static void put_detail(struct llm_error *error, const json_t *detail,
                       const struct endpoint *endpoint)
{
    if (json_is_string(detail)) {
        put(error->message, sizeof error->message, detail, endpoint);
        return;
    }
    const json_t *first = unwrap(detail);
    const json_t *place = json_object_get(first, "loc");
    size_t count = json_array_size(place);
    put(error->message, sizeof error->message, json_object_get(first, "msg"), endpoint);
    put(error->code, sizeof error->code, json_object_get(first, "type"), endpoint);
    put(error->param, sizeof error->param, json_array_get(place, count ? count - 1 : 0),
        endpoint);
}

static void put_message(struct llm_error *error, const json_t *object,
                        const struct endpoint *endpoint)
{
    const json_t *message = json_object_get(object, "message");
    if (json_is_object(message)) /* Mistral */
        put_detail(error, json_object_get(message, "detail"), endpoint);
    else
        put(error->message, sizeof error->message, message, endpoint);
    if (json_is_string(message))
        error->wait_ms = retry_wait_in_text(json_string_value(message));
    if (!*error->message)
        put_detail(error, json_object_get(object, "detail"), endpoint);
}

static void put_codes(struct llm_error *error, const json_t *object,
                      const struct endpoint *endpoint)
{
    char type[64] = "", code[64] = "", inner[64] = "";
    const json_t *number = json_object_get(object, "code");
    put(code, sizeof code, number, endpoint);
    put(type, sizeof type, json_object_get(object, "type"), endpoint);
    if (!*type) /* Gemini, HF TGI */
        put(type, sizeof type, json_object_get(object, "status"), endpoint);
    if (!*type)
        put(type, sizeof type, json_object_get(object, "error_type"), endpoint);
    /* Azure; Anthropic's spend limit */
    put(inner, sizeof inner,
        json_object_get(json_object_get(object, "innererror"), "code"), endpoint);
    if (!*inner)
        put(inner, sizeof inner, json_object_get(object, "error_code"), endpoint);
    if (*code || *type || *inner)
        snprintf(error->code, sizeof error->code, "%s%s%s%s%s", code,
                 *code && *type ? " " : "", type, *inner ? " " : "", inner);
    put(error->param, sizeof error->param, json_object_get(object, "param"), endpoint);
    long status = json_is_integer(number) ? (long)json_integer_value(number)
                                          : strtol(code, NULL, 10);
    error->status = status >= 400 && status <= 599 ? status : 0;
    /* "33s" in Google's error details. */
    const json_t *details = json_object_get(object, "details");
    for (size_t i = 0; i < json_array_size(details); i++) {
        const json_t *detail = json_array_get(details, i);
        const char *delay = json_get_text(detail, "retryDelay", NULL);
        if (delay && retry_duration(delay) >= 0)
            error->wait_ms = retry_duration(delay);
    }
}

void llm_error_from_json(struct llm_error *error, const json_t *json,
                         const struct endpoint *endpoint)
{
    *error = (struct llm_error){.wait_ms = -1, .speaks = llm_error_speaks(json)};
    const json_t *root = unwrap(json);
    const json_t *inner = find_error(root);
    if (!inner)
        inner = json_object_get(root, "error");
    if (json_is_string(root))
        put(error->message, sizeof error->message, root, endpoint);
    if (json_is_object(inner)) {
        put_message(error, inner, endpoint);
        put_codes(error, inner, endpoint);
    } else if (json_is_string(inner)) {
        put(error->message, sizeof error->message, inner, endpoint);
        error->wait_ms = retry_wait_in_text(json_string_value(inner));
        put_codes(error, root, endpoint);
    } else {
        put_codes(error, root, endpoint);
    }
    if (!*error->message)
        put_message(error, root, endpoint);
}

void llm_error_from_body(struct llm_error *error, const char *body, size_t len,
                         const struct endpoint *endpoint)
{
    *error = (struct llm_error){.wait_ms = -1};
    size_t blanks = strspn(body, " \t\r\n");
    body += blanks;
    len -= blanks;
    /* LiteLLM: it may be written as the stream that was asked for */
    bool is_event = !strncmp(body, "data:", 5) || !strncmp(body, "event:", 6);
    const char *data = is_event ? strstr(body, "data:") : NULL;
    if (data) {
        body = data + 5 + strspn(data + 5, " ");
        len = strcspn(body, "\r\n");
    }
    if (*body == '<') {
        char title[200] = "";
        const char *words = http_page_title(body, len, &len);
        put_text(title, sizeof title, words, len, endpoint);
        snprintf(error->message, sizeof error->message,
                 *title ? "a web page titled \"%s\"" : "a web page without a title%s",
                 title);
        return;
    }
    json_t *json = *body == '{' || *body == '[' ? json_parse(body, len, NULL) : NULL;
    if (json)
        llm_error_from_json(error, json, endpoint);
    if (!*error->message && !*error->code) {
        put_text(error->message, sizeof error->message, body, len, endpoint);
        error->wait_ms = retry_wait_in_text(body);
    }
    json_decref(json);
}

bool llm_error_has(const struct llm_error *error, const char *words, bool in_message)
{
    char word[64];
    while (*words) {
        size_t len = strcspn(words, "|");
        snprintf(word, sizeof word, "%.*s", (int)len, words);
        if (strcasestr(error->code, word) ||
            (in_message && strcasestr(error->message, word)))
            return true;
        words += len + (words[len] == '|');
    }
    return false;
}

/* Errors inside a stream have no HTTP status; their words stand for one. */
static const struct {
    const char *words;
    long status;
} stand_ins[] = {
    {"content_filter|content_policy", 400},
    {"insufficient_quota|spend_limit|rate_limit|rate limit|too many "
     "requests|resource_exhausted",
     429},
    {"overloaded", 529},
    {"loading model|unavailable|no capacity|no_capacity", 503},
    {"timeout|timed out", 504},
    {"authentication|invalid_api_key", 401},
    {"permission", 403},
    {"model_not_found", 404},
    {"invalid_request|invalid request|bad_request|bad request|context length", 400},
};

long llm_error_status(const struct llm_error *error)
{
    if (error->status)
        return error->status;
    for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
        if (llm_error_has(error, stand_ins[i].words, true))
            return stand_ins[i].status;
    return 500;
}
