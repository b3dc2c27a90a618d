/* SPDX-License-Identifier: MIT
 *
 * Runs of rows: templates, several models and endpoints, prices, what failed before. */
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

#include "app/batch.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "tests/support/fake_model.h"
#include "tests/support/pilot_app.h"

struct fixture {
    struct pilot pilot;
    struct fake_model *model, *other; /* "other" is an endpoint of that name */
    struct batch *batch;
    size_t counts[BATCH_NOTE + 1];
    char told[1024]; /* bad rows, notes, planned prompts, failures */
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    struct err err = {0};
    fixture->model = pilot_use_model(&fixture->pilot);
    fixture->other = fake_model_new();
    fixture->pilot.is_headless = true;
    pilot_start(&fixture->pilot);
    struct endpoint *other = setting_add_endpoint(&fixture->pilot.settings, "other");
    setting_text(&other->defaults.model, "other-1");
    assert_int_equal(endpoint_set_url(other, fake_model_url(fixture->other), &err),
                     STATUS_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    batch_free(fixture->batch);
    pilot_end(&fixture->pilot);
    fake_model_free(fixture->other);
    free(fixture);
    return 0;
}

static void on_event(void *ctx, const struct batch_event *event)
{
    struct fixture *fixture = ctx;
    size_t len = strlen(fixture->told);
    fixture->counts[event->outcome]++;
    const char *text = event->err                        ? event->err->text
                       : event->outcome == BATCH_PLANNED ? event->prompt
                                                         : NULL;
    if (text)
        snprintf(fixture->told + len, sizeof fixture->told - len, "%s|", text);
}

static void begin(struct fixture *fixture, const char *const *lines,
                  struct batch_options *options)
{
    struct err err = {0};
    options->fd = pilot_file(lines);
    options->key = "rows";
    if (!options->name)
        options->name = "rows.csv";
    if (!options->samples)
        options->samples = 1;
    if (!options->concurrency)
        options->concurrency = 1;
    memset(fixture->counts, 0, sizeof fixture->counts);
    fixture->told[0] = '\0';
    batch_free(fixture->batch);
    fixture->batch = batch_start(fixture->pilot.app, options, on_event, fixture, &err);
    close(options->fd);
    if (!fixture->batch)
        fail_msg("%s", err.text);
}

static void run(struct fixture *fixture, const char *const *lines,
                struct batch_options *options)
{
    begin(fixture, lines, options);
    int64_t end = clock_mono_ms(&clock_system) + 60000;
    while (!batch_is_over(fixture->batch) && clock_mono_ms(&clock_system) < end)
        pilot_run(&fixture->pilot, 5);
    assert_true(batch_is_over(fixture->batch));
    pilot_settle(&fixture->pilot);
}

static void read_record(struct fixture *fixture, int64_t row, struct record *record)
{
    struct err err = {0};
    *record = (struct record){0};
    if (store_get_record_row(app_store(fixture->pilot.app), row, record, &err))
        fail_msg("row %lld: %s", (long long)row, err.text);
}

static const char *field(const struct record *record, const char *name)
{
    const struct record_field *found = record_field(record, name);
    return found ? found->text : "(none)";
}

static const char *const titles[] = {"title,lang", "One,en", "Two,de", NULL};

static void every_answer_to_a_row_is_of_one_group(void **state)
{
    struct fixture *fixture = *state;
    const struct ask_target targets[] = {{NULL, "a"}, {"other", "b"}};
    const char *const meta[] = {"lang"};
    struct batch_options options = {.template_text = "On {title}",
                                    .targets = targets,
                                    .target_count = 2,
                                    .samples = 2,
                                    .meta = meta,
                                    .meta_count = 1};
    size_t heads = 0, siblings = 0;
    run(fixture, titles, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 8);
    for (int64_t row = 1; row <= 8; row++) {
        struct record record, head;
        read_record(fixture, row, &record);
        bool is_one = !strcmp(field(&record, "prompt"), "On One");
        assert_true(is_one || !strcmp(field(&record, "prompt"), "On Two"));
        assert_string_equal(record.metadata_json,
                            is_one ? "{\"lang\":\"en\"}" : "{\"lang\":\"de\"}");
        const struct completion *completion = &record.completion;
        bool is_head = id_is_zero(&completion->parent);
        heads += is_head;
        if (is_head) {
            assert_string_equal(completion->sampling.model, "a");
            assert_int_equal(completion->sample, 0);
        } else {
            pilot_read(&fixture->pilot, &completion->parent, &head);
            assert_string_equal(field(&head, "prompt"), field(&record, "prompt"));
            assert_true(id_is_zero(&head.completion.parent));
            record_clear(&head);
            siblings++;
        }
        record_clear(&record);
    }
    assert_int_equal(heads, 2);
    assert_int_equal(siblings, 6);
    assert_int_equal(fake_model_count(fixture->model), 4);
    assert_int_equal(fake_model_count(fixture->other), 4);
    run(fixture, titles, &options);
    assert_int_equal(fixture->counts[BATCH_SKIPPED], 8);
}

static bool other_has_all(const struct pilot *pilot)
{
    const struct fixture *fixture = (const struct fixture *)pilot; /* its first member */
    return fixture->counts[BATCH_LOGGED] == 3;
}

static void a_slow_endpoint_holds_up_no_other(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"HOLD 1", "HOLD 2", "HOLD 3", NULL};
    const struct ask_target targets[] = {{NULL, NULL}, {"other", NULL}};
    struct batch_options options = {
        .name = "p.txt", .targets = targets, .target_count = 2};
    for (int i = 0; i < 3; i++)
        fake_server_open_gate(fake_model_server(fixture->other));
    begin(fixture, lines, &options);
    pilot_until(&fixture->pilot, other_has_all);
    assert_int_equal(fake_model_count(fixture->model), 1); /* it waits at its first */
    for (int i = 0; i < 3; i++)
        fake_server_open_gate(fake_model_server(fixture->model));
    while (!batch_is_over(fixture->batch))
        pilot_run(&fixture->pilot, 5);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 6);
}

