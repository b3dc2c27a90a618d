/* SPDX-License-Identifier: MIT
 *
 * halves - a character outside the basic plane is two escapes in JSON, and some servers
 * cut a stream between them. Joins the two before either is read. For llm only.
 */
#ifndef LLM_HALVES_H
#define LLM_HALVES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct halves {
    unsigned waiting; /* the first half that ended a text; 0 = none */
    bool is_lost;     /* what came next was not its other half */
};

/* Whether join has anything to do with this piece. */
bool halves_concern(const struct halves *halves, const char *json, size_t len);
/* Writes the piece without first halves at the ends of its texts, and with the one that
 * waits in front of those that begin with a second half. */
void halves_join(struct halves *halves, const char *json, size_t len, struct buf *out);
/* The waiting half was in vain: true once, for a U+FFFD in its place. */
bool halves_take_lost(struct halves *halves);
/* The same at the end of all pieces. */
bool halves_end(struct halves *halves);

#endif
