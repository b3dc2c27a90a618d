/* SPDX-License-Identifier: MIT
 *
 * sync - keeps the mirror of one dataset: the outbox to the server (push), the server's
 * records into the store (pull). Idempotent and restartable at any point.
 *
 * Only what is on the disk is sent, and a response only over the version of the server's
 * that it was made on: what the server has is read first, and a clash is set aside
 * (store_meet_response). One process sends a dataset's items at a time.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "argilla/argilla.h"
#include "base/clock.h"
#include "model/dataset.h"
#include "store/store.h"

struct sync;

enum sync_state {
    SYNC_IDLE, /* all sent */
    SYNC_RUNNING,
    SYNC_WAITING, /* the server is away or busy; retries by itself */
    SYNC_STOPPED  /* it will not work without the user: key, role, dataset gone */
};

struct sync_report {
    enum sync_state state;
    struct outbox_counts outbox;
    size_t sent;       /* outcomes confirmed since sync_new */
    size_t pulled;     /* records seen in the current or last pull */
    size_t added;      /* of these, new here */
    size_t changed;    /* of these, with a response that is new here */
    size_t gone;       /* found gone from the server by the last pull */
    size_t pull_total; /* as the server says; 0 = not known */
    int64_t whole_ms;  /* wall clock: when all records were read last; 0 = not known */
    bool is_pulling;
    bool is_elsewhere;   /* RUNNING, since another process sends this dataset's items */
    int64_t retry_at_ms; /* wall clock; WAITING */
    int64_t offline_since_ms; /* wall clock; 0 = not offline */
    int64_t silent_since_ms;  /* wall clock; RUNNING, and long without a reply; 0 = not */
    struct err err;           /* why WAITING or STOPPED */
    char notice[200];         /* what was left out of what was sent; "" = nothing */
};

/* fn is called on every change of the report; records_fn when a pull or a clash changed
 * records, or a push gave one its remote id (see store_each_change; has_new = some were
 * added); dataset_fn when the server's fields, questions or guidelines were found
 * changed: they are stored already. dataset_fn and records_fn may be NULL. */
typedef void (*sync_fn)(void *ctx, const struct sync_report *report);
typedef void (*sync_records_fn)(void *ctx, bool has_new);
typedef void (*sync_dataset_fn)(void *ctx, const struct dataset *dataset);

struct sync_setup {
    struct loop *loop;
    const struct clock *clock;
    struct store *store;
    struct argilla *argilla;
    const struct dataset *dataset; /* copied */
    bool strip; /* response texts are sent without blanks at the ends */
    sync_fn fn;
    sync_records_fn records_fn;
    sync_dataset_fn dataset_fn;
    void *ctx; /* of all */
};
struct sync *sync_new(const struct sync_setup *setup);
void sync_free(struct sync *sync);
/* Something entered the outbox: send soon. Typing must not send each letter: drafts wait
 * until draft_delay_ms after the last poke with is_draft. */
void sync_poke(struct sync *sync, bool is_draft);
/* Send all there is now, without waiting for a retry time or a draft delay. */
void sync_now(struct sync *sync);
/* Reads the dataset's fields, questions and guidelines, then all of its records into the
 * store, page after page, and finds out what is gone from the server. */
void sync_pull(struct sync *sync);
/* The same, but where the server can tell only what is new since the last pull of all:
 * the records that were added or changed, and those that are answered. A pull of all that
 * was broken off, by a cut or the end of the program, goes on where it was. */
void sync_look(struct sync *sync);
/* All of the dataset's records were read into the store, once at least. */
bool sync_has_read(struct store *store, int64_t dataset_row);
/* What fn was told last. */
const struct sync_report *sync_report(const struct sync *sync);
/* NOT_FOUND, and what one can do with a dataset that was deleted on its server. */
void sync_describe_gone(const struct dataset *dataset, bool may_create, struct err *err);
/* For a caller that could not even make a sync, as the server could not be reached: what
 * waits keeps the reason, and that it was tried. */
void sync_note_failure(struct store *store, const struct clock *clock,
                       int64_t dataset_row, const struct err *why);

#endif