static void a_refused_key_ends_only_its_own_endpoint(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"One", "Two", "Three", NULL};
    const struct ask_target targets[] = {{NULL, NULL}, {"other", NULL}};
    struct batch_options options = {
        .name = "p.txt", .targets = targets, .target_count = 2};
    fake_reply_http(fake_server_queue(fake_model_server(fixture->model)), 401,
                    "application/json", "{\"error\":{\"message\":\"Bad key\"}}");
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_FAILED], 1);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 3);
    assert_int_equal(batch_fault(fixture->batch)->code, STATUS_AUTH);
}

static void a_chain_asks_its_steps_and_logs_the_last(void **state)
{
    struct fixture *fixture = *state;
    const char *const steps[] = {"Review: {output} ({lang})", "Sum up {output}"};
    struct batch_options options = {
        .template_text = "On {title}", .steps = steps, .step_count = 2};
    struct record record;
    run(fixture, titles, &options);
    read_record(fixture, 1, &record);
    assert_string_equal(field(&record, "prompt"), "On One");
    assert_string_equal(field(&record, "response"),
                        "Answer to Sum up Answer to Review: Answer to On One. (en)..");
    record_clear(&record);
    assert_int_equal(fake_model_count(fixture->model), 6);
    static const char *const lacking[] = {"{\"title\": \"A\", \"lang\": \"en\"}",
                                          "{\"title\": \"B\"}", NULL};
    options.name = "rows.jsonl";
    run(fixture, lacking, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 1);
    assert_string_equal(fixture->told,
                        "rows.jsonl:2: it has nothing for {lang} of --then.|");
    options.name = "rows.csv";
    /* other steps are another run */
    options.step_count = 1;
    run(fixture, titles, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 2);
}

