/* SPDX-License-Identifier: MIT
 * The store: opening, datasets, records, completions, the queue, notes. */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
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

#include "base/xalloc.h"
#include "store/parts.h"
#include "store/store_search.h"
#include "store/store_stats.h"
#include "tests/support/store_rig.h"

static int set_up(void **state)
{
    struct store_rig *rig = calloc(1, sizeof *rig);
    store_rig_start(rig);
    store_rig_put_dataset(rig, "langchain-dataset", "");
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    store_rig_end(*state);
    free(*state);
    return 0;
}

/* ---- opening ---- */

static mode_t mode_of(const char *path)
{
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    return facts.st_mode & 0777;
}

static void the_file_and_its_directory_are_private(void **state)
{
    struct store_rig *rig = *state;
    char path[160], deep[140];
    umask(022);
    assert_int_equal(mode_of(rig->path), 0600);
    snprintf(path, sizeof path, "%s-wal", rig->path);
    assert_int_equal(mode_of(path), 0600);

    struct store *other = NULL;
    snprintf(deep, sizeof deep, "%s/a/b", rig->dir);
    snprintf(path, sizeof path, "%s/store.db", deep);
    const struct store_options options = {.path = path};
    assert_int_equal(store_open(&other, rig->loop, &options, NULL), STATUS_OK);
    assert_string_equal(store_path(other), path);
    assert_int_equal(mode_of(deep), 0700);
    assert_int_equal(mode_of(path), 0600);
    store_close(other);
    unlink(path);
    rmdir(deep);
    snprintf(deep, sizeof deep, "%s/a", rig->dir);
    rmdir(deep);
}

static void a_file_that_others_can_read_is_closed_to_them(void **state)
{
    struct store_rig *rig = *state;
    store_rig_close(rig);
    assert_int_equal(chmod(rig->path, 0644), 0);
    store_rig_reopen(rig);
    assert_int_equal(mode_of(rig->path), 0600);
}

static void expect_refusal(struct store_rig *rig, enum status status, const char *words)
{
    struct err err = {0};
    assert_int_equal(store_rig_open(rig, &err), status);
    assert_null(rig->store);
    assert_non_null(strstr(err.text, words));
    assert_non_null(strstr(err.text, rig->path));
    assert_int_equal(err.text[strlen(err.text) - 1], '.');
}

