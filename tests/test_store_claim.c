/* SPDX-License-Identifier: MIT
 * The store: who may ask for a completion, what of it is kept, what may be rated. */
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

#include "base/xalloc.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"

static struct id id_of(int number)
{
    struct id parent = {0}, id;
    id_by_name(&id, &parent, &number, sizeof number);
    return id;
}

static enum claim claim(struct store_rig *rig, int number)
{
    struct record record = {.id = id_of(number), .dataset_row = rig->dataset};
    enum claim claimed = CLAIM_DONE;
    completion_init(&record.completion);
    record.completion.endpoint = xstrdup("local");
    record_set_field(&record, "prompt", "why", 3);
    record_set_field(&record, "response", "", 0);
    err_clear(&rig->err);
    store_rig_ok(rig, store_claim_completion(rig->store, &record, &claimed, &rig->err));
    assert_true(record.row > 0);
    rig->record_row = record.row;
    record_clear(&record);
    return claimed;
}

static enum status put(struct store_rig *rig, int number, const char *text,
                       enum completion_state state)
{
    struct completion completion;
    struct id id = id_of(number);
    completion_init(&completion);
    completion.state = state;
    if (state == COMPLETION_FAILED)
        completion.error = xstrdup("It broke.");
    err_clear(&rig->err);
    enum status status =
        store_put_completion(rig->store, &id, text, strlen(text), &completion, &rig->err);
    completion_clear(&completion);
    return status;
}

static void expect(struct store_rig *rig, int number, const char *text,
                   enum completion_state state)
{
    struct record record = {0};
    struct id id = id_of(number);
    assert_int_equal(store_get_record(rig->store, &id, &record, NULL), STATUS_OK);
    assert_string_equal(record_field(&record, "response")->text, text);
    assert_int_equal(record.completion.state, state);
    record_clear(&record);
}

static uint8_t flags(struct store_rig *rig, int number)
{
    struct id id = id_of(number);
    struct record record = {0};
    char sql[80];
    assert_int_equal(store_get_record(rig->store, &id, &record, NULL), STATUS_OK);
    snprintf(sql, sizeof sql, "SELECT flags FROM record WHERE row = %lld",
             (long long)record.row);
    record_clear(&record);
    return (uint8_t)store_rig_number(rig, sql);
}

static struct outbox_counts counts(struct store_rig *rig)
{
    struct outbox_counts found;
    store_count_outbox(rig->store, rig->dataset, &found);
    return found;
}

static enum status rate(struct store_rig *rig, int number, enum response_status status)
{
    struct response response = {.status = status};
    struct id id = id_of(number);
    values_set_rating(&response.values, "response-rating", 5);
    err_clear(&rig->err);
    enum status came =
        store_put_response(rig->store, &id, &response, NULL, CHANGE_SUBMIT, 0, &rig->err);
    response_clear(&response);
    return came;
}

/* ---- claiming ---- */

static void a_done_completion_is_never_asked_for_or_replaced(void **state)
{
    struct store_rig *rig = *state;
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    assert_int_equal(put(rig, 1, "whole", COMPLETION_DONE), STATUS_OK);
    assert_int_equal(claim(rig, 1), CLAIM_DONE);
    assert_int_equal(put(rig, 1, "Half ", COMPLETION_FAILED), STATUS_CONFLICT);
    assert_non_null(strstr(rig->err.text, "stays"));
    expect(rig, 1, "whole", COMPLETION_DONE);
    store_rig_reopen(rig); /* later, in another process */
    assert_int_equal(claim(rig, 1), CLAIM_DONE);
    assert_int_equal(put(rig, 1, "Half ", COMPLETION_FAILED), STATUS_CONFLICT);
    expect(rig, 1, "whole", COMPLETION_DONE);
}

