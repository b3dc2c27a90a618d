/* SPDX-License-Identifier: MIT
 *
 * given - answers in words, "QUESTION=VALUE", for questions of every type, checked as on
 * the screen: of --answer and of :bulk; and what is given to many records.
 */
#ifndef APP_GIVEN_H
#define APP_GIVEN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/dataset.h"
#include "model/record.h"

/* The question that QUESTION=VALUE names, by its name or its label, and the VALUE; NULL
 * with a sentence. */
const struct question *given_question(const struct dataset *dataset, const char *given,
                                      const char **text, struct err *err);
/* Puts the value that text says into values; "" takes it out. USAGE says what the
 * question takes. record (NULL = none) has the texts that spans are in. */
enum status given_read(const struct dataset *dataset, const struct record *record,
                       const struct question *question, const char *text,
                       struct values *values, struct err *err)
    __attribute__((warn_unused_result));

/* Puts what is given into values, where one with an empty text takes the question's
 * out; adds: its labels come to those that are there. False when the response
 * has all of it already: what a form starts from, in values but not in now, is none. */
bool given_put(const struct values *given, bool adds, const struct dataset *dataset,
               const struct values *now, struct values *values);
/* "Rating 4, Topic news, Feedback “same …”", safe to show. */
void given_write(const struct values *given, const struct dataset *dataset,
                 struct buf *out);

#endif
