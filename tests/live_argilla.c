/* SPDX-License-Identifier: MIT
 *
 * The Argilla client on real servers, 2.8 and 1.29: the same cases on each. Part of
 * `make live`, not of `make check`; support/live.h says how they are named.
 */
#include "config.h"

#include "argilla/argilla.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "tests/support/argilla_call.h"
#include "tests/support/live.h"
#include "json/json.h"

/* cmocka hands a test its initial state: the server's address. */
struct live {
    const char *url;
    struct argilla_call call;
    char name[64]; /* of the dataset, made anew for each case */
};

static void create_guide(struct live *live)
{
    struct dataset template;
    dataset_init_guide(&template, live->name, "argilla", "");
    if (call_create(&live->call, &template) != STATUS_OK)
        fail_msg("%s", live->call.err.text);
    dataset_clear(&template);
}

static int set_up(void **state)
{
    struct live *live = calloc(1, sizeof *live);
    live->url = *state;
    struct id id;
    char text[ID_TEXT];
    id_random(&id);
    id_format(&id, text);
    snprintf(live->name, sizeof live->name, "sync-%.8s", text);
    argilla_call_init(&live->call, live->url, live_argilla_key());
    *state = live;
    return 0;
}

static int tear_down(void **state)
{
    struct live *live = *state;
    if (live->call.dataset.remote_id) {
        char *path = xasprintf("/api/v1/datasets/%s", live->call.dataset.remote_id);
        json_decref(call_raw(&live->call, "DELETE", path, NULL, NULL));
        free(path);
    }
    argilla_call_clear(&live->call);
    free(live);
    return 0;
}

static void assert_ok(struct live *live, enum status status)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", live->url, live->call.err.text);
}

static void push_numbered(struct live *live, struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *prompt = xasprintf("prompt %zu", i);
        make_pair(&records[i], prompt, "an answer");
        free(prompt);
    }
    assert_ok(live, call_push(&live->call, records, count));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(live->call.results[i].err.code, STATUS_OK);
        free(records[i].remote_id);
        records[i].remote_id = xstrdup(live->call.results[i].remote_id);
    }
}

static void clear_records(struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        record_clear(&records[i]);
}

static void connect_knows_the_server(void **state)
{
    struct live *live = *state;
    assert_ok(live, call_connect(&live->call));
    assert_int_equal(live->call.identity.role, ARGILLA_OWNER);
    assert_true(live->call.identity.version_major >= 1);
}

static void dataset_is_made_once_and_opened(void **state)
{
    struct live *live = *state;
    assert_int_equal(call_open(&live->call, live->name, NULL), STATUS_NOT_FOUND);
    create_guide(live);
    char *first = xstrdup(live->call.dataset.remote_id);
    create_guide(live);
    assert_string_equal(live->call.dataset.remote_id, first);
    assert_ok(live, call_open(&live->call, live->name, NULL));
    assert_string_equal(live->call.dataset.remote_id, first);
    assert_true(live->call.dataset.is_published);
    assert_true(dataset_takes_pairs(&live->call.dataset));
    assert_int_equal(dataset_rating_question(&live->call.dataset)->rating_count, 5);
    assert_string_equal(dataset_feedback_question(&live->call.dataset)->name,
                        "response-feedback");
    free(first);
}

/* A draft that somebody left with one field. */
static void half_made_dataset_is_completed(void **state)
{
    struct live *live = *state;
    long code = 0;
    json_t *workspaces =
        call_raw(&live->call, "GET", "/api/v1/me/workspaces", NULL, &code);
    const char *id = NULL;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(workspaces, "items"), i,
                       item) if (strcmp(json_get_text(item, "name", NULL), "argilla") ==
                                 0) id = json_get_text(item, "id", NULL);
    char *body = xasprintf("{\"name\":\"%s\",\"workspace_id\":\"%s\"}", live->name, id);
    json_t *made = call_raw(&live->call, "POST", "/api/v1/datasets", body, &code);
    assert_int_equal(code, 201);
    char *path = xasprintf("/api/v1/datasets/%s/fields", json_get_text(made, "id", NULL));
    json_decref(call_raw(&live->call, "POST", path,
                         "{\"name\":\"prompt\",\"title\":\"Prompt\",\"required\":true,"
                         "\"settings\":{\"type\":\"text\"}}",
                         &code));
    assert_int_equal(code, 201);
    create_guide(live);
    assert_string_equal(live->call.dataset.remote_id, json_get_text(made, "id", NULL));
    assert_int_equal(live->call.dataset.field_count, 2);
    assert_true(live->call.dataset.is_published);
    free(path);
    free(body);
    json_decref(made);
    json_decref(workspaces);
}

