/* SPDX-License-Identifier: MIT
 *
 * argilla - an Argilla server, 1.28 … 2.8, behind one interface of asynchronous
 * calls. Facts: reference/argilla-api.md.
 *
 * Each call ends in its callback exactly once, from the loop. err->code OK = done;
 * else a sentence to show: AUTH 401/403, NOT_FOUND, EXISTS 409, REFUSED 422, BUSY
 * 429/5xx, NETWORK/TIMEOUT no reply, PROTOCOL not an Argilla reply, CONFIG a workspace
 * that is not there.
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
    char workspace[128]; /* where a dataset that was not found would be made */
};

/* url without path /api; key is copied. Sends nothing. */
struct argilla *argilla_new(struct http *http, struct loop *loop, const char *url,
                            const struct secret *key, bool allow_plain_key);
/* How it is reached beyond its address: authorities, proxy, headers; and for sentences
 * what says the key (NULL = ARGILLA_API_KEY; "" = nothing, and that is not meant for it)
 * and the address (NULL = ARGILLA_API_URL). Copied. */
void argilla_use(struct argilla *argilla, const struct http_connection *connection,
                 const char *key_place, const char *url_place);
/* A request to which no byte comes for so long ends; 30 s or more, where this was not
 * called. */
void argilla_hurry(struct argilla *argilla, int64_t patience_ms);
/* Cancels what runs; no callback comes any more. */
void argilla_free(struct argilla *argilla);
/* Ends every call whose callback has this ctx; none of them comes any more. */
void argilla_cancel(struct argilla *argilla, const void *ctx);
const char *argilla_url(const struct argilla *argilla);
/* What the last reply asked to wait before another try; -1 = nothing. */
int64_t argilla_retry_after_ms(const struct argilla *argilla);
/* HTTP status of the last reply; 0 = none came. */
long argilla_last_code(const struct argilla *argilla);
/* What had to be left out of what was sent, a sentence; "" = nothing. Borrowed. */
const char *argilla_notice(const struct argilla *argilla);

/* Version and who we are; kept for the other calls, which start it themselves if it
 * has not been done. Too old (< 1.28) is STATUS_REFUSED with a sentence. */
typedef void (*argilla_connect_fn)(void *ctx, const struct argilla_identity *identity,
                                   const struct err *err);
void argilla_connect(struct argilla *argilla, argilla_connect_fn fn, void *ctx);
/* NULL before the first successful connect. */
const struct argilla_identity *argilla_identity(const struct argilla *argilla);

/* The datasets (name, workspace, remote_id, guidelines, status, active_ms; no fields or
 * questions).
 * Borrowed during the callback. */
typedef void (*argilla_datasets_fn)(void *ctx, const struct dataset *datasets,
                                    size_t count, const struct err *err);
void argilla_list_datasets(struct argilla *argilla, argilla_datasets_fn fn, void *ctx);

/* How many of its records have a response of ours, and which, by enum response_status;
 * the pending are the rest. Borrowed during the callback; NULL when err says why not. */
typedef void (*argilla_counts_fn)(void *ctx, const size_t *counts, const struct err *err);
void argilla_count_responses(struct argilla *argilla, const struct dataset *dataset,
                             argilla_counts_fn fn, void *ctx);

/* Finds a dataset by name. workspace NULL: the only one that has it, else the user's
 * first workspace; several matches are REFUSED with their names. NOT_FOUND names the
 * workspace looked in, and means that this key may create it; AUTH: it is not there and
 * this key may not; CONFIG: the workspace is not there. dataset has all fields and
 * questions; borrowed. */
typedef void (*argilla_dataset_fn)(void *ctx, const struct dataset *dataset,
                                   const struct err *err);
void argilla_open_dataset(struct argilla *argilla, const char *name,
                          const char *workspace, argilla_dataset_fn fn, void *ctx);
/* The dataset known->remote_id as it is now, in known's workspace. NOT_FOUND: it was
 * deleted. */
void argilla_load_dataset(struct argilla *argilla, const struct dataset *known,
                          argilla_dataset_fn fn, void *ctx);
/* Creates what is missing of it (name, fields, questions, publish) and opens it: safe
 * to repeat after any failure, and completes a draft of that shape whoever began it.
 * template->workspace NULL = the user's first; a workspace that does not exist is CONFIG,
 * with those that do. */
void argilla_create_dataset(struct argilla *argilla, const struct dataset *template,
                            argilla_dataset_fn fn, void *ctx);

enum { ARGILLA_TIME = 40 }; /* room for a time as the server writes it, in UTC */

/* Records to the server by external_id (upsert); at most 500. On OK, results[i] is the
 * server's id. When the server refuses the batch for one record, each is tried alone
 * (halving) and errors[i].code says which were refused and why. Facts of its completion
 * that a declared metadata property refuses are left out (argilla_notice). */
struct argilla_push_result {
    char remote_id[ID_TEXT];    /* RECORD: the server's */
    char made_at[ARGILLA_TIME]; /* RECORD: inserted_at of one that nobody has changed or
                                 * answered there; else "" */
    struct response response;   /* responses: as the server has it now */
    struct err err;             /* OK, or why this one was refused */
};
typedef void (*argilla_push_fn)(void *ctx, const struct argilla_push_result *results,
                                size_t count, const struct err *err);
/* records: only id/external_id, fields and metadata_json are sent; strip = a
 * response that a model wrote here goes without white space at its ends, unless the
 * dataset asks for spans in it. Copied before it returns. */
