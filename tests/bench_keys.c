/* SPDX-License-Identifier: MIT
 * From a key to its painted frame, with many streams and a large store: the real program
 * on a pty, tig beside it. Then the bytes that a typed key costs. usage: bench_keys SHERD
 * STREAMS RECORDS REPOSITORY (of git, of more than 400 commits)
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

enum { ROWS = 40, COLS = 120, KEYS = 400, BOUND_MS = 4, BOUND_BYTES = 200 };

static char folder[] = "/tmp/sherd-bench-XXXXXX";

static int64_t press_and_wait(struct pty *pty, const char *key, long wanted)
{
    int64_t begin = pty_now_us();
    pty_write(pty, key, strlen(key));
    while (pty_prompt(pty) != wanted) {
        if (pty_now_us() - begin > 5000000)
            pty_give_up(pty, "a key was not painted within 5 s");
        pty_read(pty, 5);
    }
    return pty_now_us() - begin;
}

static void print_times(const char *name, int64_t *times, double bound)
{
    qsort(times, KEYS, sizeof *times, pty_by_time);
    double p99 = (double)times[KEYS * 99 / 100] / 1000;
    printf("key to frame, %s: p50 %.2f ms, p99 %.2f ms, max %.2f ms", name,
           (double)times[KEYS / 2] / 1000, p99, (double)times[KEYS - 1] / 1000);
    if (bound > 0)
        printf("; p99 bound %.1f: ratio %.2f%s", bound, p99 / bound,
               p99 > bound ? " OVER" : "");
    printf("\n");
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
    long at = pty_prompt(pty);
    for (int i = 0; i < KEYS; i++) {
        times[i] = press_and_wait(pty, "h", --at);
        pause_between_keys(pty);
    }
    print_times("previous record", times, BOUND_MS);
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
            pty_give_up(pty, "typed text was not painted within 5 s");
        snprintf(text, sizeof text, "zq%04d", i);
        int64_t begin = pty_now_us();
        pty_write(pty, text + strlen(text) - 1, 1);
        if (!pty_wait(pty, text, false, 5000))
            pty_give_up(pty, "a typed letter was not painted within 5 s");
        times[i] = pty_now_us() - begin;
        pty_write(pty, "\025", 1); /* Ctrl-U: an empty line again */
        pty_wait(pty, text, true, 5000);
    }
    print_times("typing feedback", times, BOUND_MS);
    pty_write(pty, "\033", 1);
}

/* One line down in tig, for comparison. */
static void measure_tig(const char *repository)
{
    int64_t times[KEYS];
    char here[4096], wanted[32];
    if (!getcwd(here, sizeof here) || chdir(repository) != 0)
        pty_give_up(NULL, "cannot enter the repository");
    struct pty *pty = pty_start((char *[]){(char[]){"tig"}, NULL}, ROWS, COLS);
    if (!pty || !pty_wait(pty, "commit 1 of", false, 10000))
        pty_give_up(pty, "tig did not come up");
    for (int i = 0; i < KEYS; i++) {
        snprintf(wanted, sizeof wanted, "commit %d of", i + 2);
        int64_t begin = pty_now_us();
        pty_write(pty, "j", 1);
        if (!pty_wait(pty, wanted, false, 5000))
            pty_give_up(pty, "tig did not paint a key");
        times[i] = pty_now_us() - begin;
        pause_between_keys(pty);
    }
    print_times("tig alone", times, 0);
    pty_free(pty);
    if (chdir(here) != 0)
        pty_give_up(NULL, "cannot come back");
}

/* All that a letter sends to an 80 × 24 terminal, what saving it changes included. */
static void measure_bytes(char **arguments)
{
    enum { LETTERS = 100 };
    struct pty *pty = pty_start(arguments, 24, 80);
    if (!pty_wait(pty, "Prompt #", false, 10000))
        pty_give_up(pty, "the screen did not come up");
    pty_write(pty, "f", 1);
    size_t before, now = 0;
    for (int i = -1; i < LETTERS; i++) {
        do { /* until it is quiet */
            before = now;
            pty_read(pty, 50);
            pty_bytes(pty, &now);
        } while (now != before);
        if (i < 0)
            pty_forget(pty);
        now = 0;
        pty_write(pty, i % 8 == 7 ? " " : "m", 1);
        pty_read(pty, 1000);
    }
    pty_bytes(pty, &now);
    double each = (double)now / (LETTERS + 1);
    printf("bytes to the terminal for a typed key: %.0f, bound %d: ratio %.2f%s\n", each,
           BOUND_BYTES, each / (double)BOUND_BYTES,
           each > (double)BOUND_BYTES ? " OVER" : "");
    pty_free(pty);
}

static void send_prompts(struct pty *pty, int streams, long records)
{
    for (int i = 0; i < streams; i++) {
        char prompt[64];
        snprintf(prompt, sizeof prompt, "iprompt number %d\r", i);
        pty_write(pty, prompt, strlen(prompt));
        int64_t begin = pty_now_us();
        while (pty_prompt(pty) != records + i + 1) {
            if (pty_now_us() - begin > 10000000)
                pty_give_up(pty, "a prompt did not become a record");
            pty_read(pty, 5);
        }
    }
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    if (argc != 5) {
        fprintf(stderr, "usage: bench_keys SHERD STREAMS RECORDS REPOSITORY\n");
        return 2;
    }
    int streams = (int)strtol(argv[2], NULL, 10);
    long records = strtol(argv[3], NULL, 10);
    struct token_server server;
    if (!mkdtemp(folder) || !token_server_start(&server, 20))
        pty_give_up(NULL, "cannot set up");
    char store[64], url[64];
    snprintf(store, sizeof store, "%s/store.db", folder);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", server.port);
    fill_store(store, "langchain-dataset", (size_t)records);
    setenv("HOME", folder, 1);
    char *arguments[] = {
        argv[1], (char[]){"--local"}, (char[]){"--store"}, store, (char[]){"--endpoint"},
        url,     (char[]){"--model"}, (char[]){"words"},   NULL};
    measure_bytes(arguments);
    measure_tig(argv[4]);
    struct pty *pty = pty_start(arguments, ROWS, COLS);
    if (!pty_wait(pty, "Prompt #", false, 10000) ||
        !pty_wait(pty, "Pending", false, 10000))
        pty_give_up(pty, "the screen did not come up");
    send_prompts(pty, streams, records);
    char running[32];
    snprintf(running, sizeof running, "%d streaming", streams);
    if (!pty_shows(pty, running))
        pty_give_up(pty, "not every prompt streams");
    measure_moves(pty);
    measure_typing(pty);
    if (!pty_shows(pty, running))
        pty_give_up(pty, "not every prompt streamed to the end");
    pty_free(pty);
    token_server_stop(&server);
    return 0;
}
