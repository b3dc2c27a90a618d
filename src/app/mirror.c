/* SPDX-License-Identifier: MIT
 *
 * The mirror: sync's reports in the session, its wishes, and what the server has not
 * confirmed, here and in the store's other datasets.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/choice.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "net/url.h"

enum { LISTED_MAX = 1000, SILENCE_MS = 5000 };

void mirror_show_counts(struct app *app)
{
    struct session *session = &app->session;
    session->news++;
    if (session->has_server || session->dataset.row)
        store_count_outbox(app->store, session->dataset.row, &session->sync.outbox);
}

void mirror_follow(struct app *app)
{
    mirror_show_counts(app);
    if (app->session.has_server && app->loads_queue)
        mirror_count_elsewhere(app);
    app_changed(app);
}

static void on_silence(void *ctx)
{
    struct app *app = ctx;
    app->session.sync.silent_since_ms = clock_wall_ms(app->clock) - SILENCE_MS;
    app_notify(app, NOTICE_WARNING,
               "%s has not replied for %d s. Work goes on, all is kept here; it is "
               "waited for.",
               app->session.server, SILENCE_MS / 1000);
    app_changed(app);
}

void mirror_set_linking(struct app *app, bool is_linking)
{
    app->is_linking = is_linking;
    app->session.sync.silent_since_ms = 0;
    loop_timer_stop(app->silence_timer);
    if (is_linking)
        loop_timer_start(app->silence_timer, SILENCE_MS, 0);
}

/* What waits in other datasets of the store would look gone. */
void mirror_count_elsewhere(struct app *app)
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
        size_t waiting = counts.unsent + counts.deleted + counts.refused + counts.clashes;
        if (waiting && !elsewhere->count) {
            char *host = url_host(list[i].server);
            snprintf(elsewhere->where, sizeof elsewhere->where, "\"%s\"%s on %s",
                     list[i].name, list[i].is_gone ? ", deleted," : "", host ? host : "");
            free(host);
        }
        elsewhere->count += waiting;
        bool is_here = app->server.url && !strcmp(list[i].server, app->server.url);
        if (is_here && !list[i].is_gone)
            elsewhere->on_server += waiting;
        else if (is_here && !strcmp(list[i].name, app->session.dataset.name))
            elsewhere->to_move += waiting;
    }
    datasets_free(list, count);
}

/* What is not on the server after all was sent that may be. */
static void say_done(struct app *app, const struct outbox_counts *counts)
{
    const struct unsent_elsewhere *elsewhere = &app->session.elsewhere;
    struct key_name page = app_key_name(app, ACTION_OUTBOX);
    char rest[256] = "";
    mirror_count_elsewhere(app);
    if (elsewhere->count)
        snprintf(rest, sizeof rest, " %zu more wait in %s.", elsewhere->count,
                 elsewhere->where);
    if (counts->refused)
        app_notify(app, NOTICE_WARNING,
                   "The server refuses %zu of the records; %s says why.%s",
                   counts->refused, page.text, rest);
    else if (counts->clashes)
        app_notify(app, NOTICE_WARNING,
                   "%zu of your responses %s from the server's; %s lists %s.%s",
                   counts->clashes, counts->clashes == 1 ? "differs" : "differ",
                   page.text, counts->clashes == 1 ? "it" : "them", rest);
    else if (counts->unsent)
        app_notify(app, NOTICE_INFO, "%zu %s for a record that is still being written.%s",
                   counts->unsent, counts->unsent == 1 ? "answer waits" : "answers wait",
                   rest);
    else if (counts->kept)
        app_notify(
            app, NOTICE_DONE,
            "All is sent but for %zu unfinished %s without a response, kept here.%s",
            counts->kept, counts->kept == 1 ? "answer" : "answers", rest);
    else if (counts->gone)
        app_notify(app, NOTICE_WARNING,
                   "All is sent; %zu of the records %s gone from the server, %s says "
                   "what one can do.%s",
                   counts->gone, counts->gone == 1 ? "is" : "are", page.text, rest);
    else
        app_notify(app, rest[0] ? NOTICE_WARNING : NOTICE_DONE,
                   "Everything is sent, and all of the server's records are here.%s",
                   rest);
}

