/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/job.h"

#include <stdlib.h>

#include "base/xalloc.h"

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
