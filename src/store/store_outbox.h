/* SPDX-License-Identifier: MIT
 *
 * store_outbox - what the server has not confirmed, and what became of sending it.
 */
#ifndef STORE_STORE_OUTBOX_H
#define STORE_STORE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "model/record.h"

struct store;

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

#endif