/* ---- the server's dataset ---- */

static void adopt_later(void *ctx)
{
    struct app *app = ctx;
    if (!app->is_closing && app->found.name)
        app->on_found(app);
}

void mirror_take_found(struct app *app, const struct dataset *dataset, bool is_stored)
{
    dataset_copy(&app->found, dataset);
    app->found.row = app->session.dataset.row;
    setting_text(&app->found.server, app->server.url);
    app->is_found_stored = is_stored;
    mirror_set_linking(app, true);
    loop_timer_start(app->found_timer, 0, 0);
}

void mirror_open(struct app *app)
{
    app->found_timer = loop_timer_new(app->loop, adopt_later, app);
    app->silence_timer = loop_timer_new(app->loop, on_silence, app);
}

/* A dataset that has no server now, and what one can do. */
static void say_without_server(const struct app *app, char *out, size_t size)
{
    const struct dataset *dataset = &app->session.dataset;
    const struct server_settings *chosen =
        setting_choose_server(app->settings, &(struct err){0});
    struct dataset anew = *dataset; /* borrows */
    anew.is_gone = false;
    char *where = dataset_word(dataset), *there = dataset_word(&anew);
    char *name = words_quote(dataset->name);
    if (dataset->is_gone)
        snprintf(out, size,
                 "\"%s\" was deleted on %s and made anew; this is what it had. sherd "
                 "dataset move %s %s takes it over, sherd dataset forget %s drops it.",
                 dataset->name, dataset->server, where, there, where);
    else if (*dataset->server)
        snprintf(out, size,
                 "%s is not configured: what is answered is kept here, and waits for it.",
                 dataset->server);
    else if (chosen)
        snprintf(out, size,
                 "This dataset is here alone: sherd sync --dataset %s takes it to %s.",
                 name, chosen->url ? chosen->url : chosen->name);
    free(where);
    free(there);
    free(name);
}

/* Its server has it no more, or never had it. */
static void say_missing(const struct app *app, char *out, size_t size)
{
    const struct session *session = &app->session;
    const struct dataset *dataset = &session->dataset;
    struct key_name create = app_key_name(app, ACTION_CREATE);
    char *where = dataset_word(dataset);
    if (dataset->is_gone)
        snprintf(
            out, size,
            "%s has no dataset \"%s\" any more: %s%s, sherd dataset move %s TO takes "
            "what is here to another, sherd dataset forget %s drops it.",
            session->server, dataset->name, session->can_log ? create.text : "ask an",
            session->can_log ? " creates it anew" : " owner to make it anew", where,
            where);
    else if (!session->can_log)
        snprintf(out, size,
                 "%s has no dataset \"%s\": ask an owner to make it. What is here is "
                 "kept.",
                 session->server, dataset->name);
    else
        snprintf(out, size,
                 "%s has no dataset \"%s\": %s offers to create it. Until then records "
                 "are kept here.",
                 session->server, dataset->name, create.text);
    free(where);
}

void app_say_alone(struct app *app)
{
    struct session *session = &app->session;
    const struct dataset *dataset = &session->dataset;
    const struct settings *settings = app->settings;
    char *out = session->alone;
    size_t size = sizeof session->alone;
    snprintf(out, size,
             "No server is configured: set ARGILLA_API_URL and ARGILLA_API_KEY, or add a "
             "[server NAME] with a url to %s.",
             settings->path ? settings->path : "the config file");
    if (session->dataset_missing)
        say_missing(app, out, size);
    else if (session->is_demo)
        snprintf(out, size, "The demo is on no server: all of it goes when you leave.");
    else if (settings->is_local)
        snprintf(out, size, "With --local nothing goes to a server: all is kept here.");
    else if (dataset->row)
        say_without_server(app, out, size);
    if (session->dataset_missing ||
        (!settings->is_local && dataset->row && *dataset->server))
        app_notify(app, NOTICE_WARNING, "%s", out);
}

