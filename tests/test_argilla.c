/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/client.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/argilla_call.h"
#include "tests/support/fake_argilla.h"
#include "json/json.h"

struct bench {
    struct fake_argilla *fake;
    struct argilla_call call;
};

static int set_up_version(void **state, const char *version)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->fake = fake_argilla_new(version);
    argilla_call_init(&bench->call, fake_argilla_url(bench->fake), FAKE_ARGILLA_KEY);
    *state = bench;
    return 0;
}

static int set_up(void **state)
{
    return set_up_version(state, "2.8.0");
}

static int set_up_old(void **state)
{
    return set_up_version(state, "1.29.1");
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    if (bench->call.argilla) /* every call has ended, whatever came of it */
        assert_null(bench->call.argilla->jobs);
    argilla_call_clear(&bench->call);
    fake_argilla_free(bench->fake);
    free(bench);
    return 0;
}

static void open_guide(struct bench *bench)
{
    fake_argilla_add_dataset(bench->fake, "guide");
    assert_int_equal(call_open(&bench->call, "guide", NULL), STATUS_OK);
}

/* Records of the fake's dataset; borrowed from *whole, which must be dropped. */
static json_t *server_records(struct bench *bench, json_t **whole)
{
    *whole = fake_argilla_dataset(bench->fake, "guide");
    return json_object_get(*whole, "records");
}

static void check_header(struct bench *bench, const char *name, const char *expected)
{
    struct fake_server *server = fake_argilla_server(bench->fake);
    const struct fake_request *last =
        fake_server_request(server, fake_server_count(server) - 1);
    char *value = fake_request_header(last, name);
    assert_non_null(value);
    assert_string_equal(value, expected);
    free(value);
}

static void the_way_to_a_server_is_used(void **state)
{
    struct bench *bench = *state;
    struct http_connection way = {0};
    struct err err = {0};
    assert_int_equal(http_connection_add_header(&way, "X-Team: red", &err), STATUS_OK);
    argilla_use(bench->call.argilla, &way, NULL, NULL);
    assert_int_equal(call_connect(&bench->call), STATUS_OK);
    check_header(bench, "X-Team", "red");
    check_header(bench, "X-Argilla-Api-Key", FAKE_ARGILLA_KEY);
    way.key_header = xstrdup("X-Extralit-Api-Key");
    argilla_use(bench->call.argilla, &way, NULL, NULL);
    http_connection_clear(&way);
    assert_int_equal(call_list_datasets(&bench->call), STATUS_AUTH); /* not the fake's */
    check_header(bench, "X-Extralit-Api-Key", FAKE_ARGILLA_KEY);
}

static void who_is_in_a_hurry_waits_no_longer_than_said(void **state)
{
    struct bench *bench = *state;
    struct dataset template = {0};
    dataset_init_guide(&template, "guide", "argilla", "");
    assert_int_equal(call_connect(&bench->call), STATUS_OK);
    fake_argilla_hold(bench->fake, 0);
    argilla_hurry(bench->call.argilla, 20);
    assert_int_equal(call_create(&bench->call, &template), STATUS_TIMEOUT);
    assert_non_null(strstr(bench->call.err.text, "has sent nothing for 1 s"));
    fake_server_open_gate(fake_argilla_server(bench->fake));
    dataset_clear(&template);
}

static void connect_tells_version_and_role(void **state)
{
    struct bench *bench = *state;
    assert_null(argilla_identity(bench->call.argilla));
    assert_int_equal(call_connect(&bench->call), STATUS_OK);
    assert_int_equal(bench->call.identity.version_major, 2);
    assert_int_equal(bench->call.identity.version_minor, 8);
    assert_string_equal(bench->call.identity.username, "argilla");
    assert_int_equal(bench->call.identity.role, ARGILLA_OWNER);
    assert_non_null(argilla_identity(bench->call.argilla));
}

static void version_is_asked_without_the_key(void **state)
{
    struct bench *bench = *state;
    call_connect(&bench->call);
    struct fake_server *server = fake_argilla_server(bench->fake);
    char *key = fake_request_header(fake_server_request(server, 0), "X-Argilla-Api-Key");
    assert_null(key);
    key = fake_request_header(fake_server_request(server, 1), "X-Argilla-Api-Key");
    assert_string_equal(key, FAKE_ARGILLA_KEY);
    free(key);
}

static void list_names_the_datasets(void **state)
{
    struct bench *bench = *state;
    fake_argilla_add_dataset(bench->fake, "one");
    fake_argilla_add_dataset(bench->fake, "two");
    assert_int_equal(call_list_datasets(&bench->call), STATUS_OK);
    assert_string_equal(bench->call.names, "argilla/one argilla/two");
    /* who we are is asked once */
    assert_int_equal(fake_argilla_count(bench->fake, "GET", "/api/v1/version"), 1);
}

static void open_reads_fields_and_questions(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    const struct dataset *dataset = &bench->call.dataset;
    assert_true(dataset->is_published);
    assert_true(dataset_takes_pairs(dataset));
    assert_string_equal(dataset->workspace, "argilla");
    assert_string_equal(dataset->server, fake_argilla_url(bench->fake));
    assert_int_equal(dataset_rating_question(dataset)->rating_count, 5);
    assert_int_equal(call_open(&bench->call, "guide", "argilla"), STATUS_OK);
}

static void open_names_what_is_missing(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(call_open(&bench->call, "gone", NULL), STATUS_NOT_FOUND);
    assert_non_null(strstr(bench->call.err.text, "\"gone\" in workspace \"argilla\""));
    assert_int_equal(call_open(&bench->call, "gone", "nowhere"), STATUS_CONFIG);
    assert_non_null(strstr(bench->call.err.text, "Yours: argilla, other"));
}

static void a_name_in_two_workspaces_needs_one_of_them(void **state)
{
    struct bench *bench = *state;
    open_guide(bench); /* who we are is known */
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    json_t *head = json_object_get(whole, "head"), *list = json_array();
    json_array_append(list, head);
    json_array_append(list, head);
    char *body = json_print_new(json_pack("{s:o}", "items", list));
    fake_argilla_fail(bench->fake, 1, 200, "Content-Type: application/json\r\n", body);
    fake_argilla_pass(bench->fake, 1);
    assert_int_equal(call_open(&bench->call, "guide", NULL), STATUS_REFUSED);
    assert_non_null(strstr(bench->call.err.text,
                           "The dataset \"guide\" exists in several workspaces on "));
    assert_non_null(strstr(bench->call.err.text,
                           ": argilla, argilla. Say which one with --workspace or "
                           "ARGILLA_WORKSPACE."));
    free(body);
    json_decref(whole);
}