static void change_file(struct store_rig *rig, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_store_of_a_newer_sherd_is_refused_and_left_alone(void **state)
{
    struct store_rig *rig = *state;
    char *before = xasprintf("PRAGMA user_version = %lld",
                             (long long)store_rig_number(rig, "PRAGMA user_version"));
    store_rig_close(rig);
    change_file(rig, "PRAGMA user_version = 99");
    expect_refusal(rig, STATUS_CONFIG, "newer sherd");
    assert_int_equal(store_rig_number(rig, "PRAGMA user_version"), 99);
    change_file(rig, before);
    store_rig_reopen(rig);
    free(before);
}

static void a_database_of_another_program_is_refused(void **state)
{
    struct store_rig *rig = *state;
    store_rig_close(rig);
    unlink(rig->path);
    change_file(rig, "CREATE TABLE moz_places (id)");
    expect_refusal(rig, STATUS_CONFIG, "another program");
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_file_that_is_no_database_is_refused_and_kept(void **state)
{
    struct store_rig *rig = *state;
    static const char text[] = "Dear diary, this is no database at all, but long enough "
                               "to be taken for the head of one if nobody looked at it.";
    store_rig_close(rig);
    FILE *file = fopen(rig->path, "w");
    fputs(text, file);
    fclose(file);
    expect_refusal(rig, STATUS_CONFIG, "not a sherd store");
    char back[sizeof text] = "";
    file = fopen(rig->path, "r");
    assert_int_equal(fread(back, 1, sizeof back, file), sizeof text - 1);
    fclose(file);
    assert_string_equal(back, text);
}

static void a_place_that_cannot_be_is_refused(void **state)
{
    struct store_rig *rig = *state;
    store_rig_close(rig);
    char kept[sizeof rig->path];
    memcpy(kept, rig->path, sizeof kept);
    struct err err = {0};
    snprintf(rig->path, sizeof rig->path, "/proc/sherd/store.db");
    assert_int_equal(store_rig_open(rig, &err), STATUS_IO);
    assert_non_null(strstr(err.text, "/proc/sherd"));
    snprintf(rig->path, sizeof rig->path, "%s", rig->dir);
    expect_refusal(rig, STATUS_IO, "cannot be opened");
    err_clear(&err);
    snprintf(rig->path, sizeof rig->path, ":memory:");
    assert_int_equal(store_rig_open(rig, &err), STATUS_USAGE);
    memcpy(rig->path, kept, sizeof kept);
}

static void two_processes_can_make_the_store_at_once(void **state)
{
    struct store_rig *rig = *state;
    pid_t children[8];
    store_rig_close(rig);
    for (int round = 0; round < 5; round++) {
        unlink(rig->path);
        for (size_t i = 0; i < 8; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                struct loop *loop = loop_new();
                struct store *store;
                struct err err = {0};
                const struct store_options options = {.path = rig->path};
                enum status status = store_open(&store, loop, &options, &err);
                if (status != STATUS_OK)
                    fprintf(stderr, "# %s\n", err.text);
                store_close(store);
                _exit(status != STATUS_OK);
            }
        }
        for (size_t i = 0; i < 8; i++) {
            int status;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        store_rig_check(rig);
    }
}

/* ---- datasets ---- */

static void a_dataset_comes_back_as_it_went_in(void **state)
{
    struct store_rig *rig = *state;
    struct dataset dataset = {0};
    assert_int_equal(
        store_find_dataset(rig->store, "", NULL, "langchain-dataset", &dataset, NULL),
        STATUS_OK);
    assert_int_equal(dataset.row, rig->dataset);
    assert_string_equal(dataset.workspace, "local");
    assert_null(dataset.remote_id);
    assert_int_equal(dataset.field_count, 2);
    assert_string_equal(dataset.fields[1].name, "response");
    assert_true(dataset.fields[1].is_required);
    assert_int_equal(dataset.questions[0].rating_count, 5);
    assert_string_equal(dataset.questions[1].description,
                        "What feedback do you have for the response?");
    assert_true(dataset_takes_pairs(&dataset));

    struct err err = {0};
    assert_int_equal(store_find_dataset(rig->store, "", NULL, "other", &dataset, &err),
                     STATUS_NOT_FOUND);
    assert_int_equal(err.code, STATUS_OK);
    dataset_clear(&dataset);
}

static int64_t put(struct store_rig *rig, const char *workspace, const char *remote_id)
{
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "shared", workspace, "https://a.example");
    dataset.remote_id = xstrdup_or_null(remote_id);
    int64_t row = 0;
    store_rig_ok(rig, store_put_dataset(rig->store, &dataset, &row, NULL, &rig->err));
    dataset_clear(&dataset);
    return row;
}

static void a_dataset_opened_before_its_workspace_was_known_is_the_same_one(void **state)
{
    struct store_rig *rig = *state;
    int64_t first = put(rig, NULL, NULL);
    assert_int_equal(put(rig, "argilla", "r-1"), first);
    assert_int_equal(put(rig, NULL, NULL), first);
    assert_int_not_equal(put(rig, "team", "r-2"), first);
    struct dataset dataset = {0};
    assert_int_equal(store_find_dataset(rig->store, "https://a.example", "argilla",
                                        "shared", &dataset, NULL),
                     STATUS_OK);
    assert_string_equal(dataset.remote_id, "r-1");
    dataset_clear(&dataset);

    struct dataset *list;
    size_t count;
    assert_int_equal(store_list_datasets(rig->store, &list, &count, NULL), STATUS_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        dataset_clear(&list[i]);
    free(list);
}

/* ---- records ---- */

static void any_bytes_come_back_as_they_went_in(void **state)
{
    struct store_rig *rig = *state;
    static const char bytes[] = "a\0b\xff\xfe\xc3(\x1b[31m\r\n\xed\xa0\x80 end\0";
    struct record record = {.dataset_row = rig->dataset}, back = {0};
    id_random(&record.id);
    record_set_field(&record, "prompt", bytes, sizeof bytes - 1);
    record_set_field(&record, "response", "", 0);
    record.metadata_json = xstrdup("{\"k\":[1,2]}");
    store_rig_ok(rig, store_add_record(rig->store, &record, true, NULL, &rig->err));
    store_rig_reopen(rig);
    assert_int_equal(store_get_record(rig->store, &record.id, &back, NULL), STATUS_OK);
    assert_int_equal(back.field_count, 2);
    assert_string_equal(back.fields[0].name, "prompt");
    assert_int_equal(back.fields[0].len, sizeof bytes - 1);
    assert_memory_equal(back.fields[0].text, bytes, sizeof bytes);
    assert_int_equal(back.fields[1].len, 0);
    assert_string_equal(back.metadata_json, "{\"k\":[1,2]}");
    assert_int_equal(back.inserted_ms, rig->now_ms);
    assert_int_equal(back.dataset_row, rig->dataset);
    char snippet[6];
    assert_true(store_get_snippet(rig->store, back.row, snippet, sizeof snippet));
    assert_memory_equal(snippet, "a\0b\xff\xfe", 6);
    record_clear(&record);
    record_clear(&back);
}

static void ten_megabytes_come_back(void **state)
{
    struct store_rig *rig = *state;
    size_t size = 10 * 1024 * 1024;
    char *text = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)('a' + i % 23);
    text[size] = '\0';
    struct id id = store_rig_add(rig, "long", text);
    struct record back = {0};
    assert_int_equal(store_get_record(rig->store, &id, &back, NULL), STATUS_OK);
    assert_int_equal(back.fields[1].len, size);
    assert_memory_equal(back.fields[1].text, text, size);
    record_clear(&back);
    free(text);
}

static void records_added_together_are_all_there_or_none(void **state)
{
    struct store_rig *rig = *state;
    struct record records[2] = {{.dataset_row = rig->dataset},
                                {.dataset_row = rig->dataset}};
    for (int i = 0; i < 2; i++) {
        id_random(&records[i].id);
        record_set_field(&records[i], "prompt", "why", 3);
    }
    struct id other = records[1].id;
    records[1].id = records[0].id;
    assert_int_not_equal(store_add_records(rig->store, records, 2, NULL), STATUS_OK);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM record"), 0);
    records[1].id = other;
    store_rig_ok(rig, store_add_records(rig->store, records, 2, &rig->err));
    assert_true(records[0].row > 0 && records[1].row > records[0].row);
    assert_int_equal(store_rig_number(rig, "SELECT sum(is_finished) FROM record"), 2);
    record_clear(&records[0]);
    record_clear(&records[1]);
}

static void a_record_added_twice_stays_the_first(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.dataset_row = rig->dataset};
    record.id = store_rig_add(rig, "one", "first");
    int64_t row = rig->record_row;
    record_set_field(&record, "prompt", "two", 3);
    bool is_new = true;
    store_rig_ok(rig, store_add_record(rig->store, &record, true, &is_new, &rig->err));
    assert_false(is_new);
    assert_int_equal(record.row, row);
    record_clear(&record);
    assert_int_equal(store_get_record_row(rig->store, row, &record, NULL), STATUS_OK);
    assert_string_equal(record.fields[0].text, "one");
    record_clear(&record);
}

