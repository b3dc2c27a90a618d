/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/ask.h"
#include "app/batch.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_model.h"
#include "tests/support/hurry.h"
#include "tests/support/pilot_app.h"

enum { MAX_EVENTS = 128 };

struct fixture {
    struct pilot pilot;
    struct fake_model *model;
    struct batch *batch;
    struct batch_options options; /* besides what begin sets */
    int fd;
    char log[MAX_EVENTS * 8]; /* "3.0L " = line 3, sample 0, logged */
    char error[512];
    size_t running;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->model = pilot_use_model(&fixture->pilot);
    fixture->pilot.is_headless = true;
    pilot_start(&fixture->pilot);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    batch_free(fixture->batch);
    pilot_end(&fixture->pilot);
    if (fixture->fd > 0)
        close(fixture->fd);
    free(fixture);
    return 0;
}

static void on_event(void *ctx, const struct batch_event *event)
{
    struct fixture *fixture = ctx;
    static const char letters[] = "ALSFXBPN";
    if (event->outcome == BATCH_STARTED) {
        fixture->running++;
        return;
    }
    fixture->running -= event->outcome != BATCH_SKIPPED;
    size_t len = strlen(fixture->log);
    snprintf(fixture->log + len, sizeof fixture->log - len, "%zu.%d%c ", event->line,
             event->sample, letters[event->outcome]);
    if (event->outcome == BATCH_FAILED)
        snprintf(fixture->error, sizeof fixture->error, "%s", event->err->text);
    else if (event->outcome <= BATCH_STOPPED)
        assert_non_null(event->record);
}

static void begin(struct fixture *fixture, const char *const *texts, int repeat,
                  int concurrency)
{
    struct err err = {0};
    batch_free(fixture->batch);
    if (fixture->fd > 0)
        close(fixture->fd);
    fixture->fd = pilot_file(texts);
    fixture->options.name = "prompts.txt";
    fixture->options.fd = fixture->fd;
    fixture->options.samples = repeat;
    fixture->options.concurrency = concurrency;
    fixture->options.key = "run prompts.txt";
    fixture->log[0] = '\0';
    fixture->running = 0;
    fixture->batch =
        batch_start(fixture->pilot.app, &fixture->options, on_event, fixture, &err);
    if (!fixture->batch)
        fail_msg("%s", err.text);
}

static void wait_for_end(struct fixture *fixture)
{
    int64_t end = clock_mono_ms(&clock_system) + 10000;
    while (!batch_is_over(fixture->batch) && clock_mono_ms(&clock_system) < end)
        pilot_run(&fixture->pilot, 5);
    assert_true(batch_is_over(fixture->batch));
    pilot_settle(&fixture->pilot);
}

static void run(struct fixture *fixture, const char *const *texts, int repeat)
{
    begin(fixture, texts, repeat, 1);
    wait_for_end(fixture);
}

static bool count_one(void *ctx, const struct record *record)
{
    (void)record;
    ++*(size_t *)ctx;
    return true;
}

static size_t count_records(struct fixture *fixture)
{
    size_t count = 0;
    struct err err = {0};
    assert_int_equal(store_each_record(app_store(fixture->pilot.app),
                                       fixture->pilot.session->dataset.row, false,
                                       RESPONSE_PENDING, count_one, &count, &err),
                     STATUS_OK);
    return count;
}

static void the_guides_first_way_makes_six_records(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"Tell me a joke", "Tell me a poem", NULL};
    run(fixture, texts, 3);
    assert_string_equal(fixture->log, "1.0L 2.0L 1.1L 2.1L 1.2L 2.2L ");
    assert_int_equal(count_records(fixture), 6);
    const struct batch_progress *progress = batch_progress(fixture->batch);
    assert_int_equal(progress->total, 6);
    assert_int_equal(progress->done, 6);
    assert_int_equal(progress->failed + progress->skipped + progress->running, 0);
}

