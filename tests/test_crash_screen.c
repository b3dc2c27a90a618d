/* SPDX-License-Identifier: MIT
 * Honesty at the level of the screen: the real program on a terminal is ended in the
 * middle of a rating session, in every way there is, and what its last frame called saved
 * must be in the store, or something newer that was typed. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/pty.h"
#include "tests/support/rater.h"
#include "tests/support/rating_frame.h"
#include "tests/support/rating_store.h"

enum {
    ROWS = 24,
    COLS = 80,
    WAIT_MS = 20000,
    RECORDS = 5,
    KILLS = 50,
    TERMINATIONS = 12,
    KEPT_PROMPTS = 3,
    CRASHES = 3,
    AUTOSAVE_MS = 250,
    PATIENCE_MS = 1000 /* a busy machine's */
};

#if defined __SANITIZE_ADDRESS__
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

#define SENTENCE "the machine has no memory left"

static char folder[] = "/tmp/sherd-crash-XXXXXX";
static char store_file[64];
static char endpoint_url[128];
static struct pty *endpoint;

/* ---- the program ---- */

static struct pty *start(char *const argv[], int cols, const char *awaited)
{
    struct pty *pty = pty_start(argv, ROWS, cols);
    assert_non_null(pty);
    if (!pty_wait(pty, awaited, false, WAIT_MS))
        fail_msg("it did not start; its first row: %s", pty_row(pty, 0));
    return pty;
}

static struct pty *start_program(void)
{
    char *argv[] = {getenv("SHERD_BIN"), (char[]){"--local"},    (char[]){"--store"},
                    store_file,          (char[]){"--endpoint"}, endpoint_url,
                    (char[]){"--model"}, (char[]){"demo"},       NULL};
    return start(argv, COLS, "Prompt #1");
}

static void watch(struct pty *pty, int64_t ms)
{
    int64_t end = pty_now_us() + ms * 1000;
    for (int64_t left = ms * 1000; left > 0; left = end - pty_now_us())
        pty_read(pty, (int)(left / 1000));
}

static void type(struct pty *pty, struct rater *rater, bool is_last)
{
    static const uint32_t waits[] = {1, 60, 400, 600};
    struct buf keys = {0};
    rater_rest(rater);
    rater_type(rater, &keys);
    pty_write(pty, keys.data, keys.len);
    buf_clear(&keys);
    watch(pty, is_last ? rater_random(rater, waits[rater_random(rater, 4)])
                       : 5 + rater_random(rater, 40));
}

static void end_by(struct pty *pty, int number)
{
    watch(pty, 2); /* for the bytes to get through the kernel */
    kill(pty_pid(pty), number);
    int code = pty_end(pty);
    while (pty_read(pty, WAIT_MS)) /* what it wrote before */
        ;
    if (number == SIGTERM || number == SIGHUP)
        assert_int_equal(code, 0);
    else if (!IS_SANITIZED)
        assert_int_equal(code, 128 + number);
}

/* ---- what must be true ---- */

struct run {
    struct rater rater;
    struct rating_frame frame;
    struct remains remains;
    uint32_t seed;
};

static _Noreturn void fail_run(const struct run *run, size_t record, const char *what)
{
    const struct rated *shown = &run->frame.rated, *kept = &run->remains.answers[record];
    print_message("seed %u, #%zu: %s\n", run->seed, record + 1, what);
    print_message("the frame: #%zu %s [%d] \"%s\"; notice: %s\n", run->frame.number,
                  response_status_name(shown->status), shown->rating, shown->feedback,
                  run->frame.notice);
    print_message("the store: %s [%d] \"%s\"\n", response_status_name(kept->status),
                  kept->rating, kept->feedback);
    const struct rated_history *history = &run->rater.records[record];
    for (size_t i = 0; i < history->count; i++)
        print_message("%s%zu: %s [%d] \"%s\"\n", i == history->base ? "* " : "  ", i,
                      response_status_name(history->states[i].status),
                      history->states[i].rating, history->states[i].feedback);
    fail();
    abort();
}

/* The first entry from at on that matches, whole or only in its status. */
static size_t find_state(const struct rated_history *history, size_t at,
                         const struct rated *wanted, bool is_whole)
{
    for (; at < history->count; at++) {
        const struct rated *state = &history->states[at];
        if (is_whole ? rated_equal(state, wanted) : state->status == wanted->status)
            return at;
    }
    return SIZE_MAX;
}

