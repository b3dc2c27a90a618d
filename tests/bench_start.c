/* SPDX-License-Identifier: MIT
 * How long until the first painted frame, beside a well-known program on the same
 * machine. usage: bench_start RUNS TEXT COMMAND… -- TEXT COMMAND…
 * TEXT stands on the screen once the frame is there. Prints medians and their ratio. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/pty.h"

static int64_t one_start(const char *text, char **argv)
{
    int64_t begin = pty_now_us();
    struct pty *pty = pty_start(argv, 24, 80);
    bool is_there = pty && pty_wait(pty, text, false, 10000);
    int64_t took = pty_now_us() - begin;
    if (!is_there) {
        fprintf(stderr, "%s never showed \"%s\"; its screen:\n", argv[0], text);
        for (int row = 0; pty && row < 24; row++)
            fprintf(stderr, "%s\n", pty_row(pty, row));
        exit(1);
    }
    pty_free(pty);
    return took;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    int split = 0;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--"))
            split = i;
    if (argc < 6 || !split) {
        fprintf(stderr, "usage: bench_start RUNS TEXT COMMAND… -- TEXT COMMAND…\n");
        return 2;
    }
    argv[split] = NULL;
    int runs = (int)strtol(argv[1], NULL, 10);
    int64_t *ours = calloc((size_t)runs, sizeof *ours);
    int64_t *theirs = calloc((size_t)runs, sizeof *theirs);
    for (int i = 0; i < runs; i++) { /* in turn, so that load hits both alike */
        ours[i] = one_start(argv[2], argv + 3);
        theirs[i] = one_start(argv[split + 1], argv + split + 2);
    }
    qsort(ours, (size_t)runs, sizeof *ours, by_value);
    qsort(theirs, (size_t)runs, sizeof *theirs, by_value);
    printf("first frame: sherd %.1f ms, %s %.1f ms, ratio %.2f (median of %d)\n",
           (double)ours[runs / 2] / 1000, argv[split + 2],
           (double)theirs[runs / 2] / 1000,
           (double)ours[runs / 2] / (double)theirs[runs / 2], runs);
    free(ours);
    free(theirs);
    return 0;
}
