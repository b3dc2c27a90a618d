/* SPDX-License-Identifier: MIT
 *
 * client - what an Argilla client knows and has under way, and what the files of
 * src/argilla share. Private to them. From the bottom: errors, client, datasets and bulk,
 * then create, push and pull.
 */
#ifndef ARGILLA_CLIENT_H
#define ARGILLA_CLIENT_H

#include "argilla/argilla.h"
#include "base/buf.h"
#include "json/json.h"

struct bulk_job;
struct job;
struct late_reply;

struct argilla {
    struct http *http;
    struct loop *loop;
    char *url;
    char *host;
    struct secret key;
    char *key_place, *url_place;
    bool allow_plain_key;
    bool sends_times;
    struct http_connection connection;
    int64_t patience_ms; /* for no byte, of every request; 0 = as each has it */
    bool is_connected;
    struct argilla_identity identity;
    int64_t retry_after_ms;
    long last_code;
    char notice[200];
    struct job *jobs;
    struct job *ended; /* freed on the next turn: a step may still be running in it */
    struct loop_timer *reaper;
    struct bulk_job *turn;   /* bulk.c: whose request may be on its way */
    struct bulk_job *parked; /* ready to follow, in order */
    /* Facts of the dataset last used, so that they are asked for once. */
    char *known_id;
    json_t *question_names; /* question id -> name: suggestions say only the id */
    json_t *properties;     /* declared metadata; NULL = not known */
    json_t *user_names;     /* user id -> name, of this workspace; NULL = not known */
};

/* ---- client.c: one asynchronous call of argilla.h, a chain of requests ----
 *
 * A call's own struct starts with struct job. Each step gets the reply to the request
 * before it, then either sends the next request or finishes the job. */

/* What a request came back with. err OK: 2xx and JSON. */
struct job_reply {
    long code;    /* HTTP status; 0 = none came */
    json_t *json; /* borrowed; may be there beside an error; NULL = none */
    bool is_page; /* HTML where JSON was expected */
    size_t size;  /* of the body */
    struct err err;
};

typedef void (*job_step_fn)(struct job *job, const struct job_reply *reply);

struct job {
    struct argilla *argilla;
    struct job *next;
    struct http_call *call;
    int64_t idle_timeout_ms; /* of its requests; 0 = 30 s */
    struct loop_timer *soon;
    job_step_fn step;
    void *ctx;                      /* the caller's */
    void (*first)(struct job *job); /* once the server is known */
    char *goal;                     /* what a refusal is about: "create the dataset x" */
    /* Tells the caller that it failed (not called by argilla_free). */
    void (*fail)(struct job *job, const struct err *err);
    void (*clear)(struct job *job); /* frees what the struct holds beside this */
    /* A reply is there, not read yet. True = another request was started meanwhile,
     * whose bytes shall go out before this one is read. NULL = never. */
    bool (*arrived)(struct job *job, long code);
    void (*ended)(struct job *job); /* in job_end; NULL = nothing to do */
    struct late_reply *late;
};

/* size bytes, zeroed, the first of them a struct job that knows argilla. */
void *job_new(struct argilla *argilla, size_t size);
/* Learns version and identity unless they are known, then calls job->first. */
void job_start(struct job *job);
/* path is freed, json (NULL = no body) stolen. */
void job_ask(struct job *job, const char *method, char *path, json_t *json,
             job_step_fn step);
/* The same with a body that is ready. */
void job_send(struct job *job, const char *method, const char *path, const char *body,
              size_t len, job_step_fn step);
/* Calls fn with the job, not before the next turn of the loop. One fn a job. */
void job_soon(struct job *job, int64_t delay_ms, loop_fn fn);
/* The job is over: unlinks it and frees it a little later. Comes before the caller's
 * callback, which may free the whole client. */
void job_end(struct job *job);
/* end + fail. */
void job_fail(struct job *job, const struct err *err);
/* True when reply is an error, which has then ended the job. */
bool job_has_failed(struct job *job, const struct job_reply *reply);
/* The same, also when it holds no "items". */
bool job_has_no_items(struct job *job, const struct job_reply *reply);

/* ---- datasets.c: workspaces and datasets as JSON, and how to find one ---- */

/* Forgets what is known of another dataset than this. */
void client_know_dataset(struct argilla *argilla, const char *remote_id);
/* From the items of /questions. */
void client_know_questions(struct argilla *argilla, const json_t *items);

/* The part that every job about datasets starts with. */
struct dataset_job {
    struct job job;
    json_t *workspaces;     /* array of {"id","name"} */
    json_t *datasets;       /* array of datasets as the server lists them */
    bool has_all;           /* not of one name alone */
    struct dataset dataset; /* what is being opened */
    void (*listed)(struct dataset_job *dataset_job);
    void (*loaded)(struct dataset_job *dataset_job);
    struct { /* one of them */
        argilla_datasets_fn datasets;
        argilla_dataset_fn dataset;
        argilla_counts_fn metrics;
    } fn;
    char *name;              /* asked for; NULL = all */
    char *workspace;         /* asked for; NULL = any */
    struct dataset template; /* create.c */
    size_t at;               /* create.c: the field or question being made */
    struct err refusal;      /* create.c: why it was looked at again */
    int tries;               /* create.c */
};

