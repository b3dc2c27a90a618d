/* SPDX-License-Identifier: MIT
 * From a key to its painted frame, with many streams and a large store: the real program
 * on a pty. usage: bench_keys SHERD STREAMS RECORDS. Prints p50, p99 and what it holds.
 */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/fill_store.h"
#include "tests/support/pty.h"
#include "tests/support/token_server.h"

enum { ROWS = 40, COLS = 120, KEYS = 400 };

static char folder[] = "/tmp/sherd-bench-XXXXXX";

static _Noreturn void give_up(struct pty *pty, const char *what)
{
    fprintf(stderr, "bench_keys: %s\n", what);
    for (int row = 0; pty && row < ROWS; row++)
        fprintf(stderr, "%s\n", pty_row(pty, row));
    exit(1);
}

/* The number that stands behind "Prompt #". */
static long shown_record(struct pty *pty)
{
    for (int row = 0; row < ROWS; row++) {
        const char *at = strstr(pty_row(pty, row), "Prompt #");
        if (!at)
            continue;
        long number = 0;
        for (at += strlen("Prompt #"); (*at >= '0' && *at <= '9') || *at == ','; at++)
            if (*at != ',') /* between thousands */
                number = number * 10 + (*at - '0');
        return number;
    }
    return -1;
}

static int64_t press_and_wait(struct pty *pty, const char *key, long wanted)
{
    int64_t begin = pty_now_us();
    pty_write(pty, key, strlen(key));
    while (shown_record(pty) != wanted) {
        if (pty_now_us() - begin > 5000000)
            give_up(pty, "a key was not painted within 5 s");
        pty_read(pty, 5);
    }
    return pty_now_us() - begin;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void print_times(const char *name, int64_t *times)
{
    qsort(times, KEYS, sizeof *times, by_value);
    printf("%s: p50 %.2f ms, p99 %.2f ms, max %.2f ms; p99 / 16 ms = %.2f\n", name,
           (double)times[KEYS / 2] / 1000, (double)times[KEYS * 99 / 100] / 1000,
           (double)times[KEYS - 1] / 1000, (double)times[KEYS * 99 / 100] / 16000);
}

/* Lets the program go on painting streams between two keys, as a person would. */
static void pause_between_keys(struct pty *pty)
{
    int64_t until = pty_now_us() + 15000;
    while (pty_now_us() < until)
        pty_read(pty, 1);
}

static void measure_moves(struct pty *pty)
{
    int64_t times[KEYS];
    long at = shown_record(pty);
    for (int i = 0; i < KEYS; i++) {
        times[i] = press_and_wait(pty, "h", --at);
        pause_between_keys(pty);
    }
    print_times("key to frame, previous record", times);
}

static void measure_typing(struct pty *pty)
{
    int64_t times[KEYS];
    char text[] = "zqxj0000";
    pty_write(pty, "f", 1);
    for (int i = 0; i < KEYS; i++) {
        pause_between_keys(pty);
        snprintf(text, sizeof text, "zq%04d", i);
        pty_write(pty, text, strlen(text) - 1);
        text[strlen(text) - 1] = '\0';
        if (!pty_wait(pty, text, false, 5000))
            give_up(pty, "typed text was not painted within 5 s");
        snprintf(text, sizeof text, "zq%04d", i);
        int64_t begin = pty_now_us();
        pty_write(pty, text + strlen(text) - 1, 1);
        if (!pty_wait(pty, text, false, 5000))
            give_up(pty, "a typed letter was not painted within 5 s");
        times[i] = pty_now_us() - begin;
        pty_write(pty, "\025", 1); /* Ctrl-U: an empty line again */
        pty_wait(pty, text, true, 5000);
    }
    print_times("key to frame, typing feedback", times);
    pty_write(pty, "\033", 1);
}

static void print_memory(struct pty *pty)
{
    char path[64], line[200];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pty_pid(pty));
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "VmRSS:", 6))
            printf("memory with the queue open: %.1f MiB resident\n",
                   (double)strtol(line + 6, NULL, 10) / 1024);
    if (file)
        fclose(file);
}

static void send_prompts(struct pty *pty, int streams, long records)
{
    for (int i = 0; i < streams; i++) {
        char prompt[64];
        snprintf(prompt, sizeof prompt, "iprompt number %d\r", i);
        pty_write(pty, prompt, strlen(prompt));
        int64_t begin = pty_now_us();
        while (shown_record(pty) != records + i + 1) {
            if (pty_now_us() - begin > 10000000)
                give_up(pty, "a prompt did not become a record");
            pty_read(pty, 5);
        }
    }
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    if (argc != 4) {
        fprintf(stderr, "usage: bench_keys SHERD STREAMS RECORDS\n");
        return 2;
    }
    int streams = (int)strtol(argv[2], NULL, 10);
    long records = strtol(argv[3], NULL, 10);
    struct token_server server;
    if (!mkdtemp(folder) || !token_server_start(&server, 20))
        give_up(NULL, "cannot set up");
    char store[64], url[64];
    snprintf(store, sizeof store, "%s/store.db", folder);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", server.port);
    fill_store(store, "langchain-dataset", (size_t)records);
    setenv("HOME", folder, 1);
    char *arguments[] = {
        argv[1], (char[]){"--local"}, (char[]){"--store"}, store, (char[]){"--endpoint"},
        url,     (char[]){"--model"}, (char[]){"words"},   NULL};
    struct pty *pty = pty_start(arguments, ROWS, COLS);
    if (!pty_wait(pty, "Prompt #", false, 10000) ||
        !pty_wait(pty, "Pending", false, 10000))
        give_up(pty, "the screen did not come up");
    print_memory(pty);
    send_prompts(pty, streams, records);
    char running[32];
    snprintf(running, sizeof running, "%d streaming", streams);
    if (!pty_shows(pty, running))
        give_up(pty, "not every prompt streams");
    measure_moves(pty);
    measure_typing(pty);
    if (!pty_shows(pty, running))
        give_up(pty, "not every prompt streamed to the end");
    print_memory(pty);
    pty_free(pty);
    token_server_stop(&server);
    return 0;
}
