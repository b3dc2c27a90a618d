/* SPDX-License-Identifier: MIT
 * The store: what is on disk, what another program does to it, who may write and send. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/xalloc.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/hurry.h"
#include "tests/support/store_rig.h"

static int set_up(void **state)
{
    store_rig_set_up_faulty(state);
    struct store_rig *rig = *state;
    store_rig_ok(rig, store_flush(rig->store, &rig->err));
    return 0;
}

struct told {
    int count;
    struct err err;
};

static void tell(void *ctx, const struct err *err)
{
    struct told *told = ctx;
    told->count++;
    told->err = *err;
}

static void wait_for(struct store_rig *rig, const int *count, int wanted)
{
    while (*count < wanted)
        if (!loop_turn(rig->loop) && *count < wanted)
            fail_msg("%s", "nothing is left to wait for");
}

static void note(struct store_rig *rig, const char *value)
{
    err_clear(&rig->err);
    store_rig_ok(rig, store_put_note(rig->store, "key", value, &rig->err));
}

/* ---- durable ---- */

static void a_write_is_done_at_once_and_saved_when_the_disk_has_it(void **state)
{
    struct store_rig *rig = *state;
    struct told told = {0};
    uint64_t before = store_committed(rig->store);
    assert_int_equal(store_flushed(rig->store), before);
    fault_vfs_slow(20000);
    note(rig, "x");
    char *value = store_get_note(rig->store, "key");
    assert_string_equal(value, "x");
    free(value);
    assert_int_equal(store_committed(rig->store), before + 1);
    assert_int_equal(store_flushed(rig->store), before);
    store_on_flushed(rig->store, tell, &told);
    assert_int_equal(told.count, 0);
    wait_for(rig, &told.count, 1);
    assert_int_equal(told.err.code, STATUS_OK);
    assert_int_equal(store_flushed(rig->store), before + 1);
    note(rig, "x"); /* the same again is no commit that waits for the disk */
    store_on_flushed(rig->store, tell, &told);
    assert_int_equal(told.count, 1); /* never from inside */
    wait_for(rig, &told.count, 2);
}

/* What is known of the tables takes 250 KiB and a third of the time of opening. */
static void the_tables_are_read_once_to_open(void **state)
{
    struct store_rig *rig = *state;
    sqlite3 *db;
    store_rig_close(rig);
    assert_int_equal(sqlite3_open_v2(rig->path, &db, SQLITE_OPEN_READWRITE, "fault"),
                     SQLITE_OK);
    fault_vfs_arm(FAULT_READ, 1000, false);
    assert_int_equal(sqlite3_exec(db, "SELECT id FROM self", NULL, NULL, NULL),
                     SQLITE_OK);
    long once = 1000 - fault_vfs_left();
    sqlite3_close(db);
    fault_vfs_arm(FAULT_READ, 1000, false);
    store_rig_reopen(rig);
    long taken = 1000 - fault_vfs_left();
    fault_vfs_arm(0, 0, false);
    assert_true(once > 4);
    assert_true(taken >= once && taken <= once + 4); /* headers, and page 1 */
}

static void a_write_that_changes_nothing_is_no_commit(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "p", "r");
    uint64_t before = store_committed(rig->store);
    store_rig_put(rig, &id, RESPONSE_PENDING, 0, NULL, CHANGE_CLEAR, 0);
    assert_int_equal(store_committed(rig->store), before);
}

static void many_writes_share_a_sync_and_the_loop_makes_none(void **state)
{
    struct store_rig *rig = *state;
    struct told told = {0};
    static char text[20000];
    memset(text, 'x', sizeof text - 1);
    fault_vfs_slow(5000);
    long before = fault_vfs_syncs(), here = fault_vfs_syncs_here();
    for (int i = 0; i < 1200; i++) /* the log is emptied twice */
        store_rig_add(rig, "p", text);
    store_on_flushed(rig->store, tell, &told);
    wait_for(rig, &told.count, 1);
    assert_int_equal(store_flushed(rig->store), store_committed(rig->store));
    assert_true(fault_vfs_syncs() - before < 400);
    assert_int_equal(fault_vfs_syncs_here(), here);
    char log[128];
    snprintf(log, sizeof log, "%s-wal", rig->path);
    FILE *file = fopen(log, "r");
    fseek(file, 0, SEEK_END);
    assert_true(ftell(file) >= 1 && ftell(file) <= 36000000); /* it began again */
    fclose(file);
}

static void a_write_waits_for_no_sync_that_is_under_way(void **state)
{
    struct store_rig *rig = *state;
    fault_vfs_slow(300000);
    long begun = fault_vfs_syncs(), ended = fault_vfs_synced();
    note(rig, "x");
    while (fault_vfs_syncs() == begun)
        loop_poll(rig->loop);
    struct id id = store_rig_add(rig, "p", "r");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, NULL);
    assert_int_equal(fault_vfs_synced(), ended);
}

