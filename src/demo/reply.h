/* SPDX-License-Identifier: MIT
 *
 * reply - the demo's side of the openai-chat protocol: a request in, the pieces of the
 * answer out. No I/O.
 */
#ifndef DEMO_REPLY_H
#define DEMO_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct reply;

/* NULL when body is no request. */
struct reply *reply_new(const char *body, size_t len, unsigned turn);
void reply_free(struct reply *reply);
bool reply_is_stream(const struct reply *reply);
/* Adds the next event to out; false after the last one. */
bool reply_next(struct reply *reply, struct buf *out);
/* Every token is out: what follows needs no pacing. */
bool reply_is_over(const struct reply *reply);

/* Whole bodies, owned (by free). */
char *reply_document(const struct reply *reply);
char *reply_models(void);
char *reply_error(const char *message);

#endif