static void started_again_it_repeats_nothing(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"One", "Two", NULL};
    run(fixture, texts, 1);
    size_t asked = fake_model_count(fixture->model);
    run(fixture, texts, 2);
    assert_string_equal(fixture->log, "1.0S 2.0S 1.1L 2.1L ");
    assert_int_equal(fake_model_count(fixture->model), asked + 2);
    pilot_reopen(&fixture->pilot);
    run(fixture, texts, 2);
    assert_string_equal(fixture->log, "1.0S 2.0S 1.1S 2.1S ");
    assert_int_equal(count_records(fixture), 4);
}

static void other_parameters_are_another_run(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"One", NULL};
    run(fixture, texts, 1);
    struct sampling sampling = {0};
    sampling_copy(&sampling, &fixture->pilot.session->sampling);
    sampling.has_temperature = true;
    sampling.temperature = 0.9;
    app_set_sampling(fixture->pilot.app, &sampling);
    sampling_clear(&sampling);
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0L ");
    assert_int_equal(count_records(fixture), 2);
}

static void the_same_line_twice_is_two_prompts(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"Same", "Other", "Same", NULL};
    run(fixture, texts, 2);
    assert_string_equal(fixture->log, "1.0L 2.0L 3.0L 1.1L 2.1L 3.1L ");
    assert_int_equal(count_records(fixture), 6);
}

static void a_failed_prompt_does_not_stop_the_others(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"FAIL this", "Two", "CUT that", "Four", NULL};
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0F 2.0L 3.0F 4.0L ");
    assert_int_equal(batch_progress(fixture->batch)->failed, 2);
    assert_true(fixture->error[0]);
}

static void what_failed_is_asked_again_in_the_next_run(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"ONCE one", "Two", NULL};
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0F 2.0L ");
    assert_non_null(strstr(fixture->error, "I do not like it"));
    run(fixture, texts, 1);
    assert_non_null(strstr(fixture->log, "1.0L "));
    assert_non_null(strstr(fixture->log, "2.0S "));
    assert_int_equal(count_records(fixture), 2);
}

static void runs_as_many_at_once_as_asked(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"HOLD 1", "HOLD 2", "HOLD 3", "HOLD 4", "HOLD 5", NULL};
    begin(fixture, texts, 1, 3);
    pilot_run(&fixture->pilot, 200);
    assert_int_equal(fixture->running, 3);
    assert_int_equal(fake_model_count(fixture->model), 3);
    for (int i = 0; i < 5; i++)
        fake_server_open_gate(fake_model_server(fixture->model));
    wait_for_end(fixture);
    assert_int_equal(batch_progress(fixture->batch)->done, 5);
    assert_int_equal(batch_progress(fixture->batch)->failed, 0);
}

static void a_busy_endpoint_gets_half_as_many(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"BUSY 1", "HOLD 2", "HOLD 3", "HOLD 4",
                                 "HOLD 5", "HOLD 6", NULL};
    begin(fixture, texts, 1, 4);
    for (int i = 0; i < 500 && !fixture->log[0]; i++)
        pilot_run(&fixture->pilot, 10);
    pilot_run(&fixture->pilot, 100);
    /* the refused one has ended; of the other three none, and none was added */
    assert_string_equal(fixture->log, "1.0L ");
    assert_int_equal(fixture->running, 3);
    for (int i = 0; i < 6; i++)
        fake_server_open_gate(fake_model_server(fixture->model));
    wait_for_end(fixture);
    assert_int_equal(batch_progress(fixture->batch)->failed, 0);
}

static void cancelled_it_starts_nothing_more(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"HOLD 1", "HOLD 2", "HOLD 3", NULL};
    begin(fixture, texts, 1, 1);
    pilot_run(&fixture->pilot, 100);
    batch_cancel(fixture->batch);
    wait_for_end(fixture);
    assert_string_equal(fixture->log, "1.0X "); /* stopped is not failed */
    assert_int_equal(batch_progress(fixture->batch)->failed, 0);
    assert_int_equal(batch_progress(fixture->batch)->done, 0);
    assert_int_equal(fake_model_count(fixture->model), 1);
    fake_server_open_gate(fake_model_server(fixture->model));
}

