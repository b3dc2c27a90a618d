/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/completion.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"

static int64_t add_counts(int64_t a, int64_t b) /* -1 = not known */
{
    return a < 0 ? b : b < 0 ? a : a + b;
}

void completion_add_turn(struct completion *sum, const struct completion *turn)
{
    struct completion before = *sum;
    completion_copy(sum, turn); /* of before only the numbers are used */
    sum->started_ms = before.started_ms;
    sum->first_token_ms = -1;
    sum->prompt_tokens = add_counts(before.prompt_tokens, turn->prompt_tokens);
    sum->completion_tokens =
        add_counts(before.completion_tokens, turn->completion_tokens);
    if (before.attempts > sum->attempts)
        sum->attempts = before.attempts;
}

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
    to->messages = xstrdup_or_null(from->messages);
    to->tools = xstrdup_or_null(from->tools);
}

void completion_clear(struct completion *completion)
{
    sampling_clear(&completion->sampling);
    free(completion->endpoint);
    free(completion->model_used);
    free(completion->finish_reason);
    free(completion->error);
    free(completion->reasoning);
    free(completion->messages);
    free(completion->tools);
    *completion = (struct completion){0};
}

const char *completion_model(const struct completion *completion)
{
    const char *said = completion->model_used, *asked = completion->sampling.model;
    size_t len = said ? strlen(said) : 0;
    bool is_file =
        said && (*said == '/' || (len > 5 && !strcasecmp(said + len - 5, ".gguf")));
    return said && !(is_file && asked) ? said : asked;
}

/* Source: llm-protocols.md §1.9, the protocols' own lists. */
static const struct finish finishes[] = {
    {"stop", COMPLETION_DONE, false, NULL},
    {"length", COMPLETION_DONE, true, "it ends at the token limit (max_tokens)"},
    {"max_tokens", COMPLETION_DONE, true, "it ends at the token limit (max_tokens)"},
    {"max_output_tokens", COMPLETION_DONE, true,
     "it ends at the token limit (max_tokens)"},
    {"model_length", COMPLETION_CUT, true, "the model can hold no more text"},
    {"model_context_window_exceeded", COMPLETION_CUT, true,
     "the model can hold no more text"},
    {"content_filter", COMPLETION_CUT, false, "a content filter stopped it"},
    {"safety", COMPLETION_CUT, false, "a content filter stopped it"},
    {"recitation", COMPLETION_CUT, false, "a content filter stopped it"},
    {"prohibited_content", COMPLETION_CUT, false, "a content filter stopped it"},
    {"sensitive", COMPLETION_CUT, false, "a content filter stopped it"},
    {"blocklist", COMPLETION_CUT, false, "a content filter stopped it"},
    {"spii", COMPLETION_CUT, false, "a content filter stopped it"},
    {"refusal", COMPLETION_CUT, false, "the model refused to go on"},
    {"abort", COMPLETION_CUT, false, "the server stopped it"},
    {"cancelled", COMPLETION_CUT, false, "it was stopped"},
    {"agent_steps", COMPLETION_DONE, false,
     "the agent stopped at its limit of steps (--steps raises it)"},
    {"agent_time", COMPLETION_DONE, false,
     "the agent stopped at its time limit (--time-limit raises it)"},
    {"error", COMPLETION_FAILED, false, "the endpoint failed"},
    {"network_error", COMPLETION_FAILED, false, "the endpoint failed"},
    {"insufficient_system_resource", COMPLETION_FAILED, false, "the endpoint failed"},
    {NULL, COMPLETION_DONE, false, NULL},
};

const struct finish *finish_find(const char *reason)
{
    const struct finish *row = finishes;
    while (row->reason && (!reason || strcasecmp(row->reason, reason) != 0))
        row++;
    return row;
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

/* ---- what an agent did ---- */

static const char *const trace_names[] = {[TRACE_THOUGHT] = "thought",
                                          [TRACE_CALL] = "call",
                                          [TRACE_RESULT] = "result",
                                          [TRACE_END] = "end"};

const char *trace_kind_name(enum trace_kind kind)
{
    return trace_names[kind];
}

bool trace_kind_parse(const char *name, enum trace_kind *kind)
{
    for (size_t i = 0; i < sizeof trace_names / sizeof *trace_names; i++)
        if (!strcmp(trace_names[i], name)) {
            *kind = (enum trace_kind)i;
            return true;
        }
    return false;
}