static void a_role_is_what_the_server_calls_it(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *body;
        enum status status;
        enum argilla_role role;
    } rows[] = {
        {"{\"id\":\"u\",\"username\":\"a\",\"role\":\"owner\"}", STATUS_OK,
         ARGILLA_OWNER},
        {"{\"id\":\"u\",\"username\":\"a\",\"role\":\"admin\"}", STATUS_OK,
         ARGILLA_ADMIN},
        {"{\"id\":\"u\",\"username\":\"a\",\"role\":\"annotator\"}", STATUS_OK,
         ARGILLA_ANNOTATOR},
        {"{\"id\":\"u\",\"username\":\"a\",\"role\":\"overseer\"}", STATUS_OK,
         ARGILLA_ANNOTATOR},
        {"{\"id\":\"u\",\"username\":\"a\"}", STATUS_OK, ARGILLA_ANNOTATOR},
        {"{\"username\":\"a\",\"role\":\"owner\"}", STATUS_PROTOCOL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        argilla_call_clear(&bench->call);
        argilla_call_init(&bench->call, fake_argilla_url(bench->fake), FAKE_ARGILLA_KEY);
        fake_argilla_fail(bench->fake, 1, 200, "Content-Type: application/json\r\n",
                          rows[i].body);
        fake_argilla_pass(bench->fake, 1);
        assert_int_equal(call_connect(&bench->call), rows[i].status);
        if (rows[i].status == STATUS_OK)
            assert_int_equal(bench->call.identity.role, rows[i].role);
        else
            assert_non_null(
                strstr(bench->call.err.text, "did not say who this key belongs to"));
    }
}

/* What is offered must work. */
static void annotator_is_not_sent_to_create(void **state)
{
    struct bench *bench = *state;
    fake_argilla_set_role(bench->fake, "annotator");
    assert_int_equal(call_open(&bench->call, "gone", NULL), STATUS_AUTH);
    assert_null(strstr(bench->call.err.text, "dataset create"));
    assert_non_null(strstr(bench->call.err.text, "Ask an owner"));
}

static void key_in_no_workspace_is_told_so(void **state)
{
    struct bench *bench = *state;
    fake_argilla_drop_workspaces(bench->fake);
    assert_int_equal(call_open(&bench->call, "gone", NULL), STATUS_CONFIG);
    assert_non_null(strstr(bench->call.err.text, "belongs to no workspace"));
    assert_int_equal(call_open(&bench->call, "gone", "argilla"), STATUS_CONFIG);
    assert_non_null(strstr(bench->call.err.text, "belongs to no workspace"));
}

static void create_makes_the_guides_dataset(void **state)
{
    struct bench *bench = *state;
    struct dataset template;
    dataset_init_guide(&template, "made", NULL, "");
    assert_int_equal(call_create(&bench->call, &template), STATUS_OK);
    assert_true(bench->call.dataset.is_published);
    assert_true(dataset_takes_pairs(&bench->call.dataset));
    assert_string_equal(bench->call.dataset.guidelines, template.guidelines);
    json_t *made = fake_argilla_dataset(bench->fake, "made");
    json_t *head = json_object_get(made, "head");
    assert_string_equal(json_get_text(head, "guidelines", NULL), template.guidelines);
    assert_true(json_is_true(json_object_get(head, "allow_extra_metadata")));
    json_decref(made);
    /* again: nothing new */
    size_t posts = fake_argilla_count(bench->fake, "POST", "/api/v1/datasets");
    assert_int_equal(call_create(&bench->call, &template), STATUS_OK);
    assert_int_equal(fake_argilla_count(bench->fake, "POST", "/api/v1/datasets"), posts);
    dataset_clear(&template);
}

static void create_sends_no_empty_guidelines(void **state)
{
    struct bench *bench = *state;
    struct dataset template;
    dataset_init_guide(&template, "made", NULL, "");
    template.guidelines[0] = '\0';
    assert_int_equal(call_create(&bench->call, &template), STATUS_OK);
    json_t *made = fake_argilla_dataset(bench->fake, "made");
    assert_null(json_get_text(json_object_get(made, "head"), "guidelines", NULL));
    json_decref(made);
    dataset_clear(&template);
}

static void make_draft(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "status", json_string("draft"));
    json_array_remove(json_object_get(dataset, "questions"), 1);
    json_object_set_new(json_array_get(json_object_get(dataset, "fields"), 0), "title",
                        json_string("Their own title"));
}

/* Whoever began it, and whatever its titles. */
static void create_completes_a_draft_of_others(void **state)
{
    struct bench *bench = *state;
    struct dataset template;
    fake_argilla_add_dataset(bench->fake, "guide");
    fake_argilla_edit(bench->fake, "guide", make_draft);
    assert_int_equal(call_open(&bench->call, "guide", NULL), STATUS_OK);
    assert_false(bench->call.dataset.is_published);
    dataset_init_guide(&template, "guide", NULL, "");
    assert_int_equal(call_create(&bench->call, &template), STATUS_OK);
    assert_true(bench->call.dataset.is_published);
    assert_int_equal(bench->call.dataset.question_count, 2);
    dataset_clear(&template);
}

/* Six requests make it; each of them is cut at each place. */
static void create_goes_on_where_it_was_cut(void **state)
{
    struct bench *bench = *state;
    for (size_t request = 0; request < 6; request++)
        for (int cut = FAKE_CUT_BEFORE; cut <= FAKE_CUT_MIDDLE; cut++) {
            char name[] = "made-0-0";
            name[5] = (char)('0' + (int)request);
            name[7] = (char)('0' + cut);
            struct dataset template;
            dataset_init_guide(&template, name, "argilla", "");
            fake_argilla_cut(bench->fake, request, (enum fake_cut)cut);
            /* curl may send it again by itself, on a new connection */
            if (call_create(&bench->call, &template) != STATUS_OK)
                assert_int_equal(call_create(&bench->call, &template), STATUS_OK);
            assert_true(bench->call.dataset.is_published);
            json_t *made = fake_argilla_dataset(bench->fake, name);
            assert_int_equal(json_array_size(json_object_get(made, "fields")), 2);
            assert_int_equal(json_array_size(json_object_get(made, "questions")), 2);
            json_decref(made);
            dataset_clear(&template);
        }
}

static void on_created(void *ctx, const struct dataset *dataset, const struct err *err)
{
    (void)err;
    assert_non_null(dataset);
    assert_true(dataset->is_published);
    assert_int_equal(dataset->field_count, 2);
    *(bool *)ctx = true;
}

/* Somebody else makes the rest while our first field is under way: 1.29 answers 409 to
 * each part that follows, and 422 to publishing; 2.8 answers 422 to the next field. */
static void create_meets(struct bench *bench, size_t posts, size_t puts)
{
    bool is_done = false;
    struct dataset template;
    struct argilla_call other;
    dataset_init_guide(&template, "made", NULL, "");
    fake_argilla_hold(bench->fake, 1);
    argilla_create_dataset(bench->call.argilla, &template, on_created, &is_done);
    while (fake_argilla_count(bench->fake, "POST", "/api/v1/datasets") < 2)
        loop_poll(bench->call.loop);
    argilla_call_init(&other, fake_argilla_url(bench->fake), FAKE_ARGILLA_KEY);
    assert_int_equal(call_create(&other, &template), STATUS_OK);
    argilla_call_clear(&other);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    while (!is_done && loop_turn(bench->call.loop))
        continue;
    assert_true(is_done);
    assert_int_equal(fake_argilla_count(bench->fake, "POST", "/api/v1/datasets"), posts);
    assert_int_equal(fake_argilla_count(bench->fake, "PUT", "/api/v1/datasets"), puts);
    dataset_clear(&template);
}

