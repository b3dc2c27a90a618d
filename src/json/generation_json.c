/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/generation_json.h"

#include <limits.h>
#include <string.h>

#include "json/json.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_new_text(text, strlen(text)));
}

/* Numbers of which -1 means that nothing is known. */
static void set_count(json_t *object, const char *key, int64_t number)
{
    if (number >= 0)
        json_object_set_new(object, key, json_integer(number));
}

static void set_id(json_t *object, const char *key, const struct id *id)
{
    if (id_is_zero(id))
        return;
    char text[ID_TEXT];
    id_format(id, text);
    set_text(object, key, text);
}

static void set_sampling(json_t *object, const struct sampling *sampling)
{
    if (sampling->has_temperature)
        json_object_set_new(object, "temperature", json_real(sampling->temperature));
    if (sampling->max_tokens > 0)
        json_object_set_new(object, "max_tokens", json_integer(sampling->max_tokens));
    if (sampling->has_seed)
        json_object_set_new(object, "seed", json_integer(sampling->seed));
}

json_t *generation_to_json(const struct generation *generation)
{
    json_t *object = json_object();
    set_text(object, "state", generation_state_name(generation->state));
    set_text(object, "endpoint", generation->endpoint);
    set_text(object, "model", generation->sampling.model);
    set_text(object, "model_used", generation->model_used);
    set_text(object, "system_prompt", generation->sampling.system_prompt);
    set_sampling(object, &generation->sampling);
    set_text(object, "finish_reason", generation->finish_reason);
    set_text(object, "error", generation->error);
    set_text(object, "reasoning", generation->reasoning);
    json_object_set_new(object, "started_ms", json_integer(generation->started_ms));
    set_count(object, "time_to_first_token_ms", generation->first_token_ms);
    set_count(object, "total_time_ms", generation->total_ms);
    set_count(object, "prompt_tokens", generation->prompt_tokens);
    set_count(object, "completion_tokens", generation->completion_tokens);
    json_object_set_new(object, "attempts", json_integer(generation->attempts));
    set_id(object, "run_id", &generation->run);
    set_id(object, "parent_id", &generation->parent);
    json_object_set_new(object, "sample", json_integer(generation->sample));
    return object;
}

static int64_t get_count(const json_t *object, const char *key)
{
    const json_t *member = json_object_get(object, key);
    return json_is_integer(member) ? json_integer_value(member) : -1;
}

static int get_int(const json_t *object, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(object, key));
    return number > 0 && number <= INT_MAX ? (int)number : 0;
}

static void get_id(const json_t *object, const char *key, struct id *id)
{
    const char *text = json_get_text(object, key, NULL);
    struct id read;
    if (text && id_parse(text, &read))
        *id = read;
}

static enum generation_state get_state(const json_t *object)
{
    const char *name = json_get_text(object, "state", NULL);
    enum generation_state state = GENERATION_FAILED;
    while (state > GENERATION_RUNNING && name &&
           strcmp(generation_state_name(state), name) != 0)
        state--;
    return state;
}

static void get_sampling(const json_t *object, struct sampling *sampling)
{
    sampling->model = json_dup_text(object, "model");
    sampling->system_prompt = json_dup_text(object, "system_prompt");
    const json_t *temperature = json_object_get(object, "temperature");
    sampling->has_temperature = json_is_number(temperature);
    sampling->temperature = json_number_value(temperature);
    sampling->max_tokens = json_integer_value(json_object_get(object, "max_tokens"));
    const json_t *seed = json_object_get(object, "seed");
    sampling->has_seed = json_is_integer(seed);
    sampling->seed = json_integer_value(seed);
}

void generation_from_json(struct generation *generation, const json_t *json)
{
    generation_clear(generation);
    generation_init(generation);
    generation->state = get_state(json);
    get_sampling(json, &generation->sampling);
    generation->endpoint = json_dup_text(json, "endpoint");
    generation->model_used = json_dup_text(json, "model_used");
    generation->finish_reason = json_dup_text(json, "finish_reason");
    generation->error = json_dup_text(json, "error");
    generation->reasoning = json_dup_text(json, "reasoning");
    generation->started_ms = json_integer_value(json_object_get(json, "started_ms"));
    generation->first_token_ms = get_count(json, "time_to_first_token_ms");
    generation->total_ms = get_count(json, "total_time_ms");
    generation->prompt_tokens = get_count(json, "prompt_tokens");
    generation->completion_tokens = get_count(json, "completion_tokens");
    generation->attempts = get_int(json, "attempts");
    get_id(json, "run_id", &generation->run);
    get_id(json, "parent_id", &generation->parent);
    generation->sample = get_int(json, "sample");
}

json_t *generation_metadata(const struct generation *generation)
{
    const struct sampling *sampling = &generation->sampling;
    json_t *object = json_object();
    set_text(object, "model",
             generation->model_used ? generation->model_used : sampling->model);
    set_text(object, "endpoint", generation->endpoint);
    set_sampling(object, sampling);
    set_count(object, "prompt_tokens", generation->prompt_tokens);
    set_count(object, "completion_tokens", generation->completion_tokens);
    set_count(object, "time_to_first_token_ms", generation->first_token_ms);
    set_count(object, "total_time_ms", generation->total_ms);
    set_text(object, "finish_reason", generation->finish_reason);
    set_id(object, "run_id", &generation->run);
    set_id(object, "parent_id", &generation->parent);
    /* which of several answers to one prompt: means something only within a run */
    if (!id_is_zero(&generation->run))
        json_object_set_new(object, "sample", json_integer(generation->sample));
    return object;
}
