/* SPDX-License-Identifier: MIT
 *
 * prompts - the rows of a file of prompts, one after the other: text, JSON lines, CSV or
 * TSV, each also packed by gzip or zstd. The memory does not grow with the file.
 *
 * A line of text, and a JSON line that is a string, is a row whose one column is
 * "prompt". A JSON object's members are its columns; "messages" is a conversation. The
 * first line of CSV and TSV names the columns.
 */
#ifndef LLM_PROMPTS_H
#define LLM_PROMPTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "llm/llm.h"

/* In the order of the words of --as. */
enum prompts_kind {
    PROMPTS_BY_NAME, /* by how the file's name ends; a { at its start is JSON, too */
    PROMPTS_TEXT,
    PROMPTS_PARAGRAPHS, /* text, parted by empty lines */
    PROMPTS_JSONL,
    PROMPTS_CSV,
    PROMPTS_TSV
};

struct prompts_row {
    size_t line; /* where it begins, from 1 */
    const struct template_value *columns;
    size_t column_count;
    const struct llm_message *messages;
    size_t message_count; /* 0 = none */
    const json_t *json;   /* after prompts_keep_json, of a JSON line or item: all of it */
    bool has_own_names;   /* of its columns: JSON */
};

struct prompts;

/* fd is a regular file's, and borrowed; name is copied, and may be anything. */
struct prompts *prompts_new(int fd, const char *name, enum prompts_kind kind);
/* For rows that are records: JSON objects are not taken apart into columns, a row may be
 * of 64 MiB, and a file that is one JSON array has an item a row. */
void prompts_keep_json(struct prompts *prompts);
void prompts_free(struct prompts *prompts);
/* The next row, which lives until the next call; rows with nothing in them are passed
 * over. NOT_FOUND at the end. USAGE: this row is bad, err is "NAME:LINE: …", the next
 * call goes on behind it. Anything else ends it. */
enum status prompts_next(struct prompts *prompts, struct prompts_row *row,
                         struct err *err);

/* ---- template.c: LangChain's f-string templates: {name} is a variable, also with a
 * conversion and a format as Python takes them for strings ({name!r}, {name:>5}); {{ and
 * }} are braces. The text of a template is read once, values are never read again ----
 *
 * A template is a conversation when it begins with a line "--- system", "--- user" or
 * "--- assistant": each such line begins a message; else it is one message of the user.
 */

/* What a variable may stand for: a column of a row, or what the user gave. */
struct template_value {
    const char *name;
    const char *text;
    size_t len;
    bool is_json; /* text is a JSON value that is not a string */
};

struct template;

/* NULL with err (USAGE) that names the place: "1:12: …". One newline at the end of text
 * is dropped, as an editor puts it there. */
struct template *template_new(const char *text, size_t len, struct err *err);
void template_free(struct template *template);
/* Its variables, each once, in order. Borrowed. */
const char *const *template_names(const struct template *template, size_t *count);
bool template_uses(const struct template *template, const char *name);

size_t template_message_count(const struct template *template);
const char *template_role(const struct template *template, size_t message);
/* Adds a message's text to out. NOT_FOUND names the variable that has no value; FULL when
 * out is. The first value of a name counts. */
enum status template_write(const struct template *template, size_t message,
                           const struct template_value *values, size_t count,
                           struct buf *out, struct err *err);
const struct template_value *template_find(const struct template_value *values,
                                           size_t count, const char *name);

#endif
