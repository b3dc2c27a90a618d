/* SPDX-License-Identifier: MIT
 *
 * argilla - an Argilla server, 1.28 … 2.8, behind one interface of asynchronous
 * calls. Facts: reference/argilla-api.md.
 *
 * Each call ends in its callback exactly once, from the loop. err->code OK = done;
 * else a sentence to show: AUTH 401/403, NOT_FOUND, EXISTS 409, REFUSED 422, BUSY
 * 429/5xx, NETWORK/TIMEOUT no answer, PROTOCOL not an Argilla answer.
 */
#ifndef ARGILLA_ARGILLA_H
#define ARGILLA_ARGILLA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "model/dataset.h"
#include "model/record.h"
#include "net/http.h"

struct argilla;

enum argilla_role { ARGILLA_OWNER, ARGILLA_ADMIN, ARGILLA_ANNOTATOR };

struct argilla_identity {
    int version_major, version_minor;
    char version[32];
    char user_id[64];
    char username[128];
    enum argilla_role role;
};

/* url without path /api; key is copied. Sends nothing. */
struct argilla *argilla_new(struct http *http, struct loop *loop, const char *url,
                            const struct secret *key, bool allow_plain_key);
/* Cancels what runs; no callback comes any more. */
void argilla_free(struct argilla *argilla);
/* Ends every call whose callback has this ctx; none of them comes any more. */
void argilla_cancel(struct argilla *argilla, const void *ctx);
const char *argilla_url(const struct argilla *argilla);
/* What the last answer asked to wait before another try; -1 = nothing. */
int64_t argilla_retry_after_ms(const struct argilla *argilla);
/* HTTP status of the last answer; 0 = none came. */
long argilla_last_code(const struct argilla *argilla);

/* Version and who we are; kept for the other calls, which start it themselves if it
 * has not been done. Too old (< 1.28) is STATUS_REFUSED with a sentence. */
typedef void (*argilla_connect_fn)(void *ctx, const struct argilla_identity *identity,
                                   const struct err *err);
void argilla_connect(struct argilla *argilla, argilla_connect_fn fn, void *ctx);
/* NULL before the first successful connect. */
const struct argilla_identity *argilla_identity(const struct argilla *argilla);

/* Workspace names, or datasets (name, workspace, remote_id, guidelines, status;
 * no fields or questions). Borrowed during the callback. */
typedef void (*argilla_names_fn)(void *ctx, char *const *names, size_t count,
                                 const struct err *err);
void argilla_list_workspaces(struct argilla *argilla, argilla_names_fn fn, void *ctx);
typedef void (*argilla_datasets_fn)(void *ctx, const struct dataset *datasets,
                                    size_t count, const struct err *err);
void argilla_list_datasets(struct argilla *argilla, argilla_datasets_fn fn, void *ctx);

/* Finds a dataset by name. workspace NULL: the only one that has it, else the user's
 * first workspace; several matches are REFUSED with their names. NOT_FOUND names the
 * workspace looked in. dataset has all fields and questions; borrowed. */
typedef void (*argilla_dataset_fn)(void *ctx, const struct dataset *dataset,
                                   const struct err *err);
void argilla_open_dataset(struct argilla *argilla, const char *name,
                          const char *workspace, argilla_dataset_fn fn, void *ctx);
/* Creates what is missing of it (name, fields, questions, publish) and opens it: safe
 * to repeat after any failure. template->workspace NULL = the user's first; a
 * workspace that does not exist is NOT_FOUND, with those that do. */
void argilla_create_dataset(struct argilla *argilla, const struct dataset *template,
                            argilla_dataset_fn fn, void *ctx);

/* Records to the server by external_id (upsert); at most 500. On OK, results[i] is the
 * server's id. When the server refuses the batch for one record, each is tried alone
 * (halving) and errors[i].code says which were refused and why. */
struct argilla_push_result {
    char remote_id[ID_TEXT];
    struct err err; /* OK, or why this one was refused */
};
typedef void (*argilla_push_fn)(void *ctx, const struct argilla_push_result *results,
                                size_t count, const struct err *err);
/* records: only id/external_id, fields and metadata_json are sent; strip = response
 * text without white space at its ends. Copied before it returns. */
void argilla_push_records(struct argilla *argilla, const struct dataset *dataset,
                          const struct record *const *records, size_t count, bool strip,
                          argilla_push_fn fn, void *ctx);
/* Our responses (record->remote_id and record->response); at most 100. PENDING deletes
 * ours on the server if there is one. Results' remote_id is the record's. */
void argilla_push_responses(struct argilla *argilla, const struct dataset *dataset,
                            const struct record *const *records, size_t count,
                            argilla_push_fn fn, void *ctx);

/* One page (at most 1000) of the dataset's records in the order they were logged, with
 * our responses and the suggestions. total = all that the server has. Borrowed. */
typedef void (*argilla_page_fn)(void *ctx, const struct record *records, size_t count,
                                size_t total, const struct err *err);
void argilla_pull_records(struct argilla *argilla, const struct dataset *dataset,
                          size_t offset, size_t limit, argilla_page_fn fn, void *ctx);

#endif
