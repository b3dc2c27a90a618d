/* SPDX-License-Identifier: MIT
 *
 * How a request to one endpoint and model is written: what is known of famous hosts,
 * what a refusal teaches, and the memory of both for one process.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/id.h"
#include "base/xalloc.h"
#include "llm/protocol.h"
#include "net/retry.h"
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

/* What to turn when this parameter, which was sent, is refused. words: stand for it in a
 * message, where its name alone is a part of other words; NULL = the name. */
static const struct parameter {
    const char *param;
    unsigned turns;
    const char *words;
} parameters[] = {
    {"max_tokens", WIRE_MAX_COMPLETION_TOKENS, NULL},
    {"max_completion_tokens", WIRE_MAX_COMPLETION_TOKENS, NULL},
    {"temperature", WIRE_NO_TEMPERATURE, NULL},
    {"random_seed", WIRE_NO_SEED, NULL},
    {"seed", WIRE_NO_SEED, NULL},
    {"stream_options", WIRE_NO_STREAM_OPTIONS, NULL},
    {"stop_sequences", WIRE_NO_STOP, NULL},
    {"stop", WIRE_NO_STOP,
     "'stop'|`stop`|\"stop\"|stop sequence|stop word|supplied: stop|parameter stop|"
     "parameter: stop"},
    {"stream", WIRE_NO_STREAM,
     "streaming|'stream'|`stream`|\"stream\"|supplied: stream|parameter stream"},
    {"store", WIRE_NO_STORE,
     "'store'|`store`|\"store\"|supplied: store|parameter store|parameter: store"},
};

/* A role that is refused: OpenAI has a newer name for it, a chat template has none. */
static bool learn_role(struct wire *wire, const struct llm_error *error,
                       const json_t *body)
{
    static const char words[] =
        "system role|role 'system'|role \"system\"|'system' role|\"system\" role|"
        "not support 'system'|developer instruction|system instruction|system message";
    const json_t *messages = json_object_get(body, "messages");
    bool names_message = !strncmp(error->param, "messages", 8);
    bool is_about_role = llm_error_has(error, words, true) ||
                         (names_message && strstr(error->param, "role"));
    bool is_second = wire->flags & WIRE_DEVELOPER, has_system = false;
    for (size_t i = 0; i < json_array_size(messages); i++) {
        const char *role = json_get_text(json_array_get(messages, i), "role", NULL);
        has_system |= role && (!strcmp(role, "system") || !strcmp(role, "developer"));
    }
    if (!has_system ||
        (!is_about_role && !(is_second && llm_error_has(error, "role|developer", true))))
        return false;
    wire->flags |= is_second || !names_message ? WIRE_NO_SYSTEM : WIRE_DEVELOPER;
    return true;
}

/* A parameter that is unknown or unsupported, not one whose value is out of range. */
static bool is_unsupported(const struct llm_error *error)
{
    return llm_error_has(
        error,
        "deprecated|unsupported|not supported|not support|n't support|unrecognized|"
        "unrecognised|unknown|extra_forbidden|extra inputs|extra fields|not permitted|"
        "not allowed|unexpected|does not accept|not accepted|verified to stream|"
        "not available|not enabled|only 1 is allowed",
        true);
}

static bool is_refused(const struct parameter *lesson, const struct llm_error *error,
                       const json_t *body)
{
    size_t len = strlen(lesson->param);
    const json_t *sent = json_object_get(body, lesson->param);
    if (!sent) /* Ollama */
        sent = json_object_get(json_object_get(body, "options"), lesson->param);
    if (!sent || (!strcmp(lesson->param, "stream") && !json_is_true(sent)))
        return false;
    if (!strncmp(error->param, lesson->param, len) && /* stream_options.include_usage */
        (!error->param[len] || error->param[len] == '.'))
        return true;
    return !*error->param &&
           llm_error_has(error, lesson->words ? lesson->words : lesson->param, true);
}