static void one_that_has_a_response_is_not_asked_for_again(void **state)
{
    struct store_rig *rig = *state;
    static const enum response_status statuses[] = {RESPONSE_DRAFT, RESPONSE_SUBMITTED,
                                                    RESPONSE_DISCARDED};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(claim(rig, i), CLAIM_OURS);
        assert_int_equal(put(rig, i, "half", COMPLETION_CUT), STATUS_OK);
        assert_int_equal(rate(rig, i, statuses[i]), STATUS_OK);
        assert_int_equal(claim(rig, i), CLAIM_DONE);
        expect(rig, i, "half", COMPLETION_CUT);
    }
    /* Rated while it streamed, by a process that died. */
    assert_int_equal(claim(rig, 9), CLAIM_OURS);
    assert_int_equal(put(rig, 9, "half", COMPLETION_RUNNING), STATUS_OK);
    assert_int_equal(rate(rig, 9, RESPONSE_SUBMITTED), STATUS_OK);
    store_rig_reopen(rig);
    assert_int_equal(claim(rig, 9), CLAIM_DONE);
}

static void a_record_without_a_completion_is_nobody_s_to_ask(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.dataset_row = rig->dataset};
    enum claim claimed = CLAIM_OURS;
    record.id = store_rig_add(rig, "by hand", "text");
    store_rig_ok(rig, store_claim_completion(rig->store, &record, &claimed, &rig->err));
    assert_int_equal(claimed, CLAIM_DONE);
    record_clear(&record);
}

static void what_came_before_stays_until_a_new_word_comes(void **state)
{
    struct store_rig *rig = *state;
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    assert_int_equal(put(rig, 1, "Hello ", COMPLETION_RUNNING), STATUS_OK);
    store_rig_reopen(rig); /* killed */
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    expect(rig, 1, "Hello ", COMPLETION_RUNNING);
    assert_int_equal(put(rig, 1, "", COMPLETION_RUNNING), STATUS_OK);
    assert_int_equal(put(rig, 1, " \n", COMPLETION_RUNNING), STATUS_OK);
    assert_int_equal(put(rig, 1, "", COMPLETION_FAILED), STATUS_OK);
    expect(rig, 1, "Hello ", COMPLETION_FAILED);
    assert_int_equal(flags(rig, 1), QUEUE_CUT);
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    assert_int_equal(put(rig, 1, "Good", COMPLETION_RUNNING), STATUS_OK);
    expect(rig, 1, "Good", COMPLETION_RUNNING);
    assert_int_equal(put(rig, 1, "Good day.", COMPLETION_DONE), STATUS_OK);
    expect(rig, 1, "Good day.", COMPLETION_DONE);
    assert_int_equal(flags(rig, 1), 0);
}

/* A child that claims 7 and waits to be told to end. */
static pid_t start_child(struct store_rig *rig, int to_parent, int from_parent)
{
    struct store_rig own;
    pid_t child = store_rig_fork(rig, &own);
    if (child != 0)
        return child;
    bool is_fine =
        store_rig_open(&own, NULL) == STATUS_OK && claim(&own, 7) == CLAIM_OURS;
    store_rig_wait(is_fine, to_parent, from_parent);
}

