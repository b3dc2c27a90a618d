/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "net/retry.h"
#include "sync/state.h"
#include "text/sanitise.h"

enum {
    DRAFT_DELAY_MS = 2000,
    RECHECK_MS = 20, /* for a commit that is on its way in the store */
    MOST_LISTED = 500
};

int64_t sync_mono_ms(const struct sync *sync)
{
    return clock_mono_ms(sync->clock);
}

static bool same_report(const struct sync_report *a, const struct sync_report *b)
{
    return a->state == b->state && a->outbox.unsent == b->outbox.unsent &&
           a->outbox.refused == b->outbox.refused && a->sent == b->sent &&
           a->pulled == b->pulled && a->pull_total == b->pull_total &&
           a->is_pulling == b->is_pulling && a->retry_at_ms == b->retry_at_ms &&
           a->offline_since_ms == b->offline_since_ms && a->err.code == b->err.code &&
           strcmp(a->err.text, b->err.text) == 0;
}

/* Tells the listener if there is something to tell. */
static void tell(struct sync *sync)
{
    store_count_outbox(sync->store, sync->dataset.row, &sync->report.outbox);
    sync->report.is_pulling = sync->pull.is_wanted;
    if (same_report(&sync->report, &sync->told))
        return;
    sync->told = sync->report;
    if (sync->fn)
        sync->fn(sync->ctx, &sync->told);
}

/* ---- the gate ---- */

/* One number a process: it only has to spread several of them. */
static double random01(void)
{
    struct id id;
    id_random(&id);
    return id.bytes[0] / 256.0;
}

static int64_t backoff_ms(int attempt, int64_t server_ms)
{
    struct http_reply reply = {.code = 503, .retry_after_ms = server_ms};
    int64_t delay = retry_delay(&retry_server, attempt, &reply, random01());
    return delay < 0 ? retry_server.max_ms : delay;
}

int64_t sync_next_try_ms(const struct sync *sync, int attempts)
{
    return clock_wall_ms(sync->clock) + backoff_ms(attempts + 1, -1);
}

bool sync_gate_is_open(const struct sync *sync)
{
    return !sync->is_stopped && sync_mono_ms(sync) >= sync->closed_till;
}

void sync_succeeded(struct sync *sync)
{
    /* after being away everything is due, whatever it was put off to */
    enum status before = sync->report.err.code;
    if (before == STATUS_NETWORK || before == STATUS_TIMEOUT)
        sync->is_forced = true;
    sync->failures = 0;
    sync->closed_till = 0;
    sync->report.state = SYNC_RUNNING;
    sync->report.retry_at_ms = 0;
    sync->report.offline_since_ms = 0;
    err_clear(&sync->report.err);
}

/* A page where Argilla should answer may be a hotel's login: it goes away by itself. */
static bool is_passing(enum status code)
{
    return code == STATUS_NETWORK || code == STATUS_TIMEOUT || code == STATUS_BUSY ||
           code == STATUS_PROTOCOL || code == STATUS_IO;
}

void sync_failed(struct sync *sync, const struct err *err)
{
    int64_t now = clock_wall_ms(sync->clock);
    sync->is_forced = false;
    sync->report.err = *err;
    if (!is_passing(err->code)) {
        sync->is_stopped = true;
        sync->report.state = SYNC_STOPPED;
        sync->report.retry_at_ms = 0;
        return;
    }
    int64_t delay = backoff_ms(++sync->failures, argilla_retry_after_ms(sync->argilla));
    sync->closed_till = sync_mono_ms(sync) + delay;
    sync->report.state = SYNC_WAITING;
    sync->report.retry_at_ms = now + delay;
    if (!sync->report.offline_since_ms && err->code != STATUS_IO)
        sync->report.offline_since_ms = now;
}

void sync_store_failed(struct sync *sync, const struct err *err)
{
    struct err passing = *err;
    passing.code = STATUS_IO;
    sync_failed(sync, &passing);
}

/* ---- one step ---- */

/* The first due of those items that wait for a time of their own, and why it waits. */
struct own_time {
    int64_t due_ms; /* wall clock; 0 = there is none */
    struct err err;
};

static void note_own_time(struct own_time *first, const struct outbox_item *item)
{
    if (item->next_try_ms == 0 || (first->due_ms && first->due_ms <= item->next_try_ms))
        return;
    first->due_ms = item->next_try_ms;
    err_clear(&first->err);
    if (item->last_error)
        err_set(&first->err, STATUS_BUSY, "%s", item->last_error);
}

static void find_own_time(const struct sync *sync, struct own_time *first)
{
    for (int kind = OUTBOX_RECORD; kind <= OUTBOX_RESPONSE; kind++) {
        struct outbox_item *items = NULL;
        size_t count = 0;
        if (store_list_outbox(sync->store, sync->dataset.row, (enum outbox_kind)kind,
                              INT64_MAX, MOST_LISTED, &items, &count, NULL) != STATUS_OK)
            continue;
        for (size_t i = 0; i < count; i++) {
            note_own_time(first, &items[i]);
            outbox_item_clear(&items[i]);
        }
        free(items);
    }
}

static void wake_in(struct sync *sync, int64_t delay_ms)
{
    loop_timer_start(sync->timer, delay_ms > 0 ? delay_ms : 0, 0);
}

