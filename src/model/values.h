/* SPDX-License-Identifier: MIT
 *
 * values - the answers to a dataset's questions, of every Argilla question type.
 *
 * A set of values by question name. A question without a value is unanswered.
 */
#ifndef MODEL_VALUES_H
#define MODEL_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bit of a choice, by its place in the question; with over 64 two may share one. */
#define VALUE_OWN(choice) (UINT64_C(1) << (choice) % 64)

enum question_type {
    QUESTION_RATING,
    QUESTION_TEXT,
    QUESTION_LABEL,
    QUESTION_MULTI_LABEL,
    QUESTION_RANKING,
    QUESTION_SPAN,
    QUESTION_OTHER /* a type we do not know: kept as JSON, shown, not edited */
};

/* As Argilla names it: "label_selection"; "other". NULL and what is unknown is OTHER. */
const char *question_type_name(enum question_type type);
enum question_type question_type_parse(const char *name);

struct value {
    char *question; /* its name */
    enum question_type type;
    int rating;   /* RATING */
    char *text;   /* TEXT, LABEL: the text; others: the value's JSON, as it came */
    uint64_t own; /* VALUE_OWN of each choice that the person made, not only took over:
                   * nothing that a comparison or a server knows */
};

struct values {
    struct value *items;
    size_t count;
};

/* The value of a question, or NULL. Borrowed. */
const struct value *values_find(const struct values *values, const char *question);
void values_set_rating(struct values *values, const char *question, int rating);
/* Any type but RATING, as the text or the JSON text. NULL removes the value, and so does
 * "" for a TEXT. */
void values_set_text(struct values *values, const char *question, enum question_type type,
                     const char *text);
/* Of any type; value's question names it. "" is no TEXT. What was own stays so. */
void values_set(struct values *values, const struct value *value);
/* Of every choice: the person has made it. */
void values_set_own(struct values *values);
/* True if there was one. */
bool values_remove(struct values *values, const char *question);
/* to is replaced (a zeroed struct is a valid empty one), here and in every _copy. */
void values_copy(struct values *to, const struct values *from);
/* Whatever the order of labels, ranks and spans. */
bool value_equal(const struct value *a, const struct value *b);
bool values_equal(const struct values *a, const struct values *b);
void values_clear(struct values *values);

#endif
