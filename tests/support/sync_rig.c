/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/sync_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void on_report(void *ctx, const struct sync_report *report)
{
    struct sync_rig *rig = ctx;
    rig->told = *report;
    rig->reports++;
}

static void on_records(void *ctx, bool has_new)
{
    struct sync_rig *rig = ctx;
    rig->new_records += has_new;
}

static void on_dataset(void *ctx, const struct dataset *dataset)
{
    struct sync_rig *rig = ctx;
    dataset_copy(&rig->call.dataset, dataset);
    rig->new_datasets++;
}

static void start_sync(struct sync_rig *rig)
{
    struct dataset *dataset = &rig->call.dataset;
    store_rig_ok(&rig->store, store_put_dataset(rig->store.store, dataset, &dataset->row,
                                                NULL, &rig->store.err));
    rig->store.dataset = dataset->row;
    rig->sync = sync_new(&(struct sync_setup){
        .loop = rig->store.loop,
        .clock = rig->clock,
        .store = rig->store.store,
        .argilla = rig->call.argilla,
        .dataset = dataset,
        .strip = true,
        .fn = on_report,
        .records_fn = on_records,
        .dataset_fn = on_dataset,
        .ctx = rig,
    });
}

void sync_rig_start(struct sync_rig *rig, const char *url, const char *dataset)
{
    sync_rig_start_with(rig, url, dataset, "argilla.apikey");
}

void sync_rig_start_with(struct sync_rig *rig, const char *url, const char *dataset,
                         const char *key)
{
    struct dataset template;
    *rig = (struct sync_rig){0};
    store_rig_start(&rig->store);
    rig->clock = &rig->store.clock;
    argilla_call_init_on(&rig->call, rig->store.loop, url, key);
    dataset_init_guide(&template, dataset, "argilla", "");
    if (call_create(&rig->call, &template) != STATUS_OK &&
        call_open(&rig->call, dataset, "argilla") != STATUS_OK)
        fail_msg("%s", rig->call.err.text);
    dataset_clear(&template);
    start_sync(rig);
}

void sync_rig_end(struct sync_rig *rig)
{
    sync_free(rig->sync);
    argilla_call_clear(&rig->call);
    store_rig_end(&rig->store);
}

void sync_rig_restart(struct sync_rig *rig)
{
    sync_free(rig->sync);
    store_rig_reopen(&rig->store);
    start_sync(rig);
}

static bool is_at_work(const struct sync_rig *rig)
{
    const struct sync_report *report = sync_report(rig->sync);
    return report->state == SYNC_RUNNING ||
           (report->is_pulling && report->state == SYNC_IDLE);
}

enum sync_state sync_rig_rest(struct sync_rig *rig)
{
    while (is_at_work(rig))
        if (!loop_turn(rig->store.loop) && is_at_work(rig))
            fail_msg("%s", "nothing is left to wait for");
    const struct outbox_counts there = sync_rig_outbox(rig); /* as it is told */
    assert_memory_equal(&sync_report(rig->sync)->outbox, &there, sizeof there);
    return sync_report(rig->sync)->state;
}

int sync_rig_finish(struct sync_rig *rig, int most)
{
    for (int tries = 1; tries <= most; tries++) {
        sync_now(rig->sync);
        enum sync_state state = sync_rig_rest(rig);
        if (state == SYNC_IDLE && sync_rig_outbox(rig).unsent == 0 &&
            !sync_report(rig->sync)->is_pulling)
            return tries;
    }
    fail_msg("not all was sent: %s", sync_report(rig->sync)->err.text);
    return 0;
}

enum sync_state sync_rig_pull(struct sync_rig *rig)
{
    sync_pull(rig->sync);
    return sync_rig_rest(rig);
}

struct id sync_rig_add(struct sync_rig *rig, const char *prompt, int rating)
{
    struct id id = store_rig_add(&rig->store, prompt, "an answer");
    if (rating > 0)
        sync_rig_respond(rig, &id, RESPONSE_SUBMITTED, rating);
    return id;
}

void sync_rig_respond(struct sync_rig *rig, const struct id *id,
                      enum response_status status, int rating)
{
    rig->store.now_ms++;
    store_rig_put(&rig->store, id, status, rating, NULL,
                  status == RESPONSE_DRAFT ? CHANGE_DRAFT : CHANGE_SUBMIT, 0);
}

struct outbox_counts sync_rig_outbox(struct sync_rig *rig)
{
    struct outbox_counts counts;
    store_count_outbox(rig->store.store, rig->store.dataset, &counts);
    return counts;
}
