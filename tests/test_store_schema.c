/* SPDX-License-Identifier: MIT
 * The store: one that the first version made is brought up to date with nothing lost; one
 * that can only be read is read; damage and odd file systems are named. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"

#define FIRST_VERSION TOP_SRCDIR "/tests/fixtures/store-version-1.sql"

static int set_up(void **state)
{
    struct store_rig *rig = calloc(1, sizeof *rig);
    store_rig_start_closed(rig);
    *state = rig;
    return 0;
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = xcalloc(1, 1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void change_file(struct store_rig *rig, const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    sqlite3_close(db);
}

static void make_first_version(struct store_rig *rig)
{
    char *sql = read_whole(FIRST_VERSION);
    change_file(rig, sql);
    free(sql);
}

static struct id id_of(int number)
{
    struct id id = {.bytes = {[6] = 0x40, [8] = 0x80}};
    id.bytes[15] = (uint8_t)number;
    return id;
}

static void get(struct store_rig *rig, int number, struct record *record)
{
    struct id id = id_of(number);
    struct err err = {0};
    if (store_get_record(rig->store, &id, record, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

/* ---- the first version ---- */

static void a_store_of_the_first_version_keeps_its_records(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {0};
    make_first_version(rig);
    store_rig_reopen(rig);
    store_rig_check(rig);
    get(rig, 1, &record);
    assert_int_equal(record.dataset_row, 1);
    assert_int_equal(record.inserted_ms, 1000);
    assert_string_equal(record_field(&record, "response")->text, "first");
    assert_int_equal(record.completion.state, COMPLETION_DONE);
    assert_string_equal(record.completion.sampling.model, "m");
    struct id one = id_of(1), two = id_of(2), three = id_of(3), four = id_of(4);
    store_rig_expect(rig, &one, RESPONSE_SUBMITTED, 4, "good");
    store_rig_expect(rig, &two, RESPONSE_SUBMITTED, 3, NULL);
    store_rig_expect(rig, &three, RESPONSE_DISCARDED, 0, NULL);
    store_rig_expect(rig, &four, RESPONSE_DRAFT, 2, NULL);
    get(rig, 3, &record);
    assert_string_equal(record.remote_id, "r-3");
    assert_string_equal(record.metadata_json, "{\"k\":1}");
    get(rig, 8, &record); /* its facts are no JSON: left out, the rest is there */
    assert_string_equal(record_field(&record, "response")->text, "half");
    assert_int_equal(record.completion.state, COMPLETION_CUT);
    get(rig, 2, &record);
    assert_true(id_equal(&record.completion.parent, &one));
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM completion WHERE run ="
                                           " 'aaaaaaaa00004000800000000000000a'"),
                     2);
    char *note = store_get_note(rig->store, "prompt");
    assert_string_equal(note, "unsent");
    free(note);
    record_clear(&record);
}

static void one_dataset_known_by_two_addresses_becomes_one(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {0};
    make_first_version(rig);
    store_rig_reopen(rig);
    struct dataset *list;
    size_t count;
    assert_int_equal(store_list_datasets(rig->store, &list, &count, NULL), STATUS_OK);
    assert_int_equal(count, 3);
    assert_string_equal(list[0].guidelines, "Be kind.");
    assert_int_equal(list[0].questions[0].rating_count, 5);
    assert_string_equal(list[1].remote_id, "d-1");
    assert_int_equal(list[2].row, 5);
    for (size_t i = 0; i < count; i++)
        dataset_clear(&list[i]);
    free(list);
    rig->dataset = 2;
    free(store_rig_queue(rig, &count));
    assert_int_equal(count, 5); /* 2, 3, 5 and 4, 7 of the other; 6 was a double */
    struct id six = id_of(6);
    assert_int_equal(store_get_record(rig->store, &six, &record, NULL), STATUS_NOT_FOUND);
    store_rig_put_dataset(rig, "new", ""); /* its number was never used */
    assert_int_equal(rig->dataset, 10);
}

