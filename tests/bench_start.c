/* SPDX-License-Identifier: MIT
 * How long until the first painted frame, beside a well-known program on the same
 * machine, and what the program then holds. usage: bench_start RUNS BOUND MIB TEXT
 * COMMAND… -- TEXT COMMAND… TEXT stands on the screen once the frame is there; BOUND is
 * the ratio of the medians, MIB the resident memory that are allowed (0: not measured).
 */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/pty.h"

/* What a program that has nothing more to do holds, in MiB. */
static double resident(struct pty *pty)
{
    char path[64], line[200];
    double mib = 0;
    size_t before, now = 0;
    do { /* until it paints no more */
        before = now;
        pty_read(pty, 1000);
        pty_bytes(pty, &now);
    } while (now != before);
    snprintf(path, sizeof path, "/proc/%d/status", (int)pty_pid(pty));
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "VmRSS:", 6))
            mib = (double)strtol(line + 6, NULL, 10) / 1024;
    if (file)
        fclose(file);
    return mib;
}

static int64_t one_start(const char *text, char **argv, double *mib)
{
    int64_t begin = pty_now_us();
    struct pty *pty = pty_start(argv, 24, 80);
    bool is_there = pty && pty_wait(pty, text, false, 20000);
    int64_t took = pty_now_us() - begin;
    if (!is_there) {
        fprintf(stderr, "%s never showed \"%s\"; its screen:\n", argv[0], text);
        for (int row = 0; pty && row < 24; row++)
            fprintf(stderr, "%s\n", pty_row(pty, row));
        exit(1);
    }
    if (mib)
        *mib = resident(pty);
    pty_free(pty);
    return took;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    int split = 0;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--"))
            split = i;
    if (argc < 8 || !split) {
        fprintf(stderr,
                "usage: bench_start RUNS BOUND MIB TEXT COMMAND… -- TEXT COMMAND…\n");
        return 2;
    }
    argv[split] = NULL;
    int runs = (int)strtol(argv[1], NULL, 10);
    double bound = strtod(argv[2], NULL), allowed = strtod(argv[3], NULL), mib = 0;
    int64_t *ours = calloc((size_t)runs, sizeof *ours);
    int64_t *theirs = calloc((size_t)runs, sizeof *theirs);
    for (int i = 0; i < runs; i++) { /* in turn, so that load hits both alike */
        ours[i] = one_start(argv[4], argv + 5, NULL);
        theirs[i] = one_start(argv[split + 1], argv + split + 2, NULL);
    }
    qsort(ours, (size_t)runs, sizeof *ours, pty_by_time);
    qsort(theirs, (size_t)runs, sizeof *theirs, pty_by_time);
    double ratio = (double)ours[runs / 2] / (double)theirs[runs / 2];
    printf("first frame: %.1f ms, %s %.1f ms (medians of %d): ratio %.2f, bound %.2f%s\n",
           (double)ours[runs / 2] / 1000, argv[split + 2],
           (double)theirs[runs / 2] / 1000, runs, ratio, bound,
           ratio > bound ? " OVER" : "");
    if (allowed > 0) {
        one_start(argv[4], argv + 5, &mib);
        printf("memory: %.1f MiB resident, bound %.0f: ratio %.2f%s\n", mib, allowed,
               mib / allowed, mib > allowed ? " OVER" : "");
    }
    free(ours);
    free(theirs);
    return 0;
}