static void two_creators_at_once_both_succeed(void **state)
{
    create_meets(*state, 6, 1);
}

static void two_creators_at_once_both_succeed_there(void **state)
{
    create_meets(*state, 8, 2);
}

/* The dataset, its first field and its publishing are made by another one at the very
 * instant. */
static void a_clash_in_the_server_is_looked_at_again(void **state)
{
    struct bench *bench = *state;
    static const size_t requests[] = {0, 1, 5};
    for (size_t i = 0; i < 3; i++) {
        struct dataset template;
        char name[] = "made-0";
        name[5] = (char)('0' + (int)i);
        dataset_init_guide(&template, name, "argilla", "");
        fake_argilla_cut(bench->fake, requests[i], FAKE_CUT_CLASH);
        assert_int_equal(call_create(&bench->call, &template), STATUS_OK);
        assert_true(bench->call.dataset.is_published);
        assert_int_equal(bench->call.dataset.field_count, 2);
        assert_int_equal(bench->call.dataset.question_count, 2);
        dataset_clear(&template);
    }
}

/* A part that the server does not take is the reason, as long as nobody publishes. */
static void a_refused_part_is_told_as_the_server_says(void **state)
{
    struct bench *bench = *state;
    struct dataset template;
    dataset_init_guide(&template, "made", NULL, "");
    free(template.fields[1].name);
    template.fields[1].name = strdup("BAD");
    assert_int_equal(call_create(&bench->call, &template), STATUS_REFUSED);
    assert_non_null(strstr(bench->call.err.text, "is no name of a field"));
    assert_int_equal(fake_argilla_count(bench->fake, "PUT", "/api/v1/datasets"), 0);
    dataset_clear(&template);
}

static void create_leaves_another_dataset_alone(void **state)
{
    struct bench *bench = *state;
    fake_argilla_add_dataset(bench->fake, "guide");
    struct dataset template;
    dataset_init_guide(&template, "guide", NULL, "");
    free(template.fields[1].name);
    template.fields[1].name = strdup("completion");
    assert_int_equal(call_create(&bench->call, &template), STATUS_EXISTS);
    assert_non_null(strstr(bench->call.err.text, "Choose another name"));
    dataset_clear(&template);
    dataset_init_guide(&template, "new", "nowhere", "");
    assert_int_equal(call_create(&bench->call, &template), STATUS_CONFIG);
    assert_non_null(strstr(bench->call.err.text, "argilla, other"));
    dataset_clear(&template);
}

static void unpublish(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "status", json_string("draft"));
}

static void rename_text(char **slot, const char *name)
{
    free(*slot);
    *slot = xstrdup(name);
}

/* Each way in which a dataset of that name is another one, a draft or not. */
static void create_names_what_is_other_there(void **state)
{
    struct bench *bench = *state;
    fake_argilla_add_dataset(bench->fake, "guide");
    for (int way = 0; way < 12; way++) {
        struct dataset template;
        dataset_init_guide(&template, "guide", NULL, "");
        struct question *questions = template.questions;
        bool is_draft = way >= 6;
        if (way == 6)
            fake_argilla_edit(bench->fake, "guide", unpublish);
        switch (way % 6) {
        case 0:
            questions[0].ratings[1] = 9;
            break;
        case 1:
            questions[1].type = QUESTION_LABEL;
            break;
        case 2:
            rename_text(&questions[0].name, "stars");
            break;
        case 3:
            rename_text(&template.fields[0].type, "chat");
            break;
        case 4:
            rename_text(&template.fields[1].name, "completion");
            break;
        default:
            questions[0].rating_count--;
        }
        static const char *const told[] = {
            "questions (\"response-rating\")", "questions (\"response-feedback\")",
            "questions (\"response-rating\")", "fields (\"prompt\")",
            "fields (\"response\")",           "questions (\"response-rating\")"};
        assert_int_equal(call_create(&bench->call, &template), STATUS_EXISTS);
        if (!strstr(bench->call.err.text, told[way % 6]))
            fail_msg("%d: %s", way, bench->call.err.text);
        json_t *whole = fake_argilla_dataset(bench->fake, "guide");
        assert_int_equal(json_array_size(json_object_get(whole, "questions")), 2);
        assert_int_equal(json_array_size(json_object_get(whole, "fields")), 2);
        assert_int_equal(json_text_is(json_object_get(whole, "head"), "status", "draft"),
                         is_draft);
        json_decref(whole);
        questions[0].rating_count += way % 6 == 5;
        dataset_clear(&template);
    }
}

static void push_stores_records_once(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record records[3];
    for (int i = 0; i < 3; i++) {
        make_pair(&records[i], "p", " \n\xE3\x80\x80 answer\t\xC2\xA0\n");
        records[i].is_written = true;
    }
    records[0].metadata_json = strdup("{\"model\":\"m\"}");
    assert_int_equal(call_push(&bench->call, records, 3), STATUS_OK);
    assert_int_equal(bench->call.count, 3);
    assert_int_equal(strlen(bench->call.results[2].remote_id), 36);
    assert_int_equal(call_push(&bench->call, records, 3), STATUS_OK);
    json_t *whole, *stored = server_records(bench, &whole);
    assert_int_equal(json_array_size(stored), 3);
    char id[ID_TEXT];
    id_format(&records[0].id, id);
    json_t *first = json_array_get(stored, 0);
    assert_string_equal(json_get_text(first, "external_id", NULL), id);
    assert_string_equal(json_get_text(json_object_get(first, "fields"), "response", NULL),
                        "answer");
    assert_string_equal(json_get_text(json_object_get(first, "metadata"), "model", NULL),
                        "m");
    json_decref(whole);
    for (int i = 0; i < 3; i++)
        record_clear(&records[i]);
}

static void push_strips_nothing_where_spans_are_marked(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record record;
    make_pair(&record, "p", "  answer\n");
    record.is_written = true;
    struct question *question = &bench->call.dataset.questions[1];
    question->type = QUESTION_SPAN;
    question->field = strdup("response");
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
    json_t *whole, *stored = server_records(bench, &whole);
    const json_t *fields = json_object_get(json_array_get(stored, 0), "fields");
    assert_string_equal(json_get_text(fields, "response", NULL), "  answer\n");
    json_decref(whole);
    record_clear(&record);
}

