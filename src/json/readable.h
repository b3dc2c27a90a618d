/* SPDX-License-Identifier: MIT
 *
 * readable - the fields that are no texts, as text for people: a chat as who said what, a
 * custom field as indented JSON, an image as its address or its type and size, both with
 * a word that a terminal cannot show them.
 */
#ifndef JSON_READABLE_H
#define JSON_READABLE_H

#include "base/buf.h"
#include "model/dataset.h"
#include "model/record.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* type as the dataset's field has it ("chat", "custom", "image"; NULL = "text"). Owned;
 * NULL when the text itself is what people read. A chat comes as Markdown. */
char *readable_field(const char *type, const char *text, size_t len, size_t *out_len,
                     bool *is_markdown);

/* A record's metadata (a JSON object, or NULL) as "key: value", a line each. Owned. */
char *readable_metadata(const char *json, size_t *out_len);

/* ---- conversations: what was asked of a model as messages, and as a text: "User: …",
 * "Assistant: …", each turn behind an empty line ---- */

/* [{"role": "user", "content": "…"}, …] of a record: what was sent, where that is known,
 * else its chat field, else its prompt as one message of the user. New reference. */
json_t *conversation_of(const struct record *record, const struct dataset *dataset);
/* At the end; what was added, borrowed. */
json_t *conversation_add(json_t *messages, const char *role, const char *text,
                         size_t len);
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
