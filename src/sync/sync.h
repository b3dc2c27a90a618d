/* SPDX-License-Identifier: MIT
 *
 * sync - keeps the mirror: the outbox to the server (push), the server's records into
 * the store (pull). Idempotent and restartable at any point.
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
    size_t pulled;     /* records seen in the current pull */
    size_t pull_total; /* as the server says; 0 = not known */
    bool is_pulling;
    int64_t retry_at_ms;      /* wall clock; WAITING */
    int64_t offline_since_ms; /* wall clock; 0 = not offline */
    struct err err;           /* why WAITING or STOPPED */
};

typedef void (*sync_fn)(void *ctx, const struct sync_report *report);
/* fn is called on every change of the report; records_fn when a pull stored records or a
 * push gave one its remote id (the queue must be read again when has_new). */
typedef void (*sync_records_fn)(void *ctx, bool has_new);

struct sync_setup {
    struct loop *loop;
    const struct clock *clock;
    struct store *store;
    struct argilla *argilla;
    const struct dataset *dataset; /* copied */
    bool strip; /* response texts are sent without blanks at the ends */
    sync_fn fn;
    sync_records_fn records_fn;
    void *ctx; /* of both */
};
struct sync *sync_new(const struct sync_setup *setup);
void sync_free(struct sync *sync);
/* Something entered the outbox: send soon. Typing must not send each letter: drafts wait
 * until draft_delay_ms after the last poke with is_draft. */
void sync_poke(struct sync *sync, bool is_draft);
/* Send all there is now, without waiting for a retry time or a draft delay. */
void sync_now(struct sync *sync);
/* Reads the server's records into the store, page after page. */
void sync_pull(struct sync *sync);
const struct sync_report *sync_report(const struct sync *sync);

#endif
