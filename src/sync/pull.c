/* SPDX-License-Identifier: MIT
 *
 * The server's records into the store, page after page.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sync/state.h"

enum { TELL_EVERY_MS = 1000 };

void pull_touch(struct sync *sync, const struct id *record)
{
    struct pull *pull = &sync->pull;
    if (!pull->is_wanted)
        return;
    if (pull->touched_count == pull->touched_capacity) {
        pull->touched_capacity = pull->touched_capacity ? 2 * pull->touched_capacity : 64;
        pull->touched =
            xreallocarray(pull->touched, pull->touched_capacity, sizeof *pull->touched);
    }
    pull->touched[pull->touched_count++] = *record;
}

static bool is_touched(const struct pull *pull, const struct id *record)
{
    for (size_t i = 0; i < pull->touched_count; i++)
        if (id_equal(&pull->touched[i], record))
            return true;
    return false;
}

/* A whole queue is read again for it: not for every page. */
static void tell_records(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    int64_t now = sync_mono_ms(sync);
    bool is_first = pull->offset <= pull->page;
    if (!sync->records_fn ||
        (pull->is_wanted && !is_first && now - pull->told_at_ms < TELL_EVERY_MS))
        return;
    pull->told_at_ms = now;
    sync->records_fn(sync->ctx, true);
}

static void on_applied(void *ctx, const struct store_result *result)
{
    struct settling *applying = ctx;
    struct sync *sync = applying->sync;
    free(applying);
    if (!sync)
        return;
    struct pull *pull = &sync->pull;
    pull->applying = NULL;
    pull->is_reading = false;
    if (result->err.code != STATUS_OK) {
        sync_store_failed(sync, &result->err);
    } else {
        pull->offset += pull->page;
        pull->is_wanted = pull->offset < sync->report.pull_total;
        tell_records(sync);
    }
    sync_step(sync);
}

static void apply(struct sync *sync, const struct record *records, size_t count)
{
    struct pull *pull = &sync->pull;
    /* borrowed copies: what was answered since is left out */
    struct record *kept = xcalloc(count + 1, sizeof *kept);
    size_t kept_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_touched(pull, &records[i].id))
            kept[kept_count++] = records[i];
    pull->applying = xcalloc(1, sizeof *pull->applying);
    pull->applying->sync = sync;
    store_apply_pull(sync->store, sync->dataset.row, kept, kept_count, on_applied,
                     pull->applying);
    free(kept);
}

/* A page larger than the cap: smaller ones, down to single records. */
static bool try_smaller_page(struct pull *pull, const struct err *err)
{
    if (err->code != STATUS_FULL || pull->limit == 1)
        return false;
    pull->limit /= 2;
    return true;
}

static void on_page(void *ctx, const struct record *records, size_t count, size_t total,
                    const struct err *err)
{
    struct sync *sync = ctx;
    struct pull *pull = &sync->pull;
    if (err->code != STATUS_OK) {
        pull->is_reading = false;
        if (!try_smaller_page(pull, err))
            sync_failed(sync, err);
        if (sync->is_stopped)
            pull->is_wanted = false;
        sync_step(sync);
        return;
    }
    sync_succeeded(sync);
    sync->report.pulled += count;
    sync->report.pull_total = total;
    apply(sync, records, count);
    sync_step(sync);
}

void pull_start(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    if (!pull->is_wanted || pull->is_reading)
        return;
    pull->is_reading = true;
    pull->page = pull->limit;
    argilla_pull_records(sync->argilla, &sync->dataset, pull->offset, pull->limit,
                         on_page, sync);
}

void pull_free(struct sync *sync)
{
    free(sync->pull.touched);
    if (sync->pull.applying)
        sync->pull.applying->sync = NULL;
}