static void a_conversation_is_logged_as_langchain_writes_it(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {
        "{\"messages\": [{\"role\": \"user\", \"content\": \"Alone\"}]}",
        "{\"messages\": [{\"role\": \"system\", \"content\": \"Be.\"}, {\"role\": "
        "\"user\", "
        "\"content\": \"Why?\"}]}",
        NULL};
    struct batch_options options = {.name = "p.jsonl"};
    struct record record;
    run(fixture, lines, &options);
    read_record(fixture, 1, &record);
    assert_string_equal(field(&record, "prompt"), "Alone");
    record_clear(&record);
    read_record(fixture, 2, &record);
    assert_string_equal(field(&record, "prompt"), "System: Be.\n\nUser: Why?");
    assert_string_equal(field(&record, "response"), "Answer to Why?.");
    assert_string_equal(record.completion.messages,
                        "[{\"role\":\"system\",\"content\":\"Be.\"},{\"role\":\"user\","
                        "\"content\":\"Why?\"}]");
    record_clear(&record);
    options = (struct batch_options){
        .template_text = "--- system\nYou speak {lang}.\n--- user\nOn {title}"};
    run(fixture, titles, &options);
    read_record(fixture, 3, &record);
    assert_string_equal(field(&record, "prompt"),
                        "System: You speak en.\n\nUser: On One");
    record_clear(&record);
}

static void only_what_failed_is_asked_again(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"ONCE one", "Two", "CUT three", "Four", NULL};
    static const char *const more[] = {"ONCE one", "Two", "New", "Four", NULL};
    struct batch_options options = {.name = "p.txt", .only_failed = true};
    run(fixture, lines, &options);
    assert_int_equal(fake_model_count(fixture->model), 0); /* nothing was begun */
    options.only_failed = false;
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_FAILED], 2);
    options.only_failed = true;
    run(fixture, more, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 1);
    assert_int_equal(batch_progress(fixture->batch)->total, 1);
    assert_int_equal(batch_progress(fixture->batch)->done, 1);
}

static void the_cost_is_added_up_and_stops_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    static const char *const lines[] = {"1", "2", "3", "4", NULL};
    struct batch_options options = {.name = "p.txt", .max_cost = 20};
    struct err err = {0};
    options.fd = pilot_file(lines);
    assert_null(batch_start(pilot->app, &options, NULL, NULL, &err));
    assert_non_null(strstr(err.text, "price = MODEL IN OUT"));
    close(options.fd);
    err_clear(&err);
    struct endpoint *endpoint = pilot->settings.endpoints;
    assert_int_equal(endpoint_add_price(endpoint, "1 1", &err), STATUS_OK);
    assert_int_equal(endpoint_add_price(endpoint, "fake-1 1 -2", &err), STATUS_CONFIG);
    err_clear(&err);
    assert_int_equal(endpoint_add_price(endpoint, "fake-1 1000000 2000000", &err),
                     STATUS_OK);
    pilot_reopen(pilot);
    run(fixture, lines, &options); /* 5 tokens in, 3 out: 11 each */
    assert_int_equal(fixture->counts[BATCH_LOGGED], 2);
    assert_true(batch_progress(fixture->batch)->cost > 21.9 &&
                batch_progress(fixture->batch)->cost < 22.1);
    assert_non_null(strstr(batch_fault(fixture->batch)->text, "--max-cost is 20.0000."));
}

static void every_step_costs(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    static const char *const lines[] = {"CUT", "1", NULL};
    static const char *const steps[] = {"Then {output}"};
    struct batch_options options = {.name = "p.txt", .steps = steps, .step_count = 1};
    struct record record;
    struct err err = {0};
    assert_int_equal(
        endpoint_add_price(pilot->settings.endpoints, "fake-1 1000000 0", &err),
        STATUS_OK);
    pilot_reopen(pilot);
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 1);
    read_record(fixture, 2, &record);
    assert_int_equal(record.completion.prompt_tokens, 10);
    assert_int_equal(record.completion.completion_tokens, 6);
    record_clear(&record);
    assert_int_equal((int)batch_progress(fixture->batch)->cost, 10);
}

