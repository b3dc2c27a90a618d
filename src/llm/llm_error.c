/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/llm_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/sanitise.h"
#include "json/json.h"

static void put(char *out, size_t size, const json_t *value)
{
    if (json_is_string(value))
        sanitise_line(json_string_value(value), json_string_length(value), out, size);
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

bool llm_error_is(const json_t *json)
{
    const json_t *root = unwrap(json);
    return is_truthy(json_object_get(root, "error")) ||
           is_text(root, "object", "error") || is_text(root, "type", "error") ||
           (json_object_get(root, "detail") && !json_object_get(root, "choices"));
}

/* FastAPI's list of faults: [{"msg":…, "loc":[…]}]. */
static void put_detail(struct llm_error *error, const json_t *detail)
{
    if (json_is_string(detail)) {
        put(error->message, sizeof error->message, detail);
        return;
    }
    const json_t *first = unwrap(detail);
    const json_t *place = json_object_get(first, "loc");
    put(error->message, sizeof error->message, json_object_get(first, "msg"));
    put(error->code, sizeof error->code, json_object_get(first, "type"));
    put(error->param, sizeof error->param,
        json_array_get(place, json_array_size(place) ? json_array_size(place) - 1 : 0));
}

static void put_message(struct llm_error *error, const json_t *object)
{
    const json_t *message = json_object_get(object, "message");
    if (json_is_object(message)) /* Mistral */
        put_detail(error, json_object_get(message, "detail"));
    else
        put(error->message, sizeof error->message, message);
    if (!*error->message)
        put_detail(error, json_object_get(object, "detail"));
}

static void put_codes(struct llm_error *error, const json_t *object)
{
    char type[64] = "", code[64] = "";
    const json_t *number = json_object_get(object, "code");
    put(code, sizeof code, number);
    put(type, sizeof type, json_object_get(object, "type"));
    if (!*type) /* Gemini, HF TGI */
        put(type, sizeof type, json_object_get(object, "status"));
    if (!*type)
        put(type, sizeof type, json_object_get(object, "error_type"));
    if (*code || *type)
        snprintf(error->code, sizeof error->code, "%s%s%s", code, *code ? " " : "", type);
    put(error->param, sizeof error->param, json_object_get(object, "param"));
    long status = json_is_integer(number) ? (long)json_integer_value(number)
                                          : strtol(code, NULL, 10);
    error->status = status >= 400 && status <= 599 ? status : 0;
}

void llm_error_from_json(struct llm_error *error, const json_t *json)
{
    memset(error, 0, sizeof *error);
    const json_t *root = unwrap(json);
    const json_t *inner = json_object_get(root, "error");
    if (json_is_string(root))
        put(error->message, sizeof error->message, root);
    if (json_is_object(inner)) {
        put_message(error, inner);
        put_codes(error, inner);
    } else if (json_is_string(inner)) {
        put(error->message, sizeof error->message, inner);
        put_codes(error, root);
    } else {
        put_codes(error, root);
    }
    if (!*error->message)
        put_message(error, root);
}

/* A page of a proxy: its title says it all. */
static void put_title(struct llm_error *error, const char *body, size_t len)
{
    const char *end = body + len;
    const char *at = memmem(body, len, "<title", 6);
    if (!at)
        at = memmem(body, len, "<TITLE", 6);
    at = at ? memchr(at, '>', (size_t)(end - at)) : NULL;
    const char *stop = at ? memchr(at, '<', (size_t)(end - at)) : NULL;
    char title[200] = "";
    if (stop)
        sanitise_line(at + 1, (size_t)(stop - at - 1), title, sizeof title);
    snprintf(error->message, sizeof error->message,
             *title ? "a web page titled \"%s\"" : "a web page without a title%s", title);
}

void llm_error_from_body(struct llm_error *error, const char *body, size_t len)
{
    memset(error, 0, sizeof *error);
    size_t blanks = strspn(body, " \t\r\n");
    body += blanks;
    len -= blanks;
    if (*body == '<') {
        put_title(error, body, len);
        return;
    }
    json_t *json = *body == '{' || *body == '[' ? json_parse(body, len, NULL) : NULL;
    if (json)
        llm_error_from_json(error, json);
    if (!*error->message && !*error->code)
        sanitise_line(body, len, error->message, sizeof error->message);
    json_decref(json);
}
