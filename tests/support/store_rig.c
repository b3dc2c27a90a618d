/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/xalloc.h"
#include "tests/support/fault_vfs.h"

static int64_t now(void *ctx)
{
    const struct store_rig *rig = ctx;
    return rig->now_ms;
}

enum status store_rig_open(struct store_rig *rig, struct err *err)
{
    const struct store_options options = {.path = rig->path,
                                          .vfs = rig->vfs,
                                          .clock = &rig->clock,
                                          .is_throwaway = rig->is_throwaway};
    return store_open(&rig->store, rig->loop, &options, err);
}

void store_rig_close(struct store_rig *rig)
{
    store_close(rig->store);
    rig->store = NULL;
    loop_poll(rig->loop);
}

void store_rig_reopen(struct store_rig *rig)
{
    struct err err = {0};
    if (rig->store)
        store_rig_close(rig);
    if (store_rig_open(rig, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

void store_rig_start_closed(struct store_rig *rig)
{
    memset(rig, 0, sizeof *rig);
    memcpy(rig->dir, "/tmp/sherd-store-XXXXXX", sizeof "/tmp/sherd-store-XXXXXX");
    assert_non_null(mkdtemp(rig->dir));
    snprintf(rig->path, sizeof rig->path, "%s/store.db", rig->dir);
    rig->now_ms = 1700000000000;
    rig->clock = (struct clock){.mono_ms = now, .wall_ms = now, .ctx = rig};
    rig->loop = loop_new();
}

void store_rig_start(struct store_rig *rig)
{
    store_rig_start_closed(rig);
    store_rig_reopen(rig);
}

void store_rig_end(struct store_rig *rig)
{
    static const char *const names[] = {"store.db",           "store.db-wal",
                                        "store.db-shm",       "store.db-journal",
                                        "store.db-search",    "store.db-search-wal",
                                        "store.db-search-shm"};
    if (rig->store)
        store_rig_close(rig);
    loop_free(rig->loop);
    response_clear(&rig->undone.response);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", rig->dir, names[i]);
        unlink(path);
    }
    rmdir(rig->dir);
}

void store_rig_ok(struct store_rig *rig, enum status status)
{
    if (status != STATUS_OK)
        fail_msg("%s", rig->err.text);
    assert_int_equal(rig->err.code, STATUS_OK);
}

void store_rig_put_dataset(struct store_rig *rig, const char *name, const char *server)
{
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, name, server[0] ? "argilla" : "local", server);
    err_clear(&rig->err);
    store_rig_ok(rig,
                 store_put_dataset(rig->store, &dataset, &rig->dataset, NULL, &rig->err));
    dataset_clear(&dataset);
}

void store_rig_fill(const struct store_rig *rig, struct record *record,
                    const char *prompt, const char *response, const struct id *parent)
{
    *record = (struct record){.dataset_row = rig->dataset, .has_completion = true};
    id_random(&record->id);
    completion_init(&record->completion);
    record->completion.state = COMPLETION_DONE;
    if (parent)
        record->completion.parent = *parent;
    record_set_field(record, "prompt", prompt, strlen(prompt));
    record_set_field(record, "response", response, strlen(response));
}

struct id store_rig_keep(struct store_rig *rig, struct record *record)
{
    struct id id = record->id;
    err_clear(&rig->err);
    store_rig_ok(rig, store_add_record(rig->store, record, true, NULL, &rig->err));
    rig->record_row = record->row;
    record_clear(record);
    return id;
}

struct id store_rig_start_completion(struct store_rig *rig)
{
    struct record record = {.dataset_row = rig->dataset, .has_completion = true};
    id_random(&record.id);
    struct id id = record.id;
    record_set_field(&record, "prompt", "why", 3);
    record_set_field(&record, "response", "", 0);
    completion_init(&record.completion);
    record.completion.endpoint = xstrdup("local");
    store_rig_ok(rig, store_add_record(rig->store, &record, false, NULL, &rig->err));
    record_clear(&record);
    return id;
}

struct id store_rig_add(struct store_rig *rig, const char *prompt, const char *response)
{
    struct record record = {.dataset_row = rig->dataset};
    id_random(&record.id);
    record_set_field(&record, "prompt", prompt, strlen(prompt));
    record_set_field(&record, "response", response, strlen(response));
    return store_rig_keep(rig, &record);
}

void store_rig_put(struct store_rig *rig, const struct id *id,
                   enum response_status status, int rating, const char *feedback,
                   enum change_kind kind, int64_t edit)
{
    struct response response = {.status = status};
    if (rating)
        values_set_rating(&response.values, "response-rating", rating);
    values_set_text(&response.values, "response-feedback", QUESTION_TEXT, feedback);
    err_clear(&rig->err);
    store_rig_ok(
        rig, store_put_response(rig->store, id, &response, NULL, kind, edit, &rig->err));
    response_clear(&response);
}

enum status store_rig_undo(struct store_rig *rig)
{
    response_clear(&rig->undone.response);
    err_clear(&rig->err);
    return store_undo(rig->store, rig->dataset, &rig->undone, &rig->err);
}

enum status store_rig_redo_in(struct store *store, int64_t dataset_row,
                              struct undone *undone, struct err *err)
{
    const struct walk walk = {
        .dataset_row = dataset_row, .is_redo = true, .most = SIZE_MAX};
    return store_walk(store, &walk, undone, err);
}

enum status store_rig_redo(struct store_rig *rig)
{
    response_clear(&rig->undone.response);
    err_clear(&rig->err);
    return store_rig_redo_in(rig->store, rig->dataset, &rig->undone, &rig->err);
}

void store_rig_expect(struct store_rig *rig, const struct id *id,
                      enum response_status status, int rating, const char *feedback)
{
    struct record record = {0};
    struct err err = {0};
    if (store_get_record(rig->store, id, &record, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    const struct values *values = &record.response.values;
    const struct value *rated = values_find(values, "response-rating");
    const struct value *text = values_find(values, "response-feedback");
    assert_int_equal(record.response.status, status);
    assert_int_equal(rated ? rated->rating : 0, rating);
    assert_string_equal(text ? text->text : "", feedback ? feedback : "");
    record_clear(&record);
}

struct loaded {
    struct queue_row *rows;
    size_t count;
    bool is_done;
};

static void take_rows(void *ctx, struct queue_row *rows, size_t count, int64_t revision,
                      const struct err *err)
{
    struct loaded *loaded = ctx;
    (void)revision;
    if (err->code != STATUS_OK)
        fail_msg("%s", err->text);
    *loaded = (struct loaded){.rows = rows, .count = count, .is_done = true};
}

struct queue_row *store_rig_queue(struct store_rig *rig, size_t *count)
{
    struct loaded loaded = {0};
    store_load_queue(rig->store, rig->dataset, take_rows, &loaded);
    while (!loaded.is_done)
        if (!loop_turn(rig->loop) && !loaded.is_done)
            fail_msg("%s", "the queue never came");
    *count = loaded.count;
    return loaded.rows;
}

/* Without syncs: closing the last connection of a file would otherwise wait for the disk.
 */
static sqlite3 *connect(struct store_rig *rig)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    return db;
}

static void disconnect(struct store_rig *rig, sqlite3 *db)
{
    if (db != rig->peek)
        sqlite3_close(db);
}

void store_rig_peek(struct store_rig *rig)
{
    rig->peek = connect(rig);
}

void store_rig_unpeek(struct store_rig *rig)
{
    sqlite3_close(rig->peek);
    rig->peek = NULL;
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    return stmt;
}

int64_t store_rig_number(struct store_rig *rig, const char *sql)
{
    sqlite3 *db = rig->peek ? rig->peek : connect(rig);
    sqlite3_stmt *stmt = ask(db, sql);
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    disconnect(rig, db);
    return number;
}

void store_rig_check(struct store_rig *rig)
{
    sqlite3 *db = rig->peek ? rig->peek : connect(rig);
    sqlite3_stmt *stmt = ask(db, "PRAGMA integrity_check");
    assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
    sqlite3_finalize(stmt);
    stmt = ask(db, "SELECT count(*) FROM pragma_foreign_key_check");
    assert_int_equal(sqlite3_column_int64(stmt, 0), 0);
    sqlite3_finalize(stmt);
    disconnect(rig, db);
}

int store_rig_set_up(void **state)
{
    struct store_rig *rig = xcalloc(1, sizeof *rig);
    store_rig_start(rig);
    store_rig_put_dataset(rig, "langchain-dataset", "https://argilla.example");
    *state = rig;
    return 0;
}

int store_rig_tear_down(void **state)
{
    store_rig_check(*state);
    store_rig_end(*state);
    free(*state);
    return 0;
}

int store_rig_set_up_faulty(void **state)
{
    struct store_rig *rig = calloc(1, sizeof *rig);
    fault_vfs_register();
    store_rig_start_closed(rig);
    rig->vfs = "fault";
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "langchain-dataset", "https://argilla.example");
    *state = rig;
    return 0;
}

int store_rig_tear_down_faulty(void **state)
{
    fault_vfs_arm(0, 0, false);
    fault_vfs_slow(0);
    fault_vfs_refuse_locks(false);
    store_rig_end(*state);
    free(*state);
    return 0;
}

pid_t store_rig_fork(const struct store_rig *rig, struct store_rig *own)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    *own = *rig;
    own->loop = loop_new();
    own->store = NULL;
    own->clock.ctx = own;
    alarm(60);
    return 0;
}

void store_rig_wait(bool is_fine, int to_parent, int from_parent)
{
    char byte = 0;
    _exit(!is_fine || write(to_parent, "x", 1) != 1 || read(from_parent, &byte, 1) < 0);
}
