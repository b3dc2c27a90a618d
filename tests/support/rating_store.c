/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/rating_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/loop.h"
#include "base/xalloc.h"
#include "model/dataset.h"
#include "store/store.h"

struct opened {
    struct loop *loop;
    struct store *store;
    int64_t dataset;
};

static void expect_ok(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s", err->text);
}

static void open_store(struct opened *opened, const char *path)
{
    struct err err = {0};
    struct store_options options = {.path = path, .clock = &clock_system};
    opened->loop = loop_new();
    if (store_open(&opened->store, opened->loop, &options, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

static void close_store(struct opened *opened)
{
    store_close(opened->store);
    loop_free(opened->loop);
}

void rating_store_remove(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char *name = xasprintf("%s%s", path, ends[i]);
        unlink(name);
        free(name);
    }
}

static void add_record(struct opened *opened, int number)
{
    char text[32];
    struct record record = {.dataset_row = opened->dataset, .has_completion = true};
    id_random(&record.id);
    completion_init(&record.completion);
    record.completion.state = COMPLETION_DONE;
    snprintf(text, sizeof text, "Question %d", number);
    record_set_field(&record, "prompt", text, strlen(text));
    snprintf(text, sizeof text, "Answer %d", number);
    record_set_field(&record, "response", text, strlen(text));
    struct err err = {0};
    expect_ok(store_add_record(opened->store, &record, true, NULL, &err), &err);
    record_clear(&record);
}

void rating_store_make(const char *path, int records)
{
    struct opened opened;
    struct dataset dataset = {0};
    rating_store_remove(path);
    open_store(&opened, path);
    dataset_init_guide(&dataset, "langchain-dataset", "local", "");
    struct err err = {0};
    expect_ok(store_put_dataset(opened.store, &dataset, &opened.dataset, NULL, &err),
              &err);
    for (int i = 1; i <= records; i++)
        add_record(&opened, i);
    dataset_clear(&dataset);
    close_store(&opened);
}

static bool take_record(void *ctx, const struct record *record)
{
    struct remains *remains = ctx;
    struct rated *rated = &remains->answers[remains->count];
    const struct values *values = &record->response.values;
    const struct value *rating = values_find(values, "response-rating");
    const struct value *feedback = values_find(values, "response-feedback");
    const struct record_field *text = record_field(record, "response");
    assert_true(remains->count < RATER_RECORDS);
    rated->rating = rating ? rating->rating : 0;
    rated->status = record->response.status;
    snprintf(rated->feedback, sizeof rated->feedback, "%s",
             feedback && feedback->text ? feedback->text : "");
    remains->is_answered[remains->count++] =
        record->completion.state == COMPLETION_DONE && text && text->len;
    return true;
}

static void check_health(void *ctx, const struct store_health *health,
                         const struct err *err)
{
    (void)health;
    if (err && err->code)
        fail_msg("the store is damaged: %s", err->text);
    *(bool *)ctx = true;
}

void rating_store_read(const char *path, struct remains *remains)
{
    struct opened opened;
    struct dataset *datasets;
    size_t count, left;
    struct err err = {0};
    bool is_checked = false;
    *remains = (struct remains){0};
    open_store(&opened, path);
    store_check(opened.store, check_health, &is_checked);
    while (!is_checked)
        loop_turn(opened.loop);
    assert_int_equal(store_list_datasets(opened.store, &datasets, &count, &err), 0);
    assert_int_equal(count, 1);
    store_each_record(opened.store, datasets->row, false, RESPONSE_PENDING, take_record,
                      remains, &err);
    assert_int_equal(err.code, STATUS_OK);
    remains->prompt = store_take_note(opened.store, "prompt", &left);
    if (!remains->prompt)
        remains->prompt = xstrdup("");
    dataset_clear(datasets);
    free(datasets);
    close_store(&opened);
}
