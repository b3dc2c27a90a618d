/* SPDX-License-Identifier: MIT
 *
 * pilot_app - the whole app in a test: in a directory of its own, on a clock that the
 * test sets, with the endpoint and the server that it names.
 *
 *     struct pilot pilot = {.endpoint_url = fake_model_url(model)};
 *     pilot_start(&pilot);
 *     assert_true(app_ask(pilot.app, "Why?", 4, NULL, NULL));
 *     pilot_settle(&pilot);
 *     pilot_end(&pilot);
 */
#ifndef TESTS_SUPPORT_PILOT_APP_H
#define TESTS_SUPPORT_PILOT_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "app/app.h"
#include "app/ask.h"

struct pilot {
    /* Set before pilot_start. */
    bool is_demo;             /* the built-in endpoint, as fast as it goes */
    const char *endpoint_url; /* NULL = none */
    const char *key_command;  /* of the endpoint; NULL = none */
    const char *server_url;   /* NULL = local */
    const char *server_key;
    const char *vfs;
    bool is_plain;    /* the screen: for screen readers */
    bool is_headless; /* as a command line: the queue is not loaded */
    bool is_offline;  /* does not connect by itself */
    bool chooses;     /* `sherd review`, with these; and as it goes over to another */
    const char *review, *record;
    int64_t row;

    char dir[64];
    struct loop *loop;
    struct clock clock;
    int64_t now_ms; /* what both clocks say */
    struct settings settings;
    struct fake_model *model;     /* pilot_use_model's; NULL */
    struct fake_argilla *argilla; /* pilot_use_argilla's; NULL */
    struct app *app;
    const struct session *session;
    volatile bool is_late;
    struct sqlite3 *other_db;
    pid_t other;
    size_t changes; /* how often the app said that something changed */
};

/* Before pilot_start: an endpoint, and a server, that pilot_end ends. */
struct fake_model *pilot_use_model(struct pilot *pilot);
struct fake_argilla *pilot_use_argilla(struct pilot *pilot, const char *version);
void pilot_start(struct pilot *pilot);
/* Closes and opens again, as another start of the program would. */
void pilot_reopen(struct pilot *pilot);
void pilot_reopen_early(struct pilot *pilot); /* as the first frame finds it */
/* One that was never started, too. */
void pilot_end(struct pilot *pilot);
/* For cmocka: *state is a fixture of the heap that begins with its pilot. */
int pilot_tear_down(void **state);

/* Runs the loop until the condition holds; fails the test after ten seconds. */
typedef bool (*pilot_fn)(const struct pilot *pilot);
void pilot_until(struct pilot *pilot, pilot_fn condition);
bool pilot_has_selected(const struct pilot *pilot); /* all that the filter asks for */
/* Until nothing is under way. */
void pilot_settle(struct pilot *pilot);
/* Runs the loop for so many real milliseconds. */
void pilot_run(struct pilot *pilot, int64_t ms);

/* From now on a millisecond goes by at each look at the clock: what is bounded by time
 * takes small pieces. */
void pilot_slow_down(struct pilot *pilot);
/* The disk is full (writes fail), or has room again. */
void pilot_fill_disk(bool is_full);
/* A file of these lines, NULL at the end, open for reading. */
int pilot_file(const char *const *lines);
/* Asks, and fails the test when that is refused; returns the record. */
struct id pilot_ask(struct pilot *pilot, const char *prompt);
/* Adds a finished record and waits until the queue has it. */
struct id pilot_add(struct pilot *pilot, const char *prompt, const char *response);
/* The same with any record, at once. */
void pilot_add_record(struct pilot *pilot, struct record *record, bool is_finished);
/* Shows a record of the queue. */
void pilot_go(struct pilot *pilot, const struct id *id);
/* The guide's questions, as a digit and as the box do. */
bool pilot_rate(struct pilot *pilot, int rating);
bool pilot_write(struct pilot *pilot, const char *text);
/* ---- what others do to the store ---- */

/* Another program holds the store's write lock, or lets go of it. */
void pilot_hold_store(struct pilot *pilot, bool is_held);
/* Another sherd, which lives until pilot_kill_other, is writing this record's answer. */
void pilot_claim_for_other(struct pilot *pilot, const struct id *id);
void pilot_kill_other(struct pilot *pilot);
/* What another process does with the store: one that is opened for it and closed. */
void pilot_by_other(struct pilot *pilot,
                    enum status (*put)(struct store *store, const void *what,
                                       struct err *err),
                    const void *what);
/* Another sherd puts a response: rating 0 = none, feedback NULL = none. */
void pilot_put_by_other(struct pilot *pilot, const struct id *id,
                        enum response_status status, int rating, const char *feedback);
/* Another sherd flags it, or takes the flag away. */
void pilot_flag_by_other(struct pilot *pilot, const struct id *id, bool is_flagged);
/* Another sherd's note on it; "" = it takes the note away. */
void pilot_note_by_other(struct pilot *pilot, const struct id *id, const char *text);
void pilot_delete_by_other(struct pilot *pilot, int64_t row);
void pilot_pick_by_other(struct pilot *pilot, const struct pick *pick);

/* The record as it is on disk. The caller clears it. */
void pilot_read(struct pilot *pilot, const struct id *id, struct record *record);
/* Asserts what is on disk: rating 0 = none, feedback NULL = none. */
void pilot_expect(struct pilot *pilot, const struct id *id, enum response_status status,
                  int rating, const char *feedback);
/* Asserts that the notice holds these words. */
void pilot_expect_notice(const struct pilot *pilot, const char *words);
/* Text of a field on disk. Owned. */
char *pilot_field(struct pilot *pilot, const struct id *id, const char *name);

#endif