static void a_store_of_the_second_version_takes_picks(void **state)
{
    struct store_rig *rig = *state;
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "langchain-dataset", "");
    struct id first = store_rig_add(rig, "a", "1");
    store_rig_close(rig);
    change_file(rig, "DROP TABLE pick_candidate; DROP TABLE pick; DROP TABLE again;"
                     "ALTER TABLE response DROP COLUMN sent;"
                     "ALTER TABLE record DROP COLUMN inserted_us;"
                     "ALTER TABLE record DROP COLUMN note;"
                     "ALTER TABLE record DROP COLUMN updated_us;"
                     "DROP INDEX step_batch; DROP INDEX step_order; DROP INDEX"
                     " record_deleted; ALTER TABLE step DROP COLUMN batch;"
                     "CREATE INDEX step_order ON step (dataset, is_undone, event);"
                     "PRAGMA user_version = 2");
    store_rig_reopen(rig);
    store_rig_expect(rig, &first, RESPONSE_PENDING, 0, NULL);
    store_rig_add(rig, "a", "2");
    const struct pick pick = {.rows = {1, 2}, .count = 2};
    store_rig_ok(rig, store_put_pick(rig->store, &pick, &rig->err));
    assert_int_equal(store_rig_number(rig, "PRAGMA user_version"), 8);
}

static void a_decision_of_the_fifth_version_is_one_still(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {0};
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "langchain-dataset", "");
    store_rig_add(rig, "a", "1");
    struct id second = store_rig_add(rig, "a", "2");
    store_rig_close(rig);
    change_file(rig, "INSERT INTO note (key, value) VALUES ('decided:2', 'yes');"
                     "ALTER TABLE record DROP COLUMN inserted_us;"
                     "ALTER TABLE record DROP COLUMN note;"
                     "ALTER TABLE record DROP COLUMN updated_us;"
                     "PRAGMA user_version = 5");
    store_rig_reopen(rig);
    store_rig_ok(rig, store_get_record(rig->store, &second, &record, &rig->err));
    assert_true(record.is_decided);
    assert_int_equal(
        store_rig_number(rig, "SELECT count(*) FROM record WHERE flags & 256"), 1);
    assert_int_equal(
        store_rig_number(rig, "SELECT count(*) FROM note WHERE key LIKE 'decided:%'"), 0);
    record_clear(&record);
}

static void a_store_of_the_seventh_version_learns_when_records_changed(void **state)
{
    struct store_rig *rig = *state;
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "langchain-dataset", "https://argilla.example");
    struct id first = store_rig_add(rig, "a", "1");
    store_rig_close(rig);
    change_file(rig,
                "ALTER TABLE record DROP COLUMN updated_us; PRAGMA user_version = 7");
    store_rig_reopen(rig);
    store_rig_expect(rig, &first, RESPONSE_PENDING, 0, NULL);
    char name[ID_TEXT];
    id_format(&first, name);
    struct record record = {.external_id = xstrdup(name), .updated_us = 7};
    record.remote_id = xstrdup("11111111-0000-4000-8000-000000000001");
    for (int i = 0; i < 2; i++, record.updated_us = 0) /* a page that does not say it */
        store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, i + 1, &record, 1,
                                           NULL, &rig->err));
    assert_int_equal(store_rig_number(rig, "SELECT updated_us FROM record"), 7);
    record_clear(&record);
}

static void a_store_of_the_sixth_version_takes_notes(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {0};
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "langchain-dataset", "");
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, "good", CHANGE_SUBMIT, 0);
    store_rig_ok(rig, store_put_flag(rig->store, &id, true, &rig->err));
    store_rig_close(rig);
    change_file(rig, "ALTER TABLE record DROP COLUMN note; ALTER TABLE record DROP "
                     "COLUMN updated_us; PRAGMA user_version = 6");
    store_rig_reopen(rig);
    store_rig_ok(rig, store_note_record(rig->store, &id, "mine", "", 0, NULL, &rig->err));
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, "good");
    store_rig_ok(rig, store_get_record(rig->store, &id, &record, &rig->err));
    assert_string_equal(record.note, "mine");
    assert_int_equal(record.flags, QUEUE_FLAGGED | QUEUE_NOTED);
    for (int i = 0; i < 3; i++) /* what was done before it can be taken back, too */
        assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "submit");
    record_clear(&record);
}

