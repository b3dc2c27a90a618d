/* SPDX-License-Identifier: MIT
 *
 * sync_bench - a sync on a fake server of either version, and what that server holds.
 */
#ifndef TESTS_SYNC_BENCH_H
#define TESTS_SYNC_BENCH_H

#include <jansson.h>

#include "tests/support/fake_argilla.h"
#include "tests/support/sync_rig.h"

#define JSON_HEAD "Content-Type: application/json\r\n"

struct bench {
    struct fake_argilla *fake;
    struct sync_rig rig;
};

/* cmocka's fixtures: the state is a struct bench with the dataset "guide". */
int bench_set_up(void **state);
int bench_set_up_old(void **state); /* Argilla 1.29 */
int bench_tear_down(void **state);

/* The record is among these exactly once, with this answer of ours; status NULL: without
 * an answer. */
void assert_sent_once(const json_t *records, const struct id *id, const char *status,
                      int rating);
/* The same of all that the fake server has. */
void assert_on_server(struct bench *bench, const struct id *id, const char *status,
                      int rating);
size_t records_on_server(struct bench *bench);

/* A case once on each version. */
#define BENCH_CASE(name)                                                                 \
    cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
#define BENCH_CASE_OLD(name)                                                             \
    {                                                                                    \
#name "_on_1_29", name, bench_set_up_old, bench_tear_down, NULL                  \
    }

#endif
