/* SPDX-License-Identifier: MIT
 * The queue and what changed in it; long reads, on the reading thread. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/xalloc.h"
#include "store/parts.h"

enum { AT_ONCE = 1000 }; /* rows of a queue that are read before anything else */

struct rows {
    struct queue_row *items;
    size_t count;
    size_t capacity;
};

static void add_row(struct rows *rows, struct query *query)
{
    rows->items = xgrow(rows->items, rows->count, &rows->capacity, sizeof *rows->items);
    rows->items[rows->count++] =
        (struct queue_row){.row = query_get_int(query, 0),
                           .status = (uint8_t)query_get_int(query, 1),
                           .rating = (int8_t)query_get_int(query, 2),
                           .flags = (uint16_t)query_get_int(query, 3)};
}

enum status record_revision(struct db *db, int64_t dataset, int64_t *revision,
                            struct err *err)
{
    return db_find(
        db,
        "SELECT coalesce(max(revision), 0) FROM record INDEXED BY record_revision"
        " WHERE dataset = ?",
        NUMBERS(dataset), revision, err);
}

int64_t store_revision(struct store *store, int64_t dataset_row)
{
    int64_t revision = 0;
    record_revision(store->db, dataset_row, &revision, NULL);
    return revision;
}

enum status store_each_change(struct store *store, int64_t dataset_row, int64_t since,
                              store_row_fn fn, void *ctx, struct err *err)
{
    /* No statement stays open while fn runs. */
    struct rows rows = {0};
    struct query query = query_start(
        store->db,
        "SELECT row, status, rating, flags FROM record INDEXED BY record_revision"
        " WHERE dataset = ? AND revision > ? ORDER BY revision, row");
    query_int(&query, dataset_row);
    query_int(&query, since);
    while (query_row(&query))
        add_row(&rows, &query);
    enum status status = query_end(&query, err);
    for (size_t i = 0; status == STATUS_OK && i < rows.count; i++)
        fn(ctx, &rows.items[i]);
    free(rows.items);
    return status;
}

/* ---- the reading thread ---- */

void store_read_long(struct store *store, loop_fn run, loop_fn done, void *ctx)
{
    if (!store->reading)
        store->reading = worker_new(store->loop);
    worker_submit(store->reading, run, done, ctx);
}

struct db *store_long_reader(struct store *store, struct err *err)
{
    if (!store->long_reader &&
        db_open(&store->long_reader, store->path, store->vfs,
                store->is_frozen ? DB_FROZEN : DB_READ, err) != STATUS_OK)
        return NULL;
    return store->long_reader;
}

struct queue_read {
    struct store *store;
    int64_t dataset;
    struct rows rows;
    int64_t revision;
    struct err err;
    store_rows_fn fn;
    void *ctx;
};

/* A row of an aggregate, which takes little more than half as long as stepping to it. */
static void take_row(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct rows *rows = sqlite3_user_data(context);
    (void)count;
    rows->items = xgrow(rows->items, rows->count, &rows->capacity, sizeof *rows->items);
    rows->items[rows->count++] =
        (struct queue_row){.row = sqlite3_value_int64(values[0]),
                           .status = (uint8_t)sqlite3_value_int(values[1]),
                           .rating = (int8_t)sqlite3_value_int(values[2]),
                           .flags = (uint16_t)sqlite3_value_int(values[3])};
}

