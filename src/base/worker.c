/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/worker.h"

#include <stdbool.h>
#include <stdlib.h>

#include <uv.h>

#include "base/xalloc.h"

struct job {
    loop_fn run;
    loop_fn done;
    void *ctx;
    struct job *next;
};

struct job_list {
    struct job *first;
    struct job *last;
};

struct worker {
    uv_thread_t thread;
    uv_mutex_t lock;
    uv_cond_t changed;
    uv_async_t *wake; /* freed by its own close callback, after the worker */
    struct job_list todo;
    struct job_list finished;
    size_t pending;  /* loop thread only */
    bool is_running; /* loop thread only: from its first job on */
    bool is_ending;
};

static void append(struct job_list *list, struct job *job)
{
    job->next = NULL;
    if (list->last)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

static struct job *take_first(struct job_list *list)
{
    struct job *job = list->first;
    if (job) {
        list->first = job->next;
        if (!list->first)
            list->last = NULL;
    }
    return job;
}

static void run_jobs(void *arg)
{
    struct worker *worker = arg;
    uv_mutex_lock(&worker->lock);
    for (;;) {
        struct job *job = take_first(&worker->todo);
        if (!job && worker->is_ending)
            break;
        if (!job) {
            uv_cond_wait(&worker->changed, &worker->lock);
            continue;
        }
        uv_mutex_unlock(&worker->lock);
        job->run(job->ctx);
        uv_mutex_lock(&worker->lock);
        append(&worker->finished, job);
        uv_cond_broadcast(&worker->changed);
        uv_async_send(worker->wake);
    }
    uv_mutex_unlock(&worker->lock);
}

static struct job *take_finished(struct worker *worker)
{
    uv_mutex_lock(&worker->lock);
    struct job *job = take_first(&worker->finished);
    uv_mutex_unlock(&worker->lock);
    return job;
}

static void finish_jobs(uv_async_t *wake)
{
    struct worker *worker = wake->data;
    for (struct job *job = take_finished(worker); job; job = take_finished(worker)) {
        worker->pending--;
        if (worker->pending == 0)
            uv_unref((uv_handle_t *)worker->wake);
        if (job->done)
            job->done(job->ctx);
        free(job);
    }
}

struct worker *worker_new(struct loop *loop)
{
    struct worker *worker = xcalloc(1, sizeof *worker);
    uv_mutex_init(&worker->lock);
    uv_cond_init(&worker->changed);
    worker->wake = xcalloc(1, sizeof *worker->wake);
    uv_async_init(loop_uv(loop), worker->wake, finish_jobs);
    worker->wake->data = worker;
    uv_unref((uv_handle_t *)worker->wake); /* an idle worker keeps no loop alive */
    return worker;
}

void worker_submit(struct worker *worker, loop_fn run, loop_fn done, void *ctx)
{
    struct job *job = xcalloc(1, sizeof *job);
    job->run = run;
    job->done = done;
    job->ctx = ctx;
    if (worker->pending++ == 0)
        uv_ref((uv_handle_t *)worker->wake);
    uv_mutex_lock(&worker->lock);
    append(&worker->todo, job);
    uv_cond_broadcast(&worker->changed);
    uv_mutex_unlock(&worker->lock);
    if (!worker->is_running)
        uv_thread_create(&worker->thread, run_jobs, worker);
    worker->is_running = true;
}

static void free_wake(uv_handle_t *handle)
{
    free(handle);
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    /* until every job has had its done() called, without handling any other event */
    while (worker->pending) {
        uv_mutex_lock(&worker->lock);
        while (!worker->finished.first)
            uv_cond_wait(&worker->changed, &worker->lock);
        uv_mutex_unlock(&worker->lock);
        finish_jobs(worker->wake);
    }
    uv_mutex_lock(&worker->lock);
    worker->is_ending = true;
    uv_cond_broadcast(&worker->changed);
    uv_mutex_unlock(&worker->lock);
    if (worker->is_running)
        uv_thread_join(&worker->thread);
    uv_mutex_destroy(&worker->lock);
    uv_cond_destroy(&worker->changed);
    uv_close((uv_handle_t *)worker->wake, free_wake);
    free(worker);
}
