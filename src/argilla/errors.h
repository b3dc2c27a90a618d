/* SPDX-License-Identifier: MIT
 *
 * errors - an answer that is not what was asked for, as one sentence that says what
 * to do. Source: argilla-api.md §2. Private to src/argilla.
 */
#ifndef ARGILLA_ERRORS_H
#define ARGILLA_ERRORS_H

#include <jansson.h>

#include "argilla/argilla.h"
#include "base/buf.h"

struct complaint {
    const struct argilla *argilla;
    const char *goal; /* "create the dataset x"; NULL = none */
};

/* Leaves err empty when reply is 2xx with JSON. json: the parsed body or NULL. */
void explain_reply(const struct complaint *complaint, const struct http_reply *reply,
                   const json_t *json, struct err *err);
/* The human words inside an error body of any of the three shapes, safe to show; ""
 * when there are none. */
void explain_detail(const json_t *json, char *out, size_t size);
/* The title of a web page, safe to show; "" when there is none. */
void explain_title(const char *html, size_t len, char *out, size_t size);
/* Why the server refused one item of /me/responses/bulk. */
void explain_item(const struct complaint *complaint, const char *detail, struct err *err);

#endif