static void missing_workspace_names_those_that_exist(void **state)
{
    struct live *live = *state;
    assert_int_equal(call_open(&live->call, live->name, "nowhere"), STATUS_CONFIG);
    assert_non_null(strstr(live->call.err.text, "Yours: "));
    assert_non_null(strstr(live->call.err.text, "argilla"));
}

static void records_are_stored_once_and_pulled_in_order(void **state)
{
    struct live *live = *state;
    enum { COUNT = 60 };
    struct record records[COUNT];
    create_guide(live);
    push_numbered(live, records, COUNT);
    assert_ok(live, call_push(&live->call, records, COUNT));
    assert_string_equal(live->call.results[7].remote_id, records[7].remote_id);
    /* answering moves a record in 1.29's own order */
    records[3].response.status = RESPONSE_SUBMITTED;
    values_set_rating(&records[3].response.values, "response-rating", 4);
    assert_ok(live, call_respond(&live->call, records, 4));
    assert_ok(live, call_pull(&live->call, 25));
    assert_int_equal(live->call.count, COUNT);
    bool is_ordered = argilla_pull_is_exact(live->call.argilla);
    bool is_seen[COUNT] = {false};
    for (size_t i = 0; i < COUNT; i++) {
        const struct record *got = &live->call.records[i];
        size_t at = 0;
        while (at < COUNT && !id_equal(&got->id, &records[at].id))
            at++;
        assert_true(at < COUNT && !is_seen[at]);
        is_seen[at] = true;
        /* without a sort that works, what was touched comes last */
        if (is_ordered)
            assert_int_equal(at, i);
        assert_string_equal(got->remote_id, records[at].remote_id);
        assert_int_equal(got->response.status, records[at].response.status);
        assert_string_equal(record_field(got, "prompt")->text,
                            record_field(&records[at], "prompt")->text);
    }
    clear_records(records, COUNT);
}

static void odd_text_comes_back_as_it_was(void **state)
{
    struct live *live = *state;
    static const char odd[] = "a\0b \x1b[31m \xE2\x80\xAE \xF0\x9F\x98\x80 \xCC\x81 \\u";
    static const char blanks[] = "\n  keep  in\tside \n\n";
    struct record records[2];
    create_guide(live);
    for (size_t i = 0; i < 2; i++) {
        make_pair(&records[i], "", "");
        record_set_field(&records[i], "prompt", odd, sizeof odd - 1);
        record_set_field(&records[i], "response", blanks, sizeof blanks - 1);
        records[i].is_written =
            i == 1; /* by a model, here: stripped as the handler does */
    }
    struct record *record = &records[0];
    record->metadata_json = xstrdup("{\"model\":\"m\",\"temperature\":0.9,\"n\":3}");
    assert_ok(live, call_push(&live->call, records, 2));
    assert_ok(live, call_pull(&live->call, 10));
    assert_int_equal(live->call.count, 2);
    bool is_first = id_equal(&live->call.records[0].id, &record->id);
    const struct record *plain = &live->call.records[is_first ? 0 : 1];
    const struct record *written = &live->call.records[is_first ? 1 : 0];
    const struct record_field *prompt = record_field(plain, "prompt");
    assert_int_equal(prompt->len, sizeof odd - 1);
    assert_memory_equal(prompt->text, odd, sizeof odd);
    assert_string_equal(record_field(plain, "response")->text, blanks);
    assert_string_equal(record_field(written, "response")->text, "keep  in\tside");
    json_t *metadata =
        json_parse(plain->metadata_json, strlen(plain->metadata_json), NULL);
    assert_int_equal(json_integer_value(json_object_get(metadata, "n")), 3);
    json_decref(metadata);
    clear_records(records, 2);
}

static void bad_record_is_refused_alone(void **state)
{
    struct live *live = *state;
    enum { COUNT = 12 };
    struct record records[COUNT];
    create_guide(live);
    for (size_t i = 0; i < COUNT; i++)
        make_pair(&records[i], "p", "r");
    record_set_field(&records[5], "nonsense", "x", 1);
    assert_ok(live, call_push(&live->call, records, COUNT));
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(live->call.results[i].err.code,
                         i == 5 ? STATUS_REFUSED : STATUS_OK);
    assert_non_null(strstr(live->call.results[5].err.text, "nonsense"));
    assert_ok(live, call_pull(&live->call, 100));
    assert_int_equal(live->call.count, COUNT - 1);
    clear_records(records, COUNT);
}

