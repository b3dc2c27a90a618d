/* SPDX-License-Identifier: MIT
 * Which records a selection asks for, and their order: one walk over the dataset. */
#include "config.h"

#include "store/store_search.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/xalloc.h"
#include "store/search_parts.h"
#include "store/store_stats.h"

enum { STEP = 256, PAGE = 16384, RECENT = 1024, SLICE_MS = 15, GAP = 8 };

struct selecting {
    struct store *store;
    struct dataset dataset;
    struct selection selection;
    store_selected_fn fn;
    void *ctx;
    atomic_bool is_cancelled;
    bool knows_names; /* all metadata that is named is there */
    struct naming naming;

    int64_t row;  /* the last that was looked at */
    size_t index; /* of the next */
    bool is_walked, has_first;
    bool orders_first; /* the costly terms are looked at in the order */
    struct ordering ordering;
    struct selected *page;
    size_t page_count;
    struct err err;
};

/* The first record is there soonest when the cheaper of the two comes first. */
static bool is_order_cheaper(const struct selection *selection)
{
    static const enum selection_kind costs[] = {
        [ORDER_DATASET] = SELECT_RATING,   [ORDER_RANDOM] = SELECT_RATING,
        [ORDER_RATING] = SELECT_RATING,    [ORDER_INSERTED] = SELECT_RATING,
        [ORDER_ANSWERED] = SELECT_RATING,  [ORDER_METADATA] = SELECT_AGENT,
        [ORDER_SCORE] = SELECT_AGENT,      [ORDER_VALUE] = SELECT_AGENT,
        [ORDER_UPDATED] = SELECT_RATING,   [ORDER_LENGTH] = SELECT_LENGTH,
        [ORDER_DISAGREEMENT] = SELECT_TEXT};
    enum selection_kind cost = SELECT_STATUS;
    for (size_t k = 0; k < selection->order_count; k++)
        if (costs[selection->orders[k].kind] > cost)
            cost = costs[selection->orders[k].kind];
    for (size_t i = 0; i < selection->count; i++)
        if (selection->terms[i].kind > cost)
            return true;
    return false;
}

/* ---- the walk ---- */

static void look_at(struct selecting *selecting, struct db *db,
                    const struct queue_row *row)
{
    struct look look = {.db = db, .dataset = &selecting->dataset, .row = *row};
    struct ordering *ordering = &selecting->ordering;
    if (selecting->index == 0)
        ordering->first = row->row;
    if (row->row - ordering->first > UINT32_MAX)
        err_set(&selecting->err, STATUS_FULL,
                "The store has held too many records for a filter.");
    if (look_meets(&look, &selecting->selection,
                   selecting->orders_first ? SELECT_RATING : SELECT_TEXT))
        ordering_add(ordering, selecting->index, row);
    look_end(&look);
    selecting->row = row->row;
    selecting->index++;
}

static void read_row(struct query *query, struct queue_row *row)
{
    *row =
        queue_as_counted((struct queue_row){.row = query_get_int(query, 0),
                                            .status = (uint8_t)query_get_int(query, 1),
                                            .rating = (int8_t)query_get_int(query, 2),
                                            .flags = (uint16_t)query_get_int(query, 3)});
}

/* Some records further. */
static void step(struct selecting *selecting, struct db *db)
{
    struct queue_row rows[STEP];
    size_t count = 0, before = selecting->ordering.count;
    struct query query =
        query_start(db, "SELECT row, status, rating, flags FROM record"
                        " INDEXED BY record_queue WHERE dataset = ? AND row > ?"
                        " ORDER BY row LIMIT ?");
    query_int(&query, selecting->dataset.row);
    query_int(&query, selecting->row);
    query_int(&query, STEP);
    while (count < STEP && query_row(&query))
        read_row(&query, &rows[count++]);
    if (query_end(&query, &selecting->err) != STATUS_OK)
        return;
    for (size_t i = 0; i < count; i++)
        look_at(selecting, db, &rows[i]);
    ordering_read(&selecting->ordering, db, before);
    selecting->is_walked = count < STEP;
    if (selecting->is_walked && selecting->selection.order_count)
        ordering_settle(&selecting->ordering);
}

