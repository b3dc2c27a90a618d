/* SPDX-License-Identifier: MIT
 *
 * bench_run - a run of prompts on an endpoint that answers after a fixed time: wall time
 * over the ideal N·latency/c, CPU and memory.
 *
 *     bench_run SHERD FOLDER CONCURRENCY LATENCY_MS BOUND [PYTHON SCRIPT [SERVER
 * DATASET]] bench_run SHERD FOLDER rows COUNT
 *
 * With PYTHON the same prompts go through LangChain, for its CPU; with SERVER (an
 * Argilla, 1.x for LangChain's handler) both log what they get there, to DATASET and to
 * DATASET-handler. "rows" is the memory of a run over a file of so many rows, stopped
 * after some seconds, and of a walk to its end. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "tests/support/failing_model.h"

enum { ROUNDS = 10, ROWS_MS = 20000 };

struct cost {
    double wall, cpu;
    double mib;
    int code;
};

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Runs it to its end, or for ms (0 = no limit) and then with Ctrl-C. */
static struct cost measure(char **argv, int64_t ms)
{
    struct timespec start, end;
    struct rusage usage;
    posix_spawn_file_actions_t quiet;
    int status;
    pid_t child;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (posix_spawnp(&child, argv[0], &quiet, NULL, argv, environ)) {
        fprintf(stderr, "%s cannot be started\n", argv[0]);
        exit(1);
    }
    if (ms) {
        usleep((useconds_t)ms * 1000);
        kill(child, SIGINT);
    }
    wait4(child, &status, 0, &usage);
    clock_gettime(CLOCK_MONOTONIC, &end);
    posix_spawn_file_actions_destroy(&quiet);
    return (struct cost){
        .wall = (double)(end.tv_sec - start.tv_sec) +
                (double)(end.tv_nsec - start.tv_nsec) / 1e9,
        .cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime),
        .mib = (double)usage.ru_maxrss / 1024,
        .code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
    };
}

static char *write_prompts(const char *folder, size_t count)
{
    char *path = xasprintf("%s/prompts.txt", folder);
    FILE *file = fopen(path, "w");
    for (size_t i = 0; i < count; i++)
        fprintf(file, "Tell me joke number %zu, in two lines at most\n", i);
    fclose(file);
    return path;
}

static void bench_rows(char **args)
{
    size_t count = (size_t)atol(args[4]);
    char *file = write_prompts(args[2], count), *store = xasprintf("%s/rows.db", args[2]);
    struct failing_model *model = failing_model_new(0, 0, 1);
    char *argv[] = {args[1],
                    (char[]){"--local"},
                    (char[]){"--store"},
                    store,
                    (char[]){"--endpoint"},
                    xstrdup(failing_model_url(model)),
                    (char[]){"--model"},
                    (char[]){"m"},
                    (char[]){"run"},
                    file,
                    (char[]){"--concurrency"},
                    (char[]){"16"},
                    (char[]){"--dry-run"},
                    NULL};
    struct cost walk = measure(argv, 0);
    argv[12] = NULL;
    struct cost run = measure(argv, ROWS_MS);
    bool is_over = walk.mib > 64 || run.mib > 64;
    printf(
        "a run of %zu rows: a walk to its end %.1f s, %.1f MiB; %zu answers in %.0f s, "
        "%.1f MiB: bound 64 MiB%s\n",
        count, walk.wall, walk.mib, failing_model_count(model), run.wall, run.mib,
        is_over ? " OVER" : "");
    free(argv[5]);
    failing_model_free(model);
    free(file);
    free(store);
}

static void bench_ideal(int argc, char **args)
{
    int concurrency = atoi(args[3]);
    int64_t latency_ms = atoi(args[4]);
    double bound = atof(args[5]);
    size_t count = (size_t)concurrency * ROUNDS;
    char *file = write_prompts(args[2], count);
    char *store = xasprintf("%s/run-%d.db", args[2], concurrency);
    struct failing_model *model = failing_model_new(0, latency_ms, 1);
    bool has_server = argc > 9;
    setenv("ARGILLA_API_URL", has_server ? args[8] : "", 1);
    setenv("ARGILLA_WORKSPACE", "argilla", 1);
    char *argv[] = {args[1],
                    (char[]){"--dataset"},
                    has_server ? args[9] : (char[]){"bench"},
                    (char[]){"--store"},
                    store,
                    (char[]){"--endpoint"},
                    xstrdup(failing_model_url(model)),
                    (char[]){"--model"},
                    (char[]){"m"},
                    (char[]){"run"},
                    file,
                    (char[]){"--concurrency"},
                    args[3],
                    NULL};
    char *url = argv[6];
    struct cost ours = measure(argv, 0);
    double ideal = (double)count / concurrency * (double)latency_ms / 1000;
    printf(
        "%zu prompts, %d at once, %lld ms each: %.2f s, ideal %.2f s: ratio %.3f, bound "
        "%.2f%s (CPU %.2f s, %.1f MiB%s)\n",
        count, concurrency, (long long)latency_ms, ours.wall, ideal, ours.wall / ideal,
        bound, ours.wall / ideal > bound ? " OVER" : "", ours.cpu, ours.mib,
        ours.code ? ", it FAILED" : "");
    if (argc > 7) {
        char *dataset = has_server ? xasprintf("%s-handler", args[9]) : NULL;
        char *theirs[] = {args[6], args[7], url, file, args[3], args[8], dataset, NULL};
        struct cost cost = measure(theirs, 0);
        printf("  LangChain, %s: %.2f s, CPU %.2f s, %.1f MiB%s; CPU sherd / LangChain = "
               "1/%.0f%s%s\n",
               has_server ? "its handler logging there too" : "which logs nothing here",
               cost.wall, cost.cpu, cost.mib, cost.code ? ", it FAILED" : "",
               cost.cpu / ours.cpu, has_server ? ", bound 1/20" : "",
               has_server && cost.cpu < 20 * ours.cpu ? " OVER" : "");
        free(dataset);
    }
    free(url);
    failing_model_free(model);
    free(file);
    free(store);
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[3], "rows")) {
        bench_rows(argv);
    } else if (argc >= 6) {
        bench_ideal(argc, argv);
    } else {
        fprintf(stderr, "bench_run: see its first lines\n");
        return 2;
    }
    return 0;
}
