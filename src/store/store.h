/* SPDX-License-Identifier: MIT
 *
 * store - the journal on disk: the truth until the server has confirmed it.
 *
 * One SQLite file (WAL), mode 0600 in a directory 0700. Writes are jobs for one
 * worker thread that owns the writing connection: they happen in the order they were
 * asked for, each is one transaction, and done() is called on the loop after the
 * commit. Everything handed in is copied. Small reads run at once on the loop's own
 * connection and see what has been committed; long ones on a second worker.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "model/dataset.h"
#include "model/queue.h"
#include "model/record.h"

struct store;

struct store_options {
    const char *path; /* NULL = paths_data("store.db"); ":memory:" is not allowed */
    const char *vfs;  /* NULL = SQLite's own; for fault tests */
    const struct clock *clock;
    bool is_throwaway; /* nobody opens it again: commits need not reach the disk */
};

enum status store_open(struct store **out, struct loop *loop,
                       const struct store_options *options, struct err *err)
    __attribute__((warn_unused_result));
/* Finishes the queued writes (their done() is called) and closes. */
void store_close(struct store *store);
const char *store_path(const struct store *store);
/* Writes not yet committed. 0 = all that was shown is on disk. */
size_t store_pending(const struct store *store);
/* Waits until every write asked for so far is committed and its done() called. */
void store_drain(struct store *store);

/* Looks the whole file over, on the reading worker (for doctor). */
struct store_health {
    int64_t version; /* of the schema */
    int64_t datasets;
    int64_t records;
};
typedef void (*store_check_fn)(void *ctx, const struct store_health *health,
                               const struct err *err);
void store_check(struct store *store, store_check_fn fn, void *ctx);

/* What a write did. err.code OK = committed. */
struct store_result {
    struct err err;
    struct id record; /* the record it was about; zero = none */
    int64_t record_row;
    int64_t dataset_row;
    struct response response; /* undo, redo: the response as it is now. Borrowed */
    const char *what;         /* undo, redo: what was taken back ("submit"); else "" */
};
typedef void (*store_done_fn)(void *ctx, const struct store_result *result);

/* ---- datasets ---- */

/* Adds or updates by (server, workspace, name); guidelines, fields and questions are
 * replaced, remote_id when it is given. Without a workspace any of that name is meant,
 * and a row without one takes it over. Another remote_id than before means that the
 * dataset was made anew: what is ours enters the outbox again. result.dataset_row is its
 * row. */
void store_put_dataset(struct store *store, const struct dataset *dataset,
                       store_done_fn done, void *ctx);
/* Makes a local dataset a server's: every finished record and every response of it enters
 * the outbox. When the store has that server's dataset of the same name already, the
 * records and the undo steps move over to it. result.dataset_row is the row from now on.
 */
void store_link_dataset(struct store *store, int64_t dataset_row, const char *server,
                        const char *workspace, const char *remote_id, store_done_fn done,
                        void *ctx);
/* server "" = local. workspace NULL = any. NOT_FOUND without err text when absent. */
enum status store_find_dataset(struct store *store, const char *server,
                               const char *workspace, const char *name,
                               struct dataset *out, struct err *err);
/* Owned array of owned datasets, oldest first. */
enum status store_list_datasets(struct store *store, struct dataset **out, size_t *count,
                                struct err *err);

/* ---- records ---- */

/* Adds a record with its completion (and response, if not PENDING). A record whose id
 * exists is left as it is (EXISTS is not an error: a repeated run). With is_finished it
 * enters the outbox. */
void store_add_record(struct store *store, const struct record *record, bool is_finished,
                      store_done_fn done, void *ctx);
/* A running completion: its text so far (checkpoint) or its end. Replaces the record's
 * field named response_field and its completion; COMPLETION_DONE puts it into the
 * outbox, and so does any other end when the record has a response. */
void store_put_completion(struct store *store, const struct id *record,
                          const char *response_field, const char *text, size_t len,
                          const struct completion *completion, store_done_fn done,
                          void *ctx);

/* What a user's change is called in undo, the log and sentences. */
enum change_kind {
    CHANGE_RATE,
    CHANGE_FEEDBACK,
    CHANGE_SUBMIT,
    CHANGE_DRAFT,
    CHANGE_DISCARD,
    CHANGE_CLEAR
};
const char *change_kind_name(enum change_kind kind);

/* Our response to a record; PENDING removes it. One undo step, except that changes of
 * kind FEEDBACK to the same record with the same edit number (> 0) join into one. The
 * response and, if the server lacks it, the record enter the outbox. Changes that alter
 * nothing write nothing. */
void store_put_response(struct store *store, const struct id *record,
                        const struct response *response, enum change_kind kind,
                        int64_t edit, store_done_fn done, void *ctx);
