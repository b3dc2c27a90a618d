/* SPDX-License-Identifier: MIT
 *
 * store - the journal on disk: the truth until the server has confirmed it.
 *
 * One SQLite file (WAL), mode 0600 in a directory 0700. Every write is one transaction on
 * the loop's own connection and is done when the function returns: the next read sees it,
 * in this process and in any other. That is not yet "saved": one flusher thread makes the
 * commits durable and tells the loop (store_flushed, store_on_flushed). Only then the
 * screen may say "saved", and only then something may be sent.
 *
 * A write that fails changes nothing; err says why and what to do, and the caller still
 * has what it wanted to write. STATUS_BUSY: another program holds the file; try again
 * later. Everything handed in is copied.
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

/* A store that cannot be written (file or folder read-only) opens for reading: every
 * write then fails with a sentence. */
enum status store_open(struct store **out, struct loop *loop,
                       const struct store_options *options, struct err *err)
    __attribute__((warn_unused_result));
/* Makes all durable and closes; nobody is called any more. */
void store_close(struct store *store);
const char *store_path(const struct store *store);
bool store_is_read_only(const struct store *store);
/* The store's own random id, made with it: part of the ids of a run's records. */
const struct id *store_id(const struct store *store);

/* ---- durable ---- */

/* Commits of this process are counted from 1: the last one, and up to which the disk has
 * them. */
uint64_t store_committed(const struct store *store);
uint64_t store_flushed(const struct store *store);
/* Why the last flush failed; code OK when it did not. A failed one is tried again each
 * second. Borrowed. */
const struct err *store_flush_fault(const struct store *store);
/* Calls fn once, from the loop, when all that is committed now is on disk, or (err->code
 * not OK) when that flush failed. Also when nothing is to be flushed. */
typedef void (*store_flushed_fn)(void *ctx, const struct err *err);
void store_on_flushed(struct store *store, store_flushed_fn fn, void *ctx);
/* Takes back every store_on_flushed and store_watch of this ctx. */
void store_forget(struct store *store, const void *ctx);
/* Waits on the calling thread until all is on disk; the callbacks come later, from the
 * loop. */
enum status store_flush(struct store *store, struct err *err);

/* ---- what other processes do ---- */

/* Calls fn from the loop within a second after another process has committed something,
 * and when the file was found deleted or moved away. */
void store_watch(struct store *store, loop_fn fn, void *ctx);
/* Rises with every change of a record of the dataset, in any process. */
int64_t store_revision(struct store *store, int64_t dataset_row);
/* The queue rows of the records that changed after revision since, in order. */
typedef void (*store_row_fn)(void *ctx, const struct queue_row *row);
enum status store_each_change(struct store *store, int64_t dataset_row, int64_t since,
                              store_row_fn fn, void *ctx, struct err *err);

/* Looks the whole file over, on the reading thread (for doctor). */
struct store_health {
    int64_t version; /* of the schema */
    int64_t datasets;
    int64_t records;
};
typedef void (*store_check_fn)(void *ctx, const struct store_health *health,
                               const struct err *err);
void store_check(struct store *store, store_check_fn fn, void *ctx);

/* ---- datasets ---- */

/* Adds or updates. A dataset with a remote_id is that one, under whatever address, name
 * or workspace; one without is found by (server, workspace, name), a row without a
 * workspace takes it over. Guidelines, fields and questions are replaced. When another
 * dataset of that name was known (deleted on the server and made anew), that one is kept
 * apart, marked gone, and replaced is its row (else 0; may be NULL): nothing of it is
 * ever sent into the new one without store_move_records. */
enum status store_put_dataset(struct store *store, const struct dataset *dataset,
                              int64_t *row, int64_t *replaced, struct err *err);
/* Everything of dataset from goes to dataset to, undo steps too, and what is finished
 * enters the outbox where to is on a server. from ceases to be. count (may be NULL) =
 * records moved. */
enum status store_move_records(struct store *store, int64_t from, int64_t to,
                               size_t *count, struct err *err);
/* Makes a local dataset a server's; when the store has that server's already, the records
 * move over to it. row is its row from now on. */
enum status store_link_dataset(struct store *store, int64_t dataset_row,
                               const char *server, const char *workspace,
                               const char *remote_id, int64_t *row, struct err *err);
/* The dataset is gone from its server (or is there again). */
enum status store_mark_dataset(struct store *store, int64_t dataset_row, bool is_gone,
                               struct err *err);
/* server "" = local. workspace NULL = any. One that is gone only when there is no other.
 * NOT_FOUND without err text when absent. */