static void what_a_living_process_asks_is_not_asked_twice(void **state)
{
    struct store_rig *rig = *state;
    int up[2], down[2], status;
    char byte;
    size_t changed = 9;
    store_rig_close(rig);
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    pid_t child = start_child(rig, up[1], down[0]);
    assert_int_equal(read(up[0], &byte, 1), 1);
    store_rig_reopen(rig);
    assert_int_equal(claim(rig, 7), CLAIM_ELSEWHERE);
    assert_int_equal(put(rig, 7, "ours", COMPLETION_DONE), STATUS_CONFLICT);
    expect(rig, 7, "", COMPLETION_RUNNING);
    err_clear(&rig->err);
    store_rig_ok(rig, store_mend_completions(rig->store, &changed, &rig->err));
    assert_int_equal(changed, 0);
    assert_int_equal(write(down[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(claim(rig, 7), CLAIM_OURS);
    assert_int_equal(put(rig, 7, "ours", COMPLETION_DONE), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        close(up[i]);
        close(down[i]);
    }
}

/* ---- without text ---- */

static void a_completion_without_text_can_be_discarded_but_not_submitted(void **state)
{
    struct store_rig *rig = *state;
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    assert_int_equal(put(rig, 1, "", COMPLETION_FAILED), STATUS_OK);
    assert_int_equal(flags(rig, 1), QUEUE_FAILED);
    assert_int_equal(rate(rig, 1, RESPONSE_SUBMITTED), STATUS_REFUSED);
    assert_non_null(strstr(rig->err.text, "no answer to rate"));
    struct id id = id_of(1);
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
    assert_int_equal(rate(rig, 1, RESPONSE_DRAFT), STATUS_OK);
    assert_int_equal(counts(rig).unsent, 0); /* there is nothing to send it with */
    /* A draft about nothing keeps nobody from asking again. */
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    assert_int_equal(put(rig, 1, "text", COMPLETION_DONE), STATUS_OK);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM outbox"), 2);
    assert_int_equal(rate(rig, 1, RESPONSE_SUBMITTED), STATUS_OK);
    assert_int_equal(claim(rig, 2), CLAIM_OURS);
    assert_int_equal(put(rig, 2, "", COMPLETION_FAILED), STATUS_OK);
    assert_int_equal(rate(rig, 2, RESPONSE_DISCARDED), STATUS_OK);
}

static void white_space_is_no_text(void **state)
{
    struct store_rig *rig = *state;
    static const char *const blanks[] = {" ", "\n\n", "\t \r\n", "\xc2\xa0",
                                         "\xe3\x80\x80\n"};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(claim(rig, i), CLAIM_OURS);
        assert_int_equal(put(rig, i, blanks[i], COMPLETION_DONE), STATUS_OK);
        expect(rig, i, blanks[i], COMPLETION_DONE); /* the bytes stay as they came */
        assert_int_equal(flags(rig, i), QUEUE_FAILED);
        assert_int_equal(rate(rig, i, RESPONSE_SUBMITTED), STATUS_REFUSED);
    }
    assert_int_equal(counts(rig).unsent, 0);
    assert_int_equal(counts(rig).kept, 0);
}

static void a_rating_while_it_streams_is_fine(void **state)
{
    struct store_rig *rig = *state;
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    assert_int_equal(rate(rig, 1, RESPONSE_SUBMITTED), STATUS_OK);
    assert_int_equal(counts(rig).unsent, 1);
    assert_int_equal(put(rig, 1, "text", COMPLETION_DONE), STATUS_OK);
    assert_int_equal(counts(rig).unsent, 1);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM outbox"), 2);
    assert_int_equal(claim(rig, 2), CLAIM_OURS);
    assert_int_equal(rate(rig, 2, RESPONSE_SUBMITTED), STATUS_OK);
    assert_int_equal(put(rig, 2, "", COMPLETION_FAILED), STATUS_OK);
    assert_int_equal(counts(rig).unsent, 1);
}

/* ---- kept here ---- */

static void what_is_kept_here_is_counted_and_sent_when_told(void **state)
{
    struct store_rig *rig = *state;
    size_t sent = 0;
    for (int i = 0; i < 3; i++)
        assert_int_equal(claim(rig, i), CLAIM_OURS);
    put(rig, 0, "half", COMPLETION_CUT);
    put(rig, 1, "half", COMPLETION_FAILED);
    put(rig, 2, "", COMPLETION_FAILED);
    assert_int_equal(counts(rig).kept, 2);
    assert_int_equal(counts(rig).unsent, 0);
    store_rig_ok(rig, store_send_kept(rig->store, rig->dataset + 1, &sent, &rig->err));
    assert_int_equal(sent, 0);
    store_rig_ok(rig, store_send_kept(rig->store, rig->dataset, &sent, &rig->err));
    assert_int_equal(sent, 2);
    assert_int_equal(counts(rig).kept, 0);
    assert_int_equal(counts(rig).unsent, 2);
    /* Where there is no server nothing is kept from it. */
    store_rig_put_dataset(rig, "mine", "");
    assert_int_equal(claim(rig, 9), CLAIM_OURS);
    put(rig, 9, "half", COMPLETION_CUT);
    assert_int_equal(counts(rig).kept, 0);
}

/* ---- faults ---- */

static void after_a_full_disk_the_words_name_the_disk(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.id = id_of(1), .dataset_row = rig->dataset};
    enum claim claimed;
    record_set_field(&record, "prompt", "why", 3);
    fault_vfs_arm(FAULT_WRITE, 1, true);
    assert_int_equal(store_claim_completion(rig->store, &record, &claimed, &rig->err),
                     STATUS_FULL);
    assert_non_null(strstr(rig->err.text, "disk is full"));
    assert_int_equal(put(rig, 1, "text", COMPLETION_DONE), STATUS_FULL);
    assert_non_null(strstr(rig->err.text, "disk is full"));
    fault_vfs_arm(0, 0, false);
    /* The disk has room again, but the record was never kept. */
    assert_int_equal(put(rig, 1, "text", COMPLETION_DONE), STATUS_FULL);
    assert_non_null(strstr(rig->err.text, "disk is full"));
    assert_int_equal(put(rig, 2, "text", COMPLETION_DONE), STATUS_NOT_FOUND);
    record_clear(&record);
}

static void a_dataset_without_a_response_field_keeps_what_came(void **state)
{
    struct store_rig *rig = *state;
    struct dataset dataset = {0};
    struct record record = {0};
    dataset_init_guide(&dataset, "langchain-dataset", "argilla",
                       "https://argilla.example");
    dataset.field_count = 1; /* "prompt" alone: the server's has another shape */
    assert_int_equal(claim(rig, 1), CLAIM_OURS);
    store_rig_ok(rig, store_put_dataset(rig->store, &dataset, NULL, NULL, &rig->err));
    assert_int_equal(put(rig, 1, "text", COMPLETION_RUNNING), STATUS_OK);
    assert_int_equal(put(rig, 1, "text, all", COMPLETION_DONE), STATUS_OK);
    struct id id = id_of(1);
    assert_int_equal(store_get_record(rig->store, &id, &record, NULL), STATUS_OK);
    assert_string_equal(record_field(&record, "response")->text, "text, all");
    assert_int_equal(record.field_count, 2);
    record_clear(&record);
    dataset.field_count = 2;
    dataset_clear(&dataset);
}

static void a_record_that_came_without_a_response_gets_one(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.id = id_of(1), .dataset_row = rig->dataset};
    enum claim claimed;
    completion_init(&record.completion);
    record_set_field(&record, "prompt", "why", 3);
    store_rig_ok(rig, store_claim_completion(rig->store, &record, &claimed, &rig->err));
    record_clear(&record);
    assert_int_equal(put(rig, 1, "be", COMPLETION_RUNNING), STATUS_OK);
    assert_int_equal(put(rig, 1, "because", COMPLETION_DONE), STATUS_OK);
    expect(rig, 1, "because", COMPLETION_DONE);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM field"), 2);
}

