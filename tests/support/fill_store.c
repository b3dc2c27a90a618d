/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fill_store.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "store/store.h"

#define PAGE 1000 /* records in one transaction */

struct filler {
    struct store *store;
    int64_t dataset;
    int64_t pull;
    uint64_t state; /* of the random numbers */
};

/* xorshift64*; the same everywhere, unlike rand(). */
static size_t below(struct filler *filler, size_t limit)
{
    filler->state ^= filler->state >> 12;
    filler->state ^= filler->state << 25;
    filler->state ^= filler->state >> 27;
    return (size_t)((filler->state * 2685821657736338717u) >> 33) % limit;
}

static void add_words(struct filler *filler, struct buf *buf, size_t size)
{
    static const char *const words[] = {
        "the",   "answer", "model",     "river",  "because", "of",     "when",
        "light", "a",      "**bold**",  "number", "`code`",  "where",  "Grüße",
        "is",    "moon",   "otherwise", "seven",  "時間",    "simple",
    };
    size_t start = buf->len;
    while (buf->len - start < size) {
        buf_add_text(buf, words[below(filler, sizeof words / sizeof words[0])]);
        buf_add_text(buf, below(filler, 12) ? " " : ".\n\n");
    }
}

static void fill_response(struct filler *filler, struct response *response)
{
    static const enum response_status statuses[] = {
        RESPONSE_PENDING,   RESPONSE_PENDING, RESPONSE_PENDING,  RESPONSE_PENDING,
        RESPONSE_SUBMITTED, RESPONSE_DRAFT,   RESPONSE_DISCARDED};
    struct buf text = {0};
    response->status = statuses[below(filler, sizeof statuses / sizeof statuses[0])];
    if (response->status == RESPONSE_PENDING)
        return;
    response->updated_ms = 1700000000000 + (int64_t)below(filler, 1000000000);
    values_set_rating(&response->values, "response-rating", 1 + (int)below(filler, 5));
    add_words(filler, &text, 10 + below(filler, 80));
    values_set_text(&response->values, "response-feedback", QUESTION_TEXT,
                    buf_text(&text));
    buf_clear(&text);
}

static void fill_record(struct filler *filler, struct record *record, size_t number)
{
    struct buf text = {0};
    buf_addf(&text, "Prompt %zu: ", number + 1);
    add_words(filler, &text, 20 + below(filler, 280));
    record_set_field(record, "prompt", text.data, text.len);
    buf_reset(&text);
    add_words(filler, &text, 100 + below(filler, 2900));
    record_set_field(record, "response", text.data, text.len);
    buf_clear(&text);
    struct id id;
    char name[ID_TEXT];
    static const struct id parent;
    id_by_name(&id, &parent, &number, sizeof number);
    id_format(&id, name);
    record->external_id = xstrdup(name);
    record->metadata_json =
        xstrdup("{\"model\":\"smollm2\",\"temperature\":0.7,\"total_time_ms\":1240}");
    record->inserted_ms = 1700000000000 + (int64_t)number * 1000;
    fill_response(filler, &record->response);
}

static void check(enum status status, const struct err *err)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static void fill_page(struct filler *filler, size_t first, size_t count)
{
    struct record *records = xcalloc(count, sizeof *records);
    for (size_t i = 0; i < count; i++)
        fill_record(filler, &records[i], first + i);
    struct err err = {0};
    check(store_apply_pull(filler->store, filler->dataset, filler->pull, records, count,
                           NULL, &err),
          &err);
    for (size_t i = 0; i < count; i++)
        record_clear(&records[i]);
    free(records);
}

static void fill_page_of_pairs(struct filler *filler, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct record record = {.dataset_row = filler->dataset, .has_completion = true};
        fill_record(filler, &record, first + i);
        id_random(&record.id);
        free(record.external_id);
        record.external_id = NULL;
        response_clear(&record.response);
        completion_init(&record.completion);
        record.completion.state = COMPLETION_DONE;
        record.completion.total_ms = 1240;
        struct err err = {0};
        check(store_add_record(filler->store, &record, true, NULL, &err), &err);
        record_clear(&record);
    }
}

static void fill(const char *path, const char *dataset, const char *server, size_t count,
                 void (*page)(struct filler *, size_t, size_t))
{
    struct filler filler = {.state = 88172645463325252u};
    struct err err = {0};
    struct loop *loop = loop_new();
    const struct store_options options = {.path = path};
    if (store_open(&filler.store, loop, &options, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    struct dataset guide = {0};
    if (server) {
        check(store_find_dataset(filler.store, server, NULL, dataset, &guide, &err),
              &err);
        filler.dataset = guide.row;
    } else {
        dataset_init_guide(&guide, dataset, "local", "");
        check(store_put_dataset(filler.store, &guide, &filler.dataset, NULL, &err), &err);
    }
    check(store_begin_pull(filler.store, &filler.pull, &err), &err);
    dataset_clear(&guide);
    for (size_t done = 0; done < count; done += PAGE)
        page(&filler, done, count - done < PAGE ? count - done : PAGE);
    store_close(filler.store);
    loop_free(loop);
}

void fill_store(const char *path, const char *dataset, size_t count)
{
    fill(path, dataset, NULL, count, fill_page);
}

void fill_store_pairs(const char *path, const char *dataset, const char *server,
                      size_t count)
{
    fill(path, dataset, server, count, fill_page_of_pairs);
}
