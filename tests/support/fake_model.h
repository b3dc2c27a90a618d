/* SPDX-License-Identifier: MIT
 *
 * fake_model - an openai-chat endpoint on a fake_server: answers "Answer to PROMPT." in
 * three pieces, unless the prompt starts with one of these words:
 *
 *     HOLD   one piece "Half. ", then the rest when the gate is opened
 *     MUSE   reasoning "Hm.", then the rest when the gate is opened
 *     CUT    one piece "Half. ", then the connection ends
 *     FAIL   400 with a message, always
 *     ONCE   400 the first time that this prompt comes
 *     OPTS   400 as long as stream_options are asked for
 *     BUSY   429 the first time that this prompt comes, Retry-After: 0
 */
#ifndef TESTS_SUPPORT_FAKE_MODEL_H
#define TESTS_SUPPORT_FAKE_MODEL_H

#include <stddef.h>

#include "tests/support/fake_server.h"

struct fake_model;

struct fake_model *fake_model_new(void);
void fake_model_free(struct fake_model *model);
const char *fake_model_url(const struct fake_model *model); /* ends in /v1 */
struct fake_server *fake_model_server(struct fake_model *model);
/* Chat requests so far. */
size_t fake_model_count(struct fake_model *model);
/* One of them, from 0; NULL = there is none. */
const struct fake_request *fake_model_request(struct fake_model *model, size_t at);

#endif
