/* SPDX-License-Identifier: MIT
 *
 * The server's records into the store: the dataset's questions first, then page after
 * page, each in slices that keep no key waiting, and at the end what the server has no
 * more. A page that fails is asked for again when the gate opens; where a pull of all
 * stands is a note in the store, so that the next start goes on there.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A server does not tell by time that a suggestion changed or an answer of others was
 * taken away. A sum of the suggestions tells most of it; once a day all is read. */
#define WHOLE_EVERY_MS (INT64_C(24) * 3600 * 1000)

void pull_clear_page(struct pull *pull)
{
    for (size_t i = 0; i < pull->page_size; i++)
        record_clear(&pull->page.records[i]);
    free(pull->page.records);
    pull->page = (struct argilla_page){0};
    pull->page_size = pull->at = 0;
}

void pull_begin(struct sync *sync, bool wants_all)
{
    struct pull *pull = &sync->pull;
    if (pull->is_wanted) {
        pull->wants_all = pull->wants_all || wants_all;
        return;
    }
    pull_clear_page(pull);
    *pull = (struct pull){.is_wanted = true,
                          .wants_all = wants_all,
                          .fresh = wants_all ? 0 : sync->fresh,
                          .limit = !wants_all && sync->fresh ? 1 : FIRST_PAGE};
    sync->fresh = 0;
    sync->report.pulled = sync->report.pull_total = 0;
    sync->report.added = sync->report.changed = sync->report.gone = 0;
}

/* ---- from one phase to the next ---- */

static void enter(struct sync *sync, enum pull_phase phase)
{
    struct pull *pull = &sync->pull;
    struct argilla_place place = {0};
    if (phase == PULL_NEW)
        place = pull->memory.end;
    place.kind = phase == PULL_MARK       ? ARGILLA_NEWEST
                 : phase == PULL_CHANGED  ? ARGILLA_CHANGED
                 : phase == PULL_ANSWERED ? ARGILLA_ANSWERED
                                          : ARGILLA_ALL;
    if (phase == PULL_CHANGED)
        memcpy(place.after, pull->memory.since, sizeof place.after);
    if (phase == PULL_NEW || phase == PULL_CHANGED)
        sent_bound(&sync->sent, &place);
    pull->base += pull->before;
    pull->before = 0;
    pull->phase = phase;
    pull->place = place;
}

/* All of them, from the first; or where it was broken off. */
static void enter_all(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    struct pull_memory *memory = &pull->memory;
    enter(sync, PULL_ALL);
    pull->has_all = true;
    if (memory->number == pull->number) {
        pull->is_resumed = true;
        pull->place = memory->place;
        pull->before = memory->before;
        return;
    }
    memory->number = pull->number;
    memory->place = (struct argilla_place){0};
    memory->before = 0;
    memcpy(memory->since, pull->mark, sizeof memory->since);
    memory_write(sync);
}

static bool take_number(struct sync *sync)
{
    struct err err = {0};
    if (store_begin_pull(sync->store, &sync->pull.number, &err) == STATUS_OK)
        return true;
    sync_store_failed(sync, &err);
    return false;
}