/* ---- what sync says ---- */

static void say_away(struct app *app, const struct sync_report *report)
{
    app_notify(app, NOTICE_WARNING, "%s Work goes on; it is tried again.",
               report->err.text);
}

/* Who asked for a sync is told how it ended; what goes on by itself is not told. */
static void say_ended(struct app *app, const struct sync_report *report)
{
    bool has_failed =
        report->state == SYNC_WAITING && report->retry_at_ms != app->asked_retry_ms;
    bool is_done = report->state == SYNC_IDLE && !report->is_pulling;
    if (!has_failed && !is_done && report->state != SYNC_STOPPED)
        return;
    app->is_sync_asked = false;
    if (has_failed)
        say_away(app, report);
    else if (is_done)
        say_done(app, &report->outbox);
}

/* count of them are open; the one that was answered last is named. */
static void say_clash(struct app *app, size_t count)
{
    const struct outbox_query query = {.dataset_row = app->session.dataset.row,
                                       .kind = OUTBOX_RESPONSE,
                                       .max = LISTED_MAX};
    struct outbox_item *items = NULL, *last = NULL;
    size_t length = 0;
    (void)store_list_outbox(app->store, &query, &items, &length, NULL);
    for (size_t i = 0; i < length; i++)
        if (items[i].is_clash && (!last || items[i].version > last->version))
            last = &items[i];
    size_t index = last ? queue_find(&app->session.queue, last->record_row) : SIZE_MAX;
    char where[48] = "";
    if (index != app->session.queue.position)
        snprintf(where, sizeof where, ":%zu goes there, ", index + 1);
    if (index != SIZE_MAX)
        app_notify(app, NOTICE_WARNING,
                   "#%zu: the server has another answer of yours; %s%s keeps yours, %s "
                   "takes the other.",
                   index + 1, where, app_key_name(app, ACTION_KEEP_MINE).text,
                   app_key_name(app, ACTION_TAKE_THEIRS).text);
    else
        app_notify(app, NOTICE_WARNING,
                   "The server has other answers of yours to %zu of the records; %s "
                   "lists them.",
                   count, app_key_name(app, ACTION_OUTBOX).text);
    outbox_items_free(items, length);
}

static void on_report(void *ctx, const struct sync_report *report)
{
    struct app *app = ctx;
    const struct sync_report before = app->session.sync;
    const struct outbox_counts told = app->told; /* others' are on the screen before */
    app->session.sync = *report;
    app->session.news++;
    app->told = report->outbox;
    if (before.is_pulling && !report->is_pulling && !app->is_closing)
        app->on_loaded(app);
    bool has_stopped = report->state == SYNC_STOPPED && before.state != SYNC_STOPPED;
    if (has_stopped && report->err.code == STATUS_NOT_FOUND && !app->has_looked)
        app->on_lost(app); /* it was deleted, or made anew */
    else if (has_stopped && report->err.code)
        app_notify_err(app, &report->err);
    else if (app->is_sync_asked)
        say_ended(app, report);
    else if (report->state == SYNC_WAITING && report->offline_since_ms &&
             !before.offline_since_ms)
        say_away(app, report); /* once; the status line keeps saying since when */
    if (*report->notice && strcmp(before.notice, report->notice) != 0)
        app_notify(app, NOTICE_WARNING, "%s", report->notice);
    if (report->outbox.gone > told.gone)
        app_notify(app, NOTICE_WARNING,
                   "The server has %zu of the records no more. What you answered is kept "
                   "here; %s says what one can do.",
                   report->outbox.gone, app_key_name(app, ACTION_OUTBOX).text);
    if (report->outbox.clashes > told.clashes)
        say_clash(app, report->outbox.clashes);
    app_changed(app);
}

static void on_records(void *ctx, bool has_new)
{
    struct app *app = ctx;
    (void)has_new;
    if (!app->is_closing)
        app->on_pulled(app);
}

