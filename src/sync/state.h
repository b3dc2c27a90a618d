/* SPDX-License-Identifier: MIT
 *
 * state - what the files of src/sync share. Private to them. From the bottom: gate and
 * memory, then push and pull, then engine.
 *
 * Push and pull run beside each other; both stop at the gate while the server is away
 * (WAITING) or will not work without the user (STOPPED). Each callback changes state and
 * asks for a step; the step does what can be done now and arranges for the rest.
 */
#ifndef SYNC_STATE_H
#define SYNC_STATE_H

#include "sync/sync.h"

struct flight;

struct push {
    struct flight *flights; /* the first is on its way, the second ready to follow */
    size_t sizes[3];        /* of the next batch, by enum outbox_kind */
    bool has_claim;         /* this process sends the dataset's items */
};

/* What a pull goes through. Of all: MARK, ALL, SUM; of what is new: MARK, SUM, SENT, NEW,
 * CHANGED, ANSWERED; and ALL, SUM when the sums of suggestions or the numbers of records
 * then differ, or an answer of ours was not among those of ANSWERED. */
enum pull_phase {
    PULL_MARK,
    PULL_SUM,
    PULL_SENT,
    PULL_ALL,
    PULL_NEW,
    PULL_CHANGED,
    PULL_ANSWERED
};

enum { SENT_MOST = 64 }; /* one less is used; the last grows then */

/* New records from here, by the server's time. */
struct stretch {
    char from[ARGILLA_TIME], to[ARGILLA_TIME];
    size_t count;
};
/* Those before at are found to be as they were sent; span from there are asked about. */
struct sent {
    struct stretch list[SENT_MOST];
    size_t count, at, span;
};

/* As a note in the store. */
struct pull_memory {
    int64_t number;             /* of the pull of all that was broken off; 0 = none was */
    struct argilla_place place; /* where it goes on */
    size_t before;
    char since[ARGILLA_TIME]; /* updated_at of the newest record when it began */
    struct argilla_place end; /* where the last whole one ended; after "" = none did */
    int64_t done_ms;          /* wall clock: when */
    int64_t sum;              /* of the suggestions then; 0 = not known */
    size_t unseen; /* answers of ours that those who are answered did not show then */
};

struct pull {
    bool is_wanted;
    bool wants_all;
    bool is_asking; /* something is on its way */
    bool has_shape; /* the dataset's head, fields and questions are read */
    int64_t number; /* the store's, of this pull; 0 = not begun */
    enum pull_phase phase;
    struct pull_memory memory;
    bool has_all;            /* it has come to PULL_ALL */
    bool is_resumed;         /* which began in the middle */
    char mark[ARGILLA_TIME]; /* updated_at of the newest record, when the pull began */
    size_t there;            /* records of the dataset, then; SENT: of the stretch */
    size_t fresh;            /* new records that were sent since the pull before */
    size_t skipped; /* the last so many are our own, not read where no time tells it */
    int64_t sum;    /* of its suggestions; 0 = not known */
    size_t base;    /* records of the phases before */
    struct argilla_place place;
    size_t limit;
    struct argilla_page page; /* being applied, slice by slice; owned */
    size_t page_size;         /* its records at first: those that are applied are empty */
    size_t at;
    size_t before; /* records of the pages before it */
    int passes;
    bool has_moved;     /* in this pass records moved while they were read */
    int64_t told_at_ms; /* when the listener was last told to read again */
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
    sync_dataset_fn dataset_fn;
    void *ctx;
    struct loop_timer *timer; /* of the next step */
    int64_t wake_at_ms;       /* mono; INT64_MAX = it does not run */
    struct sync_report report;
    struct sync_report told;
    bool is_untold;      /* told was changed without telling */
    int failures;        /* in a row */
    int64_t closed_till; /* mono ms; the gate of WAITING */
    int64_t heard_at_ms; /* mono; when the server last replied, or nothing was asked */
    bool is_stopped;     /* the gate of STOPPED */
    bool is_looking;     /* at the dataset: nothing else is asked */
    bool is_forced;      /* items are due whatever their time says */
    bool is_marked_gone; /* by us, in the store */
    int64_t drafts_from; /* mono ms before which drafts are not sent */
    struct push push;
    struct sent sent; /* which the pull goes round */
    size_t fresh;     /* new records sent from here since the last pull */
    struct pull pull;
};

/* ---- gate.c ---- */

int64_t sync_mono_ms(const struct sync *sync);
bool sync_gate_is_open(const struct sync *sync);
/* A call to the server succeeded / failed as a whole: opens or closes the gate. */
void sync_succeeded(struct sync *sync);
void sync_failed(struct sync *sync, const struct err *err);
/* STOPPED, since the dataset was deleted on the server. */
void sync_say_gone(struct sync *sync);
/* What the server says of the dataset; false = it could not be stored. */
bool sync_take_shape(struct sync *sync, const struct dataset *dataset);
/* It is on the server, and no draft there. */
bool sync_is_ready(const struct sync *sync);
/* STOPPED, and what one can do. */
void sync_say_unready(struct sync *sync);
/* A draft may have been published since: that is asked, and nothing else before. */
void sync_make_ready(struct sync *sync);
/* Our own disk did: room can be made on it, so it is tried again by itself. */
void sync_store_failed(struct sync *sync, const struct err *err);
/* Asks for a step in so many ms; the soonest counts. */
void sync_wake(struct sync *sync, int64_t delay_ms);
/* Tells the listener if there is something to tell. */
void sync_tell(struct sync *sync);
/* Wall clock of a next try of one item that was tried so often. */
int64_t retry_at_ms(const struct clock *clock, int attempts);

/* Items that were not even refused keep the reason, and that they were tried. next_ms 0 =
 * each by its own attempts. What cannot be written here is only not told. */
void sync_put_off(struct store *store, const struct clock *clock,
                  const struct outbox_item *items, size_t count, const struct err *why,
                  int64_t next_ms);

/* ---- memory.c ---- */

void memory_read(struct sync *sync);
/* What cannot be kept costs a pull of all, later. */
void memory_write(struct sync *sync);

/* Of a batch that the server has taken. */
void sent_add(struct sync *sync, const struct argilla_push_result *results, size_t count);
/* A pull of what is later than since begins, or has ended; begin: how many were sent. */
size_t sent_begin(struct sync *sync, const char *since);
void sent_end(struct sync *sync, const char *since);
/* The stretch about which the server is to be asked next; false = all are known. */
bool sent_ask(const struct sent *sent, struct argilla_place *place);
/* So many records it has there. */
void sent_told(struct sent *sent, size_t there);
/* Ends a reading where the next stretch begins; and goes on behind it, false = it was the
 * last one. */
void sent_bound(const struct sent *sent, struct argilla_place *place);
bool sent_skip(const struct sent *sent, struct argilla_place *place);

/* ---- push.c ---- */

/* Makes the next batches ready and sends them. */
void push_step(struct sync *sync);
void push_release(struct sync *sync); /* others may send */
void push_free(struct sync *sync);

/* ---- pull.c ---- */

void pull_step(struct sync *sync);
void pull_begin(struct sync *sync, bool wants_all);
void pull_clear_page(struct pull *pull);

#endif