static void a_refused_key_ends_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"One", "Two", "Three", "Four", NULL};
    fake_reply_http(fake_server_queue(fake_model_server(fixture->model)), 401,
                    "application/json", "{\"error\":{\"message\":\"Bad key\"}}");
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0F ");
    assert_non_null(strstr(fixture->error, "Bad key"));
    assert_int_equal(fixture->pilot.session->answer_code, STATUS_AUTH);
    assert_int_equal(fake_server_count(fake_model_server(fixture->model)), 1);
}

static void queue_reply(struct fixture *fixture, int code, const char *headers,
                        const char *body)
{
    fake_reply_http_with(fake_server_queue(fake_model_server(fixture->model)), code,
                         headers, body, strlen(body));
}

static void what_no_prompt_can_pass_ends_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"One", "Two", "Three", "Four", NULL};
    queue_reply(fixture, 404, "Content-Type: application/json\r\n",
                "{\"error\":{\"code\":\"model_not_found\",\"message\":\"The model x does "
                "not exist\"}}");
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0F ");
    assert_int_equal(fake_server_count(fake_model_server(fixture->model)), 1);
    assert_true(batch_fault(fixture->batch)->code != STATUS_OK);
}

static void a_long_wait_ends_it_and_is_told(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"One", "Two", "Three", "Four", NULL};
    queue_reply(fixture, 429, "Content-Type: application/json\r\nRetry-After: 3600\r\n",
                "{\"error\":{\"message\":\"Slow down\"}}");
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0F ");
    assert_int_equal(fake_server_count(fake_model_server(fixture->model)), 1);
    const char *why = batch_fault(fixture->batch)->text;
    if (!strstr(why, "60 min") && !strstr(why, "1 h") && !strstr(why, "3600"))
        fail_msg("it does not say how long: %s", why);
}

static const char pause_reply[] = "{\"error\":{\"message\":\"Slow down\"}}";
static const char pause_header[] =
    "Content-Type: application/json\r\nretry-after-ms: 300\r\n";

static void a_retry_after_pauses_the_whole_endpoint(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"One", "Two", "Three", "Four", NULL};
    queue_reply(fixture, 429, pause_header, pause_reply);
    begin(fixture, texts, 1, 2);
    while (!fixture->log[0])
        pilot_run(&fixture->pilot, 5);
    pilot_run(&fixture->pilot, 100);
    /* the answer beside the refusal may come first, and one more be asked by then */
    size_t asked = fake_server_count(fake_model_server(fixture->model));
    assert_true(asked == 2 || asked == 3);
    assert_int_equal(fixture->running, 1); /* the one that was told to wait */
    pilot_run(&fixture->pilot, 100);
    assert_int_equal(fake_server_count(fake_model_server(fixture->model)), asked);
    fixture->pilot.now_ms += 300;
    wait_for_end(fixture);
    assert_int_equal(batch_progress(fixture->batch)->failed, 0);
    assert_int_equal(batch_progress(fixture->batch)->retries, 1);
    assert_int_equal(fake_model_count(fixture->model), 4);
}