bool wire_learn(struct wire *wire, const struct llm_error *error, long status,
                const struct sampling *sampling, const json_t *body)
{
    /* the chat template of a local model says it with a 500 */
    if ((status == 400 || status == 422 || status == 500) &&
        learn_role(wire, error, body))
        return true;
    if (status != 400 && status != 422)
        return false;
    /* Anthropic: an answer that is begun for the model, and more tokens than it can write
     * where nobody has asked for so many. */
    const json_t *messages = json_object_get(body, "messages");
    const json_t *last = json_array_get(messages, json_array_size(messages) - 1);
    const char *role = json_get_text(last, "role", NULL);
    unsigned before = wire->flags;
    if (role && !strcmp(role, "assistant") &&
        llm_error_has(error, "prefill|end with a user message", true))
        wire->flags |= WIRE_NO_PREFILL;
    if (sampling->max_tokens <= 0 && json_object_get(body, "max_tokens") &&
        llm_error_has(error, "max_tokens", true) &&
        llm_error_has(error, "maximum allowed|at most|too large|maximum number|> ", true))
        wire->flags |= WIRE_FEW_TOKENS;
    if (wire->flags != before)
        return true;
    for (size_t i = 0;
         is_unsupported(error) && i < sizeof parameters / sizeof *parameters; i++) {
        const struct parameter *lesson = &parameters[i];
        if (!is_refused(lesson, error, body) || wire->learned & lesson->turns)
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
             llm_error_has(error, "no endpoints found|requires --jinja|requires --enable",
                           true)));
}

/* ---- what is kept of it ---- */

/* Longer than that nothing is believed: models and servers change. */
#define LESSON_MS ((int64_t)30 * 24 * 3600 * 1000)

/* The names of the flags between sessions, in their order. */
static const char *const flag_names[] = {"max-completion-tokens",
                                         "no-temperature",
                                         "no-seed",
                                         "random-seed",
                                         "no-stream-options",
                                         "no-stream",
                                         "developer",
                                         "no-system",
                                         "no-stop",
                                         "no-tools",
                                         "no-prefill",
                                         "few-tokens",
                                         "no-store"};
enum { FLAG_COUNT = sizeof flag_names / sizeof *flag_names };

struct lesson {
    struct id id; /* of kind, address and model: an address may hold a secret */
    unsigned flags;
    int64_t learned_ms;      /* wall clock; 0 = there are no flags */
    int64_t paused_until_ms; /* monotonic; only where no model is named */
    char *first_model; /* that the endpoint offers; only where no model is named; NULL */
};

struct llm_memory {
    size_t running;
    unsigned begun;
    struct lesson *lessons;
    size_t count, room;
    void (*on_lesson)(void *ctx);
    void *ctx;
};

struct llm_memory *llm_memory_new(void)
{
    return xcalloc(1, sizeof(struct llm_memory));
}

void llm_memory_free(struct llm_memory *memory)
{
    if (!memory)
        return;
    for (size_t i = 0; i < memory->count; i++)
        free(memory->lessons[i].first_model);
    free(memory->lessons);
    free(memory);
}