static void a_record_without_a_dataset_is_refused_with_a_sentence(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.dataset_row = 4711};
    id_random(&record.id);
    assert_int_equal(store_add_record(rig->store, &record, true, NULL, &rig->err),
                     STATUS_NOT_FOUND);
    assert_string_equal(rig->err.text, "There is no dataset number 4711 in the store.");
    struct err err = {0};
    assert_int_equal(store_get_record(rig->store, &record.id, &record, &err),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "There is no record "));
}

static void a_record_is_found_by_the_start_of_its_id(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.dataset_row = rig->dataset};
    struct id found;
    struct err err = {0};
    const char *const names[] = {"abcd1234-0000-4000-8000-000000000001",
                                 "abcd1234-0000-4000-8000-000000000002",
                                 "abce0000-0000-4000-8000-000000000003"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(id_parse(names[i], &record.id));
        store_rig_ok(rig, store_add_record(rig->store, &record, true, NULL, &rig->err));
    }
    assert_int_equal(store_find_record(rig->store, 0, "ABCE", &found, &err), STATUS_OK);
    assert_true(id_equal(&found, &record.id));
    assert_int_equal(store_find_record(rig->store, 0, "abc", &found, &err), STATUS_USAGE);
    assert_non_null(strstr(err.text, "more digits"));
    err_clear(&err);
    assert_int_equal(store_find_record(rig->store, 0, names[1], &found, &err), STATUS_OK);
    assert_int_equal(found.bytes[15], 2);
    assert_int_equal(
        store_find_record(rig->store, rig->dataset + 1, names[1], &found, &err),
        STATUS_NOT_FOUND);
    err_clear(&err);
    assert_int_equal(store_find_record(rig->store, 0, "xyz", &found, &err), STATUS_USAGE);
    assert_int_equal(store_find_record(rig->store, 0, "", &found, NULL), STATUS_USAGE);
}

static void a_snippet_is_cut_at_a_code_point(void **state)
{
    struct store_rig *rig = *state;
    char snippet[7];
    store_rig_add(rig, "ab時間", "x");
    assert_true(store_get_snippet(rig->store, rig->record_row, snippet, sizeof snippet));
    assert_string_equal(snippet, "ab時");
    assert_false(store_get_snippet(rig->store, 99, snippet, sizeof snippet));
}