static bool begin(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    const struct pull_memory *memory = &pull->memory;
    bool is_exact = argilla_pull_is_exact(sync->argilla);
    memory_read(sync);
    /* a number in the list of an older server, which was upgraded since */
    bool is_void = is_exact && memory->place.skip && !memory->place.after[0];
    pull->wants_all = pull->wants_all || is_void;
    if (memory->number && !is_void) {
        pull->number = memory->number;
        enter_all(sync);
        return true;
    }
    if (!take_number(sync))
        return false;
    int64_t age = clock_wall_ms(sync->clock) - memory->done_ms;
    pull->wants_all = pull->wants_all || !is_exact ||
                      (memory->done_ms && (age < 0 || age > WHOLE_EVERY_MS));
    if (is_exact)
        enter(sync, PULL_MARK);
    else
        enter_all(sync);
    return true;
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

static void end_pull(struct sync *sync)
{
    sync->pull.is_wanted = false;
    memory_write(sync);
    sent_end(sync, sync->pull.memory.since);
    tell_records(sync, true);
}

/* After the last page of all; false = it is to be tried again. */
static bool finish_all(struct sync *sync)
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
    if (!pull->has_moved && !pull->skipped &&
        store_end_pull(sync->store, sync->dataset.row, pull->number, &sync->report.gone,
                       &err) != STATUS_OK) {
        sync_store_failed(sync, &err);
        return false;
    }
    pull->memory.number = 0;
    pull->memory.end = pull->page.next;
    pull->memory.done_ms = sync->report.whole_ms = clock_wall_ms(sync->clock);
    /* what was read before it was broken off may have changed since */
    if (!argilla_pull_is_exact(sync->argilla))
        end_pull(sync);
    else if (!pull->is_resumed || !pull->memory.since[0])
        enter(sync, PULL_SUM);
    else if (take_number(sync))
        enter(sync, PULL_CHANGED);
    else
        return false;
    return true;
}

/* What is new is here: whether something is gone the numbers tell. A search that lags
 * behind for good is not a reason to read all each time. */
static bool finish_news(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    if (pull->has_all) {
        enter(sync, PULL_SUM);
        return true;
    }
    size_t here = store_count_there(sync->store, sync->dataset.row);
    size_t unseen = store_count_unseen(sync->store, sync->dataset.row, pull->number);
    bool reads_all = pull->wants_all || here != pull->there ||
                     (unseen && unseen != pull->memory.unseen);
    if (reads_all && !take_number(sync))
        return false;
    pull->memory.unseen = unseen;
    if (reads_all) {
        enter_all(sync);
        return true;
    }
    memcpy(pull->memory.since, pull->mark, sizeof pull->mark);
    pull->memory.sum = pull->sum ? pull->sum : pull->memory.sum;
    if (!pull->memory.done_ms)
        pull->memory.done_ms = sync->report.whole_ms = clock_wall_ms(sync->clock);
    end_pull(sync);
    return true;
}

/* What the suggestions were when they were read last; of a dataset that we made ours. */
static bool has_other_suggestions(const struct pull *pull)
{
    int64_t known = pull->memory.sum;
    if (!pull->memory.done_ms)
        known = (int64_t)ARGILLA_NO_SUGGESTIONS;
    return pull->sum && known && pull->sum != known;
}

/* After the last page of a phase; false = it is to be tried again. */
static bool finish(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    struct pull_memory *memory = &pull->memory;
    size_t sent;
    switch (pull->phase) {
    case PULL_MARK:
        sent = sent_begin(sync, memory->since);
        if (pull->wants_all || (!memory->end.after[0] && 2 * sent < pull->there)) {
            enter_all(sync);
            return true;
        }
        if (!memory->since[0]) /* all is new */
            memcpy(memory->since, pull->mark, sizeof memory->since);
        enter(sync, PULL_SUM);
        return true;
    case PULL_SUM:
        if (pull->has_all) {
            pull->memory.sum = pull->sum;
            end_pull(sync);
        } else if (has_other_suggestions(pull)) {
            enter_all(sync);
        } else {
            enter(sync, sync->sent.count ? PULL_SENT : PULL_NEW);
            sent_ask(&sync->sent, &pull->place);
        }
        return true;
    case PULL_SENT:
        sent_told(&sync->sent, pull->page.left);
        if (!sent_ask(&sync->sent, &pull->place))
            enter(sync, PULL_NEW);
        return true;
    case PULL_NEW:
        if (sent_skip(&sync->sent, &pull->place))
            return true;
        pull->memory.end = pull->page.next;
        enter(sync, PULL_CHANGED);
        return true;
    case PULL_CHANGED:
        if (sent_skip(&sync->sent, &pull->place))
            return true;
        enter(sync, PULL_ANSWERED);
        return true;
    case PULL_ANSWERED:
        return finish_news(sync);
    case PULL_ALL:
        break;
    }
    return finish_all(sync);
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
    size_t pulled_count = pull->base + pull->before + pull->at;
    if (pulled_count > sync->report.pulled)
        sync->report.pulled = pulled_count;
}