/* Takes back / brings back the last change in the dataset by this user, on any record,
 * in any session. NOT_FOUND with a sentence when there is none. */
void store_undo(struct store *store, int64_t dataset_row, store_done_fn done, void *ctx);
void store_redo(struct store *store, int64_t dataset_row, store_done_fn done, void *ctx);

/* Everything of one record. NOT_FOUND when absent. *out is cleared first. */
enum status store_get_record(struct store *store, const struct id *id, struct record *out,
                             struct err *err);
enum status store_get_record_row(struct store *store, int64_t row, struct record *out,
                                 struct err *err);
/* The only record whose id starts with prefix (hex digits, dashes optional), in any
 * dataset; dataset_row 0 = any. NOT_FOUND, or USAGE when several match. */
enum status store_find_record(struct store *store, int64_t dataset_row,
                              const char *prefix, struct id *out, struct err *err);
/* First bytes of the first text field (the prompt) of a record, for a queue row.
 * Returns false when absent. out (size > 0) is cut at a code point. */
bool store_get_snippet(struct store *store, int64_t row, char *out, size_t size);
/* Walks the dataset's records in order (status filter when has_filter); fn returns
 * false to stop. Point reads: for command lines, not for the screen. */
typedef bool (*store_record_fn)(void *ctx, const struct record *record);
enum status store_each_record(struct store *store, int64_t dataset_row, bool has_filter,
                              enum response_status filter, store_record_fn fn, void *ctx,
                              struct err *err);
/* The whole queue, on the reading worker. rows is malloc'd and yours. */
typedef void (*store_rows_fn)(void *ctx, struct queue_row *rows, size_t count,
                              const struct err *err);
void store_load_queue(struct store *store, int64_t dataset_row, store_rows_fn fn,
                      void *ctx);
/* Marks completions that a crash left RUNNING as CUT (text) or FAILED (none), once per
 * open by the process that may write; called by app_open. */
void store_mend_running(struct store *store, store_done_fn done, void *ctx);

/* Former prompts, newest first, no doubles, at most max. Owned array of owned texts. */
enum status store_list_prompts(struct store *store, size_t max, char ***out,
                               size_t *count, struct err *err);

/* Small facts kept between sessions: the unsent prompt, the position in a dataset, the
 * command history. NULL when absent. Owned. */
char *store_get_note(struct store *store, const char *key);
void store_put_note(struct store *store, const char *key, const char *value,
                    store_done_fn done, void *ctx);

/* ---- outbox: what the server has not confirmed ---- */

enum outbox_kind { OUTBOX_RECORD, OUTBOX_RESPONSE };

struct outbox_item {
    enum outbox_kind kind;
    struct id record;
    int64_t version; /* confirm with the version that was sent */
    int attempts;
    int64_t next_try_ms; /* wall clock; 0 = now */
    bool is_refused;     /* set aside: the server said no */
    char *last_error;    /* NULL = none */
};
void outbox_item_clear(struct outbox_item *item);

struct outbox_counts {
    size_t unsent;  /* records with anything waiting, the refused ones not counted */
    size_t refused; /* records with a refused item */
};
void store_count_outbox(struct store *store, int64_t dataset_row,
                        struct outbox_counts *counts);
/* Items of one kind that are due at now_ms, oldest first, at most max; a RESPONSE only
 * when its record is on the server. dataset_row 0 = all (for listing; then also those
 * not due and the refused). Owned array. */
enum status store_list_outbox(struct store *store, int64_t dataset_row,
                              enum outbox_kind kind, int64_t now_ms, size_t max,
                              struct outbox_item **out, size_t *count, struct err *err);
/* The server has it: removes the item if its version is still the one sent (a newer
 * change stays) and keeps remote_id with the record. All in one transaction. */
struct outbox_outcome {
    enum outbox_kind kind;
    struct id record;
    int64_t version;
    const char *remote_id; /* RECORD; NULL = unknown */
    bool is_refused;       /* set aside with error */
    bool is_later;         /* count the attempt, try again at next_try_ms */
    int64_t next_try_ms;
    const char *error; /* a sentence, NULL = none */
};
void store_settle_outbox(struct store *store, const struct outbox_outcome *outcomes,
                         size_t count, store_done_fn done, void *ctx);
/* Refused items become due again (`sherd sync`, after the user mended the cause). */
void store_retry_refused(struct store *store, int64_t dataset_row, store_done_fn done,
                         void *ctx);

/* ---- pull ---- */

/* Records as the server has them: added, or matched by remote_id or external_id. Local
 * responses that wait in the outbox win over the server's. */
void store_apply_pull(struct store *store, int64_t dataset_row,
                      const struct record *records, size_t count, store_done_fn done,
                      void *ctx);

#endif
