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
 *
 * The header is whole with store_records.h: records with their completions, our
 * responses, the queue, and what comes from the server.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/loop.h"
#include "model/dataset.h"
#include "store/store_records.h"

struct store;

struct store_options {
    const char *path; /* NULL = the default place; ":memory:" is not allowed */
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
/* Looks the whole file over, on the reading thread (for doctor). */
struct store_health {
    int64_t version; /* of the schema */
    int64_t datasets;
    int64_t records;
};
typedef void (*store_check_fn)(void *ctx, const struct store_health *health,
                               const struct err *err);
void store_check(struct store *store, store_check_fn fn, void *ctx);

/* Small facts kept between sessions: the position in a dataset, the
 * command history, what an endpoint refuses. NULL when absent. Owned. */
char *store_get_note(struct store *store, const char *key);
/* The index-th key that starts so, in order. Owned; NULL when there are not so many. */
char *store_find_note(struct store *store, const char *prefix, size_t index);
enum status store_put_note(struct store *store, const char *key, const char *value,
                           struct err *err);
/* A note of that name of this process alone; NULL or "" = none any more. */
enum status store_put_own_note(struct store *store, const char *key, const char *value,
                               struct err *err);
/* This process' own; when it has none, the newest of those that ended processes have
 * left, which is its own from now on. *left = how many more those have. NULL when absent.
 * Owned. */
char *store_take_note(struct store *store, const char *key, size_t *left);

/* ---- which dataset is which: by the server's id of it, once that is known ---- */

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
 * records moved. REFUSED where to has one of the records by its external id. */
enum status store_move_records(struct store *store, int64_t from, int64_t to,
                               size_t *count, struct err *err);
/* Takes a dataset and all that is in it out of the store; its server is not told. */
enum status store_forget_dataset(struct store *store, int64_t dataset_row,
                                 struct err *err);
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

/* The last change by us, or record; 0 = none. */
int64_t store_touched_ms(struct store *store, int64_t dataset_row);

/* ---- what the server has not confirmed, and what became of sending it ---- */

enum outbox_kind { OUTBOX_RECORD, OUTBOX_RESPONSE, OUTBOX_DELETE };

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
    char *last_error;    /* or why it was not tried; NULL = none */
};
void outbox_item_clear(struct outbox_item *item);
void outbox_items_free(struct outbox_item *items, size_t count);

struct outbox_counts {
    size_t unsent;  /* records with anything waiting, those below not counted */
    size_t deleted; /* records that are still to be deleted on the server */
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
/* This key may make no records: those that wait for it are set aside with why, those that
 * were to be made anew are gone as before. */
enum status store_refuse_records(struct store *store, int64_t dataset_row,
                                 const char *why, struct err *err);
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

/* ---- picks: answers to the same prompt beside each other: which they are, which of them
 * a person preferred, and the pairs that follow from it ---- */

/* The records that answer the same prompt as this one, itself too, in order: those that
 * have its parent, are its parent, or have it as theirs. At most max of them, the newest.
 * rows is malloc'd and yours. */
enum status store_list_siblings(struct store *store, int64_t row, size_t max,
                                int64_t **rows, size_t *count, struct err *err);

enum { PICK_MAX = 4, PICK_STRENGTH_MAX = 3 };

/* One judgement: of the candidates, in the order in which they were shown, one was
 * preferred. */
struct pick {
    int64_t rows[PICK_MAX];  /* of the records */
    size_t count;            /* 2 to PICK_MAX */
    int chosen;              /* index into rows; -1 = they are alike */
    int strength;            /* 1 to PICK_STRENGTH_MAX; 0 = not said, or alike */
    uint64_t seed;           /* of the shuffle */
    int64_t at_ms;           /* when; put: it was made elsewhere, then; 0 = now */
    struct id ids[PICK_MAX]; /* of the records, in what is read */
};

/* Keeps it in one transaction, as one undo step of the dataset of its records; one that
 * was made elsewhere is no step. A later one of the same two records is what counts
 * between them. */
enum status store_put_pick(struct store *store, const struct pick *pick, struct err *err);
/* The last pick of exactly these records, in whatever order; count 0 = there is none. */
enum status store_get_pick(struct store *store, const int64_t *rows, size_t count,
                           struct pick *out, struct err *err);

/* All that count of those that this record was in, in order. Owned array. */
enum status store_list_picks(struct store *store, int64_t row, struct pick **picks,
                             size_t *count, struct err *err);

/* Two answers to one prompt of which one is better. */
struct store_pair {
    int64_t chosen, rejected; /* rows of the records */
    bool is_picked;           /* by a person; else it follows from their ratings */
    double margin; /* PICKED: the strength, 0 = not said; else of the ratings */
};
/* Walks the pairs of a dataset: of the picks, then of the submitted ratings of siblings
 * (by_prompt: of all that have the same prompt, asked together or not) that no pick has
 * judged. fn returns false to stop. rating: what a record counts for, below 0 = not at
 * all; NULL = our submitted rating. */
typedef double (*store_rating_fn)(void *ctx, int64_t row);
typedef bool (*store_pair_fn)(void *ctx, const struct store_pair *pair);
enum status store_each_pair(struct store *store, int64_t dataset_row, bool by_prompt,
                            store_rating_fn rating, store_pair_fn fn, void *ctx,
                            struct err *err);
/* What the last pick that this record was in says of it, ties left aside. */
enum verdict { VERDICT_NONE, VERDICT_CHOSEN, VERDICT_REJECTED };
enum status store_get_verdict(struct store *store, int64_t row, enum verdict *verdict,
                              struct err *err);

/* From here on every read sees the store as it is now, whatever others write, until
 * store_end_reading. Nothing can be written meanwhile. */
enum status store_begin_reading(struct store *store, struct err *err);
void store_end_reading(struct store *store);

#endif
