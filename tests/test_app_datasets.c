/* SPDX-License-Identifier: MIT
 *
 * Which datasets there are, and going over to another one.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_server.h"
#include "tests/support/pilot_app.h"

#define NAME "langchain-dataset"

struct fixture {
    struct pilot pilot;
    struct fake_argilla *argilla;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->argilla = pilot_use_argilla(&fixture->pilot, "2.8.0");
    *state = fixture;
    return 0;
}

static void review(struct pilot *pilot, const char *name)
{
    pilot->chooses = true;
    pilot->review = name;
    pilot_start(pilot);
}

static bool goes_over(const struct pilot *pilot)
{
    return pilot->session->datasets.next_row != 0;
}

/* As main does: the next app is opened with that row. */
static void go_over(struct pilot *pilot)
{
    pilot_until(pilot, goes_over);
    pilot->row = pilot->session->datasets.next_row;
    pilot->chooses = false;
    pilot_reopen(pilot);
}

static bool has_answered(const struct pilot *pilot)
{
    return pilot->session->datasets.awaited == 0;
}

static bool has_counts(const struct pilot *pilot)
{
    const struct dataset_choices *list = &pilot->session->datasets;
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].has_counts)
            return false;
    return list->count > 0;
}

static const struct dataset_choice *choice(const struct pilot *pilot, const char *name)
{
    const struct dataset_choices *list = &pilot->session->datasets;
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i].dataset.name, name))
            return &list->items[i];
    fail_msg("%s is not listed", name);
    return NULL;
}

static bool has_record(const struct pilot *pilot)
{
    return pilot->session->has_current;
}

/* What only the server has is opened with its questions, and pulled; no other dataset is
 * made on the way. */
static void a_dataset_of_the_server_opens_by_name(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const char *id = fake_argilla_add_dataset(fixture->argilla, "news");
    fake_argilla_add_record(fixture->argilla, "news", "Question", "Answer");
    review(pilot, "argilla/news");
    assert_true(pilot->session->is_choosing);
    go_over(pilot);
    pilot_until(pilot, has_record);
    assert_string_equal(pilot->session->dataset.name, "news");
    assert_string_equal(pilot->session->dataset.remote_id, id);
    struct dataset *list = NULL;
    size_t count = 0;
    assert_int_equal(store_list_datasets(app_store(pilot->app), &list, &count, NULL), 0);
    assert_int_equal(count, 1);
    dataset_clear(&list[0]);
    free(list);
}

/* One that the store has opens without a word to the server. */
static void a_known_dataset_opens_without_the_server(void **state)
{
    static const char *const names[] = {"news", "argilla/news", "news@fake"};
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, "news");
    fake_argilla_add_record(fixture->argilla, "news", "Question", "Answer");
    fake_argilla_add_dataset(fixture->argilla, "other");
    review(pilot, "news");
    go_over(pilot);
    pilot_until(pilot, has_record);
    pilot->row = 0;
    pilot->chooses = pilot->is_offline = true;
    for (size_t i = 0; i < 3; i++) {
        pilot->review = names[i];
        pilot_reopen(pilot);
        assert_false(pilot->session->is_choosing);
        assert_string_equal(pilot->session->dataset.name, "news");
        assert_true(pilot->session->has_current);
    }
    char start[10] = "";
    memcpy(start, pilot->session->dataset.remote_id, 9);
    pilot->review = start;
    pilot_reopen(pilot);
    assert_string_equal(pilot->session->dataset.name, "news");
}

/* The same server by another name. */
static void use_address(struct pilot *pilot, const char *host)
{
    struct settings *settings = &pilot->settings;
    free(settings->servers->url);
    settings->servers->url =
        xasprintf("http://%s%s", host, strrchr(pilot->server_url, ':'));
}

static bool is_linked(const struct pilot *pilot)
{
    return pilot->session->has_server && pilot->session->sync.state == SYNC_IDLE;
}

