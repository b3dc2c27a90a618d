/* SPDX-License-Identifier: MIT
 *
 * job - one asynchronous call of argilla.h: a chain of HTTP requests that ends in one
 * callback. Private to src/argilla.
 *
 * A call's own struct starts with struct job. Each step gets the answer of the request
 * before it, then either sends the next request or finishes the job.
 */
#ifndef ARGILLA_JOB_H
#define ARGILLA_JOB_H

#include <jansson.h>

#include "argilla/client.h"

struct job;
struct late_answer;

/* What a request came back with. err OK: 2xx and JSON. */
struct answer {
    long code;    /* HTTP status; 0 = none came */
    json_t *json; /* borrowed; may be there beside an error; NULL = none */
    struct err err;
};

typedef void (*job_step_fn)(struct job *job, const struct answer *answer);

struct job {
    struct argilla *argilla;
    struct job *next;
    struct http_call *call;
    struct loop_timer *soon;
    job_step_fn step;
    void *ctx;                      /* the caller's */
    void (*first)(struct job *job); /* once the server is known */
    char *goal;                     /* what a refusal is about: "create the dataset x" */
    /* Tells the caller that it failed (not called by argilla_free). */
    void (*fail)(struct job *job, const struct err *err);
    void (*clear)(struct job *job); /* frees what the struct holds beside this */
    /* An answer is there, not read yet. True = another request was started meanwhile,
     * whose bytes shall go out before this one is read. NULL = never. */
    bool (*arrived)(struct job *job, long code);
    void (*ended)(struct job *job); /* in job_end; NULL = nothing to do */
    struct late_answer *late;
};

struct job_request {
    const char *method;
    const char *path; /* "/api/v1/…" */
    const char *body; /* NULL = none */
    size_t body_len;
    int64_t idle_timeout_ms; /* 0 = 30 s */
    bool is_public;          /* without the key */
};

/* size bytes, zeroed, the first of them a struct job that knows argilla. */
void *job_new(struct argilla *argilla, size_t size);
/* Learns version and identity unless they are known, then calls job->first. */
void job_start(struct job *job);
void job_send(struct job *job, const struct job_request *request, job_step_fn step);
void job_get(struct job *job, const char *path, job_step_fn step);
/* Sends json (stolen). */
void job_post(struct job *job, const char *path, json_t *json, job_step_fn step);
/* Calls step with an empty answer on the next turn of the loop. */
void job_soon(struct job *job, job_step_fn step);
/* The job is over: unlinks it and frees it a little later. Comes before the caller's
 * callback, which may free the whole client. */
void job_end(struct job *job);
/* end + fail. */
void job_fail(struct job *job, const struct err *err);
/* True when answer is an error, which has then ended the job. */
bool job_has_failed(struct job *job, const struct answer *answer);

/* pull.c */
void question_names_free(struct question_names *names);

/* connect.c: the first requests of a job on a server that is not known yet. */
void job_connect(struct job *job);

#endif
