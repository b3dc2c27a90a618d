/* SPDX-License-Identifier: MIT
 * kill -9 and power cuts at random points of a rating session: what was done outlives the
 * first, what was called saved outlives both.
 *
 * A child works on a store and writes to a pipe what was done (or is on disk); the parent
 * kills it (or it loses power by itself), opens the store and compares. The next child
 * goes on with the same store. */
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
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"

#define SEED 20260131u
#define KILLS 50
#define RECORDS 48     /* in one child's session: the log is emptied meanwhile */
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
    struct loop *loop;
    struct store *store;
    int64_t dataset;
    int run;
    int pipe;
    uint32_t random;
    int moments_left; /* until the power goes; < 0 = it stays */
    struct report done[8 * RECORDS];
    uint64_t commits[8 * RECORDS]; /* that made them */
    int done_count;
    int reported;
};

static uint32_t roll(uint32_t *random, uint32_t limit)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random % limit;
}

static void expect_ok(enum status status, const struct err *err)
{
    if (status == STATUS_OK)
        return;
    if (fault_vfs_struck()) { /* it was told: nothing is called saved after it */
        fault_vfs_lose_power(1);
        _exit(0);
    }
    fprintf(stderr, "# %s\n", err->text);
    _exit(3);
}

/* What a kill cannot take any more, or no power cut. */
static void report_saved(struct child *child)
{
    bool is_killed = child->moments_left < 0;
    uint64_t saved =
        is_killed ? store_committed(child->store) : store_flushed(child->store);
    for (;
         child->reported < child->done_count && child->commits[child->reported] <= saved;
         child->reported++) {
        const struct report *report = &child->done[child->reported];
        if (write(child->pipe, report, sizeof *report) != (ssize_t)sizeof *report)
            _exit(4);
    }
}

static void done(struct child *child, int index, enum level level)
{
    child->commits[child->done_count] = store_committed(child->store);
    child->done[child->done_count++] =
        (struct report){.run = child->run, .index = index, .level = level};
    report_saved(child);
    if (child->moments_left < 0)
        return;
    if (child->moments_left-- == 0) {
        fault_vfs_lose_power(child->random);
        _exit(0);
    }
    loop_poll(child->loop); /* hears of what is on disk */
    if (roll(&child->random, 8) == 0)
        store_flush(child->store, NULL); /* may fail: then nothing is called saved */
    if (roll(&child->random, 64) == 0)
        fault_vfs_arm(0, 0, false);
    report_saved(child);
}

static void generate(struct child *child, int index)
{
    struct record record = {.dataset_row = child->dataset};
    struct err err = {0};
    enum claim claim;
    char text[TEXT_SIZE];
    memset(text, 'a' + index % 26, sizeof text);
    record.id = id_of(child->run, index);
    completion_init(&record.completion);
    record_set_field(&record, "prompt", "why", 3);
    record_set_field(&record, "response", "", 0);
    expect_ok(store_claim_completion(child->store, &record, &claim, &err), &err);
    done(child, index, LEVEL_STARTED);
    record.completion.state = COMPLETION_DONE;
    expect_ok(store_put_completion(child->store, &record.id, text, sizeof text,
                                   &record.completion, &err),
              &err);
    done(child, index, LEVEL_DONE);
    record_clear(&record);
}

static void put(struct child *child, int index, enum level level,
                const struct response *response, enum change_kind kind)
{
    struct id id = id_of(child->run, index);
    struct err err = {0};
    expect_ok(store_put_response(child->store, &id, response, NULL, kind,
                                 kind == CHANGE_FEEDBACK ? index + 1 : 0, &err),
              &err);
    done(child, index, level);
}

static void rate(struct child *child, int index)
{
    struct response response = {.status = RESPONSE_DRAFT};
    struct undone undone;
    struct err err = {0};
    values_set_rating(&response.values, "response-rating", rating_of(child->run, index));
    put(child, index, LEVEL_RATED, &response, CHANGE_RATE);
    values_set_text(&response.values, "response-feedback", QUESTION_TEXT, "well");
    put(child, index, LEVEL_TYPED, &response, CHANGE_FEEDBACK);
    response.status = RESPONSE_SUBMITTED;
    put(child, index, LEVEL_SUBMITTED, &response, CHANGE_SUBMIT);
    response_clear(&response);
    if (index % 3)
        return;
    expect_ok(store_undo(child->store, child->dataset, &undone, &err), &err);
    response_clear(&undone.response);
    done(child, index, LEVEL_UNDONE);
    expect_ok(store_rig_redo_in(child->store, child->dataset, &undone, &err), &err);
    response_clear(&undone.response);
    done(child, index, LEVEL_REDONE);
}