/* With a new record, once: later the server's are the newer. */
static void push_takes_suggestions_along(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record record;
    make_pair(&record, "p", "r");
    record.suggestions = xcalloc(3, sizeof *record.suggestions);
    record.suggestion_count = 3;
    record.suggestions[0].value = (struct value){
        .question = xstrdup("response-rating"), .type = QUESTION_RATING, .rating = 4};
    record.suggestions[0].agent = xstrdup("judge");
    record.suggestions[0].score = 0.5;
    record.suggestions[1].value = (struct value){
        .question = xstrdup("not-asked"), .type = QUESTION_RATING, .rating = 2};
    record.suggestions[2].value = (struct value){.question = xstrdup("response-feedback"),
                                                 .type = QUESTION_TEXT,
                                                 .text = xstrdup("Warm.")};
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
    record.remote_id = xstrdup(bench->call.results[0].remote_id);
    record.suggestions[0].value.rating = 1;
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
    json_t *whole, *stored = server_records(bench, &whole);
    const json_t *list = json_object_get(json_array_get(stored, 0), "suggestions");
    const json_t *questions = json_object_get(whole, "questions");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(json_get_text(json_array_get(list, i), "question_id", NULL),
                            json_get_text(json_array_get(questions, i), "id", NULL));
    const json_t *first = json_array_get(list, 0);
    assert_int_equal(json_integer_value(json_object_get(first, "value")), 4);
    assert_string_equal(json_get_text(first, "agent", NULL), "judge");
    assert_true(json_real_value(json_object_get(first, "score")) == 0.5);
    assert_string_equal(json_get_text(json_array_get(list, 1), "value", NULL), "Warm.");
    json_decref(whole);
    record_clear(&record);
}

static void push_sends_a_chat_as_the_json_it_is(void **state)
{
    struct bench *bench = *state;
    static const char *const texts[] = {"[{\"role\":\"user\",\"content\":\"Why?\"}]",
                                        "no JSON"};
    open_guide(bench);
    free(bench->call.dataset.fields[0].type);
    bench->call.dataset.fields[0].type = xstrdup("chat");
    for (size_t i = 0; i < 2; i++) {
        struct record record;
        make_pair(&record, texts[i], texts[0]);
        assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
        json_t *whole, *stored = server_records(bench, &whole);
        const json_t *fields = json_object_get(json_array_get(stored, i), "fields");
        const json_t *prompt = json_object_get(fields, "prompt");
        if (i == 0)
            assert_string_equal(json_get_text(json_array_get(prompt, 0), "content", NULL),
                                "Why?");
        else
            assert_string_equal(json_string_value(prompt), texts[1]);
        assert_string_equal(json_get_text(fields, "response", NULL), texts[0]);
        json_decref(whole);
        record_clear(&record);
    }
}

static void push_of_nothing_is_done(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    assert_int_equal(call_push(&bench->call, NULL, 0), STATUS_OK);
    assert_int_equal(bench->call.count, 0);
}

static void push_leaves_metadata_out_where_it_is_refused(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record record;
    make_pair(&record, "p", "r");
    record.metadata_json = strdup("{\"model\":\"m\",\"seed\":1}");
    bench->call.dataset.allow_extra_metadata = false;
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
    json_t *whole, *stored = server_records(bench, &whole);
    assert_null(json_object_get(json_array_get(stored, 0), "metadata"));
    assert_non_null(strstr(argilla_notice(bench->call.argilla),
                           "does not take it as it is: \"model\", \"seed\"."));
    json_decref(whole);
    record_clear(&record);
}

/* As many as there is room for, and that there are more. */
static void what_is_left_out_is_named_by_whole_names(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record record;
    make_pair(&record, "p", "r");
    record.metadata_json =
        strdup("{\"a-fact-that-has-quite-a-long-name-1\":1,"
               "\"a-fact-that-has-quite-a-long-name-2\":1,"
               "\"a-fact-that-has-quite-a-long-name-3\":1,"
               "\"a-fact-that-has-quite-a-long-name-4\":1,\"short\":1}");
    bench->call.dataset.allow_extra_metadata = false;
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
    const char *notice = argilla_notice(bench->call.argilla);
    if (!strstr(notice, "-2\", and more."))
        fail_msg("%s", notice);
    assert_null(strstr(notice, "-3"));
    record_clear(&record);
}

static void push_finds_the_bad_ones_and_stores_the_others(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    enum { COUNT = 37 };
    struct record records[COUNT];
    for (int i = 0; i < COUNT; i++)
        make_pair(&records[i], i == 0 || i == 17 || i == 36 ? "BAD" : "p", "r");
    assert_int_equal(call_push(&bench->call, records, COUNT), STATUS_OK);
    for (int i = 0; i < COUNT; i++) {
        const struct argilla_push_result *result = &bench->call.results[i];
        bool is_bad = i == 0 || i == 17 || i == 36;
        assert_int_equal(result->err.code, is_bad ? STATUS_REFUSED : STATUS_OK);
        assert_int_equal(strlen(result->remote_id), is_bad ? 0 : 36);
        if (is_bad)
            assert_non_null(strstr(result->err.text, "because it is bad"));
        record_clear(&records[i]);
    }
    json_t *whole, *stored = server_records(bench, &whole);
    assert_int_equal(json_array_size(stored), COUNT - 3);
    json_decref(whole);
}

static void set_answer(struct record *record, enum response_status status, int rating)
{
    response_clear(&record->response);
    record->response.status = status;
    if (rating > 0)
        values_set_rating(&record->response.values, "response-rating", rating);
}

/* A record that the server has. */
static void push_one(struct bench *bench, struct record *record, const char *prompt)
{
    make_pair(record, prompt, "r");
    assert_int_equal(call_push(&bench->call, record, 1), STATUS_OK);
    record->remote_id = strdup(bench->call.results[0].remote_id);
}

static void answers_reach_the_server_and_go_again(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record records[3];
    for (int i = 0; i < 3; i++)
        push_one(bench, &records[i], "p");
    set_answer(&records[0], RESPONSE_SUBMITTED, 4);
    set_answer(&records[1], RESPONSE_DRAFT, 0);
    set_answer(&records[2], RESPONSE_DISCARDED, 0);
    assert_int_equal(call_respond(&bench->call, records, 3), STATUS_OK);
    json_t *whole, *stored = server_records(bench, &whole);
    static const char *const statuses[] = {"submitted", "draft", "discarded"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(bench->call.results[i].response.status,
                         records[i].response.status);
        assert_int_equal(bench->call.results[i].err.code, STATUS_OK);
        json_t *responses = json_object_get(json_array_get(stored, i), "responses");
        assert_int_equal(json_array_size(responses), 1);
        assert_string_equal(json_get_text(json_array_get(responses, 0), "status", NULL),
                            statuses[i]);
    }
    json_decref(whole);
    /* taken back, twice, the first one and one that has none */
    for (int i = 0; i < 2; i++) {
        set_answer(&records[0], RESPONSE_PENDING, 0);
        assert_int_equal(call_respond(&bench->call, records, 1), STATUS_OK);
        assert_int_equal(bench->call.results[0].err.code, STATUS_OK);
    }
    stored = server_records(bench, &whole);
    assert_int_equal(
        json_array_size(json_object_get(json_array_get(stored, 0), "responses")), 0);
    assert_int_equal(
        json_array_size(json_object_get(json_array_get(stored, 1), "responses")), 1);
    json_decref(whole);
    for (int i = 0; i < 3; i++)
        record_clear(&records[i]);
}