static void what_waited_in_the_first_version_still_waits(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_counts counts;
    make_first_version(rig);
    store_rig_reopen(rig);
    store_count_outbox(rig->store, 0, &counts);
    assert_int_equal(counts.unsent, 2);
    assert_int_equal(counts.refused, 1);
    assert_int_equal(counts.clashes, 0);
    store_count_outbox(rig->store, 2, &counts);
    assert_int_equal(counts.unsent, 2);
    const struct outbox_query query = {.kind = OUTBOX_RESPONSE, .max = 9};
    struct outbox_item *items;
    size_t count;
    assert_int_equal(store_list_outbox(rig->store, &query, &items, &count, NULL),
                     STATUS_OK);
    assert_int_equal(count, 3);
    assert_int_equal(items[0].version, 7);
    assert_int_equal(items[0].next_try_ms, 99);
    assert_string_equal(items[0].last_error, "The server is busy.");
    for (size_t i = 0; i < count; i++)
        outbox_item_clear(&items[i]);
    free(items);
    store_rig_ok(rig, store_retry_refused(rig->store, 2, &rig->err));
    store_count_outbox(rig->store, 2, &counts);
    assert_int_equal(counts.unsent, 3);
    rig->dataset = 1;
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "submit");
    struct id one = id_of(1);
    store_rig_expect(rig, &one, RESPONSE_DRAFT, 4, NULL);
}

static enum meeting meet(struct store_rig *rig, int number, enum response_status status,
                         int rating)
{
    struct response theirs = {.status = status};
    struct id id = id_of(number);
    enum meeting meeting;
    if (rating)
        values_set_rating(&theirs.values, "response-rating", rating);
    store_rig_ok(
        rig, store_meet_response(rig->store, &id, &theirs, NULL, &meeting, &rig->err));
    response_clear(&theirs);
    return meeting;
}

static void what_the_first_version_had_sent_or_pulled_is_known_of_the_server(void **state)
{
    struct store_rig *rig = *state;
    make_first_version(rig);
    store_rig_reopen(rig);
    assert_int_equal(meet(rig, 3, RESPONSE_DISCARDED, 0), MEETING_SAME);
    assert_int_equal(meet(rig, 3, RESPONSE_SUBMITTED, 5), MEETING_TAKEN);
    assert_int_equal(meet(rig, 5, RESPONSE_SUBMITTED, 1), MEETING_TAKEN);
    assert_int_equal(meet(rig, 4, RESPONSE_PENDING, 0), MEETING_OURS); /* never sent */
    /* Sent once and changed since: what the server had is not known. */
    assert_int_equal(meet(rig, 2, RESPONSE_SUBMITTED, 1), MEETING_CLASH);
    assert_int_equal(meet(rig, 7, RESPONSE_PENDING, 0), MEETING_OURS);
}

/* Every column, index and trigger of the store; yours. */
static char *shape_of(struct store_rig *rig)
{
    sqlite3 *db;
    sqlite3_stmt *found;
    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(
            db,
            "SELECT group_concat(what, char(10)) FROM (SELECT tbl_name || ' ' || m.name"
            " || ' ' || CASE type WHEN 'table' THEN concat ELSE coalesce(sql, '') END"
            " AS what FROM sqlite_schema m, (SELECT 1) LEFT JOIN (SELECT t.name AS owner,"
            " group_concat(c.name || ' ' || c.type || c.\"notnull\" || c.pk ||"
            "  coalesce(c.dflt_value, '')) AS concat FROM sqlite_schema t,"
            "  pragma_table_xinfo(t.name) c GROUP BY t.name) ON owner = m.name"
            " ORDER BY m.name)",
            -1, &found, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(found), SQLITE_ROW);
    char *shape = xstrdup((const char *)sqlite3_column_text(found, 0));
    sqlite3_finalize(found);
    sqlite3_close(db);
    return shape;
}

static void a_new_store_has_the_shape_of_one_brought_up_to_date(void **state)
{
    struct store_rig *rig = *state;
    make_first_version(rig);
    store_rig_reopen(rig);
    char *migrated = shape_of(rig);
    store_rig_close(rig);
    unlink(rig->path);
    store_rig_reopen(rig);
    char *made = shape_of(rig);
    assert_non_null(strstr(made, "record record_kept CREATE INDEX"));
    assert_non_null(strstr(made, "theirs TEXT00"));
    assert_string_equal(made, migrated);
    free(made);
    free(migrated);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM counter WHERE name IN"
                                           " ('outbox', 'revision', 'pull', 'log')"),
                     4);
}