/* Its id tells that it is the same one: it is linked there, and its records are here. */
static void a_known_dataset_opens_at_another_address_of_its_server(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, "news");
    fake_argilla_add_record(fixture->argilla, "news", "Question", "Answer");
    review(pilot, "news");
    go_over(pilot);
    pilot_until(pilot, has_record);
    int64_t row = pilot->row;
    /* the first is configured no more, then the address is given beside one that is */
    for (int round = 0; round < 2; round++) {
        use_address(pilot, "localhost");
        secret_set(&pilot->settings.spare_server_key, FAKE_ARGILLA_KEY);
        if (round == 1)
            setting_text(&pilot->settings.server, pilot->server_url);
        pilot->row = 0;
        pilot->chooses = true;
        pilot_reopen(pilot);
        go_over(pilot);
        assert_int_equal(pilot->row, row);
        pilot_until(pilot, is_linked);
        assert_true(pilot->session->has_current);
        char *url =
            round == 1 ? xstrdup(pilot->server_url)
                       : xasprintf("http://localhost%s", strrchr(pilot->server_url, ':'));
        assert_string_equal(pilot->session->dataset.server, url);
        free(url);
    }
    /* and where that address is silent, what is here opens */
    use_address(pilot, "127.0.0.1");
    setting_text(&pilot->settings.server, "http://127.0.0.1:1");
    pilot->row = 0;
    pilot->chooses = true;
    fake_argilla_fail(fixture->argilla, 1000, 503, "", "busy");
    pilot_reopen(pilot);
    go_over(pilot);
    assert_int_equal(pilot->row, row);
    assert_true(pilot->session->has_current);
}

/* As api_key_env says it, on the screen and in the list of datasets; nothing else goes
 * there, and a refusal names the variable. */
static void a_server_gets_the_key_that_its_section_names(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct fake_server *server = fake_argilla_server(fixture->argilla);
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot->is_offline = true;
    pilot_start(pilot);
    struct settings *settings = &pilot->settings;
    secret_clear(&settings->servers->key);
    secret_set(&settings->spare_server_key, "of another");
    setting_key_source(settings, KEY_OF_SERVER, "fake")->variable = xstrdup("OTHERKEY");
    setenv("OTHERKEY", FAKE_ARGILLA_KEY, 1);
    pilot->is_offline = false;
    pilot_reopen(pilot);
    pilot_until(pilot, is_linked);
    app_list_datasets(pilot->app);
    pilot_until(pilot, has_answered);
    assert_string_equal(pilot->session->datasets.fault, "");
    for (size_t i = 0; i < fake_server_count(server); i++) {
        char *key =
            fake_request_header(fake_server_request(server, i), "X-Argilla-Api-Key");
        assert_true(!key || !strcmp(key, FAKE_ARGILLA_KEY));
        free(key);
    }
    fake_argilla_set_key(fixture->argilla, "another");
    pilot_reopen(pilot);
    assert_non_null(strstr(pilot->session->sync.err.text, "Compare OTHERKEY with"));
    unsetenv("OTHERKEY");
}

/* A server that is named by its address is not passed over for a namesake elsewhere. */
static void a_local_namesake_does_not_hide_the_servers(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const char *id = fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot->server_url = NULL;
    pilot_start(pilot); /* makes it here */
    assert_string_equal(pilot->session->dataset.server, "");
    pilot->server_url = fake_argilla_url(fixture->argilla);
    setting_text(&pilot->settings.server, pilot->server_url);
    secret_set(&pilot->settings.spare_server_key, FAKE_ARGILLA_KEY);
    pilot->review = NAME;
    pilot->chooses = true;
    pilot_reopen(pilot);
    go_over(pilot);
    assert_string_equal(pilot->session->dataset.remote_id, id);
}

/* The list says where each is and how much of it is answered. */
static void the_list_has_those_of_the_store_and_the_server(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_dataset(fixture->argilla, "news");
    for (size_t i = 0; i < 3; i++) {
        fake_argilla_add_record(fixture->argilla, NAME, "Question", "Answer");
        fake_argilla_add_record(fixture->argilla, "news", "Question", "Answer");
    }
    fake_argilla_answer(fixture->argilla, "news", 1, "submitted", 4);
    pilot_start(pilot);
    pilot_until(pilot, has_record);
    pilot_settle(pilot);
    app_list_datasets(pilot->app);
    assert_int_equal(pilot->session->datasets.count, 1); /* at once: what is here */
    pilot_until(pilot, has_answered);
    pilot_until(pilot, has_counts);
    assert_int_equal(pilot->session->datasets.count, 2);
    const struct dataset_choice *open = choice(pilot, "langchain-dataset");
    const struct dataset_choice *other = choice(pilot, "news");
    assert_true(open->is_open && open->is_there && open->dataset.row);
    assert_int_equal(open->sum.counts[RESPONSE_PENDING], 3);
    assert_int_equal(other->dataset.row, 0);
    assert_int_equal(other->sum.counts[RESPONSE_PENDING], 2);
    assert_true(other->is_told && !open->is_told);
    assert_int_equal(other->sum.counts[RESPONSE_SUBMITTED], 1);
    assert_false(app_take_dataset(
        pilot->app, (size_t)(open - pilot->session->datasets.items))); /* it is open */
    assert_false(goes_over(pilot));
}