static void answers_are_refused_one_by_one(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record records[4];
    for (int i = 0; i < 4; i++)
        push_one(bench, &records[i], "p");
    set_answer(&records[1], RESPONSE_SUBMITTED, 9);
    set_answer(&records[2], RESPONSE_SUBMITTED, 5);
    set_answer(&records[3], RESPONSE_SUBMITTED, 0);
    set_answer(&records[0], RESPONSE_PENDING, 0);
    free(records[0].remote_id);
    records[0].remote_id = strdup("11111111-1111-4111-8111-111111111111");
    assert_int_equal(call_respond(&bench->call, records, 4), STATUS_OK);
    const struct argilla_push_result *results = bench->call.results;
    assert_int_equal(results[1].err.code, STATUS_REFUSED);
    assert_non_null(strstr(results[1].err.text, "9 is not a valid rating"));
    assert_null(strchr(results[1].err.text, '\n'));
    assert_int_equal(results[2].err.code, STATUS_OK);
    assert_non_null(strstr(results[3].err.text, "missing response value"));
    /* taking an answer back from a record that is gone is done */
    assert_int_equal(results[0].err.code, STATUS_OK);
    for (int i = 0; i < 4; i++)
        record_clear(&records[i]);
}

static void pull_gives_records_in_the_order_they_were_logged(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    enum { COUNT = 7 };
    for (int i = 0; i < COUNT; i++) {
        char prompt[] = "p0";
        prompt[1] = (char)('0' + i);
        fake_argilla_add_record(bench->fake, "guide", prompt, "r");
    }
    fake_argilla_answer(bench->fake, "guide", 4, "submitted", 3);
    struct argilla_place place = {0};
    size_t seen = 0;
    bool is_old = argilla_identity(bench->call.argilla)->version_major == 1;
    for (int page = 0; page < 3; page++) {
        assert_int_equal(call_page(&bench->call, &place, 3), STATUS_OK);
        assert_int_equal(bench->call.page.left, COUNT - seen);
        assert_int_equal(bench->call.count, page == 2 ? 1 : 3);
        assert_int_equal(bench->call.page.is_last, page == 2);
        for (size_t i = 0; i < bench->call.count; i++, seen++) {
            const struct record *record = &bench->call.records[i];
            const struct record_field *prompt = record_field(record, "prompt");
            /* there, what was answered comes last */
            size_t number = !is_old || seen < 4 ? seen : seen == 6 ? 4 : seen + 1;
            assert_int_equal(prompt->text[1] - '0', number);
            assert_int_equal(record->response.status,
                             number == 4 ? RESPONSE_SUBMITTED : RESPONSE_PENDING);
            assert_null(record->external_id);
            assert_non_null(record->remote_id);
        }
        place = bench->call.page.next;
    }
    assert_int_equal(call_page(&bench->call, &place, 3), STATUS_OK);
    assert_int_equal(bench->call.count, 0);
    assert_true(bench->call.page.is_last);
}

static void give_one_time(json_t *dataset)
{
    size_t i;
    json_t *record;
    json_array_foreach(json_object_get(dataset, "records"), i, record) if (i > 0 && i < 6)
        json_object_set_new(record, "inserted_at",
                            json_string("2026-01-01T00:00:00.123001"));
    json_object_set_new(json_array_get(json_object_get(dataset, "records"), 0),
                        "inserted_at", json_string("2026-01-01T00:00:00"));
}

/* The time that a page begins at may be that of many records. */
static void records_of_one_instant_come_once_each(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    for (int i = 0; i < 8; i++) {
        char prompt[] = "p0";
        prompt[1] = (char)('0' + i);
        fake_argilla_add_record(bench->fake, "guide", prompt, "r");
    }
    fake_argilla_edit(bench->fake, "guide", give_one_time);
    for (size_t limit = 1; limit < 9; limit++) {
        assert_int_equal(call_pull(&bench->call, limit), STATUS_OK);
        assert_int_equal(bench->call.count, 8);
        assert_int_equal(bench->call.records[0].inserted_ms, 1767225600000);
        assert_int_equal(bench->call.records[1].inserted_ms, 1767225600123);
        assert_int_equal(bench->call.records[1].inserted_us, 1);
        for (size_t i = 0; i < 8; i++)
            assert_int_equal(record_field(&bench->call.records[i], "prompt")->text[1],
                             '0' + (int)i);
    }
}

static void pull_keeps_our_ids(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record record;
    push_one(bench, &record, "ours");
    assert_int_equal(call_pull(&bench->call, 10), STATUS_OK);
    assert_true(id_equal(&bench->call.records[0].id, &record.id));
    assert_string_equal(bench->call.records[0].remote_id, record.remote_id);
    assert_true(bench->call.records[0].inserted_ms > 1700000000000);
    record_clear(&record);
}

static void suggest_four(json_t *dataset)
{
    const json_t *question = json_array_get(json_object_get(dataset, "questions"), 0);
    json_object_set_new(
        json_array_get(json_object_get(dataset, "records"), 0), "suggestions",
        json_pack("[{s:O,s:i,s:s,s:f}]", "question_id", json_object_get(question, "id"),
                  "value", 4, "agent", "judge", "score", 0.25));
}

/* What was known of the questions was another dataset's. */
static void
pull_of_a_dataset_that_was_not_opened_last_asks_for_its_questions(void **state)
{
    struct bench *bench = *state;
    struct dataset guide = {0};
    open_guide(bench);
    dataset_copy(&guide, &bench->call.dataset);
    fake_argilla_add_record(bench->fake, "guide", "p", "r");
    fake_argilla_edit(bench->fake, "guide", suggest_four);
    fake_argilla_add_dataset(bench->fake, "other");
    assert_int_equal(call_open(&bench->call, "other", NULL), STATUS_OK);
    dataset_clear(&bench->call.dataset);
    bench->call.dataset = guide;
    assert_int_equal(call_pull(&bench->call, 10), STATUS_OK);
    assert_int_equal(bench->call.count, 1);
    assert_int_equal(bench->call.records[0].suggestion_count, 1);
    const struct suggestion *suggestion = &bench->call.records[0].suggestions[0];
    assert_int_equal(suggestion->value.rating, 4);
    assert_string_equal(suggestion->agent, "judge");
    assert_true(suggestion->score == 0.25);
}

static void answer_as_two_who_were_deleted(json_t *dataset)
{
    json_t *record = json_array_get(json_object_get(dataset, "records"), 0);
    for (int i = 0; i < 3; i++)
        json_array_append_new(json_object_get(record, "responses"),
                              json_pack("{s:n,s:s,s:{s:{s:i}}}", "user_id", "status",
                                        i == 1 ? "pending" : "submitted", "values",
                                        "response-rating", "value", 2 + i));
}