enum status store_find_dataset(struct store *store, const char *server,
                               const char *workspace, const char *name,
                               struct dataset *out, struct err *err);
enum status store_get_dataset(struct store *store, int64_t dataset_row,
                              struct dataset *out, struct err *err);
/* Owned array of owned datasets, oldest first. */
enum status store_list_datasets(struct store *store, struct dataset **out, size_t *count,
                                struct err *err);

/* ---- records and completions ---- */

/* Adds a record with its completion (and response, if not PENDING); record->row is set. A
 * record whose id exists is left as it is (not an error; is_new, may be NULL, says it).
 * With is_finished it enters the outbox. */
enum status store_add_record(struct store *store, struct record *record, bool is_finished,
                             bool *is_new, struct err *err);

/* Who may ask for a record's completion. */
enum claim {
    CLAIM_OURS,     /* this process: go and ask */
    CLAIM_DONE,     /* nobody: it is done, or has a response */
    CLAIM_ELSEWHERE /* another living process is asking */
};
/* Adds the record if it is new (record->row is set), and claims its completion for this
 * process in the same transaction. Text that came before stays until new text replaces
 * it. */
enum status store_claim_completion(struct store *store, struct record *record,
                                   enum claim *claim, struct err *err);
/* A completion that this process claimed: its text so far (RUNNING) or its end. Replaces
 * the dataset's response field; an end without text leaves text that was there. DONE
 * enters the outbox, any other end when the record has a response. When the claim is not
 * ours any more (done elsewhere) nothing is changed and STATUS_CONFLICT says so. */
enum status store_put_completion(struct store *store, const struct id *record,
                                 const char *text, size_t len,
                                 const struct completion *completion, struct err *err);
/* Completions whose process has died: CUT (text) or FAILED (none). changed may be NULL.
 */
enum status store_mend_completions(struct store *store, size_t *changed, struct err *err);

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
 * nothing write nothing. seen (may be NULL = whatever there is) is the response that the
 * person saw: when the store's is another one (another process changed it), nothing is
 * written and STATUS_CONFLICT comes back; read the record again. A record whose
 * completion failed without text cannot be submitted: STATUS_REFUSED. */
enum status store_put_response(struct store *store, const struct id *record,
                               const struct response *response,
                               const struct response *seen, enum change_kind kind,
                               int64_t edit, struct err *err);
/* What an undo or a redo did. */
struct undone {
    struct id record;
    int64_t record_row;
    const char *what;         /* what was taken back or brought again: "submit" */
    struct response response; /* as it is now; response_clear it */
};
/* Takes back / brings back the last change in the dataset by this user, on any record,
 * in any session. NOT_FOUND with a sentence when there is none. CONFLICT with a sentence
 * when the response is not what that change had made of it: the change is out of reach
 * then, and the next undo is about the one before. */
enum status store_undo(struct store *store, int64_t dataset_row, struct undone *undone,
                       struct err *err);
enum status store_redo(struct store *store, int64_t dataset_row, struct undone *undone,
                       struct err *err);

/* Everything of one record. NOT_FOUND when absent. *out is cleared first. A part that
 * cannot be read (damaged JSON) is left out and logged with the record's id. */
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
/* The whole queue as of revision, on the reading thread. rows is malloc'd and yours. */
typedef void (*store_rows_fn)(void *ctx, struct queue_row *rows, size_t count,
                              int64_t revision, const struct err *err);
void store_load_queue(struct store *store, int64_t dataset_row, store_rows_fn fn,
                      void *ctx);
/* The records that regenerate this one or that it regenerates, oldest first, itself
 * included. Owned array. */
enum status store_list_siblings(struct store *store, const struct id *record,
                                struct id **out, size_t *count, struct err *err);

/* Former prompts, newest first, one's own before a batch's, no doubles, at most max.
 * Owned array of owned texts. */
enum status store_list_prompts(struct store *store, size_t max, char ***out,
                               size_t *count, struct err *err);

/* Small facts kept between sessions: the unsent prompt, the position in a dataset, the
 * command history, what an endpoint refuses. NULL when absent. Owned. */
char *store_get_note(struct store *store, const char *key);
enum status store_put_note(struct store *store, const char *key, const char *value,
                           struct err *err);

/* ---- outbox: what the server has not confirmed ---- */

enum outbox_kind { OUTBOX_RECORD, OUTBOX_RESPONSE };

struct outbox_item {
    enum outbox_kind kind;
    struct id record;
    int64_t record_row;
    int64_t dataset_row;
    int64_t version; /* settle with the version that was sent */
    int attempts;
    int64_t next_try_ms; /* wall clock; 0 = now */
    bool is_refused;     /* set aside: the server said no */
    bool is_clash;       /* set aside: the server has another version; a person chooses */
    char *last_error;    /* NULL = none */
};
void outbox_item_clear(struct outbox_item *item);

