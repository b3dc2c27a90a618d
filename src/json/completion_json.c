/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/dataset_json.h"

#include <limits.h>
#include <string.h>

#include "json/json.h"

/* Numbers of which -1 means that nothing is known. */
static void set_count(json_t *object, const char *key, int64_t number)
{
    if (number >= 0)
        json_object_set_new(object, key, json_integer(number));
}

static void set_id(json_t *object, const char *key, const struct id *id)
{
    if (!id_is_zero(id))
        json_set_text(object, key, id_text(id).text);
}

/* The numbers; the texts have places of their own. */
static void set_sampling(json_t *object, const struct sampling *sampling)
{
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        const struct sampling_row *row = sampling_row(field);
        double number = sampling_number(sampling, field);
        if (row->is_number && sampling_has(sampling, field))
            json_object_set_new(object, row->member,
                                row->limits.is_whole ? json_integer((json_int_t)number)
                                                     : json_real(number));
    }
}

json_t *completion_to_json(const struct completion *completion)
{
    json_t *object = json_object();
    json_set_text(object, "state", completion_state_name(completion->state));
    json_set_text(object, "endpoint", completion->endpoint);
    json_set_text(object, "model", completion->sampling.model);
    json_set_text(object, "model_used", completion->model_used);
    json_set_text(object, "system_prompt", completion->sampling.system_prompt);
    set_sampling(object, &completion->sampling);
    json_set_text(object, "finish_reason", completion->finish_reason);
    json_set_text(object, "error", completion->error);
    json_set_text(object, "reasoning", completion->reasoning);
    if (completion->messages)
        json_object_set_new(object, "messages", json_read(completion->messages));
    json_set_text(object, "tools", completion->tools);
    json_object_set_new(object, "started_ms", json_integer(completion->started_ms));
    set_count(object, "time_to_first_token_ms", completion->first_token_ms);
    set_count(object, "total_time_ms", completion->total_ms);
    set_count(object, "prompt_tokens", completion->prompt_tokens);
    set_count(object, "completion_tokens", completion->completion_tokens);
    json_object_set_new(object, "attempts", json_integer(completion->attempts));
    set_id(object, "run_id", &completion->run);
    set_id(object, "parent_id", &completion->parent);
    json_object_set_new(object, "sample", json_integer(completion->sample));
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

void completion_from_json(struct completion *completion, const json_t *json)
{
    completion_clear(completion);
    completion_init(completion);
    const char *name = json_get_text(json, "state", NULL);
    enum completion_state state = COMPLETION_FAILED;
    while (state > COMPLETION_RUNNING && name &&
           strcmp(completion_state_name(state), name) != 0)
        state--;
    completion->state = state;
    completion->sampling.model = json_dup_text(json, "model");
    completion->sampling.system_prompt = json_dup_text(json, "system_prompt");
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        const json_t *number = json_object_get(json, sampling_row(field)->member);
        if (json_is_number(number))
            sampling_set_number(&completion->sampling, field, json_number_value(number));
    }
    completion->endpoint = json_dup_text(json, "endpoint");
    completion->model_used = json_dup_text(json, "model_used");
    completion->finish_reason = json_dup_text(json, "finish_reason");
    completion->error = json_dup_text(json, "error");
    completion->reasoning = json_dup_text(json, "reasoning");
    const json_t *messages = json_object_get(json, "messages");
    completion->messages = json_is_array(messages) ? json_print(messages) : NULL;
    completion->tools = json_dup_text(json, "tools");
    completion->started_ms = json_integer_value(json_object_get(json, "started_ms"));
    completion->first_token_ms = get_count(json, "time_to_first_token_ms");
    completion->total_ms = get_count(json, "total_time_ms");
    completion->prompt_tokens = get_count(json, "prompt_tokens");
    completion->completion_tokens = get_count(json, "completion_tokens");
    completion->attempts = get_int(json, "attempts");
    get_id(json, "run_id", &completion->run);
    get_id(json, "parent_id", &completion->parent);
    completion->sample = get_int(json, "sample");
}

json_t *completion_metadata(const struct completion *completion)
{
    const struct sampling *sampling = &completion->sampling;
    json_t *object = json_object();
    json_set_text(object, "model", completion_model(completion));
    json_set_text(object, "endpoint", completion->endpoint);
    set_sampling(object, sampling);
    set_count(object, "prompt_tokens", completion->prompt_tokens);
    set_count(object, "completion_tokens", completion->completion_tokens);
    set_count(object, "time_to_first_token_ms", completion->first_token_ms);
    set_count(object, "total_time_ms", completion->total_ms);
    json_set_text(object, "finish_reason", completion->finish_reason);
    json_set_text(object, "tools", completion->tools);
    set_id(object, "run_id", &completion->run);
    set_id(object, "parent_id", &completion->parent);
    /* which of several answers to one prompt: means something only within a run */
    if (!id_is_zero(&completion->run))
        json_object_set_new(object, "sample", json_integer(completion->sample));
    return object;
}
