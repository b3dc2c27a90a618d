/* SPDX-License-Identifier: MIT
 * Disk and memory fail under a rating session, each operation in turn: the session says
 * so, keeps what was typed, and the next change after the fault writes all of it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fault_memory.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/hurry.h"
#include "tests/support/pilot_app.h"

#define NAME "langchain-dataset"

struct plan {
    unsigned kinds; /* of fault_vfs; 0 = memory */
    bool goes_on;
    long step;
};

struct fixture {
    struct pilot pilot;
    struct id ids[2];
};

static void arm(const struct plan *plan, long n)
{
    if (plan->kinds)
        fault_vfs_arm(plan->kinds, n, plan->goes_on);
    else
        fault_memory_arm(n);
}

static bool has_struck(const struct plan *plan)
{
    return plan->kinds ? fault_vfs_struck() : fault_memory_struck();
}

/* ---- rating ---- */

static void start(struct fixture *fixture)
{
    struct pilot *pilot = &fixture->pilot;
    pilot->vfs = "fault";
    pilot->server_url = "http://127.0.0.1:9"; /* so that there is an outbox */
    pilot->server_key = "k";
    pilot->is_offline = true;
    pilot_start(pilot);
    fixture->ids[0] = pilot_add(pilot, "One?", "Yes.");
    fixture->ids[1] = pilot_add(pilot, "Two?", "Yes.");
    app_go(pilot->app, 0);
}

static void expect_sentence(const char *text)
{
    size_t len = strlen(text);
    if (len < 20 || text[len - 1] != '.' || strchr(text, '\n') || !strchr(text, ' '))
        fail_msg("not a sentence: \"%s\"", text);
}

/* What fails is told at once. */
static void settle(struct pilot *pilot)
{
    pilot_settle(pilot);
    if (pilot->session->save == SAVE_FAILED)
        expect_sentence(pilot->session->unsaved);
}

static void rate_two(struct pilot *pilot)
{
    pilot_rate(pilot, 4);
    settle(pilot);
    pilot_write(pilot, "good");
    app_end_text(pilot->app);
    settle(pilot);
    assert_true(app_submit(pilot->app));
    settle(pilot);
    if (!pilot->session->has_current)
        app_go(pilot->app, 1); /* it could not be read at first */
    pilot_rate(pilot, 2);
    settle(pilot);
}

struct answer {
    enum response_status status;
    int rating;
    const char *feedback;
};

static bool is_answer(const struct response *response, const struct answer *wanted)
{
    const struct value *rating = values_find(&response->values, "response-rating");
    const struct value *feedback = values_find(&response->values, "response-feedback");
    return response->status == wanted->status &&
           (rating ? rating->rating : 0) == wanted->rating &&
           !strcmp(feedback ? feedback->text : "",
                   wanted->feedback ? wanted->feedback : "");
}

static bool is_on_disk(struct fixture *fixture, size_t at, const struct answer *wanted)
{
    struct record record;
    pilot_read(&fixture->pilot, &fixture->ids[at], &record);
    bool is_there = is_answer(&record.response, wanted);
    record_clear(&record);
    return is_there;
}

/* On the screen is what was typed; what of it is not on disk is called so. */
static void check_told(struct fixture *fixture, const struct answer *wanted)
{
    const struct session *session = fixture->pilot.session;
    for (size_t i = 0; i < 2; i++) {
        bool is_saved = is_on_disk(fixture, i, &wanted[i]);
        if (!is_saved && !session->unsaved[0])
            fail_msg("#%zu is not on disk and nothing says so", i + 1);
        assert_true(app_go(fixture->pilot.app, i)); /* which writes again */
        assert_true(is_answer(&session->current.response, &wanted[i]));
        if (!is_on_disk(fixture, i, &wanted[i]))
            assert_int_equal(session->save, SAVE_FAILED);
    }
}

static void check_health(void *ctx, const struct store_health *health,
                         const struct err *err)
{
    if (err && err->code)
        fail_msg("%s", err->text);
    assert_int_equal(health->records, 2);
    *(bool *)ctx = true;
}

static void check_store(struct fixture *fixture)
{
    struct pilot *pilot = &fixture->pilot;
    bool is_checked = false;
    struct outbox_counts counts;
    store_check(app_store(pilot->app), check_health, &is_checked);
    while (!is_checked)
        loop_turn(pilot->loop);
    store_count_outbox(app_store(pilot->app), pilot->session->dataset.row, &counts);
    assert_int_equal(counts.unsent, 2);
    assert_int_equal(counts.refused, 0);
}

/* One session with the n-th operation failing; false when there were fewer. */
static bool run(const struct plan *plan, long n, size_t *told)
{
    struct fixture fixture = {0};
    struct pilot *pilot = &fixture.pilot;
    struct answer wanted[] = {{RESPONSE_SUBMITTED, 4, "good"}, {RESPONSE_DRAFT, 2, NULL}};
    start(&fixture);
    arm(plan, n);
    rate_two(pilot);
    bool was_struck = has_struck(plan);
    arm(plan, 0);
    *told += pilot->session->unsaved[0] != '\0';
    check_told(&fixture, wanted);
    app_go(pilot->app, 1);
    pilot_rate(pilot, 3);
    pilot_settle(pilot);
    wanted[1].rating = 3;
    for (size_t i = 0; i < 2; i++)
        assert_true(is_on_disk(&fixture, i, &wanted[i]));
    assert_string_equal(pilot->session->unsaved, "");
    assert_int_equal(pilot->session->save, SAVE_DONE);
    pilot_reopen(pilot);
    check_store(&fixture);
    pilot_end(pilot);
    return was_struck;
}

