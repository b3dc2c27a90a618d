/* SPDX-License-Identifier: MIT
 * Search in a store of many records beside rg over the same texts: first hit, all hits,
 * with and without the index, and what making the index costs.
 * usage: bench_search FOLDER COUNT */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "store/store.h"
#include "store/store_search.h"
#include "tests/support/fill_store.h"
#include "tests/support/pty.h"

struct bench {
    struct loop *loop;
    struct store *store;
    int64_t dataset;
    char text[512]; /* what rg reads */
    size_t bytes;
    /* of one search */
    int64_t began_us, first_us, all_us;
    size_t hits;
    bool is_done;
};

static bool write_record(void *ctx, const struct record *record)
{
    FILE *file = ctx;
    for (size_t i = 0; i < record->field_count; i++) {
        fwrite(record->fields[i].text, 1, record->fields[i].len, file);
        putc('\n', file);
    }
    for (size_t i = 0; i < record->response.values.count; i++)
        if (record->response.values.items[i].text)
            fprintf(file, "%s\n", record->response.values.items[i].text);
    return true;
}

static void on_portion(void *ctx, const struct search_portion *portion)
{
    struct bench *bench = ctx;
    int64_t now = pty_now_us();
    if (portion->found_count > 0 && !bench->first_us)
        bench->first_us = now - bench->began_us;
    bench->hits += portion->found_count;
    bench->is_done = portion->is_end;
    if (portion->is_end)
        bench->all_us = now - bench->began_us;
}

static void search(struct bench *bench, const char *typed)
{
    const struct search_query query = {.dataset_row = bench->dataset, .typed = typed};
    bench->hits = 0;
    bench->first_us = bench->all_us = 0;
    bench->is_done = false;
    bench->began_us = pty_now_us();
    store_search(bench->store, &query, on_portion, bench, NULL);
    while (!bench->is_done && loop_turn(bench->loop))
        ;
}

static double rg(const struct bench *bench, const char *options, const char *words)
{
    char command[1024];
    snprintf(command, sizeof command, "rg -a %s -- '%s' %s >/dev/null", options, words,
             bench->text);
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
        int64_t began = pty_now_us();
        if (system(command) < 0)
            return 0;
        double took = (double)(pty_now_us() - began) / 1000;
        best = took < best ? took : best;
    }
    return best;
}

static const struct {
    const char *what, *typed, *options, *words;
    double first_bound_ms; /* 0 = none */
} cases[] = {
    {"a frequent word", "moon", "-iF", "moon", 50},
    {"a rare one", "prompt 77777", "-iF", "prompt 77777", 50},
    {"one that is not there", "zebra", "-iF", "zebra", 0},
    {"two Japanese signs", "時間", "-iF", "時間", 50},
    {"two that are not there", "時刻", "-iF", "時刻", 0},
    {"a pattern with words", "/Prompt 7777\\d:/", "", "Prompt 7777\\d:", 50},
    {"a pattern without", "/[0-9]{5}[02468]: [a-m]/", "", "[0-9]{5}[02468]: [a-m]", 0},
};

/* The bounds are for a store that has its index. */
static void run_cases(struct bench *bench, const char *how, bool is_bound)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char first[64];
        search(bench, cases[i].typed);
        snprintf(first, sizeof first, "%s -m1", cases[i].options);
        double rg_first = rg(bench, first, cases[i].words);
        double rg_all = rg(bench, cases[i].options, cases[i].words);
        double ours_first = (double)bench->first_us / 1000;
        double ours_all = (double)bench->all_us / 1000;
        printf("%s, %s: %zu records; ", how, cases[i].what, bench->hits);
        if (bench->hits > 0)
            printf("first hit %.1f ms (rg %.1f ms, ratio %.2f), ", ours_first, rg_first,
                   ours_first / rg_first);
        printf("all %.0f ms (rg %.0f ms, ratio %.2f)", ours_all, rg_all,
               ours_all / rg_all);
        if (is_bound && cases[i].first_bound_ms > 0 && bench->hits > 0)
            printf(", bound %.0f ms%s", cases[i].first_bound_ms,
                   ours_first > cases[i].first_bound_ms ? " OVER" : "");
        printf("\n");
        fflush(stdout);
    }
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void wait_for_index(struct bench *bench, const char *store, size_t count)
{
    char path[512];
    struct stat facts;
    snprintf(path, sizeof path, "%s-search", store);
    int64_t began = pty_now_us();
    double cpu = cpu_seconds();
    struct loop_timer *timer = loop_timer_new(bench->loop, nothing, NULL);
    loop_timer_start(timer, 10, 10); /* an idle index keeps no loop alive */
    while (!store_search_is_indexed(bench->store, bench->dataset))
        loop_turn(bench->loop);
    loop_timer_free(timer);
    cpu = cpu_seconds() - cpu;
    double took = (double)(pty_now_us() - began) / 1e6;
    store_close(bench->store);
    bench->store = NULL;
    long long size = stat(path, &facts) == 0 ? (long long)facts.st_size : 0;
    printf("the index: %.1f s in idle time (CPU %.1f s, %.3f ms a record), %.1f MiB, "
           "%.2f bytes a byte of text (%.1f MiB)\n",
           took, cpu, cpu * 1000 / (double)count, (double)size / 1048576,
           (double)size / (double)bench->bytes, (double)bench->bytes / 1048576);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    if (argc != 3) {
        fprintf(stderr, "usage: bench_search FOLDER COUNT\n");
        return 2;
    }
    struct bench bench = {.loop = loop_new()};
    char path[400];
    struct err err = {0};
    struct stat facts;
    size_t count = (size_t)strtol(argv[2], NULL, 10);
    snprintf(path, sizeof path, "%s/search.db", argv[1]);
    snprintf(bench.text, sizeof bench.text, "%s/search.txt", argv[1]);
    fill_store(path, "langchain-dataset", count);
    const struct store_options options = {.path = path};
    struct dataset dataset = {0};
    if (store_open(&bench.store, bench.loop, &options, &err) != STATUS_OK ||
        store_find_dataset(bench.store, "", NULL, "langchain-dataset", &dataset, &err) !=
            STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    bench.dataset = dataset.row;
    FILE *file = fopen(bench.text, "w");
    store_each_record(bench.store, bench.dataset, false, RESPONSE_PENDING, write_record,
                      file, &err);
    fclose(file);
    if (stat(bench.text, &facts) == 0)
        bench.bytes = (size_t)facts.st_size;
    printf("searching %zu records, %.1f MiB of text\n", count,
           (double)bench.bytes / 1048576);
    run_cases(&bench, "without the index", false);
    wait_for_index(&bench, path, count);
    if (store_open(&bench.store, bench.loop, &options, &err) != STATUS_OK)
        return 1;
    run_cases(&bench, "with it", true);
    store_close(bench.store);
    dataset_clear(&dataset);
    loop_free(bench.loop);
    return 0;
}
