/* SPDX-License-Identifier: MIT
 *
 * What the server and our disk let us do: after a failure nothing is tried for a while,
 * or until the user has mended the cause.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "base/xalloc.h"
#include "net/retry.h"
#include "sync/state.h"

int64_t sync_mono_ms(const struct sync *sync)
{
    return clock_mono_ms(sync->clock);
}

void sync_wake(struct sync *sync, int64_t delay_ms)
{
    int64_t now = sync_mono_ms(sync);
    delay_ms = delay_ms > 0 ? delay_ms : 0;
    if (now + delay_ms >= sync->wake_at_ms)
        return;
    sync->wake_at_ms = now + delay_ms;
    loop_timer_start(sync->timer, delay_ms, 0);
}

void sync_tell(struct sync *sync)
{
    struct sync_report *report = &sync->report;
    store_count_outbox(sync->store, sync->dataset.row, &report->outbox);
    report->is_pulling = sync->pull.is_wanted;
    snprintf(report->notice, sizeof report->notice, "%s", argilla_notice(sync->argilla));
    const struct sync_report *a = report, *b = &sync->told;
    bool is_same =
        a->state == b->state && a->outbox.unsent == b->outbox.unsent &&
        a->outbox.deleted == b->outbox.deleted &&
        a->outbox.refused == b->outbox.refused &&
        a->outbox.clashes == b->outbox.clashes && a->outbox.kept == b->outbox.kept &&
        a->outbox.gone == b->outbox.gone && a->sent == b->sent &&
        a->pulled == b->pulled && a->added == b->added && a->changed == b->changed &&
        a->gone == b->gone && a->pull_total == b->pull_total &&
        a->is_pulling == b->is_pulling && a->is_elsewhere == b->is_elsewhere &&
        a->retry_at_ms == b->retry_at_ms && a->offline_since_ms == b->offline_since_ms &&
        a->silent_since_ms == b->silent_since_ms && a->err.code == b->err.code &&
        strcmp(a->err.text, b->err.text) == 0 && strcmp(a->notice, b->notice) == 0;
    if (is_same && !sync->is_untold)
        return;
    sync->is_untold = false;
    sync->told = *report;
    if (sync->fn)
        sync->fn(sync->ctx, &sync->told);
}

const struct sync_report *sync_report(const struct sync *sync)
{
    return &sync->told;
}

static int64_t backoff_ms(int attempt, int64_t server_ms)
{
    struct http_reply reply = {.code = 503, .retry_after_ms = server_ms};
    struct id id; /* one number that spreads several processes */
    id_random(&id);
    int64_t delay = retry_delay(&retry_server, attempt, &reply, id.bytes[0] / 256.0);
    return delay < 0 ? retry_server.max_ms : delay;
}

int64_t retry_at_ms(const struct clock *clock, int attempts)
{
    return clock_wall_ms(clock) + backoff_ms(attempts + 1, -1);
}

bool sync_gate_is_open(const struct sync *sync)
{
    return !sync->is_stopped && !sync->is_looking &&
           sync_mono_ms(sync) >= sync->closed_till;
}

void sync_succeeded(struct sync *sync)
{
    /* after being away everything is due, whatever it was put off to */
    enum status before = sync->report.err.code;
    if (before == STATUS_NETWORK || before == STATUS_TIMEOUT)
        sync->is_forced = true;
    sync->failures = 0;
    sync->heard_at_ms = sync_mono_ms(sync);
    sync->closed_till = 0;
    sync->report.state = SYNC_RUNNING;
    sync->report.retry_at_ms = 0;
    sync->report.offline_since_ms = 0;
    err_clear(&sync->report.err);
    if (!sync->is_marked_gone)
        return;
    sync->is_marked_gone = false;
    (void)store_mark_dataset(sync->store, sync->dataset.row, false, NULL);
}

void sync_describe_gone(const struct dataset *dataset, bool may_create, struct err *err)
{
    const char *name = dataset->name ? dataset->name : "";
    struct dataset old = *dataset; /* borrows; it may not be marked yet */
    old.is_gone = true;
    char *word = words_quote(name), *from = dataset_word(&old);
    err_clear(err);
    err_set(err, STATUS_NOT_FOUND,
            "The dataset \"%.120s\" is gone from its server: it was deleted there. Its "
            "records are kept here; %s%.120s%s, and `sherd dataset move %.120s %.120s` "
            "takes them over.",
            name, may_create ? "`sherd dataset create " : "ask an owner to make it anew",
            may_create ? word : "", may_create ? "` makes it anew, as it was" : "", from,
            word);
    free(word);
    free(from);
}

void sync_say_gone(struct sync *sync)
{
    const struct argilla_identity *identity = argilla_identity(sync->argilla);
    sync_describe_gone(&sync->dataset, !identity || identity->role != ARGILLA_ANNOTATOR,
                       &sync->report.err);
    sync->is_stopped = true;
    sync->report.state = SYNC_STOPPED;
    sync->report.retry_at_ms = 0;
}

bool sync_take_shape(struct sync *sync, const struct dataset *dataset)
{
    struct dataset fresh = {0};
    struct err err = {0};
    if (dataset_equal(dataset, &sync->dataset))
        return true;
    dataset_copy(&fresh, dataset);
    if (store_put_dataset(sync->store, &fresh, &fresh.row, NULL, &err) != STATUS_OK) {
        sync_store_failed(sync, &err);
    } else {
        fresh.row = sync->dataset.row;
        dataset_copy(&sync->dataset, &fresh);
        if (sync->dataset_fn)
            sync->dataset_fn(sync->ctx, &sync->dataset);
    }
    dataset_clear(&fresh);
    return err.code == STATUS_OK;
}