/* Where no time tells what is new the list does: as many records as are known here, and
 * what was sent since the last pull stands at its end. */
static void leave_out_ours(struct sync *sync, struct argilla_page *page)
{
    struct pull *pull = &sync->pull;
    if (argilla_pull_is_exact(sync->argilla))
        return;
    if (!pull->place.skip &&
        store_count_there(sync->store, sync->dataset.row) == page->left)
        pull->skipped = pull->fresh < page->left ? pull->fresh : page->left;
    page->left -= pull->skipped < page->left ? pull->skipped : page->left;
    page->is_last = page->is_last || page->left <= page->count;
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
    if (pull->phase == PULL_MARK) {
        memcpy(pull->mark, page->next.after, sizeof pull->mark);
        pull->there = page->left;
    }
    if (pull->phase <= PULL_SENT) { /* the time and the number are all that is wanted */
        page->count = 0;
        page->is_last = true;
    }
    leave_out_ours(sync, page);
    size_t ideal = page->bytes ? page->count * AIM_BYTES / page->bytes : MOST_PAGE;
    ideal = ideal < pull->limit * 4 ? ideal : pull->limit * 4;
    ideal = ideal < MOST_PAGE ? ideal : MOST_PAGE;
    if (pull->phase > PULL_SENT)
        pull->limit = ideal > 0 ? ideal : 1;
    if (pull->skipped && !page->is_last && page->left - page->count < pull->limit)
        pull->limit = page->left - page->count;
    pull->page = *page;
    pull->page_size = page->count;
    pull->has_moved = pull->has_moved || page->has_moved;
    pull->page.records = xcalloc(page->count, sizeof *pull->page.records);
    for (size_t i = 0; i < page->count; i++) {
        pull->page.records[i] = page->records[i];
        page->records[i] = (struct record){0};
    }
    if (pull->phase > PULL_SENT)
        sync->report.pull_total = pull->base + pull->before + page->left;
}

/* As a page without records. A server that cannot tell it is not asked again and again.
 */
static void on_sum(void *ctx, uint64_t sum, const struct err *err)
{
    struct sync *sync = ctx;
    bool is_known = err->code == STATUS_OK;
    bool goes_on = err->code == STATUS_REFUSED || err->code == STATUS_NOT_FOUND ||
                   err->code == STATUS_PROTOCOL || err->code == STATUS_AUTH;
    sync->pull.sum = is_known ? (int64_t)sum : 0;
    on_page(sync, &(struct argilla_page){.is_last = true},
            goes_on ? &(struct err){0} : err);
}

/* ---- the dataset's head, fields and questions ---- */

static void on_shape(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct sync *sync = ctx;
    struct pull *pull = &sync->pull;
    pull->is_asking = false;
    sync_wake(sync, 0);
    if (err->code != STATUS_OK) {
        sync_failed(sync, err);
        pull->is_wanted = !sync->is_stopped;
        return;
    }
    sync_succeeded(sync);
    pull->has_shape = sync_take_shape(sync, dataset);
}

/* ---- one step ---- */

static void ask(struct sync *sync)
{
    struct pull *pull = &sync->pull;
    if (pull->has_shape && pull->number == 0 && !begin(sync))
        return;
    pull->is_asking = true;
    if (!pull->has_shape) {
        argilla_load_dataset(sync->argilla, &sync->dataset, on_shape, sync);
        return;
    }
    if (pull->phase == PULL_SUM) {
        argilla_sum_suggestions(sync->argilla, &sync->dataset, on_sum, sync);
        return;
    }
    argilla_pull_records(sync->argilla, &sync->dataset, &pull->place,
                         pull->phase <= PULL_SENT ? 1 : pull->limit, on_page, sync);
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
        if (pull->phase == PULL_ALL) {
            pull->memory.place = pull->place;
            pull->memory.before = pull->before;
            memory_write(sync);
        }
        tell_records(sync, false);
    } else if (!finish(sync)) {
        return;
    }
    pull_clear_page(pull);
}