/* A header of the server's section stands for its proxy and certificates, too. */
static void the_list_is_asked_for_the_way_that_is_set(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct fake_server *server = fake_argilla_server(fixture->argilla);
    struct err err = {0};
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_dataset(fixture->argilla, "news");
    pilot_start(pilot);
    assert_int_equal(http_connection_add_header(&pilot->settings.servers->connection,
                                                "X-Way: ours", &err),
                     STATUS_OK);
    pilot_reopen(pilot);
    size_t before = fake_server_count(server);
    app_list_datasets(pilot->app);
    pilot_until(pilot, has_answered);
    pilot_until(pilot, has_counts);
    assert_true(fake_server_count(server) > before);
    for (size_t i = before; i < fake_server_count(server); i++) {
        char *way = fake_request_header(fake_server_request(server, i), "X-Way");
        assert_non_null(way);
        free(way);
    }
}

static void a_name_that_nobody_has_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, "news");
    fake_argilla_add_dataset(fixture->argilla, "views");
    review(pilot, "nwes");
    pilot_until(pilot, has_answered);
    pilot_expect_notice(pilot, "There is no dataset \"nwes\"");
    assert_false(goes_over(pilot));
    assert_int_equal(pilot->session->datasets.count, 2);
}

/* Without a name there is nothing to choose from when there is but one. */
static void the_only_dataset_is_the_one(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->argilla, "news");
    review(&fixture->pilot, NULL);
    go_over(&fixture->pilot);
    assert_string_equal(fixture->pilot.session->dataset.name, "news");
}

static void a_server_that_is_away_is_said_and_the_rest_opens(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_fail(fixture->argilla, 1000, 503, "", "busy");
    review(pilot, "news");
    pilot_until(pilot, has_answered);
    assert_true(pilot->session->datasets.fault[0] != '\0');
    assert_int_equal(strncmp(pilot->session->datasets.fault, "fake: ", 6), 0);
    pilot_expect_notice(pilot, pilot->session->datasets.fault); /* begins with it */
    pilot_expect_notice(pilot, "So it is not known whether there is a dataset \"news\"");
    assert_int_equal(pilot->session->datasets.count, 0);
}

/* Two datasets, each with its own undo. */
static void undo_stays_with_its_dataset(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    static const char *const names[] = {"one", "two"};
    for (size_t i = 0; i < 2; i++) {
        fake_argilla_add_dataset(fixture->argilla, names[i]);
        fake_argilla_add_record(fixture->argilla, names[i], "Question", "Answer");
    }
    review(pilot, "one");
    go_over(pilot);
    pilot_until(pilot, has_record);
    struct id first = pilot->session->current.id;
    assert_true(pilot_rate(pilot, 2));
    assert_false(app_take_named(pilot->app, "two"));
    go_over(pilot);
    pilot_until(pilot, has_record);
    app_undo(pilot->app);
    pilot_expect_notice(pilot, "nothing to undo");
    pilot_expect(pilot, &first, RESPONSE_DRAFT, 2, NULL);
    assert_true(app_take_named(pilot->app, "one"));
    go_over(pilot);
    app_undo(pilot->app);
    pilot_expect(pilot, &first, RESPONSE_PENDING, 0, NULL);
}

/* ---- records ---- */

static void set_external(json_t *dataset)
{
    json_t *record = json_array_get(json_object_get(dataset, "records"), 2);
    json_object_set_new(record, "external_id", json_string("row-77"));
}

static bool shows_third(const struct pilot *pilot)
{
    return pilot->session->has_current && pilot->session->current.external_id &&
           !strcmp(pilot->session->current.external_id, "row-77");
}

static void fill(struct fixture *fixture)
{
    fake_argilla_add_dataset(fixture->argilla, NAME);
    for (size_t i = 0; i < 4; i++)
        fake_argilla_add_record(fixture->argilla, NAME, "Question", "Answer");
    fake_argilla_edit(fixture->argilla, NAME, set_external);
}

/* It is waited for while the records come. */
static void a_record_is_opened_by_what_others_call_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fill(fixture);
    pilot->record = "row-77";
    pilot_start(pilot);
    pilot_until(pilot, shows_third);
    assert_int_equal(pilot->session->queue.position, 2);
    char *remote_id = xstrdup(pilot->session->current.remote_id);
    remote_id[13] = '\0';
    const struct id_text own = id_text(&pilot->session->current.id);
    const char *const names[] = {"3", "row-77", remote_id, own.text};
    for (size_t i = 0; i < 4; i++) {
        assert_true(app_goto(pilot->app, "1"));
        assert_true(app_goto(pilot->app, names[i]));
        assert_true(shows_third(pilot));
    }
    free(remote_id);
    /* a record's dataset is found by it alone */
    pilot->record = "row-77";
    pilot->chooses = pilot->is_offline = true;
    pilot_reopen(pilot);
    assert_false(pilot->session->is_choosing);
    assert_true(shows_third(pilot));
}