void argilla_push_records(struct argilla *argilla, const struct dataset *dataset,
                          const struct record *const *records, size_t count, bool strip,
                          argilla_push_fn fn, void *ctx);

/* Our responses to records that the server has, as they are there now. */
struct argilla_own_response {
    bool is_gone;              /* the server has the record no more */
    char response_id[ID_TEXT]; /* "" = there is none */
    struct response response;  /* PENDING = there is none */
};
typedef void (*argilla_responses_fn)(void *ctx, const struct argilla_own_response *found,
                                     size_t count, const struct err *err);
/* At most 100; the ids are copied. */
void argilla_read_responses(struct argilla *argilla, const struct dataset *dataset,
                            const char *const *remote_ids, size_t count,
                            argilla_responses_fn fn, void *ctx);
/* Ours over what is there; at most 100, copied. PENDING deletes response_id, as read
 * before ("" or NULL: there is nothing to delete). */
struct argilla_response {
    const char *remote_id; /* of the record */
    const char *response_id;
    const struct response *response;
};
void argilla_push_responses(struct argilla *argilla, const struct dataset *dataset,
                            const struct argilla_response *responses, size_t count,
                            argilla_push_fn fn, void *ctx);

/* Deletes records, at most 100, for everybody; the ids are copied. Those that are not
 * there (any more) are no error; there are no results. AUTH: this key may not. */
void argilla_delete_records(struct argilla *argilla, const struct dataset *dataset,
                            const char *const *remote_ids, size_t count,
                            argilla_push_fn fn, void *ctx);

/* How answers came about goes to their records' metadata, before them: answer-shown-ms,
 * answer-end-ms, answer-given-ms, answer-paused-ms. Only with an owner's or admin's key,
 * and only what the dataset takes. */
void argilla_send_times(struct argilla *argilla, bool is_on);

/* Which records a pull is about. All but ALL need argilla_pull_is_exact. */
enum argilla_pull_kind {
    ARGILLA_ALL,
    ARGILLA_CHANGED,  /* themselves, at the time of the place or later: not their answers
                       */
    ARGILLA_ANSWERED, /* by us, or by anybody where this key may see it */
    ARGILLA_NEWEST    /* the one that was changed last */
};

/* Where a page of a pull starts; zeroed = the first. */
struct argilla_place {
    enum argilla_pull_kind kind;
    char after[ARGILLA_TIME]; /* inserted_at of the last record that was read; CHANGED and
                               * NEWEST: updated_at */
    char until[ARGILLA_TIME]; /* the last such time that is wanted; "" = all */
    size_t skip;              /* records to pass over there */
    char last[ID_TEXT]; /* the last record that was read, where there is no such time */
};
struct argilla_page {
    struct record *records; /* the callee may take what they hold (and zero them) */
    size_t count;
    size_t left;  /* what the server has from here on, these included */
    size_t bytes; /* of the reply */
    bool is_last;
    bool has_moved; /* the order changed since the page before: some may be left out */
    struct argilla_place next;
};
/* One page (at most 1000) of the dataset's records, with our responses, those of others
 * where this key may see them (peers), and the suggestions: in the order they were logged
 * where the server can be made to (an annotator on 1.x sees a shuffle of their own).
 * From 2.3 on no record is passed over whatever is added, answered or deleted meanwhile;
 * before, has_moved tells it. */
typedef void (*argilla_page_fn)(void *ctx, struct argilla_page *page,
                                const struct err *err);
void argilla_pull_records(struct argilla *argilla, const struct dataset *dataset,
                          const struct argilla_place *place, size_t limit,
                          argilla_page_fn fn, void *ctx);
/* A number that is another one when suggestions came, went or got another value of a few:
 * no time tells that. What it cannot see: an equal count of others, as of texts that the
 * same agent put in the place of texts. 2.3 or later; a few small requests. */
#define ARGILLA_NO_SUGGESTIONS UINT64_C(1)
typedef void (*argilla_sum_fn)(void *ctx, uint64_t sum, const struct err *err);
void argilla_sum_suggestions(struct argilla *argilla, const struct dataset *dataset,
                             argilla_sum_fn fn, void *ctx);
/* The best limit records in whose fields the server finds the words (all of them;
 * from 2.1 on "phrases", | and - too); page->left is how many it found. */
void argilla_search_records(struct argilla *argilla, const struct dataset *dataset,
                            const char *words, size_t limit, argilla_page_fn fn,
                            void *ctx);
/* Who has answered how much, as the server counts, to any key: 2.1 or later; and how many
 * records have as many submitted answers as the dataset wants. */
struct argilla_person {
    char name[128];
    size_t statuses[RESPONSE_STATUS_COUNT]; /* PENDING is not told */
    size_t left; /* records open for them: drafts too, not what has enough */
};
struct argilla_progress {
    struct argilla_person *people;
    size_t count;
    size_t total, completed; /* records */
};
/* Borrowed during the callback. NOT_FOUND: this server does not tell it. */
typedef void (*argilla_progress_fn)(void *ctx, const struct argilla_progress *progress,
                                    const struct err *err);
void argilla_read_progress(struct argilla *argilla, const struct dataset *dataset,
                           argilla_progress_fn fn, void *ctx);

/* 2.3 or later: records can be asked for by time and id. */
bool argilla_pull_is_exact(const struct argilla *argilla);

#endif
