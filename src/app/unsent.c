/* SPDX-License-Identifier: MIT
 *
 * What the server has not confirmed: said after a sync, listed on the page, here and in
 * the store's other datasets.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/server.h"
#include "base/xalloc.h"
#include "net/url.h"
#include "text/sanitise.h"

enum { LISTED_MAX = 1000 };

/* What waits in other datasets of the store would look gone. */
static void count_elsewhere(struct app *app)
{
    struct unsent_elsewhere *elsewhere = &app->session.elsewhere;
    struct dataset *list = NULL;
    size_t count = 0;
    *elsewhere = (struct unsent_elsewhere){0};
    if (store_list_datasets(app->store, &list, &count, NULL) != STATUS_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        struct outbox_counts counts = {0};
        if (list[i].row != app->session.dataset.row)
            store_count_outbox(app->store, list[i].row, &counts);
        size_t waiting = counts.unsent + counts.refused + counts.clashes;
        if (waiting && !elsewhere->count) {
            char *host = url_host(list[i].server);
            char *text = xasprintf("\"%s\" on %s", list[i].name, host ? host : "");
            sanitise_line(text, strlen(text), elsewhere->where, sizeof elsewhere->where);
            free(text);
            free(host);
        }
        elsewhere->count += waiting;
        dataset_clear(&list[i]);
    }
    free(list);
}

/* What is not on the server after all was sent that may be. */
void unsent_say(struct app *app, const struct outbox_counts *counts)
{
    const struct unsent_elsewhere *elsewhere = &app->session.elsewhere;
    const char *page = app_key_name(app, ACTION_OUTBOX).text;
    char rest[256] = "";
    count_elsewhere(app);
    if (elsewhere->count)
        snprintf(rest, sizeof rest, " %zu more wait in %s.", elsewhere->count,
                 elsewhere->where);
    if (counts->refused)
        app_notify(app, NOTICE_WARNING,
                   "The server refuses %zu of the records; %s says why.%s",
                   counts->refused, page, rest);
    else if (counts->clashes)
        app_notify(app, NOTICE_WARNING,
                   "%zu of your responses differ from the server's; %s lists them.%s",
                   counts->clashes, page, rest);
    else if (counts->kept)
        app_notify(
            app, NOTICE_DONE,
            "All is sent but for %zu unfinished %s without a response, kept here.%s",
            counts->kept, counts->kept == 1 ? "answer" : "answers", rest);
    else if (counts->gone)
        app_notify(app, NOTICE_WARNING,
                   "All is sent; %zu records are gone from the server.%s", counts->gone,
                   rest);
    else
        app_notify(app, rest[0] ? NOTICE_WARNING : NOTICE_DONE,
                   "Everything is sent, and all of the server's records are here.%s",
                   rest);
}

/* In the order of the store: the refused and the clashes first. */
static void list_kind(struct app *app, enum outbox_kind kind)
{
    struct unsent *unsent = &app->session.unsent;
    struct outbox_query query = {
        .dataset_row = app->session.dataset.row, .kind = kind, .max = LISTED_MAX};
    struct outbox_item *items = NULL;
    size_t count = 0;
    struct err err = {0};
    if (store_list_outbox(app->store, &query, &items, &count, &err) != STATUS_OK) {
        app_notify_err(app, &err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct outbox_item *item = &items[i];
        size_t index = queue_find(&app->session.queue, item->record_row);
        if (unsent->count < UNSENT_LISTED_MAX) {
            unsent->items[unsent->count++] =
                (struct unsent_item){.number = index == SIZE_MAX ? 0 : index + 1,
                                     .is_record = kind == OUTBOX_RECORD,
                                     .is_refused = item->is_refused,
                                     .is_clash = item->is_clash,
                                     .attempts = item->attempts,
                                     .reason = item->last_error};
            item->last_error = NULL;
        }
        outbox_item_clear(item);
    }
    free(items);
}

/* What is set aside first, then as the queue has them, a record before its response. */
static int compare(const void *left, const void *right)
{
    const struct unsent_item *a = left;
    const struct unsent_item *b = right;
    bool is_a_aside = a->is_refused || a->is_clash;
    bool is_b_aside = b->is_refused || b->is_clash;
    if (is_a_aside != is_b_aside)
        return is_a_aside ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (int)b->is_record - (int)a->is_record;
}

void app_list_unsent(struct app *app)
{
    struct unsent *unsent = &app->session.unsent;
    unsent_clear(unsent);
    unsent->counts = app->session.sync.outbox;
    count_elsewhere(app);
    if (!app->session.has_server)
        return;
    unsent->items = xcalloc(UNSENT_LISTED_MAX, sizeof *unsent->items);
    list_kind(app, OUTBOX_RECORD);
    list_kind(app, OUTBOX_RESPONSE);
    qsort(unsent->items, unsent->count, sizeof *unsent->items, compare);
}