static void a_failed_flush_is_told_and_tried_again_until_it_succeeds(void **state)
{
    struct store_rig *rig = *state;
    struct told told = {0};
    uint64_t before = store_flushed(rig->store);
    hurry(5);
    fault_vfs_arm(FAULT_SYNC, 1, true);
    note(rig, "x");
    store_on_flushed(rig->store, tell, &told);
    wait_for(rig, &told.count, 1);
    assert_int_equal(told.err.code, STATUS_IO);
    assert_non_null(strstr(told.err.text, rig->path));
    assert_int_equal(store_flush_fault(rig->store)->code, STATUS_IO);
    assert_int_equal(store_flushed(rig->store), before);
    note(rig, "y"); /* it is written, but not saved */
    assert_int_equal(store_flush(rig->store, NULL), STATUS_IO);
    assert_int_equal(store_flushed(rig->store), before);
    fault_vfs_arm(0, 0, false);
    store_on_flushed(rig->store, tell, &told);
    wait_for(rig, &told.count, 2);
    assert_int_equal(told.err.code, STATUS_OK);
    assert_int_equal(store_flush_fault(rig->store)->code, STATUS_OK);
    assert_int_equal(store_flushed(rig->store), store_committed(rig->store));
    long begun = fault_vfs_syncs(); /* and all is as before: one sync, no checkpoint */
    note(rig, "z");
    assert_int_equal(store_flush(rig->store, NULL), STATUS_OK);
    while (store_flushed(rig->store) < store_committed(rig->store))
        loop_turn(rig->loop);
    assert_int_equal(fault_vfs_syncs() - begun, 1);
    hurry(1);
}

static void set_late(void *ctx)
{
    *(int *)ctx = 1;
}

static void a_failed_flush_is_tried_again_though_nobody_asks(void **state)
{
    struct store_rig *rig = *state;
    int is_late = 0;
    struct loop_timer *late = loop_timer_new(rig->loop, set_late, &is_late);
    hurry(5);
    loop_timer_start(late, 10000, 0);
    fault_vfs_arm(FAULT_SYNC, 1, false);
    note(rig, "x");
    while (store_flush_fault(rig->store)->code == STATUS_OK && !is_late)
        loop_turn(rig->loop);
    while (store_flush_fault(rig->store)->code != STATUS_OK && !is_late)
        loop_turn(rig->loop);
    assert_false(is_late);
    assert_int_equal(store_flushed(rig->store), store_committed(rig->store));
    loop_timer_free(late);
    hurry(1);
}

static void who_is_forgotten_is_not_told(void **state)
{
    struct store_rig *rig = *state;
    struct told told = {0}, other = {0};
    note(rig, "x");
    store_on_flushed(rig->store, tell, &told);
    store_on_flushed(rig->store, tell, &other);
    store_on_flushed(rig->store, tell, &told);
    store_forget(rig->store, &told);
    wait_for(rig, &other.count, 1);
    assert_int_equal(told.count, 0);
    store_on_flushed(rig->store, tell, &told);
    store_rig_close(rig);
    assert_int_equal(told.count, 0);
}

/* ---- the file is gone ---- */

static void move(struct store_rig *rig, const char *end, bool back)
{
    char here[160], there[160];
    snprintf(here, sizeof here, "%s%s", rig->path, end);
    snprintf(there, sizeof there, "%s/elsewhere", rig->dir);
    assert_int_equal(back ? rename(there, here) : rename(here, there), 0);
}

static void
a_store_that_was_moved_away_is_noticed_and_nothing_is_called_saved(void **state)
{
    struct store_rig *rig = *state;
    static const char *const ends[] = {"", "-wal"};
    for (size_t i = 0; i < 2; i++) {
        uint64_t committed = store_committed(rig->store);
        note(rig, i ? "a" : "b");
        store_flush(rig->store, NULL);
        fault_vfs_slow(30000);
        note(rig, "not yet on disk");
        move(rig, ends[i], false);
        assert_int_equal(store_flush(rig->store, &rig->err), STATUS_IO);
        assert_int_equal(store_flushed(rig->store), committed + 1);
        err_clear(&rig->err);
        assert_int_equal(store_put_note(rig->store, "key", "x", &rig->err), STATUS_IO);
        assert_non_null(strstr(rig->err.text, rig->path));
        assert_non_null(strstr(rig->err.text, "deleted or moved away"));
        assert_int_equal(store_committed(rig->store), committed + 2);
        move(rig, ends[i], true);
        note(rig, "x");
        assert_int_equal(store_flush(rig->store, NULL), STATUS_OK);
        assert_int_equal(store_flushed(rig->store), committed + 3);
    }
}