unsigned memory_begin(struct llm_memory *memory)
{
    if (!memory)
        return 0;
    memory->running++;
    return memory->begun++;
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

static struct id id_of(const struct endpoint *endpoint, const char *model)
{
    static const struct id parent;
    struct id id;
    char *name =
        xasprintf("%s %s %s", endpoint_kind_name(endpoint->kind),
                  endpoint->base_url ? endpoint->base_url : "", model ? model : "");
    id_by_name(&id, &parent, name, strlen(name));
    free(name);
    return id;
}

static struct lesson *find(const struct llm_memory *memory, const struct id *id)
{
    for (size_t i = 0; memory && i < memory->count; i++)
        if (id_equal(&memory->lessons[i].id, id))
            return &memory->lessons[i];
    return NULL;
}

static struct lesson *find_or_add(struct llm_memory *memory, const struct id *id)
{
    struct lesson *lesson = find(memory, id);
    if (lesson)
        return lesson;
    memory->lessons =
        xgrow(memory->lessons, memory->count, &memory->room, sizeof *memory->lessons);
    lesson = &memory->lessons[memory->count++];
    *lesson = (struct lesson){.id = *id};
    return lesson;
}

void memory_find(const struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned *flags)
{
    struct id id = id_of(endpoint, model);
    const struct lesson *lesson = find(memory, &id);
    if (lesson && lesson->learned_ms)
        *flags = lesson->flags;
}

void memory_keep(struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned before, unsigned *flags, int64_t now_ms)
{
    unsigned turned = before ^ *flags;
    if (!memory || !turned)
        return;
    struct id id = id_of(endpoint, model);
    struct lesson *lesson = find_or_add(memory, &id);
    if (lesson->learned_ms)
        *flags = (lesson->flags & ~turned) | (*flags & turned);
    lesson->flags = *flags;
    lesson->learned_ms = now_ms;
    if (memory->on_lesson)
        memory->on_lesson(memory->ctx);
}

const char *memory_model(const struct llm_memory *memory, const struct endpoint *endpoint)
{
    struct id id = id_of(endpoint, NULL);
    const struct lesson *lesson = find(memory, &id);
    return lesson ? lesson->first_model : NULL;
}

void memory_keep_model(struct llm_memory *memory, const struct endpoint *endpoint,
                       const char *model)
{
    if (!memory)
        return;
    struct id id = id_of(endpoint, NULL);
    struct lesson *lesson = find_or_add(memory, &id);
    free(lesson->first_model);
    lesson->first_model = xstrdup_or_null(model);
}

void memory_pause(struct llm_memory *memory, const struct endpoint *endpoint,
                  int64_t wait_ms, int64_t now_ms)
{
    if (!memory || wait_ms <= 0 || wait_ms > retry_model.max_server_ms)
        return;
    struct id id = id_of(endpoint, NULL);
    struct lesson *lesson = find_or_add(memory, &id);
    if (lesson->paused_until_ms < now_ms + wait_ms)
        lesson->paused_until_ms = now_ms + wait_ms;
}

int64_t llm_paused_ms(const struct llm_memory *memory, const struct endpoint *endpoint,
                      int64_t now_ms)
{
    struct id id = id_of(endpoint, NULL);
    const struct lesson *lesson = find(memory, &id);
    return lesson && lesson->paused_until_ms > now_ms ? lesson->paused_until_ms - now_ms
                                                      : 0;
}

bool llm_takes_tools(const struct llm_memory *memory, const struct endpoint *endpoint,
                     const char *model)
{
    unsigned flags = 0;
    struct wire wire;
    wire_init(&wire, endpoint);
    if (!model)
        model = endpoint->defaults.model;
    if (!model)
        model = wire.default_model;
    memory_find(memory, endpoint, model ? model : memory_model(memory, endpoint), &flags);
    return !protocol_find(endpoint->kind)->has_no_tools && !(flags & WIRE_NO_TOOLS);
}

/* {"ID": {"at": ms, "flags": ["no-seed"]}} */
char *llm_memory_save(const struct llm_memory *memory)
{
    json_t *root = json_object();
    for (size_t i = 0; i < memory->count; i++) {
        const struct lesson *lesson = &memory->lessons[i];
        if (!lesson->learned_ms)
            continue;
        json_t *flags = json_array();
        for (size_t bit = 0; bit < FLAG_COUNT; bit++)
            if (lesson->flags & 1u << bit)
                json_array_append_new(flags, json_string(flag_names[bit]));
        json_object_set_new(root, id_text(&lesson->id).text,
                            json_pack("{s:I, s:o}", "at", (json_int_t)lesson->learned_ms,
                                      "flags", flags));
    }
    return json_print_new(root);
}

void llm_memory_load(struct llm_memory *memory, const char *json, int64_t now_ms)
{
    json_t *root = protocol_object(json);
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        struct id id;
        const json_t *names = json_object_get(value, "flags");
        int64_t at = json_integer_value(json_object_get(value, "at"));
        if (!id_parse(key, &id) || at <= now_ms - LESSON_MS || at > now_ms)
            continue;
        struct lesson *lesson = find_or_add(memory, &id);
        if (lesson->learned_ms) /* what is known here is newer */
            continue;
        lesson->learned_ms = at;
        for (size_t i = 0; i < json_array_size(names); i++)
            for (size_t bit = 0; bit < FLAG_COUNT; bit++) {
                const char *name = json_string_value(json_array_get(names, i));
                if (name && !strcmp(name, flag_names[bit]))
                    lesson->flags |= 1u << bit;
            }
    }
    json_decref(root);
}

void llm_memory_watch(struct llm_memory *memory, void (*on_lesson)(void *ctx), void *ctx)
{
    memory->on_lesson = on_lesson;
    memory->ctx = ctx;
}
