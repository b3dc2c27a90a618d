/* SPDX-License-Identifier: MIT
 *
 * store_records - records of the store: what a model wrote into them, what the user
 * answered, undo, and the queue that shows them.
 */
#ifndef STORE_STORE_RECORDS_H
#define STORE_STORE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "model/completion.h"
#include "model/queue.h"
#include "model/record.h"

struct store;

/* Adds a record with its completion (and response, if not PENDING); record->row is set. A
 * record whose id exists is left as it is (not an error; is_new, may be NULL, says it).
 * With is_finished it enters the outbox. */
enum status store_add_record(struct store *store, struct record *record, bool is_finished,
                             bool *is_new, struct err *err);
/* Adds new ones, finished, at once: all or none. */
enum status store_add_records(struct store *store, struct record *records, size_t count,
                              struct err *err);

/* Adds records of a file with our responses, those of others and completions, all or none
 * in one transaction. One that the dataset has already (by its external_id, the server's
 * id or ours) is left as it is; an id that another dataset's record has becomes the
 * external_id of a new one. Ours are no undo steps. */
enum status store_import_records(struct store *store, struct record *records,
                                 size_t count, size_t *added, struct err *err);

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

/* The number-th step of the agent that writes the record's completion; those with this
 * number or a greater one, of an earlier attempt, are gone. */
enum status store_put_step(struct store *store, const struct id *record, int64_t number,
                           const struct trace_step *step, struct err *err);
typedef void (*store_step_fn)(void *ctx, const struct trace_step *step);
enum status store_each_step(struct store *store, const struct id *record,
                            store_step_fn fn, void *ctx, struct err *err);

/* What a user's change is called in undo, the log and sentences. */
enum change_kind {
    CHANGE_RATE,
    CHANGE_FEEDBACK,
    CHANGE_SUBMIT,
    CHANGE_DRAFT,
    CHANGE_DISCARD,
    CHANGE_CLEAR,
    CHANGE_SUGGESTION
};
const char *change_kind_name(enum change_kind kind);
enum change_kind change_kind_to(enum response_status status); /* that leads to it */

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
/* Flags the record, or takes that back: an undo step of its own. The server is not told.
 */
enum status store_put_flag(struct store *store, const struct id *record, bool is_flagged,
                           struct err *err);

/* Puts the person's own note on a record ("" = takes it away): a step of its own, except
 * that those of the same edit (> 0) join. The server is not told. seen (NULL = whatever
 * there is) is the note that the person saw, "" = none; *is_over (may be NULL): another
 * one was there, which the step's undo brings back. */
enum status store_note_record(struct store *store, const struct id *record,
                              const char *text, const char *seen, int64_t edit,
                              bool *is_over, struct err *err);

/* What an undo or a redo did. */
struct undone {
    struct id record;
    int64_t record_row;
    const char *what;         /* what was taken back or brought again: "submit" */
    char question[200];       /* whose value alone that changed; "" = none, or several */
    bool is_again;            /* of a record's second showing: store_put_again */
    struct response response; /* as it is now, or was answered then; response_clear it */
    size_t count;             /* changes; of a bulk change it may be many */
    size_t missed; /* those of it that were not what it had made of them: out of reach */
    bool is_sent;  /* what was missed is a deletion that the server has */
    int64_t batch; /* the bulk change that has more of them; 0 = it is done */
    size_t left;   /* so many more, when this was the first of it */
};
/* Takes back the last change in the dataset by this user, on any record,
 * in any session. NOT_FOUND with a sentence when there is none. CONFLICT with a sentence
 * when the response is not what that change had made of it: the change is out of reach
 * then, and the next undo is about the one before. dataset_row 0 = any. */
enum status store_undo(struct store *store, int64_t dataset_row, struct undone *undone,
                       struct err *err);
/* The same, a bulk change in parts: each is one transaction, from undone.batch on. What
 * another process is still at work on is a CONFLICT. */
struct walk {
    int64_t dataset_row;
    bool is_redo;     /* brings back what was taken back */
    int64_t batch;    /* to go on with; 0 = whatever is next */
    size_t most;      /* changes at a time */
    int64_t slice_ms; /* a part ends when it has taken so long; 0 = never */
};
enum status store_walk(struct store *store, const struct walk *walk,
                       struct undone *undone, struct err *err);

/* Everything of one record. NOT_FOUND when absent. *out is cleared first. A part that
 * cannot be read (damaged JSON) is left out and logged with the record's id. */
enum status store_get_record(struct store *store, const struct id *id, struct record *out,
                             struct err *err);
enum status store_get_record_row(struct store *store, int64_t row, struct record *out,
                                 struct err *err);
/* The only record of that name (dataset_row 0 = in any dataset): a start of its id (hex
 * digits, dashes optional), else its external id, else a start of the server's.
 * NOT_FOUND, or USAGE when several match. */
enum status store_find_record(struct store *store, int64_t dataset_row, const char *name,
                              struct id *out, struct err *err);
/* First bytes of the first text field (the prompt) of a record, for a queue row.
 * Returns false when absent. out (size > 0) is cut at a code point. */
bool store_get_snippet(struct store *store, int64_t row, char *out, size_t size);
/* Walks the dataset's records in order (status filter when has_filter); fn returns
 * false to stop. Point reads: for command lines, not for the screen. */
