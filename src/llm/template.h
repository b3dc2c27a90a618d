/* SPDX-License-Identifier: MIT
 *
 * template - LangChain's f-string templates: {name} is a variable, also with a conversion
 * and a format as Python takes them for strings ({name!r}, {name:>5}); {{ and }} are
 * braces. The text of a template is read once, values are never read again.
 *
 * A template is a conversation when it begins with a line "--- system", "--- user" or
 * "--- assistant": each such line begins a message; else it is one message of the user.
 */
#ifndef LLM_TEMPLATE_H
#define LLM_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

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