bool sync_is_ready(const struct sync *sync)
{
    return sync->dataset.remote_id && sync->dataset.is_published;
}

/* A draft takes no records: 2.4 and later store them all the same, and spoil its index.
 */
void sync_say_unready(struct sync *sync)
{
    struct err err = {0};
    err_set(
        &err, STATUS_CONFIG,
        sync->dataset.remote_id
            ? "The dataset \"%.120s\" is still a draft on the server. `sherd dataset "
              "create` completes and publishes it."
            : "The dataset \"%.120s\" is not on the server yet. `sherd dataset create` "
              "makes it.",
        sync->dataset.name);
    sync->pull.is_wanted = false;
    sync_failed(sync, &err);
}

/* Something was not found, or it was a draft: only the dataset itself says. */
static void on_looked(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct sync *sync = ctx;
    struct err why = *err;
    sync->is_looking = false;
    sync_wake(sync, 0);
    if (err->code == STATUS_OK && dataset->is_published && !sync->dataset.is_published) {
        if (sync_take_shape(sync, dataset))
            sync_succeeded(sync);
        return;
    }
    if (err->code == STATUS_NOT_FOUND) {
        sync->is_marked_gone =
            store_mark_dataset(sync->store, sync->dataset.row, true, NULL) == STATUS_OK;
        sync->pull.is_wanted = false;
        sync_say_gone(sync);
    } else {
        if (err->code == STATUS_OK) {
            why = sync->report.err;
            why.code = STATUS_BUSY;
        }
        if (sync_is_ready(sync) || err->code != STATUS_OK)
            sync_failed(sync, &why);
        else
            sync_say_unready(sync);
        sync->pull.is_wanted = sync->pull.is_wanted && !sync->is_stopped;
    }
}

static void look_at_dataset(struct sync *sync)
{
    sync->report.state = SYNC_RUNNING;
    if (!sync->is_looking)
        argilla_load_dataset(sync->argilla, &sync->dataset, on_looked, sync);
    sync->is_looking = true;
}

void sync_make_ready(struct sync *sync)
{
    if (sync->dataset.remote_id)
        look_at_dataset(sync);
    else
        sync_say_unready(sync);
}

void sync_failed(struct sync *sync, const struct err *err)
{
    int64_t now = clock_wall_ms(sync->clock);
    sync->is_forced = false;
    sync->report.err = *err;
    if (err->code == STATUS_NOT_FOUND) {
        look_at_dataset(sync);
        return;
    }
    /* A page where Argilla should answer may be a hotel's login: it goes away by itself.
     */
    bool is_passing = err->code == STATUS_NETWORK || err->code == STATUS_TIMEOUT ||
                      err->code == STATUS_BUSY || err->code == STATUS_PROTOCOL ||
                      err->code == STATUS_IO;
    if (!is_passing) {
        sync->is_stopped = true;
        sync->report.state = SYNC_STOPPED;
        sync->report.retry_at_ms = 0;
        return;
    }
    int64_t delay = backoff_ms(++sync->failures, argilla_retry_after_ms(sync->argilla));
    sync->closed_till = sync_mono_ms(sync) + delay;
    sync->report.state = SYNC_WAITING;
    sync->report.retry_at_ms = now + delay;
    if (!sync->report.offline_since_ms && err->code != STATUS_IO)
        sync->report.offline_since_ms = now;
}

void sync_store_failed(struct sync *sync, const struct err *err)
{
    struct err passing = *err;
    passing.code = STATUS_IO;
    struct dataset known = {0};
    /* forgotten by another process: there is no use in trying */
    if (err->code == STATUS_NOT_FOUND &&
        store_get_dataset(sync->store, sync->dataset.row, &known, NULL) ==
            STATUS_NOT_FOUND) {
        passing = (struct err){0};
        err_set(&passing, STATUS_CONFLICT,
                "The dataset \"%.120s\" was forgotten here or moved meanwhile: nothing "
                "more of it is read.",
                sync->dataset.name);
        sync->pull.is_wanted = false;
    }
    dataset_clear(&known);
    sync_failed(sync, &passing);
}

/* ---- what waits ---- */

enum { MOST_NOTED = 200 };

void sync_put_off(struct store *store, const struct clock *clock,
                  const struct outbox_item *items, size_t count, const struct err *why,
                  int64_t next_ms)
{
    struct outcome *outcomes = xcalloc(count, sizeof *outcomes);
    for (size_t i = 0; i < count; i++) {
        outcomes[i] = (struct outcome){.kind = OUTCOME_LATER,
                                       .item = items[i].kind,
                                       .record = items[i].record,
                                       .version = items[i].version};
        outcomes[i].next_try_ms =
            next_ms ? next_ms : retry_at_ms(clock, items[i].attempts);
        outcomes[i].error = why->text;
    }
    if (count > 0)
        (void)store_settle_outbox(store, outcomes, count, NULL);
    free(outcomes);
}

void sync_note_failure(struct store *store, const struct clock *clock,
                       int64_t dataset_row, const struct err *why)
{
    for (int kind = OUTBOX_RECORD; kind <= OUTBOX_DELETE; kind++) {
        struct outbox_query query = {
            .dataset_row = dataset_row,
            .kind = (enum outbox_kind)kind,
            .is_due = true,
            /* a deletion keeps its time */
            .now_ms = kind == OUTBOX_DELETE ? clock_wall_ms(clock) : INT64_MAX,
            .max = MOST_NOTED};
        struct outbox_item *items = NULL;
        size_t count = 0;
        if (store_list_outbox(store, &query, &items, &count, NULL) == STATUS_OK)
            sync_put_off(store, clock, items, count, why, clock_wall_ms(clock));
        outbox_items_free(items, count);
    }
}
