/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/wire.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/url.h"

/* Source: llm-protocols.md §1.1 and §1.9. The first row whose host fits counts. */
static const struct {
    const char *host; /* the host is this, or ends in "." this */
    unsigned flags;
    const char *key_header;
    const char *key_prefix;
    const char *default_model;
} hosts[] = {
    {"api.openai.com", WIRE_MAX_COMPLETION_TOKENS, "Authorization", "Bearer ",
     "gpt-4o-mini"},
    {"openai.azure.com", WIRE_MAX_COMPLETION_TOKENS, "api-key", "", NULL},
    {"api.mistral.ai", WIRE_RANDOM_SEED | WIRE_NO_STREAM_OPTIONS, "Authorization",
     "Bearer ", "mistral-small-latest"},
    {"", 0, "Authorization", "Bearer ", NULL},
};

static bool host_fits(const char *host, const char *suffix)
{
    size_t len = strcspn(host, ":"), end = strlen(suffix);
    if (end == 0)
        return true;
    return len >= end && !strncasecmp(host + len - end, suffix, end) &&
           (len == end || host[len - end - 1] == '.');
}

void wire_init(struct wire *wire, const struct endpoint *endpoint)
{
    char *host = url_host(endpoint->base_url ? endpoint->base_url : "");
    size_t row = 0;
    while (!host_fits(host, hosts[row].host))
        row++;
    *wire = (struct wire){.flags = hosts[row].flags,
                          .key_header = hosts[row].key_header,
                          .key_prefix = hosts[row].key_prefix,
                          .default_model = hosts[row].default_model};
    free(host);
}

/* What to turn when this parameter, which was sent, is refused. */
static const struct lesson {
    const char *param;
    unsigned turns;
    unsigned sent_with; /* it is sent only while these flags are … */
    bool sent_when;     /* … set, or not set */
    bool exact;         /* "stream" is a part of other words */
} lessons[] = {
    {"max_tokens", WIRE_MAX_COMPLETION_TOKENS, WIRE_MAX_COMPLETION_TOKENS, false, false},
    {"max_completion_tokens", WIRE_MAX_COMPLETION_TOKENS, WIRE_MAX_COMPLETION_TOKENS,
     true, false},
    {"temperature", WIRE_NO_TEMPERATURE, WIRE_NO_TEMPERATURE, false, false},
    {"random_seed", WIRE_NO_SEED, WIRE_RANDOM_SEED, true, false},
    {"seed", WIRE_NO_SEED, WIRE_NO_SEED | WIRE_RANDOM_SEED, false, false},
    {"stream_options", WIRE_NO_STREAM_OPTIONS, WIRE_NO_STREAM_OPTIONS, false, false},
    {"stream", WIRE_NO_STREAM, WIRE_NO_STREAM, false, true},
};

/* A parameter that is unknown or unsupported, not one whose value is out of range. */
static bool is_unsupported(const struct llm_error *error)
{
    static const char *const words[] = {
        "unsupported",     "not supported", "not support",       "unrecognized",
        "unrecognised",    "unknown",       "extra_forbidden",   "extra inputs",
        "extra fields",    "not permitted", "not allowed",       "unexpected",
        "does not accept", "not accepted",  "verified to stream"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(error->code, words[i]) || strcasestr(error->message, words[i]))
            return true;
    return false;
}

static bool was_sent(const struct lesson *lesson, const struct wire *wire,
                     const struct sampling *sampling)
{
    if (!strncmp(lesson->param, "max_", 4) && sampling->max_tokens <= 0)
        return false;
    if (lesson->turns == WIRE_NO_TEMPERATURE && !sampling->has_temperature)
        return false;
    if (lesson->turns == WIRE_NO_SEED && !sampling->has_seed)
        return false;
    return ((wire->flags & lesson->sent_with) != 0) == lesson->sent_when;
}

static bool is_named(const struct lesson *lesson, const struct llm_error *error)
{
    size_t len = strlen(lesson->param);
    if (*error->param || lesson->exact) /* "stream_options.include_usage" is one, too */
        return !strncmp(error->param, lesson->param, len) &&
               (!error->param[len] || error->param[len] == '.');
    return strstr(error->message, lesson->param) != NULL;
}

bool wire_learn(struct wire *wire, const struct llm_error *error, long status,
                const struct sampling *sampling)
{
    if ((status != 400 && status != 422) || !is_unsupported(error))
        return false;
    for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++) {
        const struct lesson *lesson = &lessons[i];
        if (!was_sent(lesson, wire, sampling) || !is_named(lesson, error) ||
            wire->learned & lesson->turns)
            continue;
        wire->learned |= lesson->turns;
        wire->flags ^= lesson->turns;
        return true;
    }
    return false;
}