static void another_file_under_the_name_is_not_the_store(void **state)
{
    struct store_rig *rig = *state;
    move(rig, "", false);
    FILE *file = fopen(rig->path, "w");
    fclose(file);
    assert_int_equal(store_put_note(rig->store, "key", "x", &rig->err), STATUS_IO);
    move(rig, "", true);
}

static void count_up(void *ctx)
{
    ++*(int *)ctx;
}

static void who_watches_hears_that_the_file_is_gone_once(void **state)
{
    struct store_rig *rig = *state;
    int heard = 0, is_late = 0;
    hurry(5);
    store_watch(rig->store, count_up, &heard);
    assert_false(loop_turn(rig->loop)); /* it keeps no loop alive */
    struct loop_timer *late = loop_timer_new(rig->loop, set_late, &is_late);
    loop_timer_start(late, 2500, 0);
    move(rig, "", false);
    while (!is_late)
        loop_turn(rig->loop);
    assert_int_equal(heard, 1);
    loop_timer_free(late);
    move(rig, "", true);
    hurry(1);
}

/* ---- other processes ---- */

/* Runs what in a process of its own, on the same store, until the parent says so. */
struct other {
    pid_t pid;
    int to;
    int from;
};

static struct other start_other(struct store_rig *rig, void (*what)(struct store_rig *))
{
    int up[2], down[2];
    char byte;
    struct other other;
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    other.pid = fork();
    if (other.pid == 0) {
        struct store_rig own = *rig;
        alarm(30); /* never outlives a failed test for long */
        own.loop = loop_new();
        own.store = NULL;
        own.clock.ctx = &own;
        if (store_rig_open(&own, NULL) != STATUS_OK)
            _exit(1);
        what(&own);
        if (write(up[1], "x", 1) != 1 || read(down[0], &byte, 1) < 0)
            _exit(2);
        _exit(0); /* as if killed: nothing is closed */
    }
    close(up[1]);
    close(down[0]);
    other.to = down[1];
    other.from = up[0];
    assert_int_equal(read(other.from, &byte, 1), 1);
    return other;
}

static void end_other(const struct other *other)
{
    int status;
    assert_int_equal(write(other->to, "x", 1), 1);
    assert_int_equal(waitpid(other->pid, &status, 0), other->pid);
    assert_int_equal(status, 0);
    close(other->to);
    close(other->from);
}

static void rate_first(struct store_rig *rig)
{
    struct record record = {0};
    store_get_record_row(rig->store, 1, &record, NULL);
    store_rig_put(rig, &record.id, RESPONSE_SUBMITTED, 2, NULL, CHANGE_SUBMIT, 0);
    record_clear(&record);
}

struct changes {
    int count;
    struct queue_row last;
};

static void keep_change(void *ctx, const struct queue_row *row)
{
    struct changes *changes = ctx;
    changes->count++;
    changes->last = *row;
}

static void what_another_process_commits_is_heard_and_told_row_by_row(void **state)
{
    struct store_rig *rig = *state;
    int heard = 0, is_late = 0;
    struct changes changes = {0};
    struct id id = store_rig_add(rig, "a", "1");
    hurry(5);
    store_rig_add(rig, "b", "2");
    store_flush(rig->store, NULL);
    store_rig_close(rig); /* a fork takes no store over */
    struct other other = start_other(rig, rate_first);
    end_other(&other);
    store_rig_reopen(rig);
    int64_t since = store_revision(rig->store, rig->dataset);
    store_watch(rig->store, count_up, &heard);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 3, NULL, CHANGE_SUBMIT, 0);
    assert_true(store_revision(rig->store, rig->dataset) > since);
    store_rig_ok(rig, store_each_change(rig->store, rig->dataset, since, keep_change,
                                        &changes, &rig->err));
    assert_int_equal(changes.count, 1);
    assert_int_equal(changes.last.rating, 3);
    assert_int_equal(changes.last.status, RESPONSE_SUBMITTED);

    since = store_revision(rig->store, rig->dataset);
    sqlite3 *db; /* another process, as far as SQLite can tell */
    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE record SET rating = 1, revision = 99"
                                  " WHERE row = 2",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    struct loop_timer *late = loop_timer_new(rig->loop, set_late, &is_late);
    loop_timer_start(late, 10000, 0);
    while (!heard && !is_late)
        loop_turn(rig->loop);
    assert_int_equal(heard, 1); /* and our own change was no news */
    loop_timer_free(late);
    sqlite3_close(db);
    changes.count = 0;
    store_each_change(rig->store, rig->dataset, since, keep_change, &changes, NULL);
    assert_int_equal(changes.count, 1);
    assert_int_equal(changes.last.row, 2);
    assert_int_equal(changes.last.rating, 1);
    store_forget(rig->store, &heard);
    hurry(1);
}