/* A job about the dataset of that name (NULL = all of them) for fn. */
struct dataset_job *dataset_job_new(struct argilla *argilla, const char *verb,
                                    const char *name, const char *workspace,
                                    argilla_dataset_fn fn, void *ctx);
/* Fetches workspaces and datasets, then calls listed. */
void dataset_job_list(struct job *job);
/* Reads fields and questions of dataset.remote_id, then calls loaded. */
void dataset_job_load(struct dataset_job *dataset_job);
/* Hands dataset to the caller and ends. */
void dataset_job_deliver(struct dataset_job *dataset_job);
/* The workspace of that name (NULL = the first); NULL with err: CONFIG that names those
 * that exist. Borrowed. */
const json_t *find_workspace(const struct dataset_job *dataset_job, const char *name,
                             struct err *err);
/* The dataset of that name in the workspace, or NULL. Borrowed. */
const json_t *find_dataset(const struct dataset_job *dataset_job, const char *name,
                           const char *workspace_id);
/* dataset's head (all but fields and questions) from the server's object. */
void read_dataset_head(const struct dataset_job *dataset_job, struct dataset *dataset,
                       const json_t *json);
char *dataset_path(const struct dataset *dataset, const char *rest); /* owned */

/* ---- bulk.c: many items in one request ----
 *
 * When the server refuses the request for one of them, halves of it, until the bad ones
 * stand alone. One bulk request at a time is on its way to a server. The next may be
 * handed in meanwhile: it is ready-made, and goes out as soon as a reply arrives, before
 * that is even read, so that the server has no time without work. */

struct bulk_range {
    size_t from, to;
};

struct bulk_job {
    struct job job;
    const char *method;
    char *path;
    char **items; /* JSON text of each */
    size_t count;
    struct argilla_push_result *results;
    struct bulk_job *next_parked;
    struct buf body; /* of now */
    struct bulk_range now;
    struct bulk_range waiting[64]; /* halves of halves: the depth is log2(count) */
    size_t waiting_count;
    bool has_retried; /* this range */
    /* Before the first request; false = it has started one of its own, whose end calls
     * bulk_go. NULL = nothing to do. */
    bool (*prepare)(struct bulk_job *bulk);
    /* Reads the reply's items for now into results; false = not what it should be. */
    bool (*taken)(struct bulk_job *bulk, const json_t *items);
    /* One item was refused alone; true = it was changed and is to be sent again. */
    bool (*refused)(struct bulk_job *bulk, size_t at, const struct err *err);
    /* All were sent. NULL = deliver. */
    void (*sent)(struct job *job);
    argilla_push_fn fn;
};

/* size: of the struct that starts with struct bulk_job. */
void *bulk_new(struct argilla *argilla, size_t size, size_t count);
void bulk_start(struct bulk_job *bulk);
/* After prepare: makes the body anew from the items and sends it. */
void bulk_go(struct bulk_job *bulk);
void bulk_clear(struct job *job);

/* ---- records.c: as the server writes them ---- */

/* Our response among the server's, into response. response_id (ID_TEXT, may be NULL) =
 * its id there; "" when there is none. */
void read_own_response(const struct argilla *argilla, const struct dataset *dataset,
                       const json_t *responses, struct response *response,
                       char *response_id);
/* One object of the server's responses. */
void read_response(const struct dataset *dataset, const json_t *json,
                   struct response *response);

/* False when it is no record. Its id is ours when its external id is a UUID: records made
 * by sherd, here or elsewhere, keep one id. Else the server's own. */
bool read_record(const struct argilla *argilla, const struct dataset *dataset,
                 const json_t *json, struct record *record);

/* ---- errors.c: a reply that is not what was asked for, as one sentence ----
 *
 * Source: argilla-api.md §2. */

struct complaint {
    const struct argilla *argilla;
    const char *goal; /* "create the dataset x"; NULL = none */
};

/* Leaves err empty when reply is 2xx with JSON. json: the parsed body or NULL. */
void explain_reply(const struct complaint *complaint, const struct http_reply *reply,
                   const json_t *json, struct err *err);
bool reply_is_page(const struct http_reply *reply); /* HTML */
/* Why the server refused one item of /me/responses/bulk. */
void explain_item(const struct complaint *complaint, const char *detail, struct err *err);

/* ---- push.c ---- */

/* argilla_push_responses, without the times. */
void push_responses(struct argilla *argilla, const struct dataset *dataset,
                    const struct argilla_response *responses, size_t count,
                    argilla_push_fn fn, void *ctx);

#endif