/* The store has wanted, or what came after it. */
static void assert_kept(const struct run *run, size_t record, const struct rated *wanted,
                        bool is_whole)
{
    const struct rated_history *history = &run->rater.records[record];
    if (record >= run->remains.count)
        fail_run(run, record, "a record that was called saved is gone");
    size_t shown = find_state(history, history->base, wanted, is_whole);
    if (shown == SIZE_MAX) /* a frame older than the last burst */
        shown = find_state(history, 0, wanted, is_whole);
    if (shown == SIZE_MAX)
        fail_run(run, record, "the frame shows what was never typed");
    if (find_state(history, shown, &run->remains.answers[record], true) == SIZE_MAX)
        fail_run(run, record, "what was called saved is not in the store");
}

static void check_frame(const struct run *run)
{
    const struct rating_frame *frame = &run->frame;
    if (frame->is_saved && frame->number)
        assert_kept(run, frame->number - 1, &frame->rated, true);
    if (frame->is_saved && frame->is_at_rest &&
        !run->remains.is_answered[frame->number - 1])
        fail_run(run, frame->number - 1, "an answer that was called saved is not");
    if (frame->noticed)
        assert_kept(run, frame->noticed - 1, &frame->noticed_state, false);
    if (frame->says_prompt_kept && strcmp(run->remains.prompt, run->rater.prompt) != 0)
        fail_run(run, 0, "a prompt that was called kept is not");
}

/* Whatever the screen said: the store has one of the states that there were. */
static void check_store(const struct run *run)
{
    for (size_t i = 0; i < run->remains.count; i++)
        if (find_state(&run->rater.records[i], 0, &run->remains.answers[i], true) ==
            SIZE_MAX)
            fail_run(run, i, "the store has what was never typed");
    assert_true(run->remains.count >= RECORDS);
}

static void check_all_is_kept(const struct run *run)
{
    assert_int_equal(run->remains.count, run->rater.record_count);
    for (size_t i = 0; i < run->remains.count; i++)
        if (!rated_equal(rater_now(&run->rater, i), &run->remains.answers[i]))
            fail_run(run, i, "not all that was typed is in the store");
    if (strcmp(run->remains.prompt, run->rater.prompt) != 0)
        fail_msg("seed %u: the prompt \"%s\" is kept as \"%s\"", run->seed,
                 run->rater.prompt, run->remains.prompt);
}

/* A session of a few bursts that ends by a signal. */
static struct run *run_session(uint32_t seed, int number)
{
    struct run *run = xcalloc(1, sizeof *run);
    run->seed = seed;
    rating_store_make(store_file, RECORDS);
    rater_init(&run->rater, seed, RECORDS);
    struct pty *pty = start_program();
    for (uint32_t left = 2 + rater_random(&run->rater, 9); left > 0; left--)
        type(pty, &run->rater, left == 1);
    end_by(pty, number);
    rating_frame_read(&run->frame, pty, ROWS);
    pty_free(pty);
    rating_store_read(store_file, &run->remains);
    check_store(run);
    return run;
}

static void end_run(struct run *run)
{
    free(run->remains.prompt);
    free(run);
}

/* ---- the cases ---- */

static void what_was_called_saved_outlives_a_kill(void **state)
{
    (void)state;
    size_t claims = 0;
    for (uint32_t seed = 1; seed <= KILLS; seed++) {
        struct run *run = run_session(seed, SIGKILL);
        check_frame(run);
        claims +=
            run->frame.is_saved || run->frame.noticed || run->frame.says_prompt_kept;
        end_run(run);
    }
    printf("# %d kills (seeds 1 to %d), %zu of them under a frame that said saved\n",
           KILLS, KILLS, claims);
    assert_true(claims > KILLS / 4);
}

static void all_that_was_typed_outlives_a_polite_end(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= TERMINATIONS; seed++) {
        struct run *run = run_session(1000 + seed, seed % 2 ? SIGTERM : SIGHUP);
        check_all_is_kept(run);
        end_run(run);
    }
}

static void a_half_typed_prompt_outlives_a_kill(void **state)
{
    (void)state;
    for (int i = 0; i < KEPT_PROMPTS; i++) {
        struct remains remains;
        rating_store_make(store_file, RECORDS);
        struct pty *pty = start_program();
        pty_write(pty, "iTell me half a", 15);
        watch(pty, AUTOSAVE_MS + PATIENCE_MS / (i + 1));
        end_by(pty, SIGKILL);
        pty_free(pty);
        rating_store_read(store_file, &remains);
        assert_string_equal(remains.prompt, "Tell me half a");
        free(remains.prompt);
    }
}

static size_t last_of(const char *bytes, const char *sequence)
{
    size_t found = 0;
    for (const char *at = bytes; (at = strstr(at, sequence)); at++)
        found = (size_t)(at - bytes) + 1;
    return found;
}