static void each_store_has_an_id_of_its_own_and_keeps_it(void **state)
{
    struct store_rig *rig = *state;
    make_first_version(rig);
    store_rig_reopen(rig);
    struct id first = *store_id(rig->store);
    assert_false(id_is_zero(&first));
    store_rig_reopen(rig);
    assert_true(id_equal(store_id(rig->store), &first));
    store_rig_close(rig);
    unlink(rig->path);
    store_rig_reopen(rig);
    assert_false(id_equal(store_id(rig->store), &first));
    assert_false(id_is_zero(store_id(rig->store)));
}

/* ---- damage ---- */

struct found {
    bool is_done;
    struct store_health health;
    struct err err;
};

static void take_health(void *ctx, const struct store_health *health,
                        const struct err *err)
{
    struct found *found = ctx;
    *found = (struct found){.is_done = true, .health = *health, .err = *err};
}

static struct found check(struct store_rig *rig)
{
    struct found found = {0};
    store_check(rig->store, take_health, &found);
    assert_false(found.is_done); /* never from inside */
    while (!found.is_done)
        loop_turn(rig->loop);
    return found;
}

static void damage_is_found_and_said(void **state)
{
    struct store_rig *rig = *state;
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "d", "");
    store_rig_add(rig, "p", "r");
    struct found found = check(rig);
    assert_int_equal(found.err.code, STATUS_OK);
    assert_int_equal(found.health.datasets, 1);
    assert_int_equal(found.health.records, 1);
    assert_int_equal(found.health.version, store_rig_number(rig, "PRAGMA user_version"));
    store_rig_close(rig); /* puts the log back */
    int fd = open(rig->path, O_WRONLY);
    static const unsigned char seven[] = {7, 7, 7, 7}; /* how many pages are free */
    assert_int_equal(pwrite(fd, seven, 4, 36), 4);
    close(fd);
    store_rig_reopen(rig);
    found = check(rig);
    assert_int_equal(found.err.code, STATUS_IO);
    assert_non_null(strstr(found.err.text, "damaged"));
    assert_non_null(strstr(found.err.text, rig->path));
}

static void one_unreadable_row_does_not_hide_the_others(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {0};
    char log[160], id[ID_TEXT];
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "d", "");
    struct id bad = store_rig_add(rig, "bad", "1"),
              good = store_rig_add(rig, "good", "2");
    store_rig_put(rig, &bad, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    store_rig_put(rig, &good, RESPONSE_SUBMITTED, 5, NULL, CHANGE_SUBMIT, 0);
    change_file(rig, "UPDATE response SET answers = '{' WHERE record = 1;"
                     "UPDATE record SET suggestions = '[[' WHERE row = 1");
    snprintf(log, sizeof log, "%s/log", rig->dir);
    assert_int_equal(log_open(log, NULL), STATUS_OK);
    assert_int_equal(store_get_record(rig->store, &bad, &record, &rig->err), STATUS_OK);
    log_close();
    assert_string_equal(record_field(&record, "prompt")->text, "bad");
    assert_int_equal(record.response.status, RESPONSE_SUBMITTED);
    assert_int_equal(record.response.values.count, 0);
    assert_int_equal(record.suggestion_count, 0);
    store_rig_expect(rig, &good, RESPONSE_SUBMITTED, 5, NULL);
    char *said = read_whole(log);
    id_format(&bad, id);
    assert_non_null(strstr(said, id));
    assert_non_null(strstr(said, "suggestions"));
    assert_non_null(strstr(said, "its response"));
    free(said);
    unlink(log);
    /* And it can be answered anew. */
    store_rig_put(rig, &bad, RESPONSE_SUBMITTED, 1, NULL, CHANGE_SUBMIT, 0);
    store_rig_expect(rig, &bad, RESPONSE_SUBMITTED, 1, NULL);
    record_clear(&record);
}

/* ---- only to be read ---- */

static void read_in_vain_to_write(struct store_rig *rig)
{
    struct id id;
    struct record record = {0};
    size_t count;
    store_rig_reopen(rig);
    assert_true(store_is_read_only(rig->store));
    rig->dataset = 1;
    free(store_rig_queue(rig, &count));
    assert_int_equal(count, 1);
    assert_int_equal(store_get_record_row(rig->store, 1, &record, &rig->err), STATUS_OK);
    assert_int_equal(record.response.status, RESPONSE_SUBMITTED);
    id = record.id;
    record_clear(&record);
    const struct response response = {.status = RESPONSE_DISCARDED};
    assert_int_equal(store_put_response(rig->store, &id, &response, NULL, CHANGE_DISCARD,
                                        0, &rig->err),
                     STATUS_IO);
    assert_non_null(strstr(rig->err.text, "can only be read"));
    assert_non_null(strstr(rig->err.text, rig->path));
    assert_int_equal(store_flush(rig->store, NULL), STATUS_OK);
    store_rig_close(rig);
}