/* Argilla's page counts the records of one status. */
static void a_record_has_a_command_and_an_address(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct buf text = {0};
    fill(fixture);
    fake_argilla_answer(fixture->argilla, NAME, 0, "submitted", 4);
    pilot->record = "row-77";
    pilot_start(pilot);
    pilot_until(pilot, shows_third);
    pilot_settle(pilot);
    place_command(pilot->session, &text);
    char *command = xasprintf("sherd review argilla/" NAME " --record %.13s",
                              id_text(&pilot->session->current.id).text);
    assert_string_equal(buf_text(&text), command);
    buf_reset(&text);
    assert_true(place_address(pilot->session, &text));
    char *address =
        xasprintf("%s/dataset/%s/annotation-mode?page=2&status=pending"
                  "&sort=record.inserted_at.asc",
                  fake_argilla_url(fixture->argilla), pilot->session->dataset.remote_id);
    assert_string_equal(buf_text(&text), address);
    free(command);
    free(address);
    buf_clear(&text);
}

/* The server that --server names decides, then the record, then the name. */
static void a_record_and_a_server_say_which_namesake(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    char here[ID_TEXT], there[ID_TEXT];
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "Question", "Answer");
    const char *url = pilot->server_url;
    pilot->server_url = NULL;
    pilot_start(pilot); /* makes one here */
    struct id id = pilot_add(pilot, "Here", "Yes");
    id_format(&id, here);
    int64_t local = pilot->session->dataset.row;
    pilot->settings.servers = xcalloc(1, sizeof *pilot->settings.servers);
    pilot->settings.server_count = 1;
    pilot->settings.servers->name = xstrdup("fake");
    pilot->settings.servers->url = xstrdup(url);
    secret_set(&pilot->settings.servers->key, FAKE_ARGILLA_KEY);
    setting_text(&pilot->settings.server, "fake");
    pilot->server_url = url;
    pilot->settings.has_server = true;
    pilot->chooses = true;
    pilot->review = NAME;
    pilot->record = here;
    pilot_reopen(pilot); /* the local one is not taken */
    assert_true(pilot->session->is_choosing);
    go_over(pilot);
    pilot_until(pilot, has_record);
    pilot_settle(pilot);
    assert_string_equal(pilot->session->dataset.server, url);
    pilot_expect_notice(pilot, "is in " NAME "@local");
    id_format(&pilot->session->current.id, there);
    /* without --server the record says which */
    pilot->settings.has_server = false;
    pilot->chooses = pilot->is_offline = true;
    pilot->row = 0;
    pilot_reopen(pilot);
    assert_int_equal(pilot->session->dataset.row, local);
    pilot->record = there;
    pilot->chooses = true;
    pilot_reopen(pilot);
    assert_string_equal(pilot->session->dataset.server, url);
    /* a record alone, of another server than is asked for */
    pilot->settings.has_server = true;
    pilot->review = NULL;
    pilot->record = here;
    pilot->chooses = true;
    pilot_reopen(pilot);
    assert_true(pilot->session->is_choosing);
    pilot_expect_notice(pilot, "is in " NAME "@local");
}

static void a_record_that_is_nowhere_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fill(fixture);
    pilot->record = "5";
    pilot_start(pilot);
    pilot_until(pilot, has_record);
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "There is no record 5; the last one is 4.");
    assert_false(app_goto(pilot->app, "ffffffff"));
    pilot_expect_notice(pilot, "No record's id starts with ffffffff.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_dataset_of_the_server_opens_by_name, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_known_dataset_opens_without_the_server, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(
            a_known_dataset_opens_at_another_address_of_its_server, set_up,
            pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_local_namesake_does_not_hide_the_servers,
                                        set_up, pilot_tear_down),
        cmocka_unit_test_setup_teardown(the_list_has_those_of_the_store_and_the_server,
                                        set_up, pilot_tear_down),
        cmocka_unit_test_setup_teardown(the_list_is_asked_for_the_way_that_is_set, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_name_that_nobody_has_is_said, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(the_only_dataset_is_the_one, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_server_that_is_away_is_said_and_the_rest_opens,
                                        set_up, pilot_tear_down),
        cmocka_unit_test_setup_teardown(undo_stays_with_its_dataset, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_record_is_opened_by_what_others_call_it, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_server_gets_the_key_that_its_section_names,
                                        set_up, pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_record_has_a_command_and_an_address, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_record_and_a_server_say_which_namesake, set_up,
                                        pilot_tear_down),
        cmocka_unit_test_setup_teardown(a_record_that_is_nowhere_is_said, set_up,
                                        pilot_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
