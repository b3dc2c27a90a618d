/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/job.h"
#include "text/sanitise.h"

struct check {
    struct store *store;
    struct store_health health;
    struct err err;
    store_check_fn fn;
    void *ctx;
};

static void look_over(struct check *check, struct db *db)
{
    struct query query = query_start(db, "PRAGMA quick_check(1)");
    char *text = query_row(&query) ? query_get_text(&query, 0, NULL) : NULL;
    enum status status = query_end(&query, &check->err);
    if (status == STATUS_OK && text && strcmp(text, "ok") != 0) {
        char safe[200];
        sanitise_line(text, strlen(text), safe, sizeof safe);
        err_set(&check->err, STATUS_IO,
                "The store %s is damaged (%s). Keep a copy of it and its -wal file, then "
                "try \"sqlite3 FILE .recover\".",
                check->store->path, safe);
    }
    free(text);
}

static void run(void *ctx)
{
    struct check *check = ctx;
    struct store *store = check->store;
    struct store_health *health = &check->health;
    enum status status = STATUS_OK;
    if (!store->long_reader)
        status =
            db_open(&store->long_reader, store->path, store->vfs, DB_READ, &check->err);
    if (status != STATUS_OK)
        return;
    struct db *db = store->long_reader;
    look_over(check, db);
    db_number(db, "PRAGMA user_version", &health->version, &check->err);
    db_number(db, "SELECT count(*) FROM dataset", &health->datasets, &check->err);
    db_number(db, "SELECT count(*) FROM record", &health->records, &check->err);
}

static void finish(void *ctx)
{
    struct check *check = ctx;
    check->fn(check->ctx, &check->health, &check->err);
    free(check);
}

void store_check(struct store *store, store_check_fn fn, void *ctx)
{
    struct check *check = xcalloc(1, sizeof *check);
    *check = (struct check){.store = store, .fn = fn, .ctx = ctx};
    if (!store->reading)
        store->reading = worker_new(store->loop);
    worker_submit(store->reading, run, finish, check);
}