static void a_store_that_another_holds_is_said_to_be_busy(void **state)
{
    struct store_rig *rig = *state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    int64_t before = clock_mono_ms(&clock_system);
    assert_int_equal(store_put_note(rig->store, "key", "x", &rig->err), STATUS_BUSY);
    assert_true(clock_mono_ms(&clock_system) - before <= 2000);
    assert_non_null(strstr(rig->err.text, "held by another program"));
    assert_null(store_get_note(rig->store, "key"));
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
    note(rig, "x");
}

static void claim_sending(struct store_rig *rig)
{
    bool is_ours = false;
    store_claim_sending(rig->store, rig->dataset, &is_ours, NULL);
    if (!is_ours)
        _exit(9);
}

static bool may_send(struct store_rig *rig, int64_t dataset)
{
    bool is_ours = false;
    err_clear(&rig->err);
    store_rig_ok(rig, store_claim_sending(rig->store, dataset, &is_ours, &rig->err));
    return is_ours;
}

static void one_process_sends_a_dataset_s_items_at_a_time(void **state)
{
    struct store_rig *rig = *state;
    store_rig_close(rig);
    struct other other = start_other(rig, claim_sending);
    store_rig_reopen(rig);
    assert_false(may_send(rig, rig->dataset));
    assert_true(may_send(rig, rig->dataset + 1));    /* another dataset */
    store_release_sending(rig->store, rig->dataset); /* not ours to release */
    assert_false(may_send(rig, rig->dataset));
    end_other(&other); /* dies without a word */
    assert_true(may_send(rig, rig->dataset));
    assert_true(may_send(rig, rig->dataset));
    store_release_sending(rig->store, rig->dataset);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM lease"), 1);
    store_rig_close(rig);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM lease"), 0);
}

/* The names that a process may have had that is none of those that run now. */
static void only_a_living_process_counts_as_one(void **state)
{
    struct store_rig *rig = *state;
    char boot[64] = "", owner[200];
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    assert_non_null(file);
    assert_non_null(fgets(boot, sizeof boot, file));
    fclose(file);
    boot[strcspn(boot, "\n")] = '\0';
    long parent = (long)getppid();
    char stat[1024] = "", path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", parent);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(stat, 1, sizeof stat - 1, file) > 0);
    fclose(file);
    const char *at = strrchr(stat, ')');
    for (int field = 2; field < 22; field++)
        at = strchr(at + 1, ' ');
    unsigned long long start = strtoull(at, NULL, 10);
    struct {
        const char *boot;
        long pid;
        unsigned long long start;
        bool is_alive;
    } const cases[] = {
        {boot, parent, start, true},
        {boot, parent, start + 1, false}, /* the number was given again */
        {"11111111-1111-4111-8111-111111111111", parent, start, false}, /* a reboot */
        {boot, 0x3fffffff, start, false},
        {boot, -1, start, false},
        {boot, (long)getpid(), start, false}, /* an earlier opening of ours */
        {"", parent, start, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sqlite3 *db;
        snprintf(owner, sizeof owner, "%s %ld %llu token", cases[i].boot, cases[i].pid,
                 cases[i].start);
        char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO lease (name, owner)"
                                    " VALUES ('send 7', %Q)",
                                    owner);
        assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_free(sql);
        sqlite3_close(db);
        if (may_send(rig, 7) == cases[i].is_alive)
            fail_msg("%s: %s", owner, cases[i].is_alive ? "taken" : "left alone");
    }
}

#define CASE(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, set_up, store_rig_tear_down_faulty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_write_is_done_at_once_and_saved_when_the_disk_has_it),
        CASE(the_tables_are_read_once_to_open),
        CASE(a_write_that_changes_nothing_is_no_commit),
        CASE(many_writes_share_a_sync_and_the_loop_makes_none),
        CASE(a_write_waits_for_no_sync_that_is_under_way),
        CASE(a_failed_flush_is_told_and_tried_again_until_it_succeeds),
        CASE(a_failed_flush_is_tried_again_though_nobody_asks),
        CASE(who_is_forgotten_is_not_told),
        CASE(a_store_that_was_moved_away_is_noticed_and_nothing_is_called_saved),
        CASE(another_file_under_the_name_is_not_the_store),
        CASE(who_watches_hears_that_the_file_is_gone_once),
        CASE(what_another_process_commits_is_heard_and_told_row_by_row),
        CASE(a_store_that_another_holds_is_said_to_be_busy),
        CASE(one_process_sends_a_dataset_s_items_at_a_time),
        CASE(only_a_living_process_counts_as_one),
    };
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
