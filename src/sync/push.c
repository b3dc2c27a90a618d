/* SPDX-License-Identifier: MIT
 *
 * The outbox to the server. While one batch is on its way the next is made ready, and
 * while the store settles what the server confirmed the next is on its way: the server
 * is never left without work, as with a plain client that posts ready-made bodies.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sync/state.h"

enum {
    AIM_MS = 1000,
    GROWTH = 4,
    PREPARE_DELAY_MS = 20 /* the request's bytes go out first */
};

static const size_t most[] = {[OUTBOX_RECORD] = 500, [OUTBOX_RESPONSE] = 100};

bool push_is_busy(const struct sync *sync)
{
    return sync->push.flights || sync->push.settling;
}

/* ---- settling ---- */

static void unlink_settling(struct sync *sync, struct settling *settling)
{
    struct settling **link = &sync->push.settling;
    while (*link && *link != settling)
        link = &(*link)->next;
    if (*link)
        *link = settling->next;
}

static void on_settled(void *ctx, const struct store_result *result)
{
    struct settling *settling = ctx;
    struct sync *sync = settling->sync;
    if (sync) {
        unlink_settling(sync, settling);
        if (result->err.code != STATUS_OK)
            sync_store_failed(sync, &result->err);
        else
            sync->report.sent += settling->confirmed;
        bool has_ids = settling->batch.kind == OUTBOX_RECORD && settling->confirmed > 0;
        if (has_ids && sync->records_fn)
            sync->records_fn(sync->ctx, false);
        sync_soon(sync);
    }
    batch_clear(&settling->batch);
    free(settling);
}

static struct outbox_outcome outcome_of(struct sync *sync, const struct batch *batch,
                                        size_t at,
                                        const struct argilla_push_result *result)
{
    const struct outbox_item *item = &batch->items[at];
    enum status code = result->err.code;
    return (struct outbox_outcome){
        .kind = batch->kind,
        .record = item->record,
        .version = item->version,
        .remote_id =
            batch->kind == OUTBOX_RECORD && code == STATUS_OK ? result->remote_id : NULL,
        .is_refused = code != STATUS_OK && code != STATUS_BUSY,
        .is_later = code == STATUS_BUSY,
        .next_try_ms = code == STATUS_BUSY ? sync_next_try_ms(sync, item->attempts) : 0,
        .error = code == STATUS_OK ? NULL : result->err.text};
}

/* Writes down what became of a batch, and takes it over. */
static void settle(struct sync *sync, struct batch *sent,
                   const struct argilla_push_result *results)
{
    struct settling *settling = xcalloc(1, sizeof *settling);
    struct batch *batch = &settling->batch;
    *batch = *sent;
    *sent = (struct batch){0};
    struct outbox_outcome *outcomes = xcalloc(batch->count, sizeof *outcomes);
    for (size_t i = 0; i < batch->count; i++) {
        outcomes[i] = outcome_of(sync, batch, i, &results[i]);
        settling->confirmed += results[i].err.code == STATUS_OK;
        /* what failed just now is not due again at once */
        sync->is_forced = sync->is_forced && results[i].err.code != STATUS_BUSY;
        if (batch->kind == OUTBOX_RESPONSE)
            pull_touch(sync, &batch->items[i].record);
    }
    settling->sync = sync;
    settling->next = sync->push.settling;
    sync->push.settling = settling;
    store_settle_outbox(sync->store, outcomes, batch->count, on_settled, settling);
    free(outcomes);
}

/* ---- sending ---- */

/* Batches about a second long: a lost one costs little, and progress is seen. */
static void adapt_size(struct sync *sync, const struct flight *flight)
{
    const struct batch *batch = &flight->batch;
    int64_t took = sync_mono_ms(sync) - flight->sent_at_ms;
    size_t *size = &sync->push.sizes[batch->kind];
    if (batch->count < *size / 2)
        return;
    size_t ideal = batch->count * AIM_MS / (size_t)(took > 0 ? took : 1);
    size_t limit = batch->count * GROWTH;
    ideal = ideal < limit ? ideal : limit;
    ideal = ideal < most[batch->kind] ? ideal : most[batch->kind];
    *size = ideal > 0 ? ideal : 1;
}

/* The server's own fault (500): maybe one record of the batch is to blame. Smaller ones
 * follow at once until it stands alone. */
