/* SPDX-License-Identifier: MIT
 *
 * readable - the fields that are no texts, as text for people: a chat as who said what, a
 * custom field as indented JSON, an image as its address or its type and size, both with
 * a word that a terminal cannot show them.
 */
#ifndef JSON_READABLE_H
#define JSON_READABLE_H

#include <stdbool.h>
#include <stddef.h>

/* type as the dataset's field has it ("chat", "custom", "image"; NULL = "text"). Owned;
 * NULL when the text itself is what people read. A chat comes as Markdown. */
char *readable_field(const char *type, const char *text, size_t len, size_t *out_len,
                     bool *is_markdown);

/* A record's metadata (a JSON object, or NULL) as "key: value", a line each. Owned. */
char *readable_metadata(const char *json, size_t *out_len);

#endif
