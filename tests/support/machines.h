/* SPDX-License-Identifier: MIT
 *
 * machines - two stores of one user on one server's dataset, and what must hold between
 * them: the cases are run on the fake server and on real ones.
 */
#ifndef TESTS_SUPPORT_MACHINES_H
#define TESTS_SUPPORT_MACHINES_H

#include "tests/support/sync_rig.h"

struct machines {
    struct sync_rig a, b;
    const char *url, *key; /* borrowed */
    char name[40];         /* of the dataset */
};

/* A dataset of a new name. */
void machines_start(struct machines *machines, const char *url, const char *key);
/* Deletes the dataset. */
void machines_end(struct machines *machines);

struct machines_case {
    const char *name;
    void (*run)(struct machines *machines);
};
extern const struct machines_case machines_cases[];
extern const size_t machines_case_count;

#endif
