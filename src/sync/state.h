/* SPDX-License-Identifier: MIT
 *
 * state - what push, pull and the gate between them and the server share. Private to
 * src/sync.
 *
 * Push and pull run beside each other; both stop at the gate while the server is away
 * (WAITING) or will not work without the user (STOPPED).
 */
#ifndef SYNC_STATE_H
#define SYNC_STATE_H

#include "sync/sync.h"

/* Items of one kind that are sent in one call. */
struct batch {
    enum outbox_kind kind;
    struct outbox_item *items;
    struct record *records; /* the same order */
    size_t count;
};

/* A settlement the store has not committed yet. The store always calls back, even after
 * sync_free: then sync is NULL. */
struct settling {
    struct sync *sync;
    struct settling *next;
    struct batch batch;
    size_t confirmed;
};

/* A batch that was handed to the client. */
struct flight {
    struct sync *sync;
    struct flight *next;
    struct batch batch;
    int64_t sent_at_ms; /* mono; when it came to be the first */
};

struct push {
    struct flight *flights; /* the first is on its way, the second ready to follow */
    struct settling *settling;
    size_t sizes[2]; /* of the next batch, by enum outbox_kind */
    bool has_delayed_drafts;
    struct err records_err; /* this key may answer but not log: why */
};

struct pull {
    bool is_wanted;
    bool is_reading; /* a page is on its way, or being stored */
    size_t offset, limit, page;
    int64_t told_at_ms; /* when the queue was last told to read again */
    /* Answered since the pull began: a page read before says what was there before. */
    struct id *touched;
    size_t touched_count, touched_capacity;
    struct settling *applying; /* the callback in the store */
};

struct sync {
    struct loop *loop;
    const struct clock *clock;
    struct store *store;
    struct argilla *argilla;
    struct dataset dataset;
    bool strip;
    sync_fn fn;
    sync_records_fn records_fn;
    void *ctx;
    struct loop_timer *timer; /* the next thing to do by itself */
    struct sync_report report;
    struct sync_report told;
    int failures;        /* in a row */
    int64_t closed_till; /* mono ms; the gate of WAITING */
    bool is_stopped;     /* the gate of STOPPED */
    bool is_forced;      /* items are due whatever their time says */
    int64_t drafts_from; /* mono ms before which drafts are not sent */
    struct push push;
    struct pull pull;
};

/* engine.c */
int64_t sync_mono_ms(const struct sync *sync);
bool sync_gate_is_open(const struct sync *sync);
/* A call to the server succeeded / failed as a whole: opens or closes the gate. */
void sync_succeeded(struct sync *sync);
void sync_failed(struct sync *sync, const struct err *err);
/* Our own disk did: room can be made on it, so it is tried again by itself. */
void sync_store_failed(struct sync *sync, const struct err *err);
/* Does what can be done now and arranges for the rest. */
void sync_step(struct sync *sync);
/* Calls step on the next turn / a little later. */
void sync_soon(struct sync *sync);
void sync_later(struct sync *sync, int64_t delay_ms);
/* Wall clock of a next try of one item that was tried so often. */
int64_t sync_next_try_ms(const struct sync *sync, int attempts);

/* push.c */
bool push_is_busy(const struct sync *sync); /* something is on its way or being settled */
/* Sends the next batch, if there is one and none is on its way. */
void push_start(struct sync *sync);
void push_free(struct sync *sync);

/* batch.c */
void batch_clear(struct batch *batch);
/* Reads what is due next, up to the size for its kind. count 0 = nothing is due. */
enum status batch_load(struct sync *sync, struct batch *batch, struct err *err);

/* pull.c */
void pull_start(struct sync *sync);
void pull_touch(struct sync *sync, const struct id *record);
void pull_free(struct sync *sync);

#endif
