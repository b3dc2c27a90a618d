/* SPDX-License-Identifier: MIT
 *
 * choice - the options of a label, multi-label or ranking question: which are chosen,
 * and the value after one more is.
 */
#ifndef APP_CHOICE_H
#define APP_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/dataset.h"
#include "model/values.h"

/* Fills ranks[i], i < count, for option i: 0 = not chosen; RANKING: its rank; else 1.
 * value NULL = nothing chosen. */
void choice_read(const struct question *question, const struct value *value, int *ranks,
                 size_t count);
/* The value's JSON or text after option was chosen, or taken back if it was; NULL when
 * nothing is chosen any more. A new option of a RANKING gets the next rank. Owned. */
char *choice_toggle(const struct question *question, const struct value *value,
                    size_t option);
/* The first RANKING with some options ranked, but not all: servers refuse it. NULL =
 * none. */
const struct question *choice_half_ranked(const struct dataset *dataset,
                                          const struct values *values);
/* A value of any type in words: "warm", "warm 0.71, long 0.40", "first #1, second #2", of
 * spans "PERSON 0–5". scores: of each of several, as a suggestion has them; NULL. */
void choice_write(const struct question *question, const struct value *value,
                  const char *scores, struct buf *out);

#endif
