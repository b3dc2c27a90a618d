/* SPDX-License-Identifier: MIT
 *
 * suggest - what is suggested for a record's questions, as far as its suggestion_use lets
 * the person see it, and the values that an answer starts from.
 *
 * A pending record with SUGGESTIONS_START starts from them; nothing of it is an answer
 * before the person acts. Any other record has what its response has, and no more.
 */
#ifndef APP_SUGGEST_H
#define APP_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/dataset.h"
#include "model/record.h"

/* What is suggested for the question and may be seen now; NULL when there is none, or
 * when the question could not have it as its value. record may be NULL, here and below.
 */
const struct suggestion *suggest_find(const struct record *record,
                                      const struct question *question);
/* The value as the form shows it: the response's, else the one that it starts from; NULL
 * when the question is open. Borrowed. */
const struct value *suggest_value(const struct record *record,
                                  const struct question *question);
/* Whether that one is nobody's answer yet. */
bool suggest_is_start(const struct record *record, const struct question *question);
/* Whether it is the suggested one, taken or not; of one choice by its place in the
 * question, or of all (SIZE_MAX). */
bool suggest_is_same(const struct record *record, const struct question *question,
                     size_t choice);
/* Whether the choice stands as suggested in a pending or draft answer, and the person has
 * not made it. */
bool suggest_is_untouched(const struct record *record, const struct question *question,
                          size_t choice);
/* Whether the record, as long as it is pending, starts from something. */
bool suggest_has_start(const struct record *record, const struct dataset *dataset);
/* All values as the form shows them. */
void suggest_values(const struct record *record, const struct dataset *dataset,
                    struct values *out);
/* Puts what is suggested where out has no value. */
void suggest_add(const struct record *record, const struct dataset *dataset,
                 struct values *out);
/* Whether a required question has only what is suggested: in fast mode it waits for a key
 * of its own. As many keys answer a record with suggestions as one without, else what is
 * meant for one record answers the next. */
bool suggest_waits(const struct record *record, const struct dataset *dataset,
                   const struct values *values);
/* "suggested 4 · gpt-4 0.83", "suggested: warm 0.71, long 0.40 · …"; where the form shows
 * it, and it is not to be whole: "suggested · gpt-4 0.83". Nothing when there is none. */
void suggest_write(const struct record *record, const struct question *question,
                   bool is_whole, struct buf *out);

#endif