struct outbox_counts {
    size_t unsent;  /* records with anything waiting, those below not counted */
    size_t refused; /* records with a refused item */
    size_t clashes; /* records whose answer waits for a choice */
    size_t kept;    /* cut off or failed with text, unrated, of a server's dataset */
    size_t gone;    /* records that the server had and has no more */
};
/* dataset_row 0 = all. */
void store_count_outbox(struct store *store, int64_t dataset_row,
                        struct outbox_counts *counts);
struct outbox_query {
    int64_t dataset_row; /* 0 = all datasets */
    enum outbox_kind kind;
    bool is_due;    /* only what may be sent at now_ms, a RESPONSE only when its record is
                     * on the server; else everything, the refused and the clashes first */
    int64_t now_ms; /* wall clock */
    size_t max;
};
/* Oldest first. Owned array. */
enum status store_list_outbox(struct store *store, const struct outbox_query *query,
                              struct outbox_item **out, size_t *count, struct err *err);

enum outcome_kind {
    OUTCOME_CONFIRMED, /* the server has it */
    OUTCOME_REFUSED,   /* set aside with error */
    OUTCOME_LATER,     /* count the attempt, try again at next_try_ms */
    OUTCOME_GONE       /* the server has the record no more */
};
/* What became of an item. CONFIRMED removes it if its version is still the one sent (a
 * newer change stays); a confirmed response becomes the base of the next. All of a call
 * is one transaction. */
struct outcome {
    enum outcome_kind kind;
    enum outbox_kind item;
    struct id record;
    int64_t version;
    const char *remote_id;       /* RECORD; NULL = unknown */
    const struct response *sent; /* RESPONSE, CONFIRMED: as the server has it now */
    int64_t next_try_ms;         /* LATER */
    const char *error;           /* a sentence, NULL = none */
};
enum status store_settle_outbox(struct store *store, const struct outcome *outcomes,
                                size_t count, struct err *err);
/* Refused items become due again (`sherd sync`, after the user mended the cause). */
enum status store_retry_refused(struct store *store, int64_t dataset_row,
                                struct err *err);
/* What is kept here (cut off or failed with text, unrated) enters the outbox. */
enum status store_send_kept(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err);
/* Only one process sends a dataset's items at a time. is_ours false = a living one does;
 * ask again in a second. Released by store_close, and by the death of the process. */
enum status store_claim_sending(struct store *store, int64_t dataset_row, bool *is_ours,
                                struct err *err);
void store_release_sending(struct store *store, int64_t dataset_row);

/* ---- what the server has ---- */

/* What came of holding the server's version of our response beside ours and the base (the
 * server's version that we last saw). No clock decides. */
enum meeting {
    MEETING_SAME,  /* nothing to do */
    MEETING_TAKEN, /* ours had not been changed: theirs is ours now; undo brings back an
                    * answer that was deleted there */
    MEETING_OURS,  /* theirs is the base: ours may be sent */
    MEETING_CLASH  /* both changed: both are kept, ours waits for a choice */
};
/* theirs: status PENDING = the server has none. A clash sets record.theirs. */
enum status store_meet_response(struct store *store, const struct id *record,
                                const struct response *theirs, enum meeting *meeting,
                                struct err *err);
/* Keeps ours (theirs becomes its base, and ours is sent over it) or takes theirs (one
 * undo step). NOT_FOUND when there is no clash. */
enum status store_choose_response(struct store *store, const struct id *record,
                                  bool keeps_ours, struct err *err);

/* A pull of the whole dataset: begin, pages, end. Its number tells what it saw. */
enum status store_begin_pull(struct store *store, int64_t dataset_row, int64_t *pull,
                             struct err *err);
/* Records as the server has them: added, or matched by remote_id or external_id; each
 * response is met as above. Keep slices small: it is one transaction on the loop. */
struct pulled {
    size_t added;
    size_t changed;
    size_t clashes;
};
enum status store_apply_pull(struct store *store, int64_t dataset_row, int64_t pull,
                             const struct record *records, size_t count,
                             struct pulled *pulled, struct err *err);
/* What the pull has not seen is gone from the server: marked, counted. */
enum status store_end_pull(struct store *store, int64_t dataset_row, int64_t pull,
                           size_t *gone, struct err *err);
/* The records that are gone: dropped from here, or sent again as new ones. */
enum status store_drop_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err);
enum status store_send_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err);

#endif