static void end_rows(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

/* In the order of the index. Of the last dataset no row need be compared with an end, a
 * fifth of the time. */
#define TAKE                                                                             \
    "SELECT take(row, status, rating, flags) FROM record INDEXED BY record_queue"        \
    " WHERE dataset "

static void read_queue(struct queue_read *read, struct db *db)
{
    if (db_begin_read(db, &read->err) != STATUS_OK)
        return;
    int code = sqlite3_create_function(db_handle(db), "take", 4, SQLITE_UTF8, &read->rows,
                                       NULL, take_row, end_rows);
    if (code != SQLITE_OK)
        db_fail(db, code, &read->err);
    else if (record_revision(db, read->dataset, &read->revision, &read->err) ==
             STATUS_OK) {
        int64_t behind = 0;
        db_find(
            db,
            "SELECT row FROM record INDEXED BY record_queue WHERE dataset > ? LIMIT 1",
            NUMBERS(read->dataset), &behind, &read->err);
        struct query query = query_start(db, behind ? TAKE "= ?" : TAKE ">= ?");
        query_int(&query, read->dataset);
        query_run(&query, &read->err);
    }
    db_rollback(db);
}

static void run_queue_read(void *ctx)
{
    struct queue_read *read = ctx;
    struct db *db = store_long_reader(read->store, &read->err);
    if (db)
        read_queue(read, db);
}

static void end_queue_read(void *ctx)
{
    struct queue_read *read = ctx;
    if (read->err.code != STATUS_OK) {
        free(read->rows.items);
        read->rows = (struct rows){0};
    }
    read->fn(read->ctx, read->rows.items, read->rows.count, read->revision, &read->err);
    free(read);
}

void store_load_queue(struct store *store, int64_t dataset_row, store_rows_fn fn,
                      void *ctx)
{
    struct queue_read *read = xcalloc(1, sizeof *read);
    int64_t last = 0;
    *read =
        (struct queue_read){.store = store, .dataset = dataset_row, .fn = fn, .ctx = ctx};
    db_find(store->db,
            "SELECT row FROM record INDEXED BY record_queue WHERE dataset = ? LIMIT 1"
            " OFFSET ?",
            NUMBERS(dataset_row, AT_ONCE), &last, NULL);
    if (last) {
        store_read_long(store, run_queue_read, end_queue_read, read);
        return;
    }
    read_queue(read, store->db); /* no thread, no connection of its own, for so few */
    end_queue_read(read);
}

enum status store_read_head(struct store *store, int64_t dataset_row,
                            struct queue_row **rows, size_t *count, struct err *err)
{
    struct rows head = {0};
    struct query query =
        query_start(store->db, "SELECT row, status, rating, flags FROM record INDEXED BY"
                               " record_queue WHERE dataset = ? LIMIT ?");
    query_int(&query, dataset_row);
    query_int(&query, AT_ONCE);
    while (query_row(&query))
        add_row(&head, &query);
    enum status status = query_end(&query, err);
    if (status != STATUS_OK) {
        free(head.items);
        head = (struct rows){0};
    }
    *rows = head.items;
    *count = head.count;
    return status;
}

struct summing {
    struct store *store;
    int64_t dataset;
    struct queue_sum sum;
    struct err err;
    store_sum_fn fn;
    void *ctx;
};

static void run_sum(void *ctx)
{
    struct summing *summing = ctx;
    struct queue_sum *sum = &summing->sum;
    struct db *db = store_long_reader(summing->store, &summing->err);
    if (!db || atomic_load(&summing->store->is_closing))
        return;
    struct query query = query_start(
        db, "SELECT status, flags & 136, count(*) FROM record INDEXED BY record_queue"
            " WHERE dataset = ? AND NOT flags & 80 GROUP BY 1, 2");
    query_int(&query, summing->dataset);
    while (query_row(&query)) {
        const struct queue_row row = queue_as_counted(
            (struct queue_row){.status = (uint8_t)query_get_int(&query, 0),
                               .flags = (uint16_t)query_get_int(&query, 1)});
        size_t count = (size_t)query_get_int(&query, 2);
        sum->counts[row.status] += queue_is_completed(&row) ? 0 : count;
        sum->all += count;
    }
    query_end(&query, &summing->err);
}

static void end_sum(void *ctx)
{
    struct summing *summing = ctx;
    summing->fn(summing->ctx, summing->dataset, &summing->sum, &summing->err);
    free(summing);
}

void store_sum_dataset(struct store *store, int64_t dataset_row, store_sum_fn fn,
                       void *ctx)
{
    struct summing *summing = xcalloc(1, sizeof *summing);
    *summing =
        (struct summing){.store = store, .dataset = dataset_row, .fn = fn, .ctx = ctx};
    store_read_long(store, run_sum, end_sum, summing);
}

/* ---- health ---- */

struct check {
    struct store *store;
    struct store_health health;
    struct err err;
    store_check_fn fn;
    void *ctx;
};

static void run_check(void *ctx)
{
    struct check *check = ctx;
    struct store_health *health = &check->health;
    struct db *db = store_long_reader(check->store, &check->err);
    if (!db)
        return;
    struct query query = query_start(db, "PRAGMA quick_check(1)");
    char *text = query_row(&query) ? query_get_text(&query, 0, NULL) : NULL;
    enum status status = query_end(&query, &check->err);
    if (status == STATUS_OK && text && strcmp(text, "ok") != 0)
        err_set(&check->err, STATUS_IO,
                "The store %.200s is damaged (%.200s). Keep a copy of it and its -wal "
                "file, then try \"sqlite3 FILE .recover\".",
                check->store->path, text);
    free(text);
    db_number(db, "PRAGMA user_version", &health->version, &check->err);
    db_number(db, "SELECT count(*) FROM dataset", &health->datasets, &check->err);
    db_number(db, "SELECT count(*) FROM record", &health->records, &check->err);
}

static void end_check(void *ctx)
{
    struct check *check = ctx;
    check->fn(check->ctx, &check->health, &check->err);
    free(check);
}

void store_check(struct store *store, store_check_fn fn, void *ctx)
{
    struct check *check = xcalloc(1, sizeof *check);
    *check = (struct check){.store = store, .fn = fn, .ctx = ctx};
    store_read_long(store, run_check, end_check, check);
}