/* The other endpoint goes on; a stop does not wait; the next run repeats nothing. */
static void a_pause_is_of_one_endpoint_and_a_stop_ends_it(void **state)
{
    struct fixture *fixture = *state;
    struct fake_model *second = fake_model_new();
    const char *const texts[] = {"One", "Two", "Three", "Four", NULL};
    const struct ask_target targets[] = {{.endpoint = fake_model_url(fixture->model)},
                                         {.endpoint = fake_model_url(second)}};
    fixture->options.targets = targets;
    fixture->options.target_count = 2;
    queue_reply(fixture, 503, "Content-Type: application/json\r\nRetry-After: 60\r\n",
                pause_reply);
    begin(fixture, texts, 1, 2);
    while (batch_progress(fixture->batch)->done < 5)
        pilot_run(&fixture->pilot, 5);
    pilot_run(&fixture->pilot, 100);
    /* the answer beside the refusal may come first, and one more be asked by then */
    size_t asked = fake_server_count(fake_model_server(fixture->model));
    size_t done = asked - 1 + 4;
    assert_true(asked == 2 || asked == 3);
    pilot_run(&fixture->pilot, 100);
    assert_int_equal(fake_server_count(fake_model_server(fixture->model)), asked);
    assert_int_equal(fake_model_count(second), 4);
    batch_cancel(fixture->batch);
    wait_for_end(fixture);
    assert_int_equal(batch_progress(fixture->batch)->done, done);
    assert_int_equal(batch_progress(fixture->batch)->failed, 0);
    batch_free(fixture->batch);
    fixture->batch = NULL;
    pilot_reopen(&fixture->pilot);
    begin(fixture, texts, 1, 2);
    wait_for_end(fixture);
    assert_int_equal(batch_progress(fixture->batch)->skipped, done);
    assert_int_equal(count_records(fixture), 8);
    assert_int_equal(fake_model_count(fixture->model), 4);
    fake_model_free(second);
}

static void what_may_be_so_for_all_ends_it_after_a_few(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"1", "2", "3", "4", "5", "6", "7", NULL};
    for (int i = 0; i < 60; i++) /* each prompt is tried a few times */
        queue_reply(fixture, 429, "Content-Type: application/json\r\nRetry-After: 0\r\n",
                    "{\"error\":{\"message\":\"Slow down\"}}");
    hurry(10); /* over the pauses between the tries */
    run(fixture, texts, 1);
    hurry(1);
    assert_string_equal(fixture->log, "1.0F 2.0F 3.0F ");
    assert_int_equal(batch_fault(fixture->batch)->code, STATUS_BUSY);
}

/* Neither does the other model's answer between them begin its count anew, nor does the
 * other stop with it. */
static void a_model_that_fails_is_left_and_the_other_goes_on(void **state)
{
    struct fixture *fixture = *state;
    static char gone[] = "gone", good[] = "good";
    const char *const texts[][7] = {{"1", "2", "3", "4", "5", "6", NULL},
                                    {"a", "b", "c", "d", "e", "f", NULL}};
    const struct ask_target targets[] = {{.model = gone}, {.model = good}};
    static const char json[] =
        "Content-Type: application/json\r\nx-should-retry: false\r\n";
    fixture->options.targets = targets;
    fixture->options.target_count = 2;
    for (int way = 0; way < 2; way++) {
        int most = way ? 3 : 1; /* likely, certain */
        for (int i = 0; i < most + 6; i++)
            if (i < 2 * most && i % 2 == 0)
                queue_reply(fixture, way ? 500 : 404, json,
                            "{\"error\":{\"code\":\"model_not_found\",\"message\":"
                            "\"no model\"}}");
            else
                queue_reply(fixture, 200, json,
                            "{\"choices\":[{\"message\":{\"content\":\"Fine.\"},"
                            "\"finish_reason\":\"stop\"}]}");
        size_t before = fake_server_count(fake_model_server(fixture->model));
        run(fixture, texts[way], 1);
        const struct batch_progress *progress = batch_progress(fixture->batch);
        assert_int_equal(fake_server_count(fake_model_server(fixture->model)) - before,
                         most + 6);
        assert_int_equal(progress->failed, most);
        assert_int_equal(progress->done, most + 6);
        assert_true(progress->goes_on);
        assert_true(batch_fault(fixture->batch)->code != STATUS_OK);
    }
}

/* In a store that had no dataset when both began. */
static void the_same_run_in_a_new_store_asks_nothing_twice(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"One", "Two", NULL};
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0L 2.0L ");
    /* as the other one, which has not seen it made */
    ((struct session *)(uintptr_t)fixture->pilot.session)->dataset.row = 0;
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0S 2.0S ");
    assert_int_equal(fake_model_count(fixture->model), 2);
}

