/* SPDX-License-Identifier: MIT
 *
 * store_rig - a store in a directory of its own, for tests: a write that must succeed
 * does, or the test fails with the sentence.
 */
#ifndef TESTS_SUPPORT_STORE_RIG_H
#define TESTS_SUPPORT_STORE_RIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/store.h"

struct store_rig {
    char dir[64];
    char path[96];
    const char *vfs; /* NULL = SQLite's own */
    bool is_throwaway;
    struct clock clock;
    int64_t now_ms; /* what the clock says; set it to let time pass */
    struct loop *loop;
    struct store *store;
    int64_t dataset;
    struct sqlite3 *peek; /* see store_rig_peek */
    /* Of the last write. */
    struct err err;
    int64_t record_row;
    struct undone undone; /* its response is ours */
};

/* A new directory and an open store. */
void store_rig_start(struct store_rig *rig);
/* The same without the store: rig->vfs can be set before it is opened. */
void store_rig_start_closed(struct store_rig *rig);
/* Closes and removes everything. */
void store_rig_end(struct store_rig *rig);
/* For cmocka: a rig of its own with a dataset of a server that is never asked; checked
 * when it ends. */
int store_rig_set_up(void **state);
int store_rig_tear_down(void **state);
/* The same on the VFS "fault", whose faults end with it; not checked. */
int store_rig_set_up_faulty(void **state);
int store_rig_tear_down_faulty(void **state);
/* As another process would find it later. */
void store_rig_reopen(struct store_rig *rig);
/* Opens without asserting; for stores that refuse. */
enum status store_rig_open(struct store_rig *rig, struct err *err);
void store_rig_close(struct store_rig *rig);

/* The guide's dataset; server "" = local. Sets rig->dataset. */
void store_rig_put_dataset(struct store_rig *rig, const char *name, const char *server);
/* Asserts that a write came to OK. */
void store_rig_ok(struct store_rig *rig, enum status status);
/* An answer of a model, asked again from parent (NULL = none), to be changed and kept. */
void store_rig_fill(const struct store_rig *rig, struct record *record,
                    const char *prompt, const char *response, const struct id *parent);
/* Adds and clears it; its id. Sets rig->record_row. */
struct id store_rig_keep(struct store_rig *rig, struct record *record);
/* A record whose answer is still being written. */
struct id store_rig_start_completion(struct store_rig *rig);
/* Adds a record by hand; its id. Sets rig->record_row. */
struct id store_rig_add(struct store_rig *rig, const char *prompt, const char *response);
/* Our response: rating 0 = none, feedback NULL = none. */
void store_rig_put(struct store_rig *rig, const struct id *id,
                   enum response_status status, int rating, const char *feedback,
                   enum change_kind kind, int64_t edit);
enum status store_rig_undo(struct store_rig *rig);
enum status store_rig_redo(struct store_rig *rig);
/* The same, but of any store. */
enum status store_rig_redo_in(struct store *store, int64_t dataset_row,
                              struct undone *undone, struct err *err);
/* Asserts that the record's response is this one. */
void store_rig_expect(struct store_rig *rig, const struct id *id,
                      enum response_status status, int rating, const char *feedback);
/* Loads the queue; *count rows, yours. */
struct queue_row *store_rig_queue(struct store_rig *rig, size_t *count);
/* The first number sql answers, on a connection of its own. */
int64_t store_rig_number(struct store_rig *rig, const char *sql);
/* Keeps one connection for store_rig_number and store_rig_check, until store_rig_unpeek:
 * for many of them. */
void store_rig_peek(struct store_rig *rig);
void store_rig_unpeek(struct store_rig *rig);
/* Forks. In the child, which gets 0 and does not outlive a failed test for long, *own is
 * a rig on the same file, not open yet. */
pid_t store_rig_fork(const struct store_rig *rig, struct store_rig *own);
/* The end of such a child: says that it is fine, and waits to be told to end. */
_Noreturn void store_rig_wait(bool is_fine, int to_parent, int from_parent);
/* Asserts that SQLite finds no fault in the file. */
void store_rig_check(struct store_rig *rig);

#endif
