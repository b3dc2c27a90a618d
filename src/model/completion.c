/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/completion.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void completion_init(struct completion *completion)
{
    *completion = (struct completion){.first_token_ms = -1,
                                      .total_ms = -1,
                                      .prompt_tokens = -1,
                                      .completion_tokens = -1,
                                      .attempts = 1};
}

void completion_copy(struct completion *to, const struct completion *from)
{
    if (to == from)
        return;
    completion_clear(to);
    *to = *from;
    memset(&to->sampling, 0, sizeof to->sampling);
    sampling_copy(&to->sampling, &from->sampling);
    to->endpoint = xstrdup_or_null(from->endpoint);
    to->model_used = xstrdup_or_null(from->model_used);
    to->finish_reason = xstrdup_or_null(from->finish_reason);
    to->error = xstrdup_or_null(from->error);
    to->reasoning = xstrdup_or_null(from->reasoning);
}

void completion_clear(struct completion *completion)
{
    sampling_clear(&completion->sampling);
    free(completion->endpoint);
    free(completion->model_used);
    free(completion->finish_reason);
    free(completion->error);
    free(completion->reasoning);
    *completion = (struct completion){0};
}

const char *completion_state_name(enum completion_state state)
{
    static const char *const names[] = {
        [COMPLETION_RUNNING] = "running",
        [COMPLETION_DONE] = "done",
        [COMPLETION_CUT] = "cut",
        [COMPLETION_FAILED] = "failed",
    };
    return names[state];
}
