/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "base/xalloc.h"
#include "store/job.h"
#include "store/owner.h"
#include "store/schema.h"

struct job {
    struct store *store;
    const struct job_kind *kind;
    void *args;
    int64_t now_ms;
    store_done_fn done;
    void *ctx;
    struct store_result result;
};

static enum status write_once(struct job *job)
{
    struct store *store = job->store;
    struct err *err = &job->result.err;
    struct writing writing = {.db = store->writer,
                              .owner = store->owner,
                              .now_ms = job->now_ms,
                              .edit = &store->edit,
                              .result = &job->result,
                              .err = err};
    enum status status = db_begin(store->writer, job->kind->is_durable, err);
    if (status == STATUS_OK)
        status = job->kind->write(&writing, job->args);
    if (status == STATUS_OK)
        status = db_commit(store->writer, err);
    return status;
}

static void run_job(void *ctx)
{
    struct job *job = ctx;
    enum status status = write_once(job);
    if (status == STATUS_OK)
        return;
    db_rollback(job->store->writer);
    job->store->edit = (struct open_edit){0};
}

static void end_job(void *ctx)
{
    struct job *job = ctx;
    if (job->done)
        job->done(job->ctx, &job->result);
    response_clear(&job->result.response);
    job->kind->free_args(job->args);
    free(job);
}

void job_submit(struct store *store, const struct job_kind *kind, void *args,
                store_done_fn done, void *ctx)
{
    struct job *job = xcalloc(1, sizeof *job);
    job->store = store;
    job->kind = kind;
    job->args = args;
    job->now_ms = clock_wall_ms(store->clock);
    job->done = done;
    job->ctx = ctx;
    job->result.what = "";
    worker_submit(store->writing, run_job, end_job, job);
}

static enum status open_databases(struct store *store, struct err *err)
{
    enum status status = paths_make_parent(store->path, err);
    if (status == STATUS_OK)
        status = db_open(&store->writer, store->path, store->vfs, DB_WRITE, err);
    if (status == STATUS_OK)
        status = schema_prepare(store->writer, store->path, err);
    if (status == STATUS_OK)
        status = db_open(&store->reader, store->path, store->vfs, DB_READ, err);
    return status;
}

static bool is_memory(const char *path)
{
    return path[0] == '\0' || strcmp(path, ":memory:") == 0;
}

enum status store_open(struct store **out, struct loop *loop,
                       const struct store_options *options, struct err *err)
{
    *out = NULL;
    if (options->path && is_memory(options->path))
        return err_set(err, STATUS_USAGE, "The store needs the name of a file.");
    struct store *store = xcalloc(1, sizeof *store);
    store->path = options->path ? xstrdup(options->path) : paths_data("store.db");
    store->vfs = xstrdup_or_null(options->vfs);
    store->loop = loop;
    store->clock = options->clock ? options->clock : &clock_system;
    store->owner = owner_new();
    enum status status = open_databases(store, err);
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    db_be_patient(store->writer);
    store->writing = worker_new(loop);
    *out = store;
    return STATUS_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    worker_free(store->reading);
    worker_free(store->writing);
    db_close(store->long_reader);
    db_close(store->reader);
    db_close(store->writer); /* last: it puts the log back into the file */
    free(store->owner);
    free(store->vfs);
    free(store->path);
    free(store);
}

const char *store_path(const struct store *store)
{
    return store->path;
}

size_t store_pending(const struct store *store)
{
    return worker_pending(store->writing);
}

void store_drain(struct store *store)
{
    worker_drain(store->writing);
}