static void be_child(const char *path, int run, int to_parent, uint32_t random,
                     bool loses_power)
{
    struct child *child = xcalloc(1, sizeof *child);
    struct dataset dataset = {0};
    struct err err = {0};
    const struct store_options options = {.path = path,
                                          .vfs = loses_power ? "fault" : NULL};
    alarm(60); /* never outlives a failed parent for long */
    *child = (struct child){.run = run, .pipe = to_parent, .random = random | 1};
    child->moments_left = loses_power ? (int)roll(&child->random, 8 * RECORDS) : -1;
    child->loop = loop_new();
    if (loses_power) {
        fault_vfs_track();
        fault_vfs_slow((long)roll(&child->random, 400));
    }
    expect_ok(store_open(&child->store, child->loop, &options, &err), &err);
    if (loses_power && run % 2) /* and the disk has a bad moment, or some time of it */
        fault_vfs_arm(FAULT_SYNC, 1 + (long)roll(&child->random, 30), run % 4 == 3);
    dataset_init_guide(&dataset, "langchain-dataset", "argilla", "https://a.example");
    expect_ok(store_put_dataset(child->store, &dataset, &child->dataset, NULL, &err),
              &err);
    dataset_clear(&dataset);
    for (int i = 0; i < RECORDS; i++) {
        generate(child, i);
        rate(child, i);
    }
    store_close(child->store);
    loop_free(child->loop);
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
    uint32_t reports = run < 5 ? 0 : roll(&trial->random, REPORTS_MAX);
    uint32_t moment_us = roll(&trial->random, run < 5 ? 20000 : 3000);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        be_child(trial->rig.path, run, ends[1], 0, false);
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

static void cut_power_once(struct trial *trial, int run)
{
    int ends[2], status;
    char shared[128];
    assert_int_equal(pipe(ends), 0);
    uint32_t random = roll(&trial->random, UINT32_MAX);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        be_child(trial->rig.path, run, ends[1], random, true);
    }
    close(ends[1]);
    while (read_report(trial, ends[0]))
        ;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    snprintf(shared, sizeof shared, "%s-shm", trial->rig.path);
    unlink(shared); /* it was memory */
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

static void run_trial(void (*crash)(struct trial *, int), struct trial *trial)
{
    trial->random = SEED;
    store_rig_start_closed(&trial->rig);
    for (int run = 0; run < KILLS; run++) {
        crash(trial, run);
        check_after_kill(trial, run);
    }
    store_rig_reopen(&trial->rig);
    store_rig_peek(&trial->rig);
    for (int run = 0; run < KILLS; run++)
        check_run(trial, run, true);
    store_rig_unpeek(&trial->rig);
    store_rig_end(&trial->rig);
}

static void nothing_that_was_done_is_lost_by_kill_9(void **state)
{
    (void)state;
    struct trial *trial = xcalloc(1, sizeof *trial);
    run_trial(kill_once, trial);
    printf("# seed %u: %d of %d children were killed at work, %d writes were reported\n",
           SEED, trial->killed, KILLS, trial->reports);
    assert_true(trial->killed >= KILLS * 9 / 10);
    assert_true(trial->reports > KILLS);
    free(trial);
}

static void nothing_that_was_called_saved_is_lost_by_a_power_cut(void **state)
{
    (void)state;
    struct trial *trial = xcalloc(1, sizeof *trial);
    run_trial(cut_power_once, trial);
    printf("# seed %u: %d power cuts, %d writes were called saved before\n", SEED, KILLS,
           trial->reports);
    assert_true(trial->reports > 10 * KILLS);
    free(trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_was_done_is_lost_by_kill_9),
        cmocka_unit_test(nothing_that_was_called_saved_is_lost_by_a_power_cut),
    };
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
