/* SPDX-License-Identifier: MIT
 * How long the loop stands still for a write, and how many fit into a second: on this
 * disk, on one that takes 20 ms for each sync, and with a second process at work.
 * usage: bench_commit DIRECTORY [COUNT] */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "store/store.h"
#include "tests/support/fault_vfs.h"

#define RECORDS 100

struct bench {
    struct loop *loop;
    struct store *store;
    int64_t dataset;
    struct id ids[RECORDS];
};

static void check(enum status status, const struct err *err)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void open_bench(struct bench *bench, const char *path, const char *vfs)
{
    struct err err = {0};
    struct dataset guide = {0};
    const struct store_options options = {.path = path, .vfs = vfs};
    bench->loop = loop_new();
    check(store_open(&bench->store, bench->loop, &options, &err), &err);
    dataset_init_guide(&guide, "bench", "argilla", "https://argilla.example");
    check(store_put_dataset(bench->store, &guide, &bench->dataset, NULL, &err), &err);
    dataset_clear(&guide);
    for (size_t i = 0; i < RECORDS; i++) {
        struct record record = {.dataset_row = bench->dataset};
        id_random(&record.id);
        bench->ids[i] = record.id;
        record_set_field(&record, "prompt", "why", 3);
        record_set_field(&record, "response", "because", 7);
        check(store_add_record(bench->store, &record, true, NULL, &err), &err);
        record_clear(&record);
    }
    check(store_flush(bench->store, &err), &err);
}

/* One rating as a key gives it; STATUS_BUSY is waited out and counted. */
static void rate(struct bench *bench, size_t number, size_t *busy)
{
    struct response response = {.status = RESPONSE_DRAFT};
    values_set_rating(&response.values, "response-rating",
                      1 + (int)(number / RECORDS % 5));
    for (;;) {
        struct err err = {0};
        enum status status =
            store_put_response(bench->store, &bench->ids[number % RECORDS], &response,
                               NULL, CHANGE_RATE, 0, &err);
        if (status != STATUS_BUSY) {
            check(status, &err);
            break;
        }
        ++*busy;
    }
    response_clear(&response);
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void measure(const char *what, const char *path, const char *vfs, size_t count)
{
    struct bench bench;
    struct err err = {0};
    int64_t *took = xcalloc(count, sizeof *took);
    size_t busy = 0;
    open_bench(&bench, path, vfs);
    int64_t start = now_ns();
    for (size_t i = 0; i < count; i++) {
        int64_t before = now_ns();
        rate(&bench, i, &busy);
        took[i] = now_ns() - before;
        loop_poll(bench.loop);
    }
    double seconds = (double)(now_ns() - start) / 1e9;
    check(store_flush(bench.store, &err), &err);
    qsort(took, count, sizeof *took, by_size);
    printf("%-34s %7.3f %7.3f %7.3f %8.0f %6zu\n", what, (double)took[count / 2] / 1e6,
           (double)took[count * 99 / 100] / 1e6, (double)took[count - 1] / 1e6,
           (double)count / seconds, busy);
    store_close(bench.store);
    loop_free(bench.loop);
    free(took);
}

/* Writes until it is killed. */
static pid_t start_rival(const char *path)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct bench bench;
    size_t busy = 0;
    open_bench(&bench, path, NULL);
    for (size_t i = 0;; i++) {
        rate(&bench, i, &busy);
        loop_poll(bench.loop);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: bench_commit DIRECTORY [COUNT]\n");
        return 2;
    }
    size_t count = argc == 3 ? (size_t)strtol(argv[2], NULL, 10) : 5000;
    char *path = xasprintf("%s/bench_commit.db", argv[1]);
    static const char *const ends[] = {"", "-wal", "-shm"};
    printf("%-34s %7s %7s %7s %8s %6s\n", "a rating: ms", "median", "p99", "most",
           "a second", "busy");
    fault_vfs_register();
    measure("alone", path, NULL, count);
    fault_vfs_slow(20000);
    measure("alone, 20 ms for each sync", path, "fault", count);
    fault_vfs_slow(0);
    pid_t rival = start_rival(path);
    measure("two processes at once", path, NULL, count);
    kill(rival, SIGKILL);
    waitpid(rival, NULL, 0);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char *name = xasprintf("%s%s", path, ends[i]);
        unlink(name);
        free(name);
    }
    free(path);
    return 0;
}