/* 1.x keeps what they answered, without a name. */
static void pull_keeps_those_apart_who_were_deleted(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    fake_argilla_add_record(bench->fake, "guide", "p", "r");
    fake_argilla_edit(bench->fake, "guide", answer_as_two_who_were_deleted);
    assert_int_equal(call_pull(&bench->call, 10), STATUS_OK);
    const struct record *record = &bench->call.records[0];
    assert_int_equal(record->peer_count, 2);
    assert_string_not_equal(record->peers[0].user, record->peers[1].user);
    for (size_t i = 0; i < 2; i++) {
        assert_null(record->peers[i].name);
        assert_int_equal(record->peers[i].response.values.items[0].rating, 2 + 2 * i);
    }
}

/* The index of the server may lack what it has. */
static void what_a_search_does_not_find_is_looked_at(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record records[2];
    for (int i = 0; i < 2; i++)
        push_one(bench, &records[i], "p");
    fake_argilla_answer(bench->fake, "guide", 1, "submitted", 3);
    free(records[0].remote_id);
    records[0].remote_id = xstrdup("11111111-1111-4111-8111-111111111111");
    fake_argilla_fail(bench->fake, 1, 200, "", "{\"items\":[],\"total\":0}");
    assert_int_equal(call_read(&bench->call, records, 2), STATUS_OK);
    assert_true(bench->call.found[0].is_gone);
    assert_false(bench->call.found[1].is_gone);
    assert_int_equal(bench->call.found[1].response.status, RESPONSE_SUBMITTED);
    assert_int_equal(strlen(bench->call.found[1].response_id), 36);
    /* what it does find is not looked at as well */
    size_t looked = fake_argilla_count(bench->fake, "GET", "/api/v1/records/");
    assert_int_equal(call_read(&bench->call, &records[1], 1), STATUS_OK);
    assert_int_equal(bench->call.found[0].response.status, RESPONSE_SUBMITTED);
    assert_int_equal(fake_argilla_count(bench->fake, "GET", "/api/v1/records/"), looked);
    for (int i = 0; i < 2; i++)
        record_clear(&records[i]);
}

static void pull_of_an_empty_dataset_is_empty(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    assert_int_equal(call_pull(&bench->call, 10), STATUS_OK);
    assert_int_equal(bench->call.count, 0);
    assert_int_equal(bench->call.page.left, 0);
}

/* ---- how answers came about ---- */

/* The server's metadata of the record, as JSON. Owned. */
static char *metadata_there(struct bench *bench, size_t at)
{
    json_t *whole, *stored = server_records(bench, &whole);
    const json_t *metadata = json_object_get(json_array_get(stored, at), "metadata");
    char *text = metadata ? json_print(metadata) : xstrdup("none");
    json_decref(whole);
    return text;
}

static void expect_there(struct bench *bench, size_t at, const char *expected)
{
    char *text = metadata_there(bench, at);
    assert_string_equal(text, expected);
    free(text);
}

/* With what the record's metadata has; an end that was never in view is not told. What is
 * refused, gone or known keeps no answer back. */
static void times_go_before_the_answers(void **state)
{
    struct bench *bench = *state;
    open_guide(bench);
    struct record records[3];
    for (int i = 0; i < 3; i++) {
        push_one(bench, &records[i], "p");
        set_answer(&records[i], RESPONSE_SUBMITTED, 3);
        records[i].response.viewing = (struct viewing){.shown_ms = 1000,
                                                       .end_ms = i ? 0 : 2000,
                                                       .answered_ms = 3000,
                                                       .paused_ms = 0};
    }
    records[2].response.viewing.shown_ms = 0; /* nothing is known */
    struct fake_argilla *fake = bench->fake;
    argilla_send_times(bench->call.argilla, true);
    assert_int_equal(call_respond(&bench->call, records, 3), STATUS_OK);
    expect_there(bench, 0,
                 "{\"answer-shown-ms\":1000,\"answer-end-ms\":2000,\"answer-given-ms\":"
                 "3000,\"answer-paused-ms\":0}");
    expect_there(bench, 1,
                 "{\"answer-shown-ms\":1000,\"answer-given-ms\":3000,"
                 "\"answer-paused-ms\":0}");
    expect_there(bench, 2, "none");
    assert_int_equal(fake_argilla_count(fake, "PATCH", "/api/v1/records/"), 2);
    assert_int_equal(call_respond(&bench->call, records, 3), STATUS_OK); /* as before */
    assert_int_equal(fake_argilla_count(fake, "PATCH", "/api/v1/records/"), 2);
    assert_string_equal(argilla_notice(bench->call.argilla), "");

    static const int codes[] = {422, 404, 500};
    for (size_t i = 0; i < 3; i++) { /* each is asked for once more, then changed */
        records[0].response.viewing.answered_ms++;
        set_answer(&records[1], RESPONSE_SUBMITTED, 4 + (int)i % 2);
        fake_argilla_fail(fake, 1, codes[i], "", "{\"detail\":\"no\"}");
        fake_argilla_pass(fake, 2); /* what the server has of ours, and the record */
        enum status status = call_respond(&bench->call, records, 2);
        assert_int_equal(status == STATUS_OK, codes[i] != 500);
        json_t *whole, *stored = server_records(bench, &whole);
        const json_t *response =
            json_array_get(json_object_get(json_array_get(stored, 1), "responses"), 0);
        const json_t *value = json_object_get(
            json_object_get(json_object_get(response, "values"), "response-rating"),
            "value");
        assert_int_equal(json_integer_value(value), i ? 5 : 4); /* not with a failure */
        json_decref(whole);
        if (i == 0)
            assert_string_equal(
                argilla_notice(bench->call.argilla),
                "The server takes no times of answers into this dataset's metadata.");
    }
    free(records[0].remote_id); /* gone there: the others' go all the same */
    records[0].remote_id = xstrdup("11111111-1111-4111-8111-111111111111");
    set_answer(&records[1], RESPONSE_SUBMITTED, 2);
    records[1].response.viewing = (struct viewing){.shown_ms = 7, .answered_ms = 8};
    assert_int_equal(call_respond(&bench->call, records, 2), STATUS_OK);
    assert_int_equal(bench->call.results[0].err.code, STATUS_NOT_FOUND);
    expect_there(bench, 1,
                 "{\"answer-shown-ms\":7,\"answer-given-ms\":8,\"answer-paused-ms\":0}");
    argilla_send_times(bench->call.argilla, false);
    records[1].response.viewing.answered_ms = 9;
    size_t patches = fake_argilla_count(fake, "PATCH", "/api/v1/records/");
    assert_int_equal(call_respond(&bench->call, &records[1], 1), STATUS_OK);
    assert_int_equal(fake_argilla_count(fake, "PATCH", "/api/v1/records/"), patches);
    for (int i = 0; i < 3; i++)
        record_clear(&records[i]);
}

/* ---- each request of each call fails once ---- */

static void on_end(void *ctx, const struct err *err)
{
    struct argilla_call *call = ctx;
    call->err = *err;
    call->is_done = true;
}

static void on_counts(void *ctx, const size_t *counts, const struct err *err)
{
    assert_int_equal(counts != NULL, err->code == STATUS_OK);
    on_end(ctx, err);
}

static void on_sum(void *ctx, uint64_t sum, const struct err *err)
{
    assert_true(err->code == STATUS_OK ? sum > ARGILLA_NO_SUGGESTIONS : sum == 0);
    on_end(ctx, err);
}