/* Nothing is due now: when to look again. */
static void arrange_rest(struct sync *sync, int64_t due_ms)
{
    int64_t delay = INT64_MAX;
    if (due_ms)
        delay = due_ms - clock_wall_ms(sync->clock);
    if (sync->push.has_delayed_drafts) {
        int64_t drafts = sync->drafts_from - sync_mono_ms(sync);
        delay = drafts < delay ? drafts : delay;
    }
    if (store_pending(sync->store) > 0 && delay > RECHECK_MS)
        delay = RECHECK_MS;
    if (delay < INT64_MAX)
        wake_in(sync, delay);
}

static void rest(struct sync *sync)
{
    struct own_time first = {0};
    if (sync->report.outbox.unsent > 0)
        find_own_time(sync, &first);
    arrange_rest(sync, first.due_ms);
    sync->is_forced = false;
    sync->report.retry_at_ms = first.due_ms;
    sync->report.state = first.due_ms ? SYNC_WAITING : SYNC_IDLE;
    sync->report.err = first.err;
    if (!first.due_ms)
        sync->report.offline_since_ms = 0;
    if (sync->push.records_err.code != STATUS_OK) {
        sync->report.state = SYNC_STOPPED;
        sync->report.err = sync->push.records_err;
    }
}

void sync_step(struct sync *sync)
{
    if (sync_gate_is_open(sync)) {
        push_start(sync);
        pull_start(sync);
    }
    bool is_busy = push_is_busy(sync) || sync->pull.is_reading;
    if (is_busy && sync_gate_is_open(sync))
        sync->report.state = SYNC_RUNNING;
    store_count_outbox(sync->store, sync->dataset.row, &sync->report.outbox);
    if (!is_busy && sync_gate_is_open(sync))
        rest(sync);
    else if (!is_busy && sync->report.state == SYNC_WAITING)
        wake_in(sync, sync->closed_till - sync_mono_ms(sync));
    tell(sync);
}

void sync_soon(struct sync *sync)
{
    wake_in(sync, 0);
}

void sync_later(struct sync *sync, int64_t delay_ms)
{
    wake_in(sync, delay_ms);
}

static void on_timer(void *ctx)
{
    sync_step(ctx);
}

/* A draft takes no records: 2.4 and later store them all the same, and spoil its index.
 */
static bool is_on_server(struct sync *sync)
{
    const struct dataset *dataset = &sync->dataset;
    struct err err = {0};
    if (dataset->remote_id && dataset->is_published)
        return true;
    char name[120];
    sanitise_line(dataset->name, strlen(dataset->name), name, sizeof name);
    err_set(&err, STATUS_NOT_FOUND,
            dataset->remote_id
                ? "The dataset \"%s\" is still a draft on the server. `sherd dataset "
                  "create` completes and publishes it."
                : "The dataset \"%s\" is not on the server yet. `sherd dataset create` "
                  "makes it.",
            name);
    sync_failed(sync, &err);
    return false;
}

/* ---- the interface ---- */

struct sync *sync_new(const struct sync_setup *setup)
{
    struct sync *sync = xcalloc(1, sizeof *sync);
    *sync = (struct sync){.loop = setup->loop,
                          .clock = setup->clock,
                          .store = setup->store,
                          .argilla = setup->argilla,
                          .strip = setup->strip,
                          .fn = setup->fn,
                          .records_fn = setup->records_fn,
                          .ctx = setup->ctx,
                          .push.sizes = {32, 16},
                          .pull.limit = 200};
    dataset_copy(&sync->dataset, setup->dataset);
    sync->timer = loop_timer_new(sync->loop, on_timer, sync);
    store_count_outbox(sync->store, sync->dataset.row, &sync->report.outbox);
    (void)is_on_server(sync); /* stopped from the start when it is not */
    sync->told = sync->report;
    return sync;
}

void sync_free(struct sync *sync)
{
    if (!sync)
        return;
    argilla_cancel(sync->argilla, sync);
    push_free(sync);
    pull_free(sync);
    loop_timer_free(sync->timer);
    dataset_clear(&sync->dataset);
    free(sync);
}

void sync_poke(struct sync *sync, bool is_draft)
{
    if (is_draft)
        sync->drafts_from = sync_mono_ms(sync) + DRAFT_DELAY_MS;
    bool is_open = sync_gate_is_open(sync);
    if (is_open && !is_draft) {
        sync->report.state = SYNC_RUNNING;
        sync_soon(sync);
    } else if (is_open && sync->report.state != SYNC_RUNNING) {
        sync->push.has_delayed_drafts = true;
        wake_in(sync, DRAFT_DELAY_MS);
    }
    tell(sync);
}

/* Takes back what kept it from trying. */
static void reopen(struct sync *sync)
{
    sync->is_stopped = false;
    sync->closed_till = 0;
    sync->report.state = SYNC_RUNNING;
    sync->report.retry_at_ms = 0;
    err_clear(&sync->push.records_err);
}

void sync_now(struct sync *sync)
{
    reopen(sync);
    if (is_on_server(sync)) {
        sync->is_forced = true;
        sync->drafts_from = 0;
    }
    sync_step(sync);
}

void sync_pull(struct sync *sync)
{
    if (sync->pull.is_wanted)
        return;
    if (sync->is_stopped)
        reopen(sync);
    if (!is_on_server(sync)) {
        tell(sync);
        return;
    }
    sync->pull.is_wanted = true;
    sync->pull.offset = 0;
    sync->pull.touched_count = 0;
    sync->report.pulled = 0;
    sync->report.pull_total = 0;
    sync_step(sync);
}

const struct sync_report *sync_report(const struct sync *sync)
{
    return &sync->report;
}