static void run_all(const struct plan *plan)
{
    long n = 1;
    size_t told = 0;
    while (run(plan, n, &told))
        n += plan->step;
    printf("# %ld operations, %zu sessions that ended with something unsaved\n", n, told);
    assert_true(n > plan->step);
}

static void a_failing_write_is_told_and_made_good(void **state)
{
    (void)state;
    run_all(&(struct plan){.kinds = FAULT_WRITE, .step = 1});
}

static void a_full_disk_is_told_and_made_good(void **state)
{
    (void)state;
    run_all(&(struct plan){.kinds = FAULT_WRITE, .goes_on = true, .step = 1});
}

static void a_failing_sync_is_told_and_made_good(void **state)
{
    (void)state;
    hurry(10); /* it is tried again each second */
    run_all(&(struct plan){.kinds = FAULT_SYNC, .step = 1});
    run_all(&(struct plan){.kinds = FAULT_SYNC, .goes_on = true, .step = 1});
    hurry(1);
}

static void a_failing_allocation_is_told_and_made_good(void **state)
{
    (void)state;
    run_all(&(struct plan){.step = 23});
}

/* ---- sending ---- */

/* Before the server hears of it. */
static void add_answered(struct pilot *pilot, const char *prompt, int rating)
{
    struct record record = {.dataset_row = pilot->session->dataset.row};
    id_random(&record.id);
    record_set_field(&record, "prompt", prompt, strlen(prompt));
    record_set_field(&record, "response", "Yes.", 4);
    record.response.status = RESPONSE_SUBMITTED;
    values_set_rating(&record.response.values, "response-rating", rating);
    pilot_add_record(pilot, &record, true);
    record_clear(&record);
}

static void ask_for_all(struct pilot *pilot)
{
    app_sync(pilot->app);
    pilot_settle(pilot);
}

/* Each is there exactly once, with its answer. */
static void check_server(struct fake_argilla *fake)
{
    json_t *dataset = fake_argilla_dataset(fake, NAME);
    const json_t *records = json_object_get(dataset, "records");
    assert_int_equal(json_array_size(records), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *record = json_array_get(records, i);
        assert_int_equal(json_array_size(json_object_get(record, "responses")), 1);
    }
    json_decref(dataset);
}

/* The server has stored request number held (from 0); while it has not answered yet our
 * disk begins to fail at the n-th operation. False when there were fewer. */
static bool send_over_fault(size_t held, const struct plan *plan, long n)
{
    struct fake_argilla *fake = fake_argilla_new("2.8.0");
    struct fake_server *server = fake_argilla_server(fake);
    struct pilot pilot = {.vfs = "fault",
                          .server_url = fake_argilla_url(fake),
                          .server_key = FAKE_ARGILLA_KEY};
    fake_argilla_add_dataset(fake, NAME);
    pilot_start(&pilot);
    fake_argilla_hold(fake, held);
    size_t puts = fake_argilla_count(fake, "PUT", "/api/v1/datasets");
    size_t posts = fake_argilla_count(fake, "POST", "/api/v1/me/responses");
    add_answered(&pilot, "One?", 4);
    add_answered(&pilot, "Two?", 2);
    app_sync(pilot.app);
    while (held ? fake_argilla_count(fake, "POST", "/api/v1/me/responses") == posts
                : fake_argilla_count(fake, "PUT", "/api/v1/datasets") == puts)
        loop_poll(pilot.loop);
    arm(plan, n);
    fake_server_open_gate(server);
    pilot_settle(&pilot);
    bool was_struck = has_struck(plan);
    arm(plan, 0);
    if (was_struck && plan->goes_on && pilot.session->sync.outbox.unsent) {
        /* tried again by itself once there is room */
        assert_int_equal(pilot.session->sync.state, SYNC_WAITING);
        expect_sentence(pilot.session->sync.err.text);
        assert_int_equal(pilot.session->sync.offline_since_ms, 0);
    }
    for (int tries = 0; tries < 4 && pilot.session->sync.outbox.unsent; tries++)
        ask_for_all(&pilot);
    assert_int_equal(pilot.session->sync.outbox.unsent, 0);
    check_server(fake);
    pilot_end(&pilot);
    fake_argilla_free(fake);
    return was_struck;
}

static void what_the_server_stored_is_there_once(const struct plan *plan)
{
    for (size_t held = 0; held < 2; held++) {
        long n = 1;
        while (send_over_fault(held, plan, n))
            n += plan->step;
        printf("# held request %zu: %ld operations\n", held, n);
        assert_true(n > plan->step);
    }
}

static void a_failing_write_of_the_servers_word_doubles_nothing(void **state)
{
    (void)state;
    what_the_server_stored_is_there_once(&(struct plan){.kinds = FAULT_WRITE, .step = 1});
}

static void a_full_disk_under_the_servers_word_doubles_nothing(void **state)
{
    (void)state;
    what_the_server_stored_is_there_once(
        &(struct plan){.kinds = FAULT_WRITE, .goes_on = true, .step = 1});
}

static void no_memory_for_the_servers_word_doubles_nothing(void **state)
{
    (void)state;
    what_the_server_stored_is_there_once(&(struct plan){.step = 37});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_write_is_told_and_made_good),
        cmocka_unit_test(a_full_disk_is_told_and_made_good),
        cmocka_unit_test(a_failing_sync_is_told_and_made_good),
        cmocka_unit_test(a_failing_allocation_is_told_and_made_good),
        cmocka_unit_test(a_failing_write_of_the_servers_word_doubles_nothing),
        cmocka_unit_test(a_full_disk_under_the_servers_word_doubles_nothing),
        cmocka_unit_test(no_memory_for_the_servers_word_doubles_nothing),
    };
    fault_memory_register();
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