typedef bool (*store_record_fn)(void *ctx, const struct record *record);
enum status store_each_record(struct store *store, int64_t dataset_row, bool has_filter,
                              enum response_status filter, store_record_fn fn, void *ctx,
                              struct err *err);
/* The next record of the dataset behind *row (0 = the first); *row is 0 at the end. */
enum status store_next_record(struct store *store, int64_t dataset_row, int64_t *row,
                              struct err *err);
/* The whole queue as of revision: a short one before it returns, a long one on the
 * reading thread. rows is malloc'd and yours. */
typedef void (*store_rows_fn)(void *ctx, struct queue_row *rows, size_t count,
                              int64_t revision, const struct err *err);
void store_load_queue(struct store *store, int64_t dataset_row, store_rows_fn fn,
                      void *ctx);
/* Its first rows, at once: a frame can be painted before a long one is there. Malloc'd
 * and yours. */
enum status store_read_head(struct store *store, int64_t dataset_row,
                            struct queue_row **rows, size_t *count, struct err *err);

/* How a dataset stands, as the queue counts; from the loop, of the reading thread. */
struct queue_sum {
    size_t counts[RESPONSE_STATUS_COUNT]; /* records, by our response */
    size_t all; /* those too that others have answered often enough */
};
typedef void (*store_sum_fn)(void *ctx, int64_t dataset_row, const struct queue_sum *sum,
                             const struct err *err);
void store_sum_dataset(struct store *store, int64_t dataset_row, store_sum_fn fn,
                       void *ctx);
/* Former prompts, newest first, one's own before a batch's, no doubles, at most max.
 * Owned array of owned texts. */
enum status store_list_prompts(struct store *store, size_t max, char ***out,
                               size_t *count, struct err *err);

/* What the user wrote at least twice as an answer to a text question of the dataset, the
 * most used first, at most max; of the newest thousand submits. Owned array of owned
 * texts. */
enum status store_list_remarks(struct store *store, int64_t dataset_row,
                               const char *question, size_t max, char ***out,
                               size_t *count, struct err *err);

/* ---- the queue ---- */

/* Rises with every change of a record of the dataset, in any process. */
int64_t store_revision(struct store *store, int64_t dataset_row);
/* The queue rows of the records that changed after revision since, in order. */
typedef void (*store_row_fn)(void *ctx, const struct queue_row *row);
enum status store_each_change(struct store *store, int64_t dataset_row, int64_t since,
                              store_row_fn fn, void *ctx, struct err *err);

/* ---- what the server has: met, taken over, missed ---- */

/* What came of holding the server's version of our response beside ours and the base (the
 * server's version that we last saw). No clock decides. */
enum meeting {
    MEETING_SAME,  /* nothing to do */
    MEETING_TAKEN, /* ours had not been changed: theirs is ours now; undo brings back an
                    * answer that was deleted there */
    MEETING_OURS,  /* theirs is the base: ours may be sent */
    MEETING_CLASH  /* both changed: both are kept, ours waits for a choice */
};
/* theirs: status PENDING = the server has none. A clash sets record.theirs. sending: what
 * goes out now when the meeting is OURS, so that it is known as ours should no
 * confirmation come; NULL = nothing does. */
enum status store_meet_response(struct store *store, const struct id *record,
                                const struct response *theirs,
                                const struct response *sending, enum meeting *meeting,
                                struct err *err);
/* What is written here while the store has another's: one undo step that brings ours, so
 * that it outlives us. *step: 0, or what the last call gave; then ours takes the place of
 * what was aside. ours NULL: nothing is aside any more. */
enum status store_set_aside(struct store *store, const struct id *record,
                            const struct response *ours, int64_t *step, struct err *err);
/* Keeps ours (theirs becomes its base, and ours is sent over it) or takes theirs; undo
 * opens the choice again. NOT_FOUND when there is no clash. */
enum status store_choose_response(struct store *store, const struct id *record,
                                  bool keeps_ours, struct err *err);

/* A pull of a whole dataset: begin, pages, end. Its number tells what it saw; the store's
 * pulls only rise. */
enum status store_begin_pull(struct store *store, int64_t *pull, struct err *err);
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
/* The same for records that were asked for beside a pull, which misses nothing by it;
 * rows (room for count) are theirs here. */
enum status store_take_found(struct store *store, int64_t dataset_row,
                             const struct record *records, size_t count, int64_t *rows,
                             size_t *added, struct err *err);
/* What the pull has not seen is gone from the server: marked, counted. */
enum status store_end_pull(struct store *store, int64_t dataset_row, int64_t pull,
                           size_t *gone, struct err *err);
/* Records that the server has, as far as is known. */
size_t store_count_there(struct store *store, int64_t dataset_row);
/* Of them those with an answer of ours, as far as is known, that a pull has not seen. */
size_t store_count_unseen(struct store *store, int64_t dataset_row, int64_t pull);
/* The records that are gone: dropped from here, with what is ours of them, or sent again
 * as new ones. */
struct gone_counts {
    size_t records, answers, drafts, notes;
};
enum status store_drop_gone(struct store *store, int64_t dataset_row,
                            struct gone_counts *counts, struct err *err);
enum status store_send_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err);

#endif
