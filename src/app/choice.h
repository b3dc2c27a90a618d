/* SPDX-License-Identifier: MIT
 *
 * choice - the options of a label, multi-label or ranking question: which are chosen,
 * and the value after one more is.
 */
#ifndef APP_CHOICE_H
#define APP_CHOICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/dataset.h"
#include "model/record.h"
#include "model/values.h"

/* Fills ranks[i], i < count, for option i: 0 = not chosen; RANKING: its rank; else 1.
 * value NULL = nothing chosen. */
void choice_read(const struct question *question, const struct value *value, int *ranks,
                 size_t count);
/* The value's JSON or text after option was chosen, or taken back if it was; NULL when
 * nothing is chosen any more. A new option of a RANKING gets the next rank. Owned. */
char *choice_toggle(const struct question *question, const struct value *value,
                    size_t option);
/* The same of a RANKING with an option's rank set as it is: two may have one (a tie), and
 * ranks may be left out. 0 takes it back. */
char *choice_rank(const struct question *question, const struct value *value,
                  size_t option, int rank);
/* The same with the option one place up (-1) or down (1): out of its tie, else past those
 * on the next rank. One without a rank gets the last. Ranks are then counted anew. */
char *choice_move(const struct question *question, const struct value *value,
                  size_t option, int direction);
/* The same with the rank of the one above it, counted anew. */
char *choice_tie(const struct question *question, const struct value *value,
                 size_t option);
/* The places of all options as they are shown: what is suggested (NULL = nothing) first
 * where the question asks for that, the best score before the others. */
void choice_order(const struct question *question, const struct suggestion *suggested,
                  size_t *order);
/* A value of any type in words: "warm", "warm 0.71, long 0.40", "first #1, second #2", of
 * spans "PERSON 0–5". scores: of each of several, as a suggestion has them; NULL. */
void choice_write(const struct question *question, const struct value *value,
                  const char *scores, struct buf *out);
/* A response in one line behind start: "submitted, 9, cold". Owned. */
char *choice_word_response(const char *start, const struct dataset *dataset,
                           const struct response *response);

/* ---- what every Argilla from 1.28 on takes, in drafts and discards too; source:
 * reference/argilla-api.md §8.4, and 1.29 and 2.8 themselves ---- */

/* Why the question does not take the value, as Argilla writes it: half a sentence, "does
 * not know this label"; NULL = it does. */
const char *choice_value_fault(const struct record *record,
                               const struct question *question, const json_t *value);
/* The same of a value as it is kept. to_submit: of half a ranking, too. */
const char *choice_fault(const struct record *record, const struct question *question,
                         const struct value *value, bool to_submit);
/* The first question whose value in values is refused, with *why; NULL = none is.
 * to_submit: the required ones and whole rankings too. record has the spans' texts. */
const struct question *choice_find_fault(const struct dataset *dataset,
                                         const struct record *record,
                                         const struct values *values, bool to_submit,
                                         const char **why);

#endif
