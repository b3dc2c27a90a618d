/* SPDX-License-Identifier: MIT
 * kill -9 at random points of a rating session: what was reported as saved is there.
 *
 * A child works on a store and writes to a pipe what done() reported; the parent kills
 * it, opens the store and compares. The next child goes on with the same store. */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "tests/support/store_rig.h"

#define SEED 20260131u
#define KILLS 50
#define RECORDS 12     /* in one child's session */
#define REPORTS_MAX 40 /* a child is killed after at most so many */
#define TEXT_SIZE 5000 /* of an answer: more than a page */

/* How far a record has come. Each is one write, in this order; the last two only for
 * every third record. */
enum level {
    LEVEL_NONE,
    LEVEL_STARTED,
    LEVEL_DONE,
    LEVEL_RATED,
    LEVEL_TYPED,
    LEVEL_SUBMITTED,
    LEVEL_UNDONE,
    LEVEL_REDONE
};

struct report {
    int run;
    int index;
    enum level level;
};

static struct id id_of(int run, int index)
{
    static const struct id parent;
    struct id id;
    const int name[] = {run, index};
    id_by_name(&id, &parent, name, sizeof name);
    return id;
}

static int rating_of(int run, int index)
{
    return 1 + (run + index) % 5;
}

/* ---- the child ---- */

struct child {
    struct store *store;
    int64_t dataset;
    int run;
    int pipe;
    int waiting;
};

struct asked {
    struct child *child;
    struct report report;
};

static void on_done(void *ctx, const struct store_result *result)
{
    struct asked *asked = ctx;
    if (result->err.code != STATUS_OK) {
        fprintf(stderr, "# %s\n", result->err.text);
        _exit(3);
    }
    asked->child->dataset = result->dataset_row;
    asked->child->waiting--;
    if (asked->report.level != LEVEL_NONE &&
        write(asked->child->pipe, &asked->report, sizeof asked->report) !=
            (ssize_t)sizeof asked->report)
        _exit(4);
    free(asked);
}

static struct asked *ask(struct child *child, int index, enum level level)
{
    struct asked *asked = xcalloc(1, sizeof *asked);
    *asked = (struct asked){
        .child = child, .report = {.run = child->run, .index = index, .level = level}};
    child->waiting++;
    return asked;
}

static void generate(struct child *child, int index)
{
    struct record record = {.dataset_row = child->dataset, .has_completion = true};
    char text[TEXT_SIZE];
    memset(text, 'a' + index, sizeof text);
    record.id = id_of(child->run, index);
    completion_init(&record.completion);
    record_set_field(&record, "prompt", "why", 3);
    record_set_field(&record, "response", "", 0);
    store_add_record(child->store, &record, false, on_done,
                     ask(child, index, LEVEL_STARTED));
    record.completion.state = COMPLETION_DONE;
    store_put_completion(child->store, &record.id, "response", text, sizeof text,
                         &record.completion, on_done, ask(child, index, LEVEL_DONE));
    record_clear(&record);
}

static void put(struct child *child, int index, enum level level,
                const struct response *response, enum change_kind kind)
{
    struct id id = id_of(child->run, index);
    store_put_response(child->store, &id, response, kind,
                       kind == CHANGE_FEEDBACK ? index + 1 : 0, on_done,
                       ask(child, index, level));
}

static void rate(struct child *child, int index)
{
    struct response response = {.status = RESPONSE_DRAFT};
    values_set_rating(&response.values, "response-rating", rating_of(child->run, index));
    put(child, index, LEVEL_RATED, &response, CHANGE_RATE);
    values_set_text(&response.values, "response-feedback", QUESTION_TEXT, "well");
    put(child, index, LEVEL_TYPED, &response, CHANGE_FEEDBACK);
    response.status = RESPONSE_SUBMITTED;
    put(child, index, LEVEL_SUBMITTED, &response, CHANGE_SUBMIT);
    response_clear(&response);
    if (index % 3)
        return;
    store_undo(child->store, child->dataset, on_done, ask(child, index, LEVEL_UNDONE));
    store_redo(child->store, child->dataset, on_done, ask(child, index, LEVEL_REDONE));
}

static void put_dataset(struct child *child)
{
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "langchain-dataset", "argilla", "https://a.example");
    store_put_dataset(child->store, &dataset, on_done, ask(child, 0, LEVEL_NONE));
    dataset_clear(&dataset);
    store_drain(child->store);
}

static void be_child(const char *path, int run, int to_parent)
{
    struct child child = {.run = run, .pipe = to_parent};
    struct loop *loop = loop_new();
    struct err err = {0};
    const struct store_options options = {.path = path};
    alarm(60); /* never outlives a failed parent for long */
    if (store_open(&child.store, loop, &options, &err) != STATUS_OK) {
        fprintf(stderr, "# %s\n", err.text);
        _exit(2);
    }
    put_dataset(&child);
    for (int i = 0; i < RECORDS; i++) {
        generate(&child, i);
        rate(&child, i);
        while (child.waiting > 8) /* as on the screen: ahead of the disk, but not far */
            loop_turn(loop);
    }
    store_close(child.store);
    loop_free(loop);
    _exit(0);
}

