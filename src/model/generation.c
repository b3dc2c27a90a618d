/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/generation.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void generation_init(struct generation *generation)
{
    *generation = (struct generation){.first_token_ms = -1,
                                      .total_ms = -1,
                                      .prompt_tokens = -1,
                                      .completion_tokens = -1,
                                      .attempts = 1};
}

void generation_copy(struct generation *to, const struct generation *from)
{
    if (to == from)
        return;
    generation_clear(to);
    *to = *from;
    memset(&to->sampling, 0, sizeof to->sampling);
    sampling_copy(&to->sampling, &from->sampling);
    to->endpoint = xstrdup_or_null(from->endpoint);
    to->model_used = xstrdup_or_null(from->model_used);
    to->finish_reason = xstrdup_or_null(from->finish_reason);
    to->error = xstrdup_or_null(from->error);
    to->reasoning = xstrdup_or_null(from->reasoning);
}

void generation_clear(struct generation *generation)
{
    sampling_clear(&generation->sampling);
    free(generation->endpoint);
    free(generation->model_used);
    free(generation->finish_reason);
    free(generation->error);
    free(generation->reasoning);
    *generation = (struct generation){0};
}

void sampling_copy(struct sampling *to, const struct sampling *from)
{
    if (to == from)
        return;
    sampling_clear(to);
    *to = *from;
    to->model = xstrdup_or_null(from->model);
    to->system_prompt = xstrdup_or_null(from->system_prompt);
}

void sampling_clear(struct sampling *sampling)
{
    free(sampling->model);
    free(sampling->system_prompt);
    *sampling = (struct sampling){0};
}

void sampling_fill(struct sampling *to, const struct sampling *from)
{
    if (!to->model)
        to->model = xstrdup_or_null(from->model);
    if (!to->system_prompt)
        to->system_prompt = xstrdup_or_null(from->system_prompt);
    if (!to->has_temperature) {
        to->has_temperature = from->has_temperature;
        to->temperature = from->temperature;
    }
    if (!to->max_tokens)
        to->max_tokens = from->max_tokens;
    if (!to->has_seed) {
        to->has_seed = from->has_seed;
        to->seed = from->seed;
    }
}

const char *generation_state_name(enum generation_state state)
{
    static const char *const names[] = {
        [GENERATION_RUNNING] = "running",
        [GENERATION_DONE] = "done",
        [GENERATION_CUT] = "cut",
        [GENERATION_FAILED] = "failed",
    };
    return names[state];
}
