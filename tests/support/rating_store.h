/* SPDX-License-Identifier: MIT
 *
 * rating_store - a local store for a rating session of another process, and what that
 * session left in it.
 */
#ifndef TESTS_SUPPORT_RATING_STORE_H
#define TESTS_SUPPORT_RATING_STORE_H

#include "tests/support/rater.h"

struct remains {
    struct rated answers[RATER_RECORDS];
    bool is_answered[RATER_RECORDS]; /* by the model, to the end */
    size_t count;
    char *prompt; /* the unsent one; owned, never NULL */
};

/* A new store with so many finished records: "Question 1" … */
void rating_store_make(const char *path, int records);
/* Asserts that the file is whole, too. */
void rating_store_read(const char *path, struct remains *remains);
void rating_store_remove(const char *path);

#endif