static void one_s_own_prompts_come_before_a_batch_s(void **state)
{
    struct store_rig *rig = *state;
    static const struct {
        const char *prompt;
        bool is_batch;
    } asked[] = {
        {"mine", false}, {"batch 1", true}, {"mine too", false}, {"batch 2", true}};
    for (int i = 0; i < 4; i++) {
        struct record record = {.id = id_of(i), .dataset_row = rig->dataset};
        struct id name_space = {0};
        record.has_completion = true;
        completion_init(&record.completion);
        if (asked[i].is_batch)
            id_by_name(&record.completion.run, &name_space, "file", 4);
        else
            id_random(&record.completion.run);
        record_set_field(&record, "prompt", asked[i].prompt, strlen(asked[i].prompt));
        store_rig_ok(rig, store_add_record(rig->store, &record, false, NULL, &rig->err));
        record_clear(&record);
    }
    static const char *const wanted[] = {"mine too", "mine", "batch 2"};
    char **list;
    size_t count;
    assert_int_equal(store_list_prompts(rig->store, 3, &list, &count, NULL), STATUS_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(list[i], wanted[i]);
        free(list[i]);
    }
    free(list);
}

#define CASE(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, store_rig_set_up_faulty,                       \
                                    store_rig_tear_down_faulty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_done_completion_is_never_asked_for_or_replaced),
        CASE(one_that_has_a_response_is_not_asked_for_again),
        CASE(a_record_without_a_completion_is_nobody_s_to_ask),
        CASE(what_came_before_stays_until_a_new_word_comes),
        CASE(what_a_living_process_asks_is_not_asked_twice),
        CASE(a_completion_without_text_can_be_discarded_but_not_submitted),
        CASE(white_space_is_no_text),
        CASE(a_rating_while_it_streams_is_fine),
        CASE(what_is_kept_here_is_counted_and_sent_when_told),
        CASE(after_a_full_disk_the_words_name_the_disk),
        CASE(a_dataset_without_a_response_field_keeps_what_came),
        CASE(a_record_that_came_without_a_response_gets_one),
        CASE(one_s_own_prompts_come_before_a_batch_s),
    };
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