static void on_any_sum(void *ctx, uint64_t sum, const struct err *err)
{
    (void)sum;
    on_end(ctx, err);
}

/* The options of a question that takes several are counted, not its agents. */
static void several_labels_are_counted_by_value(void **state)
{
    struct bench *bench = *state;
    struct question *question;
    open_guide(bench);
    fake_argilla_add_record(bench->fake, "guide", "p", "r");
    fake_argilla_edit(bench->fake, "guide", suggest_four);
    question = &bench->call.dataset.questions[0];
    question->type = QUESTION_MULTI_LABEL;
    question->options = xcalloc(2, sizeof *question->options);
    question->option_count = 2;
    question->options[0].value = xstrdup("a");
    question->options[1].value = xstrdup("b");
    bench->call.is_done = false;
    argilla_sum_suggestions(bench->call.argilla, &bench->call.dataset, on_any_sum,
                            &bench->call);
    while (!bench->call.is_done)
        loop_turn(bench->call.loop);
    struct fake_server *server = fake_argilla_server(bench->fake);
    const struct fake_request *last =
        fake_server_request(server, fake_server_count(server) - 1);
    assert_non_null(strstr(last->body, "\"value\""));
    assert_null(strstr(last->body, "agent"));
}

static void on_progress(void *ctx, const struct argilla_progress *progress,
                        const struct err *err)
{
    assert_int_equal(progress != NULL, err->code == STATUS_OK);
    on_end(ctx, err);
}

static void on_loaded(void *ctx, const struct dataset *dataset, const struct err *err)
{
    assert_int_equal(dataset != NULL, err->code == STATUS_OK);
    on_end(ctx, err);
}

static void on_deleted(void *ctx, const struct argilla_push_result *results, size_t count,
                       const struct err *err)
{
    assert_true(!results && !count);
    on_end(ctx, err);
}

enum { WAYS = 14 };

static enum status do_call(struct argilla_call *call, int way, struct record *record)
{
    struct dataset *dataset = &call->dataset, template;
    const char *ids[] = {record->remote_id};
    call->is_done = false;
    switch (way) {
    case 0:
        return call_connect(call);
    case 1:
        return call_list_datasets(call);
    case 2:
        return call_open(call, "guide", NULL);
    case 3:
        dataset_init_guide(&template, "guide", NULL, "");
        call_create(call, &template);
        dataset_clear(&template);
        return call->err.code;
    case 4:
        return call_push(call, record, 1);
    case 5:
        return call_read(call, record, 1);
    case 6:
        set_answer(record, RESPONSE_SUBMITTED, 3);
        return call_respond(call, record, 1);
    case 7:
        set_answer(record, RESPONSE_PENDING, 0);
        return call_respond(call, record, 1);
    case 8:
        return call_pull(call, 2);
    case 9:
        argilla_count_responses(call->argilla, dataset, on_counts, call);
        break;
    case 10:
        argilla_sum_suggestions(call->argilla, dataset, on_sum, call);
        break;
    case 11:
        argilla_read_progress(call->argilla, dataset, on_progress, call);
        break;
    case 12:
        argilla_load_dataset(call->argilla, dataset, on_loaded, call);
        break;
    default:
        argilla_delete_records(call->argilla, dataset, ids, 1, on_deleted, call);
    }
    while (!call->is_done)
        loop_turn(call->loop);
    assert_null(call->argilla->jobs);
    return call->err.code;
}

static void the_progress_of_people_is_told_from_2_1(void **state)
{
    static const struct {
        const char *version;
        enum status status;
    } rows[] = {{"1.29.0", STATUS_NOT_FOUND},
                {"2.0.9", STATUS_NOT_FOUND},
                {"2.1.0", STATUS_OK},
                {"3.0.0", STATUS_OK}};
    struct bench *bench = *state;
    struct record none = {0};
    open_guide(bench);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dataset guide = {0};
        dataset_copy(&guide, &bench->call.dataset);
        argilla_call_clear(&bench->call); /* it knows no version yet */
        argilla_call_init(&bench->call, fake_argilla_url(bench->fake), FAKE_ARGILLA_KEY);
        bench->call.dataset = guide;
        fake_argilla_set_version(bench->fake, rows[i].version);
        assert_int_equal(do_call(&bench->call, 11, &none), rows[i].status);
    }
}

static void on_pushed(void *ctx, const struct argilla_push_result *results, size_t count,
                      const struct err *err)
{
    const struct argilla_call *call = ctx;
    assert_non_null(results);
    assert_int_equal(call->argilla->ended->idle_timeout_ms, 30000 + 200 * (int)count);
    on_end(ctx, err);
}

/* The server is given time for each of them. */
static void many_are_waited_for_longer_than_one(void **state)
{
    struct bench *bench = *state;
    struct argilla_call *call = &bench->call;
    struct record records[2];
    const struct record *list[] = {&records[0], &records[1]};
    open_guide(bench);
    make_pair(&records[0], "p", "r");
    make_pair(&records[1], "q", "r");
    for (size_t count = 1; count <= 2; count++) {
        call->is_done = false;
        argilla_push_records(call->argilla, &call->dataset, list, count, true, on_pushed,
                             call);
        while (!call->is_done)
            loop_turn(call->loop);
    }
    record_clear(&records[0]);
    record_clear(&records[1]);
}

/* Whichever it is, the call fails with it; but for the names of others in a pull, which
 * are a courtesy. */
static void each_request_that_fails_fails_its_call(void **state)
{
    struct bench *bench = *state;
    struct record record;
    open_guide(bench);
    push_one(bench, &record, "p");
    for (int i = 0; i < 4; i++)
        fake_argilla_add_record(bench->fake, "guide", "p", "r");
    fake_argilla_edit(bench->fake, "guide", suggest_four);
    for (int way = 0; way < WAYS; way++) {
        bool has_failed = true;
        size_t after = 0;
        for (; has_failed; after++) {
            struct dataset guide = {0};
            dataset_copy(&guide, &bench->call.dataset);
            argilla_call_clear(&bench->call); /* it knows nothing yet */
            argilla_call_init(&bench->call, fake_argilla_url(bench->fake),
                              FAKE_ARGILLA_KEY);
            bench->call.dataset = guide;
            fake_argilla_fail(bench->fake, 1, 500, "", "{\"detail\":\"no\"}");
            fake_argilla_pass(bench->fake, after);
            enum status status = do_call(&bench->call, way, &record);
            has_failed = fake_argilla_fails_left(bench->fake) == 0;
            bool is_courtesy = way == 8 && after == 3;
            if ((status != STATUS_OK) != (has_failed && !is_courtesy))
                fail_msg("call %d, request %zu: %s", way, after, bench->call.err.text);
        }
        fake_argilla_fail(bench->fake, 0, 500, "", "");
        assert_true(after > 1);
    }
    record_clear(&record);
}

/* Which call it was is told of each of its requests, the first two of which say who we
 * are. */
