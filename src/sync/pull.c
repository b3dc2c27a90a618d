/* SPDX-License-Identifier: MIT
 *
 * The server's records into the store: the dataset's questions first, then page after
 * page, each in slices that keep no key waiting, and at the end what the server has no
 * more. A page that fails is asked for again when the gate opens.
 */
#include "config.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "sync/state.h"

enum {
    TELL_EVERY_MS = 1000,
    SLICE = 25,         /* records a turn of the loop */
    SLICE_PAUSE_MS = 1, /* with 0 all of them would be the same turn */
    FIRST_PAGE = 25,    /* something to see soon */
    MOST_PAGE = 200,
    AIM_BYTES = 128 * 1024, /* of a page: reading it takes a few ms */
    MOST_PASSES = 3         /* over records that move while they are read */
};

static void clear_page(struct pull *pull)
{
    for (size_t i = 0; i < pull->page_size; i++)
        record_clear(&pull->page.records[i]);
    free(pull->page.records);
    pull->page = (struct argilla_page){0};
    pull->page_size = pull->at = 0;
}

void pull_free(struct sync *sync)
{
    clear_page(&sync->pull);
}

bool pull_is_busy(const struct sync *sync)
{
    return sync->pull.is_wanted;
}

void pull_begin(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    if (pull->is_wanted)
        return;
    clear_page(pull);
    *pull = (struct pull){.is_wanted = true, .limit = FIRST_PAGE};
    sync->report.pulled = sync->report.pull_total = 0;
    sync->report.added = sync->report.changed = sync->report.gone = 0;
}

/* A whole queue may be read again for it: not for every page. */
static void tell_records(struct sync *sync, bool is_end)
{
    struct pull *pull = &sync->pull;
    int64_t now = sync_mono_ms(sync);
    if (!sync->records_fn ||
        (!is_end && pull->told_at_ms && now - pull->told_at_ms < TELL_EVERY_MS))
        return;
    pull->told_at_ms = now;
    sync->records_fn(sync->ctx, sync->report.added > 0);
}

/* After the last page; false = it is to be tried again. */
static bool finish(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    struct err err = {0};
    if (pull->has_moved && ++pull->passes < MOST_PASSES) {
        pull->place = (struct argilla_place){0};
        pull->before = 0;
        pull->has_moved = false;
        return true;
    }
    /* what no pass has seen may only have moved: nothing is called gone then */
    if (!pull->has_moved && store_end_pull(sync->store, sync->dataset.row, pull->number,
                                           &sync->report.gone, &err) != STATUS_OK) {
        sync_store_failed(sync, &err);
        return false;
    }
    pull->is_wanted = false;
    tell_records(sync, true);
    return true;
}

/* The next slice of the page into the store. */
static void apply_slice(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    struct pulled pulled = {0};
    struct err err = {0};
    size_t left = pull->page_size - pull->at, count = left < SLICE ? left : SLICE;
    struct record *records = pull->page.records + pull->at;
    if (store_apply_pull(sync->store, sync->dataset.row, pull->number, records, count,
                         &pulled, &err) != STATUS_OK) {
        sync_store_failed(sync, &err);
        return;
    }
    pull->at += count;
    sync->report.added += pulled.added;
    sync->report.changed += pulled.changed;
    size_t pulled_count = pull->before + pull->at;
    if (pulled_count > sync->report.pulled)
        sync->report.pulled = pulled_count;
}

static void on_page(void *ctx, struct argilla_page *page, const struct err *err)
{
    struct sync *sync = ctx;
    struct pull *pull = &sync->pull;
    pull->is_asking = false;
    sync_wake(sync, 0);
    if (err->code == STATUS_FULL && pull->limit > 1) {
        pull->limit /= 2; /* larger than the cap: smaller ones, down to single records */
        return;
    }
    if (err->code != STATUS_OK) {
        sync_failed(sync, err);
        pull->is_wanted = !sync->is_stopped;
        return;
    }
    sync_succeeded(sync);
    size_t ideal = page->bytes ? page->count * AIM_BYTES / page->bytes : MOST_PAGE;
    ideal = ideal < pull->limit * 4 ? ideal : pull->limit * 4;
    ideal = ideal < MOST_PAGE ? ideal : MOST_PAGE;
    pull->limit = ideal > 0 ? ideal : 1;
    pull->page = *page;
    pull->page_size = page->count;
    pull->has_moved = pull->has_moved || page->has_moved;
    pull->page.records = xcalloc(page->count + 1, sizeof *pull->page.records);
    for (size_t i = 0; i < page->count; i++) {
        pull->page.records[i] = page->records[i];
        page->records[i] = (struct record){0};
    }
    sync->report.pull_total = pull->before + page->left;
}

/* ---- the dataset's head, fields and questions ---- */

static void on_shape(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct sync *sync = ctx;
    struct pull *pull = &sync->pull;
    struct dataset fresh = {0};
    struct err fault = {0};
    pull->is_asking = false;
    sync_wake(sync, 0);
    if (err->code != STATUS_OK) {
        sync_failed(sync, err);
        pull->is_wanted = !sync->is_stopped;
        return;
    }
    sync_succeeded(sync);
    pull->has_shape = true;
    if (dataset_equal(dataset, &sync->dataset))
        return;
    dataset_copy(&fresh, dataset);
    if (store_put_dataset(sync->store, &fresh, &fresh.row, NULL, &fault) != STATUS_OK) {
        pull->has_shape = false;
        sync_store_failed(sync, &fault);
    } else {
        fresh.row = sync->dataset.row;
        dataset_copy(&sync->dataset, &fresh);
        if (sync->dataset_fn)
            sync->dataset_fn(sync->ctx, &sync->dataset);
    }
    dataset_clear(&fresh);
}

/* ---- one step ---- */

static void ask(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    struct err err = {0};
    if (pull->has_shape && pull->number == 0 &&
        store_begin_pull(sync->store, &pull->number, &err) != STATUS_OK) {
        sync_store_failed(sync, &err);
        return;
    }
    pull->is_asking = true;
    if (!pull->has_shape) {
        argilla_load_dataset(sync->argilla, &sync->dataset, on_shape, sync);
        return;
    }
    argilla_pull_records(sync->argilla, &sync->dataset, &pull->place, pull->limit,
                         on_page, sync);
}

void pull_step(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    if (!pull->is_wanted || pull->is_asking)
        return;
    if (!pull->page.records) {
        ask(sync);
        return;
    }
    if (pull->at < pull->page_size)
        apply_slice(sync);
    if (!sync_gate_is_open(sync))
        return;
    sync_wake(sync, SLICE_PAUSE_MS);
    if (pull->at < pull->page_size)
        return;
    if (!pull->page.is_last) {
        pull->before += pull->page_size;
        pull->place = pull->page.next;
        tell_records(sync, false);
    } else if (!finish(sync)) {
        return;
    }
    clear_page(pull);
}
