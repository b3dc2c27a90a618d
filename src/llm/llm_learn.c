/* SPDX-License-Identifier: MIT
 *
 * How a request to one endpoint and model is written: what is known of famous hosts,
 * what a refusal teaches, and the memory of both for one process.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "llm/protocol.h"
#include "net/url.h"

/* Source: llm-protocols.md §1.1 and §1.9. The first row whose host fits counts. */
static const struct {
    const char *host; /* the host is this, or ends in "." this */
    unsigned flags;
    const char *key_header;
    const char *key_prefix;
    const char *default_model;
} hosts[] = {
    {"api.openai.com", WIRE_MAX_COMPLETION_TOKENS, NULL, NULL, "gpt-4o-mini"},
    {"openai.azure.com", WIRE_MAX_COMPLETION_TOKENS, "api-key", "", NULL},
    {"api.mistral.ai", WIRE_RANDOM_SEED | WIRE_NO_STREAM_OPTIONS, NULL, NULL,
     "mistral-small-latest"},
    {"", 0, NULL, NULL, NULL},
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
static const struct parameter {
    const char *param;
    unsigned turns;
    unsigned sent_with; /* it is sent only while these flags are … */
    bool sent_when;     /* … set, or not set */
    bool exact;         /* "stream" is a part of other words */
} parameters[] = {
    {"max_tokens", WIRE_MAX_COMPLETION_TOKENS, WIRE_MAX_COMPLETION_TOKENS, false, false},
    {"max_completion_tokens", WIRE_MAX_COMPLETION_TOKENS, WIRE_MAX_COMPLETION_TOKENS,
     true, false},
    {"temperature", WIRE_NO_TEMPERATURE, WIRE_NO_TEMPERATURE, false, false},
    {"random_seed", WIRE_NO_SEED, WIRE_RANDOM_SEED, true, false},
    {"seed", WIRE_NO_SEED, WIRE_NO_SEED | WIRE_RANDOM_SEED, false, false},
    {"stream_options", WIRE_NO_STREAM_OPTIONS, WIRE_NO_STREAM_OPTIONS, false, false},
    {"stop_sequences", WIRE_NO_STOP, WIRE_NO_STOP, false, false},
    {"stop", WIRE_NO_STOP, WIRE_NO_STOP, false, true},
    {"stream", WIRE_NO_STREAM, WIRE_NO_STREAM, false, true},
};

/* A role that is refused: the newer name of it is tried, then none at all. */
static bool learn_role(struct wire *wire, const struct llm_error *error,
                       const struct sampling *sampling)
{
    static const char words[] =
        "system role|role 'system'|role \"system\"|'system' role|\"system\" role|"
        "not support 'system'|developer instruction|system instruction|system message";
    bool is_about_role =
        llm_error_has(error, words, true) ||
        (strstr(error->param, "role") && !strncmp(error->param, "messages", 8));
    bool is_second = wire->flags & WIRE_DEVELOPER;
    if (!sampling->system_prompt || !*sampling->system_prompt ||
        wire->flags & WIRE_NO_SYSTEM)
        return false;
    if (!is_about_role && !(is_second && llm_error_has(error, "role|developer", true)))
        return false;
    bool is_known_to_both = llm_error_has(error, "developer instruction", true);
    wire->flags |= is_second || is_known_to_both ? WIRE_NO_SYSTEM : WIRE_DEVELOPER;
    return true;
}

/* A parameter that is unknown or unsupported, not one whose value is out of range. */
static bool is_unsupported(const struct llm_error *error)
{
    return llm_error_has(
        error,
        "deprecated|unsupported|not supported|not "
        "support|unrecognized|unrecognised|unknown|"
        "extra_forbidden|extra inputs|extra fields|not permitted|not allowed|"
        "unexpected|does not accept|not accepted|verified to stream",
        true);
}

static bool was_sent(const struct parameter *lesson, const struct wire *wire,
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

static bool is_named(const struct parameter *lesson, const struct llm_error *error)
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
    /* the chat template of a local model says it with a 500 */
    if ((status == 400 || status == 422 || status == 500) &&
        learn_role(wire, error, sampling))
        return true;
    if ((status != 400 && status != 422) || !is_unsupported(error))
        return false;
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        const struct parameter *lesson = &parameters[i];
        if (!was_sent(lesson, wire, sampling) || !is_named(lesson, error) ||
            wire->learned & lesson->turns)
            continue;
        wire->learned |= lesson->turns;
        wire->flags ^= lesson->turns;
        return true;
    }
    return false;
}

