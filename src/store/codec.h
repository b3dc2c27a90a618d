/* SPDX-License-Identifier: MIT
 *
 * codec - responses, suggestions and completions as the JSON of the store's columns.
 *
 * As Argilla writes them, with each value's type beside it: so a value is read back
 * without its dataset.
 */
#ifndef STORE_CODEC_H
#define STORE_CODEC_H

#include <stddef.h>

#include "base/err.h"
#include "model/record.h"

/* Owned text of the values alone. */
char *codec_print_values(const struct values *values);
enum status codec_read_values(struct values *values, const char *json, size_t len,
                              struct err *err);

/* A whole response for the event log. NULL = pending, both ways. Owned. */
char *codec_print_response(const struct response *response);
enum status codec_read_response(struct response *response, const char *json, size_t len,
                                struct err *err);

/* NULL = no suggestions. Owned. */
char *codec_print_suggestions(const struct record *record);
enum status codec_read_suggestions(struct record *record, const char *json, size_t len,
                                   struct err *err);

char *codec_print_completion(const struct completion *completion);
enum status codec_read_completion(struct completion *completion, const char *json,
                                  size_t len, struct err *err);

#endif