static void assert_terminal_restored(struct pty *pty)
{
    size_t len;
    const char *bytes = pty_bytes(pty, &len);
    assert_true(last_of(bytes, "\033[?1049l") > last_of(bytes, "\033[?1049h"));
    assert_true(last_of(bytes, "\033[?25h") > last_of(bytes, "\033[?25l"));
    assert_true(last_of(bytes, "\033[?2004l") > last_of(bytes, "\033[?2004h"));
    assert_true(last_of(bytes, "\033[?1049h") > 0);
}

static void a_crash_restores_the_terminal_and_loses_nothing(void **state)
{
    (void)state;
    static const int numbers[CRASHES] = {SIGSEGV, SIGABRT, SIGBUS};
    for (int i = 0; i < CRASHES; i++) {
        struct remains remains;
        rating_store_make(store_file, RECORDS);
        struct pty *pty = start_program();
        pty_write(pty, "4fgood", 6);
        assert_true(pty_wait(pty, "draft saved", false, WAIT_MS));
        end_by(pty, numbers[i]);
        assert_terminal_restored(pty);
        pty_free(pty);
        rating_store_read(store_file, &remains);
        assert_int_equal(remains.answers[0].rating, 4);
        assert_string_equal(remains.answers[0].feedback, "good");
        free(remains.prompt);
    }
}

#if !defined __SANITIZE_ADDRESS__ /* its shadow memory passes any limit */
/* A paste that needs more memory than there is; until the program has ended. */
static void paste_too_much(struct pty *pty)
{
    char piece[1000];
    memset(piece, 'x', sizeof piece);
    pty_write(pty, "\033[200~", 6);
    for (int i = 0; i < 1000 && pty_read(pty, 1); i++)
        pty_write(pty, piece, sizeof piece);
}

static rlim_t address_space(pid_t pid)
{
    char path[64];
    unsigned long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[128];
    assert_non_null(fgets(line, sizeof line, file));
    pages = strtoul(line, NULL, 10);
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void without_memory_it_says_so_on_a_normal_terminal(void **state)
{
    (void)state;
    struct remains remains;
    rating_store_make(store_file, RECORDS);
    struct pty *pty = start_program();
    pty_write(pty, "4f", 2);
    assert_true(pty_wait(pty, "draft saved", false, WAIT_MS));
    rlim_t size = address_space(pty_pid(pty)) + 65536;
    struct rlimit limit = {size, size};
    assert_int_equal(prlimit(pty_pid(pty), RLIMIT_AS, &limit, NULL), 0);
    paste_too_much(pty);
    assert_int_equal(pty_end(pty), 1);
    while (pty_read(pty, WAIT_MS))
        ;
    assert_terminal_restored(pty);
    size_t len; /* what was not read of the paste is echoed now: not only the last rows */
    const char *bytes = pty_bytes(pty, &len);
    assert_true(last_of(bytes, SENTENCE) > last_of(bytes, "\033[?1049l"));
    pty_free(pty);
    rating_store_read(store_file, &remains);
    assert_int_equal(remains.answers[0].rating, 4);
    free(remains.prompt);
}
#endif

/* ---- set-up ---- */

static void start_endpoint(void)
{
    char *argv[] = {(char[]){TOP_BUILDDIR "/tests/serve_demo"}, (char[]){"20"}, NULL};
    endpoint = start(argv, 200, "http://");
    const char *url = strstr(pty_row(endpoint, 0), "http://");
    assert_non_null(url);
    snprintf(endpoint_url, sizeof endpoint_url, "%s", url);
}

static int set_up(void **state)
{
    (void)state;
    struct rlimit no_core = {0, 0};
    setlocale(LC_ALL, "C.UTF-8");
    setenv("LC_ALL", "C.UTF-8", 1);
    setrlimit(RLIMIT_CORE, &no_core);
    if (!getenv("SHERD_BIN") || !mkdtemp(folder) || setenv("HOME", folder, 1))
        return -1;
    snprintf(store_file, sizeof store_file, "%s/store.db", folder);
    start_endpoint();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pty_free(endpoint);
    rating_store_remove(store_file);
    return rmdir(folder);
}

int main(void)
{
    if (pty_is_missing())
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_called_saved_outlives_a_kill),
        cmocka_unit_test(all_that_was_typed_outlives_a_polite_end),
        cmocka_unit_test(a_half_typed_prompt_outlives_a_kill),
        cmocka_unit_test(a_crash_restores_the_terminal_and_loses_nothing),
#if !defined __SANITIZE_ADDRESS__
        cmocka_unit_test(without_memory_it_says_so_on_a_normal_terminal),
#endif
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