static void expect_status(struct live *live, enum response_status status, int rating)
{
    assert_ok(live, call_pull(&live->call, 10));
    const struct response *response = &live->call.records[0].response;
    assert_int_equal(response->status, status);
    const struct value *value = values_find(&response->values, "response-rating");
    assert_int_equal(value ? value->rating : 0, rating);
}

static void every_status_and_undo_reach_the_server(void **state)
{
    struct live *live = *state;
    struct record record;
    create_guide(live);
    push_numbered(live, &record, 1);
    static const struct {
        enum response_status status;
        int rating;
    } steps[] = {{RESPONSE_DRAFT, 0},     {RESPONSE_SUBMITTED, 4}, {RESPONSE_PENDING, 0},
                 {RESPONSE_PENDING, 0},   {RESPONSE_DISCARDED, 0}, {RESPONSE_DRAFT, 2},
                 {RESPONSE_SUBMITTED, 5}, {RESPONSE_DISCARDED, 5}, {RESPONSE_PENDING, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        response_clear(&record.response);
        record.response.status = steps[i].status;
        if (steps[i].rating)
            values_set_rating(&record.response.values, "response-rating",
                              steps[i].rating);
        assert_ok(live, call_respond(&live->call, &record, 1));
        assert_int_equal(live->call.results[0].err.code, STATUS_OK);
        expect_status(live, steps[i].status, steps[i].rating);
    }
    record_clear(&record);
}

static void answer_without_what_is_required_is_refused(void **state)
{
    struct live *live = *state;
    struct record records[2];
    create_guide(live);
    push_numbered(live, records, 2);
    records[0].response.status = RESPONSE_SUBMITTED;
    records[1].response.status = RESPONSE_SUBMITTED;
    values_set_rating(&records[1].response.values, "response-rating", 9);
    assert_ok(live, call_respond(&live->call, records, 2));
    assert_int_equal(live->call.results[0].err.code, STATUS_REFUSED);
    assert_int_equal(live->call.results[1].err.code, STATUS_REFUSED);
    assert_non_null(strstr(live->call.results[1].err.text, "9 is not a valid rating"));
    clear_records(records, 2);
}

/* The annotator's key; a user of that name is made, and put into the workspace. */
static char *make_annotator(struct live *live)
{
    char *body = xasprintf("{\"first_name\":\"Ann\",\"username\":\"%s\",\"role\":"
                           "\"annotator\",\"password\":\"12345678\"}",
                           live->name);
    json_t *user = call_raw(&live->call, "POST", "/api/v1/users", body, NULL);
    json_t *workspaces =
        call_raw(&live->call, "GET", "/api/v1/me/workspaces", NULL, NULL);
    const json_t *workspace = json_array_get(json_object_get(workspaces, "items"), 0);
    char *path =
        xasprintf("/api/v1/workspaces/%s/users", json_get_text(workspace, "id", NULL));
    char *member = xasprintf("{\"user_id\":\"%s\"}", json_get_text(user, "id", NULL));
    long code = 0;
    json_decref(call_raw(&live->call, "POST", path, member, &code));
    assert_int_equal(code, 201);
    char *key = json_dup_text(user, "api_key");
    json_decref(user);
    json_decref(workspaces);
    free(path);
    free(member);
    free(body);
    return key;
}

/* Among what was pulled: an annotator on 1.x sees an order of their own. */
static const struct record *pulled(struct live *live, const struct record *wanted)
{
    for (size_t i = 0; i < live->call.count; i++)
        if (id_equal(&live->call.records[i].id, &wanted->id))
            return &live->call.records[i];
    fail_msg("%s", "a record is missing");
    return NULL;
}

static void annotator_reviews_but_logs_nothing(void **state)
{
    struct live *live = *state;
    struct record records[3];
    create_guide(live);
    push_numbered(live, records, 3);
    char *key = make_annotator(live);
    struct live other = {.url = live->url};
    argilla_call_init(&other.call, live->url, key);
    assert_ok(&other, call_open(&other.call, live->name, NULL));
    assert_int_equal(call_push(&other.call, records, 1), STATUS_AUTH);
    assert_non_null(strstr(other.call.err.text, "is an annotator"));
    assert_ok(&other, call_pull(&other.call, 10));
    assert_int_equal(other.call.count, 3);
    pulled(&other, &records[1]);
    records[1].response.status = RESPONSE_SUBMITTED;
    values_set_rating(&records[1].response.values, "response-rating", 2);
    assert_ok(&other, call_respond(&other.call, records, 3));
    assert_ok(&other, call_pull(&other.call, 10));
    assert_int_equal(pulled(&other, &records[1])->response.status, RESPONSE_SUBMITTED);
    /* the owner sees no answer of their own */
    assert_ok(live, call_pull(&live->call, 10));
    const struct record *seen = pulled(live, &records[1]);
    assert_int_equal(seen->response.status, RESPONSE_PENDING);
    /* but the other's, under their name */
    assert_int_equal(seen->peer_count, 1);
    assert_string_equal(seen->peers[0].name, live->name);
    assert_int_equal(seen->peers[0].response.status, RESPONSE_SUBMITTED);
    assert_int_equal(seen->peers[0].response.values.items[0].rating, 2);
    assert_false(pulled(&other, &records[1])->has_peers);
    /* a dataset is not theirs to make */
    struct dataset template;
    dataset_init_guide(&template, "not-theirs", NULL, "");
    assert_int_equal(call_create(&other.call, &template), STATUS_AUTH);
    dataset_clear(&template);
    argilla_call_clear(&other.call);
    free(key);
    clear_records(records, 3);
}

static void wrong_key_is_said(void **state)
{
    struct live *live = *state;
    struct argilla_call call;
    argilla_call_init(&call, live->url, "nonsense");
    assert_int_equal(call_connect(&call), STATUS_AUTH);
    assert_non_null(strstr(call.err.text, "does not accept the API key"));
    assert_null(strstr(call.err.text, "nonsense"));
    argilla_call_clear(&call);
}

static void suggestions_come_with_their_question(void **state)
{
    struct live *live = *state;
    struct record record;
    create_guide(live);
    push_numbered(live, &record, 1);
    char *path = xasprintf("/api/v1/datasets/%s/questions", live->call.dataset.remote_id);
    json_t *questions = call_raw(&live->call, "GET", path, NULL, NULL);
    const json_t *rating = json_array_get(json_object_get(questions, "items"), 0);
    char *body = xasprintf("{\"question_id\":\"%s\",\"value\":3,\"agent\":\"judge\","
                           "\"score\":0.5}",
                           json_get_text(rating, "id", NULL));
    char *put = xasprintf("/api/v1/records/%s/suggestions", record.remote_id);
    long code = 0;
    json_decref(call_raw(&live->call, "PUT", put, body, &code));
    assert_true(code == 200 || code == 201);
    assert_ok(live, call_pull(&live->call, 10));
    assert_int_equal(live->call.records[0].suggestion_count, 1);
    const struct suggestion *suggestion = &live->call.records[0].suggestions[0];
    assert_string_equal(suggestion->value.question, "response-rating");
    assert_int_equal(suggestion->value.rating, 3);
    assert_string_equal(suggestion->agent, "judge");
    json_decref(questions);
    free(put);
    free(body);
    free(path);
    record_clear(&record);
}

/* Not a bound, a figure: how long a record takes in a batch of each size. */
static void batches_are_timed(void **state)
{
    struct live *live = *state;
    static const size_t sizes[] = {1, 10, 100, 500};
    create_guide(live);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct record *records = calloc(sizes[i], sizeof *records);
        int64_t start = clock_mono_ms(&clock_system);
        push_numbered(live, records, sizes[i]);
        print_message("# %s: %zu records in %lld ms\n", live->url, sizes[i],
                      (long long)(clock_mono_ms(&clock_system) - start));
        clear_records(records, sizes[i]);
        free(records);
    }
}

#define CASE(name)                                                                       \
    {                                                                                    \
#name, name, set_up, tear_down, (void *)(uintptr_t)url                           \
    }

static int run_on(const char *url)
{
    const struct CMUnitTest tests[] = {
        CASE(connect_knows_the_server),
        CASE(dataset_is_made_once_and_opened),
        CASE(half_made_dataset_is_completed),
        CASE(missing_workspace_names_those_that_exist),
        CASE(records_are_stored_once_and_pulled_in_order),
        CASE(odd_text_comes_back_as_it_was),
        CASE(bad_record_is_refused_alone),
        CASE(every_status_and_undo_reach_the_server),
        CASE(answer_without_what_is_required_is_refused),
        CASE(annotator_reviews_but_logs_nothing),
        CASE(wrong_key_is_said),
        CASE(suggestions_come_with_their_question),
        CASE(batches_are_timed),
    };
    return cmocka_run_group_tests_name(url, tests, NULL, NULL);
}

int main(void)
{
    return live_each_argilla(run_on) > 0;
}