/* Root may write anything: another user looks. */
static void read_as_nobody(struct store_rig *rig)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
            _exit(9);
        rig->loop = loop_new();
        read_in_vain_to_write(rig);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_store_that_can_only_be_read_is_read(void **state)
{
    struct store_rig *rig = *state;
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "d", "");
    struct id id = store_rig_add(rig, "p", "r");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    store_rig_close(rig);
    static const struct {
        mode_t file;
        mode_t directory;
    } modes[] = {{0444, 0777}, {0444, 0555}, {0666, 0555}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(chmod(rig->path, modes[i].file), 0);
        assert_int_equal(chmod(rig->dir, modes[i].directory), 0);
        read_as_nobody(rig);
        assert_int_equal(chmod(rig->dir, 0777), 0);
        change_file(rig, "SELECT 1 FROM record"); /* and its helper files go */
    }
    assert_int_equal(chmod(rig->path, 0600), 0);
    assert_int_equal(chmod(rig->dir, 0700), 0);
}

/* It has not even room for the helper files. */
static void a_store_on_a_full_disk_is_read(void **state)
{
    struct store_rig *rig = *state;
    store_rig_reopen(rig);
    store_rig_put_dataset(rig, "d", "");
    struct id id = store_rig_add(rig, "p", "r");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    store_rig_close(rig);
    rig->vfs = "fault";
    fault_vfs_arm(FAULT_SPACE | FAULT_WRITE, 1, true);
    store_rig_reopen(rig);
    const struct response response = {.status = RESPONSE_DISCARDED};
    assert_int_equal(store_put_response(rig->store, &id, &response, NULL, CHANGE_DISCARD,
                                        0, &rig->err),
                     STATUS_FULL);
    assert_non_null(strstr(rig->err.text, "can only be read: the disk is full"));
    err_clear(&rig->err);
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, NULL);
    store_rig_close(rig);
    fault_vfs_arm(0, 0, false);
    store_rig_reopen(rig);
    assert_false(store_is_read_only(rig->store));
}

/* ---- odd file systems ---- */

static void a_file_system_without_locks_or_shared_memory_is_named(void **state)
{
    struct store_rig *rig = *state;
    struct err err = {0};
    rig->vfs = "fault";
    fault_vfs_refuse_locks(true);
    assert_int_not_equal(store_rig_open(rig, &err), STATUS_OK);
    assert_non_null(strstr(err.text, "locks"));
    assert_non_null(strstr(err.text, "--store"));
    assert_null(strstr(err.text, "another program"));
    fault_vfs_refuse_locks(false);
    err_clear(&err);
    fault_vfs_arm(FAULT_MAP, 1, true);
    assert_int_not_equal(store_rig_open(rig, &err), STATUS_OK);
    assert_non_null(strstr(err.text, "share memory"));
    assert_non_null(strstr(err.text, "--store"));
    fault_vfs_arm(0, 0, false);
    store_rig_reopen(rig);
}

#define CASE(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, set_up, store_rig_tear_down_faulty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_store_of_the_first_version_keeps_its_records),
        CASE(one_dataset_known_by_two_addresses_becomes_one),
        CASE(a_store_of_the_second_version_takes_picks),
        CASE(a_decision_of_the_fifth_version_is_one_still),
        CASE(a_store_of_the_sixth_version_takes_notes),
        CASE(a_store_of_the_seventh_version_learns_when_records_changed),
        CASE(what_waited_in_the_first_version_still_waits),
        CASE(what_the_first_version_had_sent_or_pulled_is_known_of_the_server),
        CASE(a_new_store_has_the_shape_of_one_brought_up_to_date),
        CASE(each_store_has_an_id_of_its_own_and_keeps_it),
        CASE(damage_is_found_and_said),
        CASE(one_unreadable_row_does_not_hide_the_others),
        CASE(a_store_that_can_only_be_read_is_read),
        CASE(a_store_on_a_full_disk_is_read),
        CASE(a_file_system_without_locks_or_shared_memory_is_named),
    };
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
