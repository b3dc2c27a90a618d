/* SPDX-License-Identifier: MIT
 *
 * json - reading outside JSON with tolerance and small helpers over jansson.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Parses one document. When jansson refuses it, bad UTF-8, lone surrogates, NaN and
 * huge integers are mended once and it is parsed again. The error says at which
 * line and column. Owned (json_decref); NULL with err. */
json_t *json_parse(const char *text, size_t len, struct err *err);
/* A string member, or NULL. *len (may be NULL) counts NULs too; 0 of NULL. Borrowed. */
const char *json_get_text(const json_t *object, const char *key, size_t *len);
bool json_text_is(const json_t *object, const char *key, const char *text);
/* The first object of an array with that text as its member key; NULL = none, or text is
 * NULL. Borrowed. */
json_t *json_find(const json_t *array, const char *key, const char *text);
/* Owned copy of a string member, or NULL. */
char *json_dup_text(const json_t *object, const char *key);
/* A JSON string from any bytes: bad UTF-8 becomes U+FFFD. New reference. */
json_t *json_new_text(const char *text, size_t len);
json_t *json_text(const char *text); /* NULL is null */
/* Sets that member, unless text is NULL. */
void json_set_text(json_t *object, const char *key, const char *text);
/* The document in text, a new reference; NULL where text is NULL or none. */
json_t *json_read(const char *text);
/* Compact text of a value; a real has the fewest digits that read back equal. Owned. */
char *json_print(const json_t *json);
char *json_print_as(const json_t *json, size_t flags); /* jansson's; no reals' digits */
char *json_print_new(json_t *json);                    /* and takes the reference */
/* The UTF-16 unit of the escape that text begins with: "\ud83d"; UINT32_MAX = none. */
uint32_t json_escape_at(const char *text, size_t len);

#endif