static bool note_record(void *ctx, const struct record *record)
{
    char *seen = ctx;
    seen[strlen(seen)] = record->fields[0].text[0];
    return record->fields[0].text[0] != 'c';
}

static void records_are_walked_in_order_until_told_to_stop(void **state)
{
    struct store_rig *rig = *state;
    char seen[8] = "";
    store_rig_add(rig, "a", "1");
    struct id id = store_rig_add(rig, "b", "2");
    store_rig_add(rig, "c", "3");
    store_rig_add(rig, "d", "4");
    assert_int_equal(store_each_record(rig->store, rig->dataset, false, RESPONSE_PENDING,
                                       note_record, seen, NULL),
                     STATUS_OK);
    assert_string_equal(seen, "abc");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    memset(seen, 0, sizeof seen);
    store_each_record(rig->store, rig->dataset, true, RESPONSE_SUBMITTED, note_record,
                      seen, NULL);
    assert_string_equal(seen, "b");
}

/* Where its order is that of the pull, the page has another. */
static void a_record_has_a_place_by_the_time_of_the_server(void **state)
{
    struct store_rig *rig = *state;
    store_rig_add(rig, "a", "1");
    int64_t first = rig->record_row;
    struct id second = store_rig_add(rig, "b", "2");
    store_rig_add(rig, "c", "3");
    store_rig_peek(rig);
    store_rig_number(rig, "UPDATE record SET inserted_ms = 5, inserted_us = 9 - row"
                          " RETURNING 1");
    store_rig_unpeek(rig);
    assert_int_equal(store_count_before(rig->store, first), 2);
    assert_int_equal(store_count_before(rig->store, rig->record_row), 0);
    store_rig_put(rig, &second, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    assert_int_equal(store_count_before(rig->store, first), 1);
}

static void former_prompts_come_newest_first_without_doubles(void **state)
{
    struct store_rig *rig = *state;
    char **list;
    size_t count;
    store_rig_add(rig, "one", "1");
    store_rig_add(rig, "two", "2");
    store_rig_add(rig, "one", "3");
    store_rig_add(rig, "three", "4");
    assert_int_equal(store_list_prompts(rig->store, 2, &list, &count, NULL), STATUS_OK);
    assert_int_equal(count, 2);
    assert_string_equal(list[0], "three");
    assert_string_equal(list[1], "one");
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

/* ---- completions ---- */

static void put_completion(struct store_rig *rig, const struct id *id, const char *text,
                           enum completion_state state)
{
    struct completion completion;
    completion_init(&completion);
    completion.state = state;
    completion.model_used = xstrdup("smollm2");
    completion.completion_tokens = 7;
    store_rig_ok(rig, store_put_completion(rig->store, id, text, strlen(text),
                                           &completion, &rig->err));
    completion_clear(&completion);
}

static unsigned flags_of(struct store_rig *rig, size_t index)
{
    size_t count;
    struct queue_row *rows = store_rig_queue(rig, &count);
    assert_true(index < count);
    unsigned flags = rows[index].flags;
    free(rows);
    return flags;
}

static void a_completion_is_kept_as_it_grows(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_start_completion(rig);
    struct record back = {0};
    assert_int_equal(flags_of(rig, 0), QUEUE_STREAMING);
    put_completion(rig, &id, "Because", COMPLETION_RUNNING);
    assert_int_equal(store_get_record(rig->store, &id, &back, NULL), STATUS_OK);
    assert_string_equal(record_field(&back, "response")->text, "Because");
    assert_int_equal(back.completion.state, COMPLETION_RUNNING);
    put_completion(rig, &id, "Because so.", COMPLETION_DONE);
    assert_int_equal(store_get_record(rig->store, &id, &back, NULL), STATUS_OK);
    assert_string_equal(record_field(&back, "response")->text, "Because so.");
    assert_int_equal(back.completion.state, COMPLETION_DONE);
    assert_string_equal(back.completion.model_used, "smollm2");
    assert_int_equal(back.completion.completion_tokens, 7);
    assert_int_equal(back.field_count, 2);
    assert_int_equal(flags_of(rig, 0), 0);
    record_clear(&back);
}

static void an_end_without_the_whole_text_shows_in_the_queue(void **state)
{
    struct store_rig *rig = *state;
    struct id cut = store_rig_start_completion(rig),
              failed = store_rig_start_completion(rig);
    put_completion(rig, &cut, "half", COMPLETION_FAILED);
    put_completion(rig, &failed, "", COMPLETION_FAILED);
    assert_int_equal(flags_of(rig, 0), QUEUE_CUT);
    assert_int_equal(flags_of(rig, 1), QUEUE_FAILED);
}

static void mend(struct store_rig *rig)
{
    store_rig_ok(rig, store_mend_completions(rig->store, NULL, &rig->err));
}

static void what_a_crash_left_running_is_mended(void **state)
{
    struct store_rig *rig = *state;
    struct id cut = store_rig_start_completion(rig),
              failed = store_rig_start_completion(rig);
    struct record back = {0};
    size_t changed = 0;
    put_completion(rig, &cut, "half", COMPLETION_RUNNING);
    mend(rig); /* our own still run */
    assert_int_equal(flags_of(rig, 0), QUEUE_STREAMING);
    store_rig_reopen(rig);
    store_rig_ok(rig, store_mend_completions(rig->store, &changed, &rig->err));
    assert_int_equal(changed, 2);
    assert_int_equal(flags_of(rig, 0), QUEUE_CUT);
    assert_int_equal(flags_of(rig, 1), QUEUE_FAILED);
    assert_int_equal(store_get_record(rig->store, &cut, &back, NULL), STATUS_OK);
    assert_int_equal(back.completion.state, COMPLETION_CUT);
    assert_string_equal(back.completion.error,
                        "sherd ended before the answer was complete.");
    assert_string_equal(record_field(&back, "response")->text, "half");
    assert_int_equal(store_get_record(rig->store, &failed, &back, NULL), STATUS_OK);
    assert_int_equal(back.completion.state, COMPLETION_FAILED);
    record_clear(&back);
    /* kept here until somebody rates it */
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(store_rig_number(rig, "SELECT sum(is_finished) FROM record"), 0);
}

/* It goes out as far as it came. */
static void what_was_rated_while_it_streamed_goes_out_after_a_crash(void **state)
{
    struct store_rig *rig = *state;
    store_rig_put_dataset(rig, "remote", "https://argilla.example");
    struct id id = store_rig_start_completion(rig),
              empty = store_rig_start_completion(rig);
    put_completion(rig, &id, "half", COMPLETION_RUNNING);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    store_rig_put(rig, &empty, RESPONSE_DISCARDED, 0, NULL, CHANGE_DISCARD, 0);
    store_rig_reopen(rig);
    mend(rig);
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, NULL);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM outbox WHERE record ="
                                           " (SELECT min(row) FROM record)"),
                     2);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM outbox"), 2);
    assert_int_equal(store_rig_number(rig, "SELECT sum(is_finished) FROM record"), 1);
}

