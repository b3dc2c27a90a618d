/* SPDX-License-Identifier: MIT
 *
 * The list behind the page of what is unsent: read when the page opens, and again when
 * the counts change.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "app/app_parts.h"
#include "base/xalloc.h"

/* Items of other datasets are among them; the page is about this one. */
enum { SCANNED_MAX = 1000 };

/* The place of an item's record in the queue; SIZE_MAX = it is of another dataset. */
static size_t number_of(struct app *app, const struct id *id)
{
    struct record record = {0};
    size_t number = SIZE_MAX;
    if (store_get_record(app->store, id, &record, NULL) == STATUS_OK &&
        record.dataset_row == app->session.dataset.row) {
        size_t index = queue_find(&app->session.queue, record.row);
        number = index == SIZE_MAX ? 0 : index + 1;
    }
    record_clear(&record);
    return number;
}

static void take(struct app *app, struct outbox_item *item)
{
    struct unsent *unsent = &app->session.unsent;
    size_t number =
        unsent->count < UNSENT_LISTED_MAX ? number_of(app, &item->record) : SIZE_MAX;
    if (number != SIZE_MAX) {
        unsent->items[unsent->count++] =
            (struct unsent_item){.number = number,
                                 .is_record = item->kind == OUTBOX_RECORD,
                                 .is_refused = item->is_refused,
                                 .attempts = item->attempts,
                                 .reason = item->last_error};
        item->last_error = NULL;
    }
    outbox_item_clear(item);
}

static void list_kind(struct app *app, enum outbox_kind kind)
{
    struct outbox_item *items = NULL;
    size_t count = 0;
    struct err err = {0};
    if (store_list_outbox(app->store, 0, kind, INT64_MAX, SCANNED_MAX, &items, &count,
                          &err) != STATUS_OK) {
        app_notify_err(app, &err);
        return;
    }
    for (size_t i = 0; i < count; i++)
        take(app, &items[i]);
    free(items);
}

/* The refused first, then as the queue has them, a record before the answer to it. */
static int compare(const void *left, const void *right)
{
    const struct unsent_item *a = left;
    const struct unsent_item *b = right;
    if (a->is_refused != b->is_refused)
        return a->is_refused ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (int)b->is_record - (int)a->is_record;
}

void app_list_unsent(struct app *app)
{
    struct unsent *unsent = &app->session.unsent;
    unsent_clear(unsent);
    unsent->counts = app->session.sync.outbox;
    if (!app->session.has_server)
        return;
    unsent->items = xcalloc(UNSENT_LISTED_MAX, sizeof *unsent->items);
    list_kind(app, OUTBOX_RECORD);
    list_kind(app, OUTBOX_RESPONSE);
    qsort(unsent->items, unsent->count, sizeof *unsent->items, compare);
}