static void each_call_names_what_it_could_not_do(void **state)
{
    struct bench *bench = *state;
    struct record record;
    static const char *const goals[WAYS] = {"tell who we are",
                                            "list its datasets",
                                            "open the dataset \"guide\"",
                                            "create the dataset \"guide\"",
                                            "store records",
                                            "read responses",
                                            "read responses",
                                            "store responses",
                                            "read records",
                                            "count the dataset \"guide\"",
                                            "count suggestions",
                                            "read the progress",
                                            "read the dataset \"guide\"",
                                            "delete records"};
    open_guide(bench);
    push_one(bench, &record, "p");
    fake_argilla_edit(bench->fake, "guide", suggest_four);
    fake_argilla_answer(bench->fake, "guide", 0, "submitted", 4);
    for (int way = 0; way < WAYS; way++) {
        struct dataset guide = {0};
        dataset_copy(&guide, &bench->call.dataset);
        argilla_call_clear(&bench->call); /* it knows nothing yet */
        argilla_call_init(&bench->call, fake_argilla_url(bench->fake), FAKE_ARGILLA_KEY);
        bench->call.dataset = guide;
        fake_argilla_fail(bench->fake, 1, 400, "", "{\"detail\":\"no\"}");
        fake_argilla_pass(bench->fake, way == 0 ? 1 : way == 7 ? 3 : 2);
        char *said = xasprintf("refused to %s: no.", goals[way]);
        if (do_call(&bench->call, way, &record) != STATUS_REFUSED ||
            !strstr(bench->call.err.text, said))
            fail_msg("call %d: %s", way, bench->call.err.text);
        free(said);
    }
    record_clear(&record);
}

static void on_end_alone(void *ctx, const size_t *counts, const struct err *err)
{
    (void)err;
    *(bool *)ctx = counts != NULL;
}

/* What else is under way goes on, and so does the next of the same. */
static void cancel_ends_the_calls_of_one_caller(void **state)
{
    struct bench *bench = *state;
    bool one = false, other = false;
    open_guide(bench);
    struct argilla *argilla = bench->call.argilla;
    const struct dataset *dataset = &bench->call.dataset;
    argilla_count_responses(argilla, dataset, on_end_alone, &one);
    argilla_count_responses(argilla, dataset, on_end_alone, &other);
    argilla_count_responses(argilla, dataset, on_end_alone, &one);
    argilla_cancel(argilla, &one);
    while (!one && !other)
        loop_turn(bench->call.loop);
    assert_int_equal(call_list_datasets(&bench->call), STATUS_OK);
    assert_false(one);
    argilla_count_responses(argilla, dataset, on_end_alone, &one);
    while (!one)
        loop_turn(bench->call.loop);
}

static void never_called(void *ctx, const struct argilla_identity *identity,
                         const struct err *err)
{
    (void)identity;
    (void)err;
    *(bool *)ctx = true;
}

static void free_ends_a_call_in_silence(void **state)
{
    struct bench *bench = *state;
    bool was_called = false;
    argilla_connect(bench->call.argilla, never_called, &was_called);
    argilla_free(bench->call.argilla);
    bench->call.argilla = NULL;
    loop_poll(bench->call.loop);
    assert_false(was_called);
}

static void free_during_a_callback(void *ctx, const struct argilla_identity *identity,
                                   const struct err *err)
{
    struct argilla_call *call = ctx;
    (void)identity;
    (void)err;
    argilla_free(call->argilla);
    call->argilla = NULL;
}

static void free_is_allowed_in_a_callback(void **state)
{
    struct bench *bench = *state;
    argilla_connect(bench->call.argilla, free_during_a_callback, &bench->call);
    while (bench->call.argilla && loop_turn(bench->call.loop))
        continue;
    assert_null(bench->call.argilla);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define CASE_OLD(name)                                                                   \
    {                                                                                    \
#name "_on_1_29", name, set_up_old, tear_down, NULL                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_is_in_a_hurry_waits_no_longer_than_said),
        CASE(connect_tells_version_and_role),
        CASE(the_way_to_a_server_is_used),
        CASE(version_is_asked_without_the_key),
        CASE(list_names_the_datasets),
        CASE(open_reads_fields_and_questions),
        CASE(open_names_what_is_missing),
        CASE(a_name_in_two_workspaces_needs_one_of_them),
        CASE(a_role_is_what_the_server_calls_it),
        CASE(annotator_is_not_sent_to_create),
        CASE(key_in_no_workspace_is_told_so),
        CASE(create_makes_the_guides_dataset),
        CASE(create_sends_no_empty_guidelines),
        CASE(create_completes_a_draft_of_others),
        CASE(create_goes_on_where_it_was_cut),
        CASE(two_creators_at_once_both_succeed),
        CASE_OLD(two_creators_at_once_both_succeed_there),
        CASE(a_clash_in_the_server_is_looked_at_again),
        CASE(a_refused_part_is_told_as_the_server_says),
        CASE(create_leaves_another_dataset_alone),
        CASE(create_names_what_is_other_there),
        CASE(push_stores_records_once),
        CASE(push_strips_nothing_where_spans_are_marked),
        CASE(push_takes_suggestions_along),
        CASE_OLD(push_takes_suggestions_along),
        CASE(push_sends_a_chat_as_the_json_it_is),
        CASE(push_of_nothing_is_done),
        CASE(push_leaves_metadata_out_where_it_is_refused),
        CASE(what_is_left_out_is_named_by_whole_names),
        CASE(push_finds_the_bad_ones_and_stores_the_others),
        CASE(answers_reach_the_server_and_go_again),
        CASE(answers_are_refused_one_by_one),
        CASE(pull_gives_records_in_the_order_they_were_logged),
        CASE_OLD(pull_gives_records_in_the_order_they_were_logged),
        CASE(records_of_one_instant_come_once_each),
        CASE_OLD(records_of_one_instant_come_once_each),
        CASE(pull_keeps_our_ids),
        CASE_OLD(pull_keeps_our_ids),
        CASE(pull_of_a_dataset_that_was_not_opened_last_asks_for_its_questions),
        CASE_OLD(pull_of_a_dataset_that_was_not_opened_last_asks_for_its_questions),
        CASE(pull_keeps_those_apart_who_were_deleted),
        CASE_OLD(pull_keeps_those_apart_who_were_deleted),
        CASE(what_a_search_does_not_find_is_looked_at),
        CASE(pull_of_an_empty_dataset_is_empty),
        CASE_OLD(pull_of_an_empty_dataset_is_empty),
        CASE(times_go_before_the_answers),
        CASE(several_labels_are_counted_by_value),
        CASE(the_progress_of_people_is_told_from_2_1),
        CASE(many_are_waited_for_longer_than_one),
        CASE(each_request_that_fails_fails_its_call),
        CASE(each_call_names_what_it_could_not_do),
        CASE(cancel_ends_the_calls_of_one_caller),
        CASE(free_ends_a_call_in_silence),
        CASE(free_is_allowed_in_a_callback),
    };
    return cmocka_run_group_tests_name("argilla", tests, NULL, NULL);
}
