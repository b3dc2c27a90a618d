/* SPDX-License-Identifier: MIT
 *
 * failing_model - an openai-chat endpoint that answers "Answer to PROMPT.", and fails a
 * share of its requests in every way that endpoints were seen to fail.
 */
#ifndef TESTS_SUPPORT_FAILING_MODEL_H
#define TESTS_SUPPORT_FAILING_MODEL_H

#include <stddef.h>
#include <stdint.h>

struct failing_model;

/* percent of the requests fail; latency_ms is how long the others take. */
struct failing_model *failing_model_new(unsigned percent, int64_t latency_ms,
                                        uint32_t seed);
void failing_model_free(struct failing_model *model);
const char *failing_model_url(const struct failing_model *model);
/* Requests so far, and how many ways of failing have been shown, of how many. */
size_t failing_model_count(struct failing_model *model);
size_t failing_model_shown(struct failing_model *model, size_t *ways);

#endif