/* All of them end at once, fail to be kept, and stop the run, from the loop alone. */
/* An answer between them, or a failure of one prompt alone, begins the count anew. */
static void few_failures_in_a_row_are_not_many_in_all(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"1", "2", "3", "4", "5", "6", "7", "8", NULL};
    static const char json[] =
        "Content-Type: application/json\r\nx-should-retry: false\r\n";
    for (int i = 1; i <= 8; i++)
        if (i == 3)
            queue_reply(fixture, 200, json,
                        "{\"choices\":[{\"message\":{\"content\":\"Fine.\"},"
                        "\"finish_reason\":\"stop\"}]}");
        else if (i == 6)
            queue_reply(fixture, 400, json,
                        "{\"error\":{\"code\":\"content_filter\",\"message\":\"No.\"}}");
        else
            queue_reply(fixture, 429, json, "{\"error\":{\"message\":\"Slow down\"}}");
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0F 2.0F 3.0L 4.0F 5.0F 6.0F 7.0F 8.0F ");
    assert_int_equal(batch_fault(fixture->batch)->code, STATUS_OK);
}

static void a_failing_key_command_on_a_full_disk_ends_in_peace(void **state)
{
    struct fixture *outer = *state;
    struct fixture fixture = {.pilot = {.is_headless = true,
                                        .endpoint_url = fake_model_url(outer->model),
                                        .key_command = "sh -c 'sleep 0.3; exit 1'"}};
    const char *const texts[] = {"1", "2", "3", "4", "5", "6", NULL};
    pilot_start(&fixture.pilot);
    begin(&fixture, texts, 1, 4);
    while (fixture.running < 4)
        pilot_run(&fixture.pilot, 5);
    pilot_fill_disk(true);
    wait_for_end(&fixture);
    pilot_fill_disk(false);
    assert_int_equal(batch_progress(fixture.batch)->failed, 4);
    assert_non_null(strstr(batch_fault(fixture.batch)->text, "api_key_cmd"));
    assert_int_equal(fake_model_count(outer->model), 0);
    batch_free(fixture.batch);
    pilot_end(&fixture.pilot);
}

static struct id first_id(struct fixture *fixture)
{
    return fixture->pilot.session->streams ? fixture->pilot.session->streams[0]->record
                                           : (struct id){{0}};
}

/* Two people with the same file on one server. */
static void another_store_gives_other_ids(void **state)
{
    struct fixture *fixture = *state;
    struct fixture other = {
        .pilot = {.is_headless = true, .endpoint_url = fake_model_url(fixture->model)}};
    const char *const texts[] = {"HOLD one", NULL};
    pilot_start(&other.pilot);
    begin(fixture, texts, 1, 1);
    begin(&other, texts, 1, 1);
    while (!fixture->running || !other.running) {
        pilot_run(&fixture->pilot, 5);
        pilot_run(&other.pilot, 5);
    }
    struct id ours = first_id(fixture), theirs = first_id(&other);
    assert_memory_not_equal(&ours, &theirs, sizeof ours);
    batch_cancel(fixture->batch);
    batch_cancel(other.batch);
    wait_for_end(fixture);
    wait_for_end(&other);
    batch_free(other.batch);
    pilot_end(&other.pilot);
}

static void another_endpoint_without_a_model_is_another_run(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct fake_model *second = fake_model_new();
    const char *const texts[] = {"One", NULL};
    struct err err = {0};
    sampling_clear(&pilot->settings.endpoints->defaults);
    pilot_reopen(pilot);
    run(fixture, texts, 1);
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0S ");
    batch_free(fixture->batch);
    fixture->batch = NULL;
    assert_int_equal(
        endpoint_set_url(pilot->settings.endpoints, fake_model_url(second), &err),
        STATUS_OK);
    pilot_reopen(pilot);
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0L ");
    assert_int_equal(fake_model_count(second), 1);
    fake_model_free(second);
}

static void another_protocol_is_another_run(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const char *const texts[] = {"One", NULL};
    run(fixture, texts, 1);
    batch_free(fixture->batch);
    fixture->batch = NULL;
    pilot->settings.endpoints->kind = ENDPOINT_OPENAI_COMPLETIONS;
    pilot_reopen(pilot);
    run(fixture, texts, 1);
    assert_int_equal(batch_progress(fixture->batch)->skipped, 0);
}