/* ---- the parent ---- */

struct trial {
    struct store_rig rig;
    uint32_t random;
    int reported[KILLS][RECORDS]; /* enum level */
    int found[KILLS][RECORDS];
    int killed;  /* children that a kill met at work */
    int reports; /* in all */
};

static uint32_t below(struct trial *trial, uint32_t limit)
{
    trial->random ^= trial->random << 13;
    trial->random ^= trial->random >> 17;
    trial->random ^= trial->random << 5;
    return trial->random % limit;
}

static bool read_report(struct trial *trial, int from_child)
{
    struct report report;
    ssize_t got = read(from_child, &report, sizeof report);
    if (got == 0)
        return false;
    assert_int_equal(got, sizeof report);
    trial->reported[report.run][report.index] = (int)report.level;
    trial->reports++;
    return true;
}

/* Lets the child go on for a moment, so that the kill meets it anywhere. */
static void spin_us(uint32_t us)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000 + (now.tv_nsec - start.tv_nsec) / 1000 <
           (long)us);
}

static void kill_once(struct trial *trial, int run)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    /* The first few die while they make or open the store. */
    uint32_t reports = run < 5 ? 0 : below(trial, REPORTS_MAX);
    uint32_t moment_us = below(trial, run < 5 ? 20000 : 3000);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        be_child(trial->rig.path, run, ends[1]);
    }
    close(ends[1]);
    for (uint32_t i = 0; i < reports && read_report(trial, ends[0]); i++)
        ;
    spin_us(moment_us);
    kill(child, SIGKILL);
    while (read_report(trial, ends[0])) /* reported before it died */
        ;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    trial->killed += WIFSIGNALED(status);
}

static int level_of(struct trial *trial, int run, int index)
{
    struct record record = {0};
    struct id id = id_of(run, index);
    int level = LEVEL_NONE;
    if (store_get_record(trial->rig.store, &id, &record, NULL) == STATUS_OK) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM event WHERE record = %lld",
                 (long long)record.row);
        int events = (int)store_rig_number(&trial->rig, sql);
        bool is_done = record.completion.state == COMPLETION_DONE;
        assert_int_equal(record.field_count, 2);
        assert_int_equal(record.fields[1].len, is_done ? TEXT_SIZE : 0);
        assert_true(is_done || events == 0);
        level = is_done ? LEVEL_DONE + events : LEVEL_STARTED;
    }
    record_clear(&record);
    return level;
}

/* The response must be what its level says, wholly. */
static void check_response(struct trial *trial, int run, int index, int level)
{
    struct id id = id_of(run, index);
    int rating = rating_of(run, index);
    if (level == LEVEL_NONE)
        return;
    if (level <= LEVEL_DONE)
        store_rig_expect(&trial->rig, &id, RESPONSE_PENDING, 0, NULL);
    else if (level == LEVEL_RATED)
        store_rig_expect(&trial->rig, &id, RESPONSE_DRAFT, rating, NULL);
    else if (level == LEVEL_TYPED || level == LEVEL_UNDONE)
        store_rig_expect(&trial->rig, &id, RESPONSE_DRAFT, rating, "well");
    else
        store_rig_expect(&trial->rig, &id, RESPONSE_SUBMITTED, rating, "well");
}

static void check_run(struct trial *trial, int run, bool is_later)
{
    for (int i = 0; i < RECORDS; i++) {
        int level = level_of(trial, run, i);
        if (level < trial->reported[run][i])
            fail_msg("run %d, record %d: %d was reported, %d is there", run, i,
                     trial->reported[run][i], level);
        if (is_later)
            assert_int_equal(level, trial->found[run][i]);
        trial->found[run][i] = level;
        check_response(trial, run, i, level);
    }
}

static void check_after_kill(struct trial *trial, int run)
{
    struct store_rig *rig = &trial->rig;
    store_rig_reopen(rig);
    store_rig_peek(rig);
    store_rig_check(rig);
    check_run(trial, run, false);
    store_rig_unpeek(rig);
    store_rig_close(rig);
}

static void nothing_reported_as_saved_is_lost_by_kill_9(void **state)
{
    (void)state;
    struct trial *trial = xcalloc(1, sizeof *trial);
    trial->random = SEED;
    store_rig_start_closed(&trial->rig);
    for (int run = 0; run < KILLS; run++) {
        kill_once(trial, run);
        check_after_kill(trial, run);
    }
    store_rig_reopen(&trial->rig);
    store_rig_peek(&trial->rig);
    for (int run = 0; run < KILLS; run++)
        check_run(trial, run, true);
    store_rig_unpeek(&trial->rig);
    printf("# seed %u: %d of %d children were killed at work, %d writes were reported\n",
           SEED, trial->killed, KILLS, trial->reports);
    assert_true(trial->killed >= KILLS * 9 / 10);
    assert_true(trial->reports > KILLS);
    store_rig_end(&trial->rig);
    free(trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_reported_as_saved_is_lost_by_kill_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