bool wire_refuses_tools(const struct llm_error *error, long status)
{
    /* a fault of one tool is not meant */
    if (status < 400 || status > 500 || status == 429 || strstr(error->param, "tools[") ||
        strstr(error->param, "tools.") ||
        llm_error_has(error, "schema|tools[|tools.|tool_call_id", true))
        return false;
    return !strcmp(error->param, "tools") ||
           (llm_error_has(error, "tool|function call|functions", true) &&
            (is_unsupported(error) ||
             llm_error_has(error,
                           "doesn't support|do not support|not enabled|not available|"
                           "no endpoints found|requires --jinja|requires --enable",
                           true)));
}

/* ---- what is kept of it ---- */

struct lesson {
    enum endpoint_kind kind; /* one server speaks several */
    char *url;
    char *model; /* "" = none was named */
    unsigned flags;
    bool has_flags;
    char *first_model; /* that the endpoint offers; only where model is ""; NULL */
};

struct llm_memory {
    size_t running;
    unsigned begun;
    struct lesson *lessons;
    size_t count;
};

struct llm_memory *llm_memory_new(void)
{
    return xcalloc(1, sizeof(struct llm_memory));
}

void llm_memory_free(struct llm_memory *memory)
{
    if (!memory)
        return;
    for (size_t i = 0; i < memory->count; i++) {
        free(memory->lessons[i].url);
        free(memory->lessons[i].model);
        free(memory->lessons[i].first_model);
    }
    free(memory->lessons);
    free(memory);
}

void memory_begin(struct llm_memory *memory)
{
    if (!memory)
        return;
    memory->running++;
    memory->begun++;
}

unsigned memory_turn(struct llm_memory *memory)
{
    return memory ? memory->begun - 1 : 0;
}

void memory_end(struct llm_memory *memory)
{
    if (memory)
        memory->running--;
}

bool memory_is_alone(const struct llm_memory *memory)
{
    return !memory || memory->running <= 1;
}

static struct lesson *find(const struct llm_memory *memory,
                           const struct endpoint *endpoint, const char *model)
{
    const char *url = endpoint->base_url ? endpoint->base_url : "";
    for (size_t i = 0; i < memory->count; i++) {
        struct lesson *lesson = &memory->lessons[i];
        if (lesson->kind == endpoint->kind && !strcmp(lesson->url, url) &&
            !strcmp(lesson->model, model ? model : ""))
            return lesson;
    }
    return NULL;
}

bool memory_find(const struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned *flags)
{
    const struct lesson *lesson = memory ? find(memory, endpoint, model) : NULL;
    if (!lesson || !lesson->has_flags)
        return false;
    *flags = lesson->flags;
    return true;
}

static struct lesson *find_or_add(struct llm_memory *memory,
                                  const struct endpoint *endpoint, const char *model)
{
    struct lesson *lesson = find(memory, endpoint, model);
    if (lesson)
        return lesson;
    memory->lessons =
        xreallocarray(memory->lessons, memory->count + 1, sizeof *memory->lessons);
    lesson = &memory->lessons[memory->count++];
    *lesson =
        (struct lesson){.kind = endpoint->kind,
                        .url = xstrdup(endpoint->base_url ? endpoint->base_url : ""),
                        .model = xstrdup(model ? model : "")};
    return lesson;
}

void memory_keep(struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned flags)
{
    if (!memory)
        return;
    struct lesson *lesson = find_or_add(memory, endpoint, model);
    lesson->flags = flags;
    lesson->has_flags = true;
}

bool llm_takes_tools(const struct llm_memory *memory, const struct endpoint *endpoint,
                     const char *model)
{
    unsigned flags = 0;
    struct wire wire;
    wire_init(&wire, endpoint);
    const char *const names[] = {model, endpoint->defaults.model, wire.default_model,
                                 memory_model(memory, endpoint)};
    for (size_t i = 0; i < sizeof names / sizeof *names && !flags; i++)
        if (names[i] || i == 3) {
            memory_find(memory, endpoint, names[i], &flags);
            break;
        }
    return !protocol_find(endpoint->kind)->has_no_tools && !(flags & WIRE_NO_TOOLS);
}

const char *memory_model(const struct llm_memory *memory, const struct endpoint *endpoint)
{
    const struct lesson *lesson = memory ? find(memory, endpoint, NULL) : NULL;
    return lesson ? lesson->first_model : NULL;
}

void memory_keep_model(struct llm_memory *memory, const struct endpoint *endpoint,
                       const char *model)
{
    if (!memory)
        return;
    struct lesson *lesson = find_or_add(memory, endpoint, NULL);
    free(lesson->first_model);
    lesson->first_model = xstrdup_or_null(model);
}