static void what_was_answered_meanwhile_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"CUT one", NULL};
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0F ");
    assert_true(app_go(fixture->pilot.app, 0));
    app_discard(fixture->pilot.app);
    pilot_settle(&fixture->pilot);
    run(fixture, texts, 1);
    assert_string_equal(fixture->log, "1.0S ");
}

static void freed_while_it_runs_it_leaves_in_peace(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"HOLD 1", "HOLD 2", NULL};
    begin(fixture, texts, 1, 2);
    pilot_run(&fixture->pilot, 100);
    batch_free(fixture->batch);
    fixture->batch = NULL;
    pilot_settle(&fixture->pilot);
    assert_string_equal(fixture->log, "");
    fake_server_open_gate(fake_model_server(fixture->model));
}

static void without_an_endpoint_it_says_why_not(void **state)
{
    (void)state;
    struct fixture fixture = {.pilot.is_headless = true};
    pilot_start(&fixture.pilot);
    struct batch_options options = {.name = "p.txt", .fd = -1};
    struct err err = {0};
    assert_null(batch_start(fixture.pilot.app, &options, NULL, NULL, &err));
    assert_non_null(strstr(err.text, "OPENAI_BASE_URL"));
    pilot_end(&fixture.pilot);
}

static void answers_are_on_the_server_when_it_is_over(void **state)
{
    struct fixture *outer = *state;
    struct fake_argilla *argilla = fake_argilla_new("2.8.0");
    fake_argilla_add_dataset(argilla, "langchain-dataset");
    struct fixture fixture = {.pilot = {.is_headless = true,
                                        .endpoint_url = fake_model_url(outer->model),
                                        .server_url = fake_argilla_url(argilla),
                                        .server_key = FAKE_ARGILLA_KEY}};
    pilot_start(&fixture.pilot);
    const char *const texts[] = {"One", "Two", NULL};
    run(&fixture, texts, 2);
    run(&fixture, texts, 2);
    assert_string_equal(fixture.log, "1.0S 2.0S 1.1S 2.1S ");
    json_t *dataset = fake_argilla_dataset(argilla, "langchain-dataset");
    assert_int_equal(json_array_size(json_object_get(dataset, "records")), 4);
    json_decref(dataset);
    batch_free(fixture.batch);
    pilot_end(&fixture.pilot);
    fake_argilla_free(argilla);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_guides_first_way_makes_six_records),
        CASE(started_again_it_repeats_nothing),
        CASE(other_parameters_are_another_run),
        CASE(the_same_line_twice_is_two_prompts),
        CASE(a_failed_prompt_does_not_stop_the_others),
        CASE(what_failed_is_asked_again_in_the_next_run),
        CASE(runs_as_many_at_once_as_asked),
        CASE(a_busy_endpoint_gets_half_as_many),
        CASE(cancelled_it_starts_nothing_more),
        CASE(a_refused_key_ends_it_at_once),
        CASE(what_no_prompt_can_pass_ends_it_at_once),
        CASE(a_long_wait_ends_it_and_is_told),
        CASE(a_retry_after_pauses_the_whole_endpoint),
        CASE(a_pause_is_of_one_endpoint_and_a_stop_ends_it),
        CASE(what_may_be_so_for_all_ends_it_after_a_few),
        CASE(the_same_run_in_a_new_store_asks_nothing_twice),
        CASE(a_model_that_fails_is_left_and_the_other_goes_on),
        CASE(few_failures_in_a_row_are_not_many_in_all),
        CASE(a_failing_key_command_on_a_full_disk_ends_in_peace),
        CASE(another_store_gives_other_ids),
        CASE(another_endpoint_without_a_model_is_another_run),
        CASE(another_protocol_is_another_run),
        CASE(what_was_answered_meanwhile_is_left_alone),
        CASE(freed_while_it_runs_it_leaves_in_peace),
        cmocka_unit_test(without_an_endpoint_it_says_why_not),
        CASE(answers_are_on_the_server_when_it_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
