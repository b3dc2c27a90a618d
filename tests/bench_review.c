/* SPDX-License-Identifier: MIT
 * A review session replayed on the real program: every record rated and submitted, a
 * remark on every fifth, one undo in twenty. Prints the keys that a rated record takes
 * and the time from the last of them to the next record's frame. usage: bench_review
 * SHERD REVIEWS [fast]
 */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/fill_store.h"
#include "tests/support/pty.h"

enum { ROWS = 24, COLS = 80, BOUND_MS = 4, SPARE = 200, PATIENCE_US = 5000000 };

static void press(struct pty *pty, const char *keys)
{
    pty_write(pty, keys, strlen(keys));
}

/* Until another record is shown, or this one (wanted > 0). */
static int64_t press_and_wait(struct pty *pty, const char *key, long wanted)
{
    long before = pty_prompt(pty);
    int64_t begin = pty_now_us();
    press(pty, key);
    for (long now = before; wanted > 0 ? now != wanted : now == before;
         now = pty_prompt(pty)) {
        if (pty_now_us() - begin > PATIENCE_US)
            pty_give_up(pty, "a key was not painted within 5 s");
        pty_read(pty, 5);
    }
    return pty_now_us() - begin;
}

static void wait_for(struct pty *pty, const char *text)
{
    if (!pty_wait(pty, text, false, PATIENCE_US / 1000))
        pty_give_up(pty, text);
}

static void replay(struct pty *pty, size_t reviews, bool is_fast)
{
    int64_t *times = calloc(reviews, sizeof *times);
    size_t keys = 0, letters = 0, undos = 0;
    for (size_t i = 0; i < reviews; i++) {
        char digit[2] = {(char)('1' + i % 5), '\0'}, chosen[4];
        long record = pty_prompt(pty);
        snprintf(chosen, sizeof chosen, "[%s]", digit);
        if (pty_shows(pty, chosen)) { /* a draft: the same digit would take it back */
            digit[0] = (char)('1' + (i + 1) % 5);
            chosen[1] = digit[0];
        }
        bool has_remark = i % 5 == 4;
        if (has_remark) {
            press(pty, "f");
            wait_for(pty, "Esc done");
            press(pty, "Too long.");
            wait_for(pty, "Too long.");
            press(pty, "\033");
            if (!pty_wait(pty, "Esc done", true, PATIENCE_US / 1000))
                pty_give_up(pty, "Esc did not end the remark");
            letters += strlen("fToo long.") + 1;
        }
        keys += is_fast ? 1 : 2;
        if (!is_fast) {
            press(pty, digit);
            wait_for(pty, chosen);
        }
        const char *last = is_fast ? digit : "\r";
        times[i] = press_and_wait(pty, last, 0);
        if (i % 20 == 19) { /* back to it, and once more */
            press_and_wait(pty, "u", record);
            press(pty, "\022");
            wait_for(pty, "submitted ──");
            press_and_wait(pty, "o", 0);
            undos++;
        }
        for (int64_t until = pty_now_us() + 15000; pty_now_us() < until;)
            pty_read(pty, 1); /* as a person would: it saves meanwhile */
    }
    qsort(times, reviews, sizeof *times, pty_by_time);
    double p99 = (double)times[reviews * 99 / 100] / 1000;
    double per_record = (double)keys / (double)reviews, bound = is_fast ? 1 : 2;
    printf("review of %zu records%s: %.2f keys a rated record, bound %.0f: ratio %.2f%s "
           "(%zu for remarks, %zu undos)\n",
           reviews, is_fast ? ", fast" : "", per_record, bound, per_record / bound,
           per_record > bound ? " OVER" : "", letters, undos);
    printf("key to the next record%s: p50 %.2f ms, p99 %.2f ms, max %.2f ms; p99 bound "
           "%d.0: ratio %.2f%s\n",
           is_fast ? ", fast" : "", (double)times[reviews / 2] / 1000, p99,
           (double)times[reviews - 1] / 1000, BOUND_MS, p99 / (double)BOUND_MS,
           p99 > (double)BOUND_MS ? " OVER" : "");
    free(times);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    bool is_fast = argc == 4 && !strcmp(argv[3], "fast");
    if (argc != 3 && !is_fast) {
        fprintf(stderr, "usage: bench_review SHERD REVIEWS [fast]\n");
        return 2;
    }
    char folder[] = "/tmp/sherd-review-XXXXXX", store[64], config[64];
    if (!mkdtemp(folder))
        pty_give_up(NULL, "no folder can be made in /tmp");
    snprintf(store, sizeof store, "%s/store.db", folder);
    snprintf(config, sizeof config, "%s/config", folder);
    FILE *file = fopen(config, "w");
    if (!file)
        pty_give_up(NULL, "no file can be made in /tmp");
    fprintf(file, "[sherd]\nfast = %s\n", is_fast ? "yes" : "no");
    fclose(file);
    size_t reviews = (size_t)strtoul(argv[2], NULL, 10);
    fill_store(store, "langchain-dataset", 2 * reviews + SPARE);
    char *command[] = {argv[1],
                       (char[]){"review"},
                       (char[]){"langchain-dataset@local"},
                       (char[]){"--store"},
                       store,
                       (char[]){"--config"},
                       config,
                       NULL};
    struct pty *pty = pty_start(command, ROWS, COLS);
    if (!pty || !pty_wait(pty, "Prompt #", false, 20000))
        pty_give_up(pty, "the program did not come up");
    replay(pty, reviews, is_fast);
    press(pty, "q");
    if (pty_end(pty) != 0)
        pty_give_up(pty, "the program did not end well");
    pty_free(pty);
    snprintf(config, sizeof config, "%s/config", folder);
    unlink(config);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s%s", store, ends[i]);
        unlink(path);
    }
    rmdir(folder);
    return 0;
}