static bool will_try_smaller(struct sync *sync, const struct batch *batch,
                             const struct err *err)
{
    if (batch->count < 2)
        return false;
    bool is_fault = err->code == STATUS_BUSY && argilla_last_code(sync->argilla) == 500;
    if (is_fault || err->code == STATUS_TIMEOUT)
        sync->push.sizes[batch->kind] = batch->count / 2;
    return is_fault;
}

/* An annotator's key may answer but not log: answers go on without the records. */
static bool goes_on_without_records(struct sync *sync, const struct batch *batch,
                                    const struct err *err)
{
    const struct argilla_identity *identity = argilla_identity(sync->argilla);
    if (err->code != STATUS_AUTH || argilla_last_code(sync->argilla) != 403 ||
        batch->kind != OUTBOX_RECORD || !identity || identity->role != ARGILLA_ANNOTATOR)
        return false;
    sync->push.records_err = *err;
    return true;
}

/* Each item keeps the reason, and one that always fails stands back for the others. */
static void postpone(struct sync *sync, struct batch *batch, const struct err *err)
{
    struct argilla_push_result *results = xcalloc(batch->count, sizeof *results);
    for (size_t i = 0; i < batch->count; i++)
        err_set(&results[i].err, STATUS_BUSY, "%s", err->text);
    settle(sync, batch, results);
    free(results);
}

static void batch_failed(struct sync *sync, struct batch *batch, const struct err *err)
{
    if (will_try_smaller(sync, batch, err) || goes_on_without_records(sync, batch, err))
        return;
    sync_failed(sync, err);
    if (!sync->is_stopped)
        postpone(sync, batch, err);
}

/* What is not answered yet comes again later: nothing that was sent does harm twice. */
static void drop_flights(struct sync *sync)
{
    while (sync->push.flights) {
        struct flight *flight = sync->push.flights;
        sync->push.flights = flight->next;
        argilla_cancel(sync->argilla, flight);
        batch_clear(&flight->batch);
        free(flight);
    }
}

static void unlink_flight(struct sync *sync, struct flight *flight)
{
    struct flight **link = &sync->push.flights;
    while (*link != flight)
        link = &(*link)->next;
    *link = flight->next;
    if (sync->push.flights)
        sync->push.flights->sent_at_ms = sync_mono_ms(sync);
}

static void on_pushed(void *ctx, const struct argilla_push_result *results, size_t count,
                      const struct err *err)
{
    struct flight *flight = ctx;
    struct sync *sync = flight->sync;
    (void)count;
    unlink_flight(sync, flight);
    if (err->code == STATUS_OK) {
        sync_succeeded(sync);
        adapt_size(sync, flight);
        settle(sync, &flight->batch, results);
    } else {
        drop_flights(sync);
        batch_failed(sync, &flight->batch, err);
    }
    batch_clear(&flight->batch);
    free(flight);
    if (sync->push.flights)
        sync_later(sync, PREPARE_DELAY_MS);
    else
        sync_step(sync);
}

static void send_batch(struct sync *sync, const struct batch *batch)
{
    struct flight *flight = xcalloc(1, sizeof *flight), **link = &sync->push.flights;
    *flight =
        (struct flight){.sync = sync, .batch = *batch, .sent_at_ms = sync_mono_ms(sync)};
    while (*link)
        link = &(*link)->next;
    *link = flight;
    const struct record **list = xcalloc(batch->count, sizeof *list);
    for (size_t i = 0; i < batch->count; i++)
        list[i] = &batch->records[i];
    if (batch->kind == OUTBOX_RECORD)
        argilla_push_records(sync->argilla, &sync->dataset, list, batch->count,
                             sync->strip, on_pushed, flight);
    else
        argilla_push_responses(sync->argilla, &sync->dataset, list, batch->count,
                               on_pushed, flight);
    free(list);
}

void push_start(struct sync *sync)
{
    struct push *push = &sync->push;
    bool is_first = !push->flights;
    if (!is_first && push->flights->next)
        return;
    struct batch batch;
    struct err err = {0};
    if (batch_load(sync, &batch, &err) != STATUS_OK)
        sync_failed(sync, &err);
    if (batch.count == 0)
        return;
    send_batch(sync, &batch);
    if (is_first)
        sync_later(sync, PREPARE_DELAY_MS);
}

void push_free(struct sync *sync)
{
    drop_flights(sync);
    for (struct settling *s = sync->push.settling; s; s = s->next)
        s->sync = NULL;
}
