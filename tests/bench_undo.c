/* SPDX-License-Identifier: MIT
 * A bulk change of many records in slices: how long the loop stands still for one, and
 * for all in one transaction; then the first undo after a restart, of a change before
 * which there are as many others, and the undo of the bulk change itself.
 * usage: bench_undo STORE [RECORDS] */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "store/store.h"
#include "store/store_bulk.h"
#include "tests/support/fill_store.h"

#define SLICE 32

struct bench {
    const char *path;
    struct loop *loop;
    struct store *store;
    int64_t dataset;
    int64_t *rows;
    size_t count;
};

static void check(enum status status, const struct err *err)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* As the next session would; in milliseconds. */
static double reopen(struct bench *bench)
{
    struct err err = {0};
    const struct store_options options = {.path = bench->path};
    if (bench->store)
        store_close(bench->store);
    double start = now_ms();
    check(store_open(&bench->store, bench->loop, &options, &err), &err);
    return now_ms() - start;
}

static enum bulk_fate rate(void *ctx, const struct record *seen, struct response *next)
{
    const struct response *now = &seen->response;
    response_copy(next, now);
    values_set_rating(&next->values, "response-rating", *(const int *)ctx);
    next->status = RESPONSE_DRAFT;
    return BULK_DONE;
}

static void put(struct bench *bench, int rating, size_t slice, const char *what)
{
    struct bulk bulk = {.kind = CHANGE_RATE, .change = rate, .ctx = &rating};
    struct err err = {0};
    double longest = 0, start = now_ms();
    for (size_t at = 0; at < bench->count; at += slice) {
        size_t left = bench->count - at;
        double before = now_ms();
        check(store_put_bulk(bench->store, &bulk, bench->rows + at,
                             left < slice ? left : slice, left <= slice, &err),
              &err);
        double took = now_ms() - before;
        longest = took > longest ? took : longest;
    }
    printf("%-44s %9.1f %9.2f\n", what, now_ms() - start, longest);
}

static void walk(struct bench *bench, bool is_redo, const char *what)
{
    struct walk walk = {.dataset_row = bench->dataset, .is_redo = is_redo, .most = SLICE};
    struct undone undone = {0};
    struct err err = {0};
    double longest = 0, start = now_ms();
    do {
        double before = now_ms();
        check(store_walk(bench->store, &walk, &undone, &err), &err);
        double took = now_ms() - before;
        longest = took > longest ? took : longest;
        response_clear(&undone.response);
        walk.batch = undone.batch;
    } while (walk.batch);
    printf("%-44s %9.1f %9.2f\n", what, now_ms() - start, longest);
}

/* One step each. */
static void put_singly(struct bench *bench)
{
    for (size_t i = 0; i < bench->count; i++) {
        int rating = 1 + (int)(i % 5);
        struct bulk bulk = {.kind = CHANGE_RATE, .change = rate, .ctx = &rating};
        struct err err = {0};
        check(store_put_bulk(bench->store, &bulk, &bench->rows[i], 1, true, &err), &err);
    }
}

int main(int argc, char **argv)
{
    struct bench bench = {.loop = loop_new()};
    struct dataset dataset = {0};
    struct err err = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: bench_undo STORE [RECORDS]\n");
        return 2;
    }
    bench.path = argv[1];
    bench.count = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
    bench.rows = xcalloc(bench.count, sizeof *bench.rows);
    fill_store(bench.path, "bench", bench.count);
    reopen(&bench);
    check(store_find_dataset(bench.store, "", NULL, "bench", &dataset, &err), &err);
    bench.dataset = dataset.row;
    dataset_clear(&dataset);
    int64_t row = 0;
    for (size_t i = 0; i < bench.count; i++) {
        check(store_next_record(bench.store, bench.dataset, &row, &err), &err);
        bench.rows[i] = row;
    }
    printf("%zu records%33s %9s %9s\n", bench.count, "", "all ms", "longest");
    put_singly(&bench);
    double opened = reopen(&bench);
    walk(&bench, false, "one undo after a restart, as many steps");
    printf("%-44s %9.1f\n", "  opening the store before it", opened);
    put(&bench, 4, SLICE, "a bulk change in slices");
    reopen(&bench);
    walk(&bench, false, "its undo after a restart, in slices");
    walk(&bench, true, "its redo, in slices");
    put(&bench, 2, bench.count, "a bulk change in one transaction");
    store_close(bench.store);
    loop_free(bench.loop);
    free(bench.rows);
    return 0;
}