static void a_model_that_nobody_named_has_its_price(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    static const char *const lines[] = {"1", "2", "3", "4", NULL};
    struct batch_options options = {.name = "p.txt", .max_cost = 9};
    struct endpoint *endpoint = pilot->settings.endpoints;
    struct err err = {0};
    setting_text(&endpoint->defaults.model, NULL);
    assert_int_equal(endpoint_add_price(endpoint, "fake-1 1000000 0", &err), STATUS_OK);
    pilot_reopen(pilot);
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 2);
    assert_non_null(strstr(batch_fault(fixture->batch)->text, "--max-cost is 9.0000."));
    free(endpoint->prices->model);
    endpoint->prices->model = xstrdup("another");
    pilot_reopen(pilot);
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 1);
    assert_non_null(strstr(batch_fault(fixture->batch)->text, "price of fake-1"));
}

static void a_key_command_is_run_once_for_all_prompts(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"1", "2", "3", NULL};
    const struct ask_target targets[] = {{"other", NULL}};
    struct batch_options options = {
        .name = "p.txt", .targets = targets, .target_count = 1};
    char path[96], text[16];
    struct endpoint *other = setting_find_endpoint(&fixture->pilot.settings, "other");
    snprintf(path, sizeof path, "%s/keys", fixture->pilot.dir);
    other->key_command = xasprintf("sh -c 'echo x >>%s; echo sk-1'", path);
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], 3);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof text, file), 2); /* one line */
    fclose(file);
}

static void a_dry_run_asks_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = {"title,lang", "One,en", "only", "Two,de", NULL};
    struct batch_options options = {.template_text = "On {title}", .is_dry = true};
    run(fixture, bad, &options);
    assert_int_equal(fake_server_count(fake_model_server(fixture->model)), 0);
    assert_string_equal(
        fixture->told,
        "rows.csv:3: this row has 1 column, the first line names 2.|Not "
        "used of rows.csv: lang. --meta NAME keeps a column.|On One|On Two|");
    assert_int_equal(batch_progress(fixture->batch)->total, 2);
    assert_int_equal(batch_progress(fixture->batch)->bad, 1);
    options.is_dry = false;
    options.is_strict = true;
    run(fixture, bad, &options);
    assert_int_equal(fake_server_count(fake_model_server(fixture->model)), 0);
    assert_non_null(strstr(batch_fault(fixture->batch)->text, "1 bad row"));
}

static void twins_are_told_apart(void **state)
{
    struct fixture *fixture = *state;
    enum { LINES = 120 };
    const char *lines[LINES + 1] = {NULL};
    char texts[LINES][16];
    for (int i = 0; i < LINES; i++) {
        snprintf(texts[i], sizeof texts[i], "Prompt %d", i % 60);
        lines[i] = texts[i];
    }
    struct batch_options options = {.name = "p.txt", .concurrency = 8};
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_LOGGED], LINES);
    run(fixture, lines, &options);
    assert_int_equal(fixture->counts[BATCH_SKIPPED], LINES);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(every_answer_to_a_row_is_of_one_group),
        CASE(a_slow_endpoint_holds_up_no_other),
        CASE(a_refused_key_ends_only_its_own_endpoint),
        CASE(a_chain_asks_its_steps_and_logs_the_last),
        CASE(a_conversation_is_logged_as_langchain_writes_it),
        CASE(only_what_failed_is_asked_again),
        CASE(the_cost_is_added_up_and_stops_it),
        CASE(every_step_costs),
        CASE(a_model_that_nobody_named_has_its_price),
        CASE(a_key_command_is_run_once_for_all_prompts),
        CASE(a_dry_run_asks_nothing),
        CASE(twins_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