/* A child that starts a completion, says so, and waits to be told to end. */
static pid_t start_child(struct store_rig *rig, int to_parent, int from_parent)
{
    struct store_rig own;
    pid_t child = store_rig_fork(rig, &own);
    if (child != 0)
        return child;
    bool is_fine = store_rig_open(&own, NULL) == STATUS_OK;
    if (is_fine)
        store_rig_start_completion(&own);
    store_rig_wait(is_fine, to_parent, from_parent);
}

static void a_completion_of_another_live_process_is_left_alone(void **state)
{
    struct store_rig *rig = *state;
    int up[2], down[2], status;
    char byte;
    store_rig_close(rig);
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    pid_t child = start_child(rig, up[1], down[0]);
    assert_int_equal(read(up[0], &byte, 1), 1);
    store_rig_reopen(rig);
    mend(rig);
    assert_int_equal(flags_of(rig, 0), QUEUE_STREAMING);
    assert_int_equal(write(down[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    mend(rig);
    assert_int_equal(flags_of(rig, 0), QUEUE_FAILED);
    for (int i = 0; i < 2; i++) {
        close(up[i]);
        close(down[i]);
    }
}

/* ---- the queue ---- */

static void the_queue_shows_status_and_rating(void **state)
{
    struct store_rig *rig = *state;
    struct id a = store_rig_add(rig, "a", "1");
    struct id b = store_rig_add(rig, "b", "2");
    store_rig_put(rig, &a, RESPONSE_SUBMITTED, 4, "good", CHANGE_SUBMIT, 0);
    store_rig_put(rig, &b, RESPONSE_DRAFT, 0, "hm", CHANGE_FEEDBACK, 1);
    size_t count;
    struct queue_row *rows = store_rig_queue(rig, &count);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].status, RESPONSE_SUBMITTED);
    assert_int_equal(rows[0].rating, 4);
    assert_int_equal(rows[1].status, RESPONSE_DRAFT);
    assert_int_equal(rows[1].rating, -1);
    assert_true(rows[0].row < rows[1].row);
    free(rows);
    /* It reads an index and nothing else. */
    assert_int_equal(
        store_rig_number(rig, "SELECT count(*) FROM pragma_index_info('record_queue')"),
        5);
}

static void count_rows(void *ctx, struct queue_row *rows, size_t count, int64_t revision,
                       const struct err *err)
{
    size_t *seen = ctx;
    (void)revision;
    assert_int_equal(err->code, STATUS_OK);
    *seen = count;
    free(rows);
}

static void
a_short_queue_needs_no_turn_of_the_loop_and_a_long_one_is_in_order(void **state)
{
    struct store_rig *rig = *state;
    size_t seen = 0, count;
    store_rig_add(rig, "a", "1");
    store_rig_add(rig, "b", "2");
    store_load_queue(rig->store, rig->dataset, count_rows, &seen);
    assert_int_equal(seen, 2);
    store_rig_number(rig,
                     "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                     " WHERE i < 1500) INSERT INTO record (id, dataset, is_pulled,"
                     " is_finished, status, rating, flags, inserted_ms) SELECT"
                     " randomblob(16), r.dataset, 0, 0, i % 4, i % 5, i % 8, 0"
                     " FROM n, (SELECT dataset FROM record LIMIT 1) r RETURNING 1");
    int64_t dataset = rig->dataset;
    struct queue_row *rows = store_rig_queue(rig, &count);
    assert_int_equal(count, 1502);
    free(rows);
    store_rig_put_dataset(rig, "another, behind it", "");
    store_rig_add(rig, "c", "3");
    rig->dataset = dataset;
    rows = store_rig_queue(rig, &count);
    assert_int_equal(count, 1502);
    for (size_t i = 1; i + 1 < count; i++) {
        assert_true(rows[i].row < rows[i + 1].row);
        assert_int_equal(rows[i + 1].status, i % 4);
        assert_int_equal(rows[i + 1].rating, i % 5);
        assert_int_equal(rows[i + 1].flags, i % 8);
    }
    free(rows);
}

static void every_question_type_comes_back_with_its_type(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    struct response response = {.status = RESPONSE_DRAFT};
    struct record back = {0};
    values_set_rating(&response.values, "response-rating", 2);
    values_set_text(&response.values, "note", QUESTION_TEXT, "42");
    values_set_text(&response.values, "label", QUESTION_LABEL, "yes");
    values_set_text(&response.values, "labels", QUESTION_MULTI_LABEL, "[\"a\",\"b\"]");
    values_set_text(&response.values, "rank", QUESTION_RANKING,
                    "[{\"value\":\"a\",\"rank\":1}]");
    values_set_text(&response.values, "span", QUESTION_SPAN, "[]");
    values_set_text(&response.values, "new", QUESTION_OTHER, "{\"x\":1}");
    store_rig_ok(rig, store_put_response(rig->store, &id, &response, NULL, CHANGE_DRAFT,
                                         0, &rig->err));
    assert_int_equal(store_get_record(rig->store, &id, &back, NULL), STATUS_OK);
    assert_true(values_equal(&back.response.values, &response.values));
    response_clear(&response);
    record_clear(&back);
}

static void notes_are_kept_replaced_and_removed(void **state)
{
    struct store_rig *rig = *state;
    assert_null(store_get_note(rig->store, "prompt"));
    store_rig_ok(rig, store_put_note(rig->store, "prompt", "unsent", &rig->err));
    store_rig_ok(rig, store_put_note(rig->store, "prompt", "unsent, longer", &rig->err));
    char *note = store_get_note(rig->store, "prompt");
    assert_string_equal(note, "unsent, longer");
    free(note);
    store_rig_ok(rig, store_put_note(rig->store, "prompt", NULL, &rig->err));
    assert_null(store_get_note(rig->store, "prompt"));
}

/* By the statements so far that have part in them, without an index. */
static int scanned_rows(struct store_rig *rig, const char *part)
{
    struct query query = query_start(rig->store->db, "SELECT 1");
    sqlite3 *db = sqlite3_db_handle(query.stmt);
    int count = 0;
    query_end(&query, NULL);
    for (sqlite3_stmt *each = NULL; (each = sqlite3_next_stmt(db, each));)
        if (strstr(sqlite3_sql(each), part))
            count += sqlite3_stmt_status(each, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
    return count;
}

static void take(struct store_rig *rig, const char *text, size_t left)
{
    size_t more = 0;
    char *taken = store_take_note(rig->store, "prompt", &more);
    if (text)
        assert_string_equal(taken, text);
    else
        assert_null(taken);
    assert_int_equal(more, left);
    free(taken);
}

static void what_each_process_was_typing_outlives_it(void **state)
{
    struct store_rig *rig = *state, own;
    int up[2], down[2], status;
    pid_t children[2];
    char byte;
    store_rig_ok(rig, store_put_note(rig->store, "prompt", "of version 0.1", &rig->err));
    store_rig_close(rig);
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    for (size_t i = 0; i < 2; i++) {
        children[i] = store_rig_fork(rig, &own);
        if (children[i] == 0) {
            bool is_fine = store_rig_open(&own, NULL) == STATUS_OK &&
                           store_put_own_note(own.store, "prompt", i ? "second" : "first",
                                              NULL) == STATUS_OK;
            store_rig_wait(is_fine, up[1], down[0]);
        }
        assert_int_equal(read(up[0], &byte, 1), 1);
    }
    store_rig_reopen(rig);
    store_rig_ok(rig, store_put_own_note(rig->store, "prompt", "ours", &rig->err));
    take(rig, "ours", 1); /* those of the living are no business of ours */
    store_rig_ok(rig, store_put_own_note(rig->store, "prompt", "", &rig->err));
    take(rig, "of version 0.1", 0);
    for (size_t i = 0; i < 2; i++) {
        kill(children[i], SIGKILL);
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    }
    take(rig, "of version 0.1", 2); /* ours by now */
    store_rig_reopen(rig);
    store_rig_ok(rig, store_put_own_note(rig->store, "prompt", NULL, &rig->err));
    take(rig, "second", 2);
    store_rig_ok(rig, store_put_own_note(rig->store, "prompt", NULL, &rig->err));
    take(rig, "first", 1);
    store_rig_ok(rig, store_put_own_note(rig->store, "prompt", NULL, &rig->err));
    take(rig, "of version 0.1", 0);
    store_rig_ok(rig, store_put_own_note(rig->store, "prompt", NULL, &rig->err));
    take(rig, NULL, 0);
    store_rig_ok(rig, store_put_note(rig->store, "prompts", "another's", &rig->err));
    take(rig, NULL, 0);
    assert_int_equal(scanned_rows(rig, "FROM note"), 0);
}

/* Two processes, 100 changes each on one record's neighbours: all are there. */
static void two_processes_write_without_losing_anything(void **state)
{
    struct store_rig *rig = *state;
    pid_t children[2];
    store_rig_close(rig);
    for (size_t i = 0; i < 2; i++) {
        struct store_rig own;
        children[i] = store_rig_fork(rig, &own);
        if (children[i] != 0)
            continue;
        if (store_rig_open(&own, NULL) != STATUS_OK)
            _exit(1);
        for (int n = 0; n < 100; n++) {
            struct id id = store_rig_add(&own, "p", "r");
            store_rig_put(&own, &id, RESPONSE_SUBMITTED, 1 + n % 5, NULL, CHANGE_SUBMIT,
                          0);
        }
        store_close(own.store);
        _exit(0);
    }
    for (size_t i = 0; i < 2; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    store_rig_reopen(rig);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM record"), 200);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM event"), 200);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM step"), 200);
    store_rig_check(rig);
}

static void a_locked_store_is_said_to_be_held(void **state)
{
    struct store_rig *rig = *state;
    /* A lock that sherd's own transactions never take. */
    store_rig_close(rig);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;", NULL, NULL,
                 NULL);
    sqlite3_exec(db, "CREATE TABLE x (y); ROLLBACK; BEGIN EXCLUSIVE", NULL, NULL, NULL);
    expect_refusal(rig, STATUS_BUSY, "held by another program");
    sqlite3_close(db);
    store_rig_reopen(rig);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_refused_write_locks_nobody_out(void **state)
{
    struct store_rig *rig = *state;
    struct id unknown;
    struct err err = {0};
    id_random(&unknown);
    assert_int_equal(store_put_flag(rig->store, &unknown, true, &err), STATUS_NOT_FOUND);
    err_clear(&err);
    const struct pick pick = {.rows = {97, 98}, .count = 2};
    assert_int_equal(store_put_pick(rig->store, &pick, &err), STATUS_NOT_FOUND);
    assert_string_equal(err.text, "There is no record number 97 in the store.");
    assert_int_equal(store_rig_number(rig, "INSERT INTO note VALUES ('other', 'x')"
                                           " RETURNING 1"),
                     1);
}

/* ---- long reads ---- */

static void on_rows(void *ctx, struct queue_row *rows, size_t count, int64_t revision,
                    const struct err *err)
{
    (void)revision;
    assert_int_equal(err->code, STATUS_OK);
    free(rows);
    *(size_t *)ctx = count;
}

static void on_found(void *ctx, const struct search_portion *portion)
{
    assert_null(portion->err);
    assert_int_equal(portion->lost_count, 0); /* it looks at all */
    if (portion->is_end)
        *(size_t *)ctx = 1;
}

static void on_selected(void *ctx, const struct selected *rows, size_t count,
                        bool is_over, const struct err *err)
{
    (void)rows;
    (void)count;
    assert_true(!err || err->code == STATUS_OK);
    if (is_over)
        *(size_t *)ctx = 1;
}

static void on_read_stats(void *ctx, struct stats *stats, int64_t revision,
                          const struct err *err)
{
    (void)revision;
    assert_int_equal(err->code, STATUS_OK);
    stats_free(stats);
    *(size_t *)ctx = 1;
}

static void on_words(void *ctx, const struct selection_words *words)
{
    (void)words;
    *(size_t *)ctx = 1;
}

/* One that went on would keep the log from ever being emptied. */
static void a_read_ends_with_its_answer(void **state)
{
    struct store_rig *rig = *state;
    struct dataset dataset = {0};
    struct selection selection = {0};
    const struct search_query query = {.dataset_row = rig->dataset, .typed = "lamp"};
    store_rig_ok(rig, store_get_dataset(rig->store, rig->dataset, &dataset, &rig->err));
    store_rig_add(rig, "dark", "night");
    for (int way = 0; way < 5; way++) {
        size_t count = 0;
        store_rig_add(rig, "a lamp", "shines");
        switch (way) {
        case 0:
            store_load_queue(rig->store, rig->dataset, on_rows, &count);
            break;
        case 1:
            store_search(rig->store, &query, on_found, &count, &rig->err);
            break;
        case 2:
            store_select(rig->store, &dataset, &selection, false, on_selected, &count);
            break;
        case 3:
            store_load_stats(rig->store, &dataset, on_read_stats, &count);
            break;
        default:
            store_list_words(rig->store, &dataset, on_words, &count);
        }
        while (!count)
            if (!loop_turn(rig->loop) && !count)
                fail_msg("read %d never came", way);
        if (store_rig_number(rig, "PRAGMA wal_checkpoint(TRUNCATE)"))
            fail_msg("read %d goes on", way);
    }
    dataset_clear(&dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_file_and_its_directory_are_private),
        CASE(a_file_that_others_can_read_is_closed_to_them),
        CASE(a_store_of_a_newer_sherd_is_refused_and_left_alone),
        CASE(a_database_of_another_program_is_refused),
        CASE(a_file_that_is_no_database_is_refused_and_kept),
        CASE(a_place_that_cannot_be_is_refused),
        CASE(two_processes_can_make_the_store_at_once),
        CASE(a_dataset_comes_back_as_it_went_in),
        CASE(a_dataset_opened_before_its_workspace_was_known_is_the_same_one),
        CASE(any_bytes_come_back_as_they_went_in),
        CASE(ten_megabytes_come_back),
        CASE(records_added_together_are_all_there_or_none),
        CASE(a_record_added_twice_stays_the_first),
        CASE(a_record_without_a_dataset_is_refused_with_a_sentence),
        CASE(a_record_is_found_by_the_start_of_its_id),
        CASE(a_snippet_is_cut_at_a_code_point),
        CASE(records_are_walked_in_order_until_told_to_stop),
        CASE(a_record_has_a_place_by_the_time_of_the_server),
        CASE(former_prompts_come_newest_first_without_doubles),
        CASE(a_completion_is_kept_as_it_grows),
        CASE(an_end_without_the_whole_text_shows_in_the_queue),
        CASE(what_a_crash_left_running_is_mended),
        CASE(what_was_rated_while_it_streamed_goes_out_after_a_crash),
        CASE(a_completion_of_another_live_process_is_left_alone),
        CASE(the_queue_shows_status_and_rating),
        CASE(a_short_queue_needs_no_turn_of_the_loop_and_a_long_one_is_in_order),
        CASE(every_question_type_comes_back_with_its_type),
        CASE(notes_are_kept_replaced_and_removed),
        CASE(what_each_process_was_typing_outlives_it),
        CASE(two_processes_write_without_losing_anything),
        CASE(a_locked_store_is_said_to_be_held),
        CASE(a_refused_write_locks_nobody_out),
        CASE(a_read_ends_with_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
