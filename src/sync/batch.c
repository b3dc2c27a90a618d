/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sync/state.h"

void batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        outbox_item_clear(&batch->items[i]);
        if (batch->records)
            record_clear(&batch->records[i]);
    }
    free(batch->items);
    free(batch->records);
    *batch = (struct batch){0};
}

static bool holds(const struct batch *batch, const struct outbox_item *item,
                  bool any_version)
{
    for (size_t i = 0; batch->kind == item->kind && i < batch->count; i++)
        if (id_equal(&batch->items[i].record, &item->record) &&
            (any_version || batch->items[i].version == item->version))
            return true;
    return false;
}

/* True for what was sent already, as far as the store knows not yet; and for a newer
 * change of what is on its way, which must not overtake it. */
static bool is_in_hand(const struct sync *sync, const struct outbox_item *item)
{
    for (const struct settling *s = sync->push.settling; s; s = s->next)
        if (holds(&s->batch, item, false))
            return true;
    for (const struct flight *flight = sync->push.flights; flight; flight = flight->next)
        if (holds(&flight->batch, item, true))
            return true;
    return false;
}

static size_t count_in_hand(const struct sync *sync)
{
    size_t count = 0;
    for (const struct settling *s = sync->push.settling; s; s = s->next)
        count += s->batch.count;
    for (const struct flight *flight = sync->push.flights; flight; flight = flight->next)
        count += flight->batch.count;
    return count;
}

static enum status list_due(struct sync *sync, struct batch *batch, int64_t due_ms,
                            struct err *err)
{
    size_t size = sync->push.sizes[batch->kind], count = 0, kept = 0;
    enum status status =
        store_list_outbox(sync->store, sync->dataset.row, batch->kind, due_ms,
                          size + count_in_hand(sync), &batch->items, &count, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (kept < size && !is_in_hand(sync, &batch->items[i]))
            batch->items[kept++] = batch->items[i];
        else
            outbox_item_clear(&batch->items[i]);
    }
    batch->count = kept;
    return STATUS_OK;
}

/* Typing must not send each letter. */
static bool is_delayed_draft(const struct sync *sync, const struct batch *batch,
                             const struct record *record)
{
    return batch->kind == OUTBOX_RESPONSE && record->response.status == RESPONSE_DRAFT &&
           sync_mono_ms(sync) < sync->drafts_from;
}

static enum status load_records(struct sync *sync, struct batch *batch, struct err *err)
{
    size_t kept = 0, count = batch->count;
    enum status status = STATUS_OK;
    batch->records = xcalloc(count + 1, sizeof *batch->records);
    for (size_t i = 0; i < count; i++) {
        struct record *record = &batch->records[kept];
        if (status == STATUS_OK)
            status = store_get_record(sync->store, &batch->items[i].record, record, err);
        bool is_delayed = status == STATUS_OK && is_delayed_draft(sync, batch, record);
        sync->push.has_delayed_drafts |= is_delayed;
        if (status == STATUS_OK && !is_delayed) {
            batch->items[kept++] = batch->items[i];
        } else {
            outbox_item_clear(&batch->items[i]);
            record_clear(record);
        }
    }
    batch->count = kept;
    return status;
}

static enum status load_kind(struct sync *sync, struct batch *batch, int64_t due_ms,
                             struct err *err)
{
    enum status status = list_due(sync, batch, due_ms, err);
    if (status == STATUS_OK)
        status = load_records(sync, batch, err);
    if (status != STATUS_OK || batch->count == 0)
        batch_clear(batch);
    return status;
}

/* Records first: an answer needs its record on the server. */
static enum status load_due(struct sync *sync, struct batch *batch, int64_t due_ms,
                            struct err *err)
{
    enum status status = STATUS_OK;
    sync->push.has_delayed_drafts = false;
    *batch = (struct batch){.kind = OUTBOX_RECORD};
    if (sync->push.records_err.code == STATUS_OK)
        status = load_kind(sync, batch, due_ms, err);
    if (status != STATUS_OK || batch->count > 0)
        return status;
    *batch = (struct batch){.kind = OUTBOX_RESPONSE};
    return load_kind(sync, batch, due_ms, err);
}

enum status batch_load(struct sync *sync, struct batch *batch, struct err *err)
{
    enum status status = load_due(sync, batch, clock_wall_ms(sync->clock), err);
    /* what failed before comes after all that never did */
    bool is_last = !sync->push.flights && !sync->push.settling;
    if (status == STATUS_OK && batch->count == 0 && sync->is_forced && is_last)
        status = load_due(sync, batch, INT64_MAX, err);
    return status;
}