static bool is_met(struct db *db, const struct dataset *dataset,
                   const struct selection *selection, int64_t row)
{
    struct look look = {.db = db, .dataset = dataset};
    struct query query = query_start(db, "SELECT row, status, rating, flags FROM record"
                                         " WHERE dataset = ? AND row = ?");
    query_int(&query, dataset->row);
    query_int(&query, row);
    bool is_met = query_row(&query);
    if (is_met)
        read_row(&query, &look.row);
    query_end_logged(&query);
    is_met = is_met && look_meets(&look, selection, SELECT_TEXT);
    look_end(&look);
    return is_met;
}

/* Some of what was found are handed out: in the order, once all are there. */
static void hand_out(struct selecting *selecting, struct db *db)
{
    struct ordering *ordering = &selecting->ordering;
    struct selected *page = selecting->page;
    if (!selecting->selection.order_count) {
        selecting->page_count +=
            ordering_take_all(ordering, page + selecting->page_count);
        return;
    }
    for (size_t i = 0; i < STEP && selecting->is_walked && ordering->count; i++) {
        struct selected first = ordering_take(ordering);
        if (!selecting->orders_first ||
            is_met(db, &selecting->dataset, &selecting->selection, first.row))
            page[selecting->page_count++] = first;
    }
}

static bool is_over(const struct selecting *selecting)
{
    return selecting->is_walked && selecting->ordering.count == 0;
}

static void run_slice(void *ctx)
{
    struct selecting *selecting = ctx;
    struct store *store = selecting->store;
    struct err *err = &selecting->err;
    int64_t end_ms = clock_mono_ms(&clock_system) + SLICE_MS;
    selecting->page_count = 0;
    struct db *db = store_long_reader(store, err);
    if (!db || db_begin_read(db, err) != STATUS_OK)
        return;
    if (!selecting->knows_names)
        selecting->knows_names =
            look_up_names(&selecting->naming, db, &selecting->dataset,
                          &selecting->selection, end_ms, err);
    while (selecting->knows_names && err->code == STATUS_OK && !is_over(selecting) &&
           !(selecting->page_count && !selecting->has_first) &&
           selecting->page_count + STEP <= PAGE && !atomic_load(&store->is_closing) &&
           !atomic_load(&selecting->is_cancelled) &&
           clock_mono_ms(&clock_system) < end_ms) {
        if (!selecting->is_walked)
            step(selecting, db);
        hand_out(selecting, db);
    }
    selecting->has_first |= selecting->page_count > 0;
    db_rollback(db);
    if (selecting->is_walked) /* whoever takes them needs the memory now */
        ordering_shrink(&selecting->ordering);
}

static void end_slice(void *ctx)
{
    struct selecting *selecting = ctx;
    struct store *store = selecting->store;
    bool is_cancelled = atomic_load(&selecting->is_cancelled);
    bool is_failed = selecting->err.code != STATUS_OK;
    bool ends = is_over(selecting) || is_failed || atomic_load(&store->is_closing);
    if (!is_cancelled)
        selecting->fn(selecting->ctx, selecting->page,
                      is_failed ? 0 : selecting->page_count, ends, &selecting->err);
    if (!ends && !atomic_load(&selecting->is_cancelled)) {
        store_read_long(store, run_slice, end_slice, selecting);
        return;
    }
    dataset_clear(&selecting->dataset);
    selection_clear(&selecting->selection);
    ordering_clear(&selecting->ordering);
    free(selecting->page);
    free(selecting);
}

struct selecting *store_select(struct store *store, const struct dataset *dataset,
                               const struct selection *selection, bool refuses_unknown,
                               store_selected_fn fn, void *ctx)
{
    struct selecting *selecting = xcalloc(1, sizeof *selecting);
    selecting->store = store;
    selecting->fn = fn;
    selecting->ctx = ctx;
    selecting->knows_names = !refuses_unknown;
    dataset_copy(&selecting->dataset, dataset);
    selection_copy(&selecting->selection, selection);
    selecting->page = xcalloc(PAGE, sizeof *selecting->page);
    selecting->orders_first = selection->order_count && is_order_cheaper(selection);
    ordering_start(&selecting->ordering, &selecting->dataset, &selecting->selection);
    store_read_long(store, run_slice, end_slice, selecting);
    return selecting;
}

void store_select_cancel(struct selecting *selecting)
{
    if (selecting)
        atomic_store(&selecting->is_cancelled, true);
}

bool store_is_selected(struct store *store, const struct dataset *dataset,
                       const struct selection *selection, int64_t row)
{
    return is_met(store->db, dataset, selection, row);
}
