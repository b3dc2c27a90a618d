/* SPDX-License-Identifier: MIT
 *
 * conversation - what was asked of a model as messages, and as a text that people read:
 * "User: …", "Assistant: …", each turn behind an empty line.
 */
#ifndef JSON_CONVERSATION_H
#define JSON_CONVERSATION_H

#include <jansson.h>

#include "base/buf.h"
#include "model/dataset.h"
#include "model/record.h"

/* [{"role": "user", "content": "…"}, …] of a record: what was sent, where that is known,
 * else its chat field, else its prompt as one message of the user. New reference. */
json_t *conversation_of(const struct record *record, const struct dataset *dataset);
void conversation_add(json_t *messages, const char *role, const char *text, size_t len);
/* One message alone is its text. */
void conversation_write(const json_t *messages, struct buf *out);
/* Puts the prompt into its field: the text, or into a chat field the messages (JSON; NULL
 * = the text by the user). */
void conversation_set_prompt(struct record *record, const struct dataset *dataset,
                             const char *text, size_t len, const char *messages);
/* The prompt of a record as a text, whatever field it stands in. */
void conversation_write_prompt(const struct record *record, const struct dataset *dataset,
                               struct buf *out);

#endif
