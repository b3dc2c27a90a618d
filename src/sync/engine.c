/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sync/sync.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "sync/state.h"

enum { DRAFT_DELAY_MS = 2000, MOST_LISTED = 500 };
enum { SILENCE_MS = 5000 }; /* is told; the call itself ends much later */

static bool is_marked_gone(const struct sync *sync)
{
    struct dataset known = {0};
    bool is_gone =
        store_get_dataset(sync->store, sync->dataset.row, &known, NULL) == STATUS_OK &&
        known.is_gone;
    dataset_clear(&known);
    return is_gone;
}

/* Nothing can be done now: which item waits for a time of its own, and why. */
static void rest(struct sync *sync)
{
    struct sync_report *report = &sync->report;
    int64_t due_ms = 0, now = clock_wall_ms(sync->clock);
    size_t waiting = 0;
    struct err why = {0};
    bool has_any = report->outbox.unsent || report->outbox.deleted;
    for (int kind = OUTBOX_RECORD; has_any && kind <= OUTBOX_DELETE; kind++) {
        struct outbox_query query = {.dataset_row = sync->dataset.row,
                                     .kind = (enum outbox_kind)kind,
                                     .is_due = true,
                                     .now_ms = INT64_MAX,
                                     .max = MOST_LISTED};
        struct outbox_item *items = NULL;
        size_t count = 0;
        (void)store_list_outbox(sync->store, &query, &items, &count, NULL);
        for (size_t i = 0; i < count; i++) {
            const struct outbox_item *item = &items[i];
            if (item->next_try_ms <= now)
                continue;
            if (kind == OUTBOX_DELETE && !item->attempts) /* it only has its time */
                sync_wake(sync, item->next_try_ms - now);
            else if (!due_ms || item->next_try_ms < due_ms) {
                due_ms = item->next_try_ms;
                err_clear(&why);
                if (item->last_error)
                    err_set(&why, STATUS_BUSY, "%s", item->last_error);
            }
        }
        waiting += count;
        outbox_items_free(items, count);
    }
    if (due_ms)
        sync_wake(sync, due_ms - now);
    sync->is_forced = false;
    report->retry_at_ms = due_ms;
    report->state = due_ms ? SYNC_WAITING : SYNC_IDLE;
    report->err = why;
    if (!due_ms)
        report->offline_since_ms = 0;
    /* of such a dataset the store lists nothing; else a response waits for its record,
     * which is still being written, or is refused */
    if (report->outbox.unsent && !waiting && is_marked_gone(sync))
        sync_say_gone(sync);
}

static bool is_asking(const struct sync *sync)
{
    return sync->push.flights || sync->pull.is_asking || sync->is_looking;
}

/* Does what can be done now and arranges for the rest. */
static void step(void *ctx)
{
    struct sync *sync = ctx;
    sync->wake_at_ms = INT64_MAX;
    bool was_pulling = sync->pull.is_wanted; /* its end may leave something to send */
    if (!is_asking(sync))
        sync->heard_at_ms = sync_mono_ms(sync);
    if (sync_gate_is_open(sync) && !sync_is_ready(sync))
        sync_make_ready(sync);
    if (sync_gate_is_open(sync)) {
        push_step(sync);
        if (sync_gate_is_open(sync))
            pull_step(sync);
    }
    store_count_outbox(sync->store, sync->dataset.row, &sync->report.outbox);
    bool is_open = sync_gate_is_open(sync);
    bool is_busy = sync->push.flights || sync->report.is_elsewhere ||
                   sync->pull.is_wanted || was_pulling;
    if (is_open && is_busy)
        sync->report.state = SYNC_RUNNING;
    else if (is_open)
        rest(sync);
    else if (sync->report.state == SYNC_WAITING)
        sync_wake(sync, sync->closed_till - sync_mono_ms(sync));
    push_release(sync);
    int64_t waited = is_asking(sync) ? sync_mono_ms(sync) - sync->heard_at_ms : 0;
    if (waited < SILENCE_MS)
        sync->report.silent_since_ms = 0;
    else if (!sync->report.silent_since_ms)
        sync->report.silent_since_ms = clock_wall_ms(sync->clock) - waited;
    if (is_asking(sync) && waited < SILENCE_MS)
        sync_wake(sync, SILENCE_MS - waited);
    sync_tell(sync);
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
                          .dataset_fn = setup->dataset_fn,
                          .ctx = setup->ctx,
                          .wake_at_ms = INT64_MAX,
                          .push.sizes = {32, 16, 100}};
    dataset_copy(&sync->dataset, setup->dataset);
    sync->timer = loop_timer_new(sync->loop, step, sync);
    store_count_outbox(sync->store, sync->dataset.row, &sync->report.outbox);
    if (!sync_is_ready(sync)) /* stopped from the start */
        sync_say_unready(sync);
    sync->told = sync->report;
    return sync;
}

void sync_free(struct sync *sync)
{
    if (!sync)
        return;
    argilla_cancel(sync->argilla, sync);
    push_free(sync);
    pull_clear_page(&sync->pull);
    loop_timer_free(sync->timer);
    dataset_clear(&sync->dataset);
    free(sync);
}

/* At the next turn: no callback comes from inside a call. Who looks until then finds it
 * at work. */
static void start(struct sync *sync)
{
    sync->report.is_pulling = sync->pull.is_wanted;
    sync->told = sync->report;
    sync->is_untold = true;
    sync_wake(sync, 0);
}

void sync_poke(struct sync *sync, bool is_draft)
{
    if (is_draft)
        sync->drafts_from = sync_mono_ms(sync) + DRAFT_DELAY_MS;
    else if (sync_gate_is_open(sync))
        sync->report.state = SYNC_RUNNING;
    start(sync);
}

/* Takes back what kept it from trying. */
static void reopen(struct sync *sync)
{
    sync->is_stopped = false;
    sync->closed_till = 0;
    sync->report.state = SYNC_RUNNING;
    sync->report.retry_at_ms = 0;
}

void sync_now(struct sync *sync)
{
    reopen(sync);
    sync->is_forced = true;
    sync->drafts_from = 0;
    start(sync);
}

static void begin_pull(struct sync *sync, bool wants_all)
{
    if (sync->is_stopped)
        reopen(sync);
    pull_begin(sync, wants_all);
    start(sync);
}

void sync_pull(struct sync *sync)
{
    begin_pull(sync, true);
}

void sync_look(struct sync *sync)
{
    begin_pull(sync, false);
}