static void on_changed(void *ctx, const struct dataset *dataset)
{
    struct app *app = ctx;
    if (!app->is_linking && !app->is_closing)
        mirror_take_found(app, dataset, true);
}

void mirror_drop(struct app *app)
{
    sync_free(app->sync);
    app->sync = NULL;
}

void mirror_start(struct app *app)
{
    struct session *session = &app->session;
    mirror_drop(app);
    app->sync = sync_new(&(struct sync_setup){.loop = app->loop,
                                              .clock = app->clock,
                                              .store = app->store,
                                              .argilla = app->argilla,
                                              .dataset = &session->dataset,
                                              .strip = app->settings->strip,
                                              .fn = on_report,
                                              .records_fn = on_records,
                                              .dataset_fn = on_changed,
                                              .ctx = app});
    session->sync = *sync_report(app->sync);
    app->told = session->sync.outbox;
}

void mirror_sync(struct app *app, bool reads_all)
{
    sync_now(app->sync);
    if (app->loads_queue && reads_all)
        sync_pull(app->sync);
    else if (app->loads_queue)
        sync_look(app->sync);
}

/* ---- what it is asked for ---- */

void app_pull(struct app *app)
{
    if (app->sync)
        sync_look(app->sync);
}

void mirror_poke(struct app *app)
{
    bool has_any = app->has_draft || app->has_final, is_draft = !app->has_final;
    app->has_draft = app->has_final = false;
    if (!app->sync || app->is_closing)
        mirror_show_counts(app);
    else if (has_any)
        sync_poke(app->sync, is_draft);
}

bool mirror_is_busy(const struct app *app)
{
    if (app->is_linking || app->is_link_due)
        return true;
    const struct sync_report *report = app->sync ? sync_report(app->sync) : NULL;
    return report && (report->state == SYNC_RUNNING ||
                      (report->state == SYNC_IDLE && report->is_pulling));
}

bool mirror_send_rest(struct app *app)
{
    if (app->sync) /* who waited looks at it now, told or not */
        app->session.sync = *sync_report(app->sync);
    if (!app->sync || app->session.sync.state != SYNC_IDLE)
        return false;
    struct outbox_counts counts = {0};
    store_count_outbox(app->store, app->session.dataset.row, &counts);
    if (!counts.unsent || counts.unsent == app->last_unsent)
        return false;
    app->last_unsent = counts.unsent;
    sync_now(app->sync);
    return true;
}

/* ---- the list of what is unsent ---- */

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
    for (size_t i = 0; i < count && unsent->count < UNSENT_LISTED_MAX; i++) {
        struct outbox_item *item = &items[i];
        struct record record = {0}; /* of a clash */
        size_t index = queue_find(&app->session.queue, item->record_row);
        if (item->is_clash &&
            store_get_record(app->store, &item->record, &record, NULL) == STATUS_OK) {
            free(item->last_error);
            item->last_error = choice_word_response(
                "the server's: ", &app->session.dataset, &record.theirs);
        }
        record_clear(&record);
        unsent->items[unsent->count++] =
            (struct unsent_item){.number = index == SIZE_MAX ? 0 : index + 1,
                                 .is_record = kind == OUTBOX_RECORD,
                                 .is_deletion = kind == OUTBOX_DELETE,
                                 .due_ms = kind == OUTBOX_DELETE ? item->next_try_ms : 0,
                                 .is_refused = item->is_refused,
                                 .is_clash = item->is_clash,
                                 .attempts = item->attempts,
                                 .reason = item->last_error};
        item->last_error = NULL;
    }
    outbox_items_free(items, count);
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
    unsent->news = app->session.news;
    mirror_count_elsewhere(app);
    unsent->items = xcalloc(UNSENT_LISTED_MAX, sizeof *unsent->items);
    list_kind(app, OUTBOX_RECORD);
    list_kind(app, OUTBOX_RESPONSE);
    list_kind(app, OUTBOX_DELETE);
    qsort(unsent->items, unsent->count, sizeof *unsent->items, compare);
}
