/* SPDX-License-Identifier: MIT
 *
 * all_questions - a dataset that asks one question of every type there is, and more
 * labels than fit.
 */
#ifndef TESTS_SUPPORT_ALL_QUESTIONS_H
#define TESTS_SUPPORT_ALL_QUESTIONS_H

#include <jansson.h>

#include "model/dataset.h"

/* Fields prompt and response. Questions: score (rating 0 to 10, required), why (text,
 * Markdown), topic (label of 300: "topic 1" …, five shown), faults (labels: long, wrong,
 * rude, dull; the suggested first, described), order (ranking of a, b, c), parts (span of
 * response: person, place, time), places (span of prompt that may overlap: a to l). */
void all_questions(struct dataset *dataset);
/* The same as a server has them, without ids. The caller decrefs it. */
json_t *all_questions_json(void);

/* One more at the end, called by its name. Borrowed until the next. */
struct question *add_question(struct dataset *dataset, const char *name,
                              enum question_type type);
void add_option(struct question *question, const char *text);

#endif
