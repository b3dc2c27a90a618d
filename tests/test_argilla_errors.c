/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/argilla_call.h"
#include "tests/support/fake_argilla.h"
#include "json/json.h"

#define JSON_HEAD "Content-Type: application/json\r\n"
#define HTML_HEAD "Content-Type: text/html; charset=utf-8\r\n"

struct bench {
    struct fake_argilla *fake;
    struct argilla_call call;
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->fake = fake_argilla_new("2.8.0");
    fake_argilla_add_dataset(bench->fake, "guide");
    argilla_call_init(&bench->call, fake_argilla_url(bench->fake), FAKE_ARGILLA_KEY);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    argilla_call_clear(&bench->call);
    fake_argilla_free(bench->fake);
    free(bench);
    return 0;
}

/* Every sentence names the server, is one safe line and never holds the key. */
static void assert_sentence(struct bench *bench, enum status code, const char *part)
{
    const char *text = bench->call.err.text;
    const char *host = fake_argilla_url(bench->fake) + strlen("http://");
    if (bench->call.err.code != code || !strstr(text, part) || !strstr(text, host) ||
        strpbrk(text, "\n\x1b") || strstr(text, FAKE_ARGILLA_KEY))
        fail_msg("status %d, expected %d and \"%s\": %s", bench->call.err.code, code,
                 part, text);
}

/* A call on a known server whose next answer is this one. */
static void get_reply(struct bench *bench, int code, const char *headers,
                      const char *body)
{
    assert_int_equal(call_connect(&bench->call), STATUS_OK);
    fake_argilla_fail(bench->fake, 1, code, headers, body);
    assert_int_not_equal(call_list_datasets(&bench->call), STATUS_OK);
}

static void replies_become_sentences(void **state)
{
    static const struct {
        int code;
        const char *headers, *body;
        enum status status;
        const char *part;
    } rows[] = {
        /* the three shapes */
        {422, JSON_HEAD, "{\"detail\":\"Dataset x not ready.\"}", STATUS_REFUSED,
         "refused to list its datasets: Dataset x not ready."},
        {422, JSON_HEAD,
         "{\"detail\":{\"code\":\"argilla.api.errors::ValidationError\",\"params\":"
         "{\"errors\":[{\"loc\":[\"body\",\"items\",3,\"fields\",\"prompt\"],\"msg\":"
         "\"Value error, too bad\",\"type\":\"x\"},{\"loc\":[\"body\"],\"msg\":"
         "\"short\"}]}}}",
         STATUS_REFUSED, "items[3].fields.prompt: too bad; short."},
        {422, JSON_HEAD, "{\"code\":\"missing_vector\",\"message\":\"No vector\"}",
         STATUS_REFUSED, "No vector"},
        /* FastAPI's own */
        {422, JSON_HEAD,
         "{\"detail\":[{\"loc\":[\"query\",\"limit\"],\"msg\":\"too large\"}]}",
         STATUS_REFUSED, "query.limit: too large"},
        {400, JSON_HEAD,
         "{\"detail\":{\"code\":\"argilla.api.errors::BadRequestError\",\"params\":"
         "{\"message\":\"odd\"}}}",
         STATUS_REFUSED, "odd"},
        {401, JSON_HEAD,
         "{\"detail\":{\"code\":\"argilla.api.errors::UnauthorizedError\",\"params\":"
         "{\"detail\":\"Could not validate credentials\"}}}",
         STATUS_AUTH, "does not accept the API key"},
        {403, JSON_HEAD,
         "{\"detail\":{\"code\":\"argilla.api.errors::ForbiddenOperationError\","
         "\"params\":{\"detail\":\"Operation not allowed\"}}}",
         STATUS_AUTH, "does not let this key list its datasets"},
        {404, JSON_HEAD, "{\"detail\":\"Dataset with id `x` not found\"}",
         STATUS_NOT_FOUND, "Dataset with id `x` not found"},
        {404, JSON_HEAD, "{\"detail\":\"Not Found\"}", STATUS_PROTOCOL,
         "Check the address"},
        {409, JSON_HEAD, "{\"detail\":\"Dataset exists\"}", STATUS_EXISTS,
         "Dataset exists"},
        {413, HTML_HEAD, "<h1>413</h1>", STATUS_REFUSED, "too large"},
        {429, JSON_HEAD, "{}", STATUS_BUSY, "is busy (429)"},
        {500, JSON_HEAD,
         "{\"detail\":{\"code\":\"argilla.api.errors::GenericServerError\",\"params\":"
         "{\"type\":\"builtins.KeyError\",\"message\":\"no such thing\"}}}",
         STATUS_BUSY, "failed (500: no such thing)"},
        /* a database's complaint holds the records' texts: its name is enough */
        {500, JSON_HEAD,
         "{\"detail\":{\"code\":\"argilla.api.errors::GenericServerError\",\"params\":"
         "{\"type\":\"sqlalchemy.exc.IntegrityError\",\"message\":\"UNIQUE [SQL: x]\"}}}",
         STATUS_BUSY, "(500: its database failed (IntegrityError))."},
        {500, JSON_HEAD, "{\"detail\":\"(sqlite3.OperationalError) a [SQL: secret]\"}",
         STATUS_BUSY, "(500: its database failed (OperationalError))."},
        {422, JSON_HEAD, "{\"detail\":\"odd [SQL: secret]\"}", STATUS_REFUSED,
         "its database failed."},
        {500, "Content-Type: text/plain\r\n", "Internal Server Error", STATUS_BUSY,
         "\"Internal Server Error\""},
        {502, HTML_HEAD, "<html><head><TITLE>\n 502 Bad\tGateway </TITLE></head></html>",
         STATUS_BUSY, "a web page (\"502 Bad Gateway\")"},
        {503, HTML_HEAD, "", STATUS_BUSY, "an empty answer"},
        /* a page where JSON was expected */
        {200, HTML_HEAD, "<!doctype html><title>Argilla</title>", STATUS_PROTOCOL,
         "sent a web page (\"Argilla\")"},
        {200, HTML_HEAD, "<p>no title", STATUS_PROTOCOL, "sent a web page where"},
        {200, HTML_HEAD, "<title", STATUS_PROTOCOL, "sent a web page where"},
        {502, HTML_HEAD, "<html><titl", STATUS_BUSY, "(502, a web page)"},
        {502, HTML_HEAD, "<title>Bad gate", STATUS_BUSY, "a web page (\"Bad gate\")"},
        {502, HTML_HEAD, "<title>Bad</titl", STATUS_BUSY, "a web page (\"Bad\")"},
        {502, HTML_HEAD, "<title> </title><H1 id=a>\nNo route</H1>", STATUS_BUSY,
         "a web page (\"No route\")"},
        {502, HTML_HEAD, "<p><h2>Busy", STATUS_BUSY, "a web page (\"Busy\")"},
        {200, HTML_HEAD, "<title>never closed", STATUS_PROTOCOL, "sent a web page"},
        {200, JSON_HEAD, "", STATUS_PROTOCOL, "sent an empty answer"},
        {200, JSON_HEAD, "{\"items\":[", STATUS_PROTOCOL, "where Argilla's answer"},
        {200, JSON_HEAD, "7", STATUS_PROTOCOL, "where Argilla's answer"},
        {401, HTML_HEAD, "<title>Sign in</title>", STATUS_AUTH,
         "Something before Argilla"},
        {403, HTML_HEAD, "<title>Blocked</title>", STATUS_AUTH, "(\"Blocked\")"},
        {404, HTML_HEAD, "<title>nginx</title>", STATUS_PROTOCOL, "(\"nginx\")"},
        {407, HTML_HEAD, "<title>Proxy</title>", STATUS_AUTH, "(\"Proxy\")"},
        /* the key, in letters that are only found when the JSON is read, or cut in two */
        {422, JSON_HEAD, "{\"detail\":\"No \\u0061rgilla\\u002eapikey\"}", STATUS_REFUSED,
         "datasets: No [key]."},
        {200, HTML_HEAD, "<title>argilla.apikey</title>", STATUS_PROTOCOL, "(\"[key]\")"},
        {200, "Content-Type: text/plain\r\n",
         "--------10--------20--------30--------40--------50--------60--------argilla."
         "apikey",
         STATUS_PROTOCOL, "60--------[key]"},
        /* hostile words */
        {422, JSON_HEAD, "{\"detail\":\"a\\u001b[31mred\\nnext\\u202e\"}", STATUS_REFUSED,
         "red next"},
        {502, HTML_HEAD, "<title>\x1b]0;x\x07</title>", STATUS_BUSY, "web page"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench *bench;
        set_up((void **)&bench);
        get_reply(bench, rows[i].code, rows[i].headers, rows[i].body);
        assert_sentence(bench, rows[i].status, rows[i].part);
        tear_down((void **)&bench);
    }
    (void)state;
}

static void long_details_are_cut_and_counted(void **state)
{
    struct bench *bench = *state;
    char body[4096] = "{\"detail\":{\"params\":{\"errors\":[";
    for (int i = 0; i < 20; i++)
        strncat(body, i ? ",{\"loc\":[\"body\",\"a\"],\"msg\":\"m\"}" : "{\"msg\":\"m\"}",
                sizeof body - strlen(body) - 1);
    strncat(body, "]}}}", sizeof body - strlen(body) - 1);
    get_reply(bench, 422, JSON_HEAD, body);
    assert_sentence(bench, STATUS_REFUSED, "m; a: m; a: m; and 17 more");
}

static void redirect_elsewhere_is_not_followed_with_the_key(void **state)
{
    struct bench *bench = *state;
    struct fake_argilla *other = fake_argilla_new("2.8.0");
    char headers[200];
    snprintf(headers, sizeof headers, "Location: %s/api/v1/me/workspaces\r\n",
             fake_argilla_url(other));
    assert_int_equal(call_connect(&bench->call), STATUS_OK);
    fake_argilla_fail(bench->fake, 1, 302, headers, "");
    assert_int_not_equal(call_list_datasets(&bench->call), STATUS_OK);
    const char *host = fake_argilla_url(bench->fake) + strlen("http://");
    assert_non_null(strstr(bench->call.err.text, host));
    assert_int_equal(fake_server_count(fake_argilla_server(other)), 0);
    fake_argilla_free(other);
}

static void refused_connection_names_the_server(void **state)
{
    struct bench *bench = *state;
    struct fake_server *gone = fake_server_new();
    char url[64];
    snprintf(url, sizeof url, "%s", fake_server_url(gone));
    fake_server_free(gone);
    struct argilla_call call;
    argilla_call_init(&call, url, "key");
    assert_int_equal(call_connect(&call), STATUS_NETWORK);
    assert_non_null(strstr(call.err.text, url + strlen("http://")));
    argilla_call_clear(&call);
    (void)bench;
}

static void wrong_key_and_no_key_are_told_apart(void **state)
{
    struct bench *bench = *state;
    fake_argilla_set_key(bench->fake, "another");
    assert_int_equal(call_connect(&bench->call), STATUS_AUTH);
    assert_sentence(bench, STATUS_AUTH, "My settings");
    struct argilla_call call;
    argilla_call_init(&call, fake_argilla_url(bench->fake), NULL);
    assert_int_equal(call_connect(&call), STATUS_AUTH);
    assert_non_null(strstr(call.err.text, "Set ARGILLA_API_KEY"));
    argilla_use(call.argilla, &(struct http_connection){0}, "",
                NULL); /* nothing says one */
    assert_int_equal(call_connect(&call), STATUS_AUTH);
    assert_non_null(
        strstr(call.err.text, "ARGILLA_API_KEY is for that of ARGILLA_API_URL"));
    argilla_call_clear(&call);
}

static void annotator_is_told_what_works(void **state)
{
    struct bench *bench = *state;
    fake_argilla_set_role(bench->fake, "annotator");
    assert_int_equal(call_open(&bench->call, "guide", NULL), STATUS_OK);
    struct record record;
    make_pair(&record, "p", "r");
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_AUTH);
    assert_sentence(bench, STATUS_AUTH, "argilla is an annotator on 127.0.0.1:");
    assert_sentence(bench, STATUS_AUTH, "may not store records");
    assert_int_equal(call_pull(&bench->call, 10), STATUS_OK);
    record_clear(&record);
    /* removed from the workspace */
    fake_argilla_fail(
        bench->fake, 1, 403, "Content-Type: application/json\r\n",
        "{\"detail\":{\"code\":\"argilla.api.errors::ForbiddenOperationError\"}}");
    assert_int_equal(call_pull(&bench->call, 10), STATUS_AUTH);
    assert_sentence(bench, STATUS_AUTH, "may not read records on 127.0.0.1:");
    assert_sentence(bench, STATUS_AUTH, "workspace is not yours any more");
}

static void old_server_is_refused_with_its_version(void **state)
{
    struct bench *bench = *state;
    struct fake_server *server = fake_server_new();
    fake_reply_http(fake_server_queue(server), 200, "text/html",
                    "<title>Argilla</title>");
    fake_reply_http(fake_server_queue(server), 200, "application/json",
                    "{\"version\":\"1.27.0\"}");
    struct argilla_call call;
    argilla_call_init(&call, fake_server_url(server), "key");
    assert_int_equal(call_connect(&call), STATUS_REFUSED);
    assert_non_null(strstr(call.err.text, "is version 1.27.0; sherd needs 1.28"));
    argilla_call_clear(&call);
    fake_server_free(server);
    (void)bench;
}

static void version_1_28_is_asked_on_its_own_paths(void **state)
{
    (void)state;
    struct fake_server *server = fake_server_new();
    fake_reply_http(fake_server_queue(server), 404, "application/json",
                    "{\"detail\":\"Not Found\"}");
    fake_reply_http(fake_server_queue(server), 200, "application/json",
                    "{\"version\":\"1.28.0\"}");
    fake_reply_http(fake_server_queue(server), 200, "application/json",
                    "{\"id\":\"u\",\"username\":\"n\",\"role\":\"admin\"}");
    struct argilla_call call;
    argilla_call_init(&call, fake_server_url(server), "key");
    assert_int_equal(call_connect(&call), STATUS_OK);
    assert_int_equal(call.identity.role, ARGILLA_ADMIN);
    assert_string_equal(fake_server_request(server, 2)->path, "/api/me");
    argilla_call_clear(&call);
    fake_server_free(server);
}

static void another_kind_of_server_is_no_argilla(void **state)
{
    (void)state;
    struct fake_server *server = fake_server_new();
    for (int i = 0; i < 2; i++)
        fake_reply_http(fake_server_queue(server), 200, "text/html",
                        "<title>My router</title>");
    struct argilla_call call;
    argilla_call_init(&call, fake_server_url(server), "key");
    assert_int_equal(call_connect(&call), STATUS_PROTOCOL);
    assert_non_null(strstr(call.err.text, "My router"));
    argilla_call_clear(&call);
    fake_server_free(server);
}

/* A reply that was cut says nothing of what stands there: the old path, whose reply may
 * be a web page, is not asked. */
static void cut_version_is_no_web_page(void **state)
{
    (void)state;
    struct fake_server *server = fake_server_new();
    fake_reply_http(fake_server_queue(server), 200, "application/json", "{\"versi");
    fake_reply_http(fake_server_queue(server), 200, "text/html",
                    "<title>Argilla</title>");
    struct argilla_call call;
    argilla_call_init(&call, fake_server_url(server), "key");
    assert_int_equal(call_connect(&call), STATUS_PROTOCOL);
    assert_null(strstr(call.err.text, "web page ("));
    assert_int_equal(fake_server_count(server), 1);
    argilla_call_clear(&call);
    fake_server_free(server);
}

static void database_trouble_of_one_item_passes_and_hides_its_sql(void **state)
{
    struct bench *bench = *state;
    const struct complaint complaint = {.argilla = bench->call.argilla};
    struct err err = {0};
    explain_item(&complaint, "(asyncpg.UniqueViolation) x [SQL: INSERT] [secret]", &err);
    assert_int_equal(err.code, STATUS_BUSY);
    assert_null(strstr(err.text, "INSERT"));
    assert_null(strstr(err.text, "secret"));
    err_clear(&err);
    explain_item(&complaint, "9 is not a valid rating", &err);
    assert_int_equal(err.code, STATUS_REFUSED);
    err_clear(&err);
    explain_item(&complaint, "Record with id `x` not found", &err);
    assert_int_equal(err.code, STATUS_NOT_FOUND);
}

static void push_answered_with_something_else_is_a_protocol_error(void **state)
{
    struct bench *bench = *state;
    static const char *const bodies[] = {"{}", "{\"items\":[]}", "{\"items\":[{}]}",
                                         "{\"items\":[{\"id\":\"x\"}]}"};
    struct record record;
    make_pair(&record, "p", "r");
    assert_int_equal(call_open(&bench->call, "guide", NULL), STATUS_OK);
    assert_int_equal(call_push(&bench->call, &record, 1), STATUS_OK);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        fake_argilla_fail(bench->fake, 1, 200, JSON_HEAD, bodies[i]);
        assert_int_equal(call_push(&bench->call, &record, 1), STATUS_PROTOCOL);
        assert_sentence(bench, STATUS_PROTOCOL, "did not answer for what it was sent");
    }
    /* names of users are a courtesy, a page is not */
    fake_argilla_fail(bench->fake, 2, 200, JSON_HEAD, "{\"total\":3}");
    assert_int_equal(call_pull(&bench->call, 10), STATUS_PROTOCOL);
    record_clear(&record);
}

static void busy_server_says_how_long_to_wait(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(argilla_retry_after_ms(bench->call.argilla), -1);
    get_reply(bench, 429, JSON_HEAD "Retry-After: 7\r\n", "{}");
    assert_int_equal(argilla_retry_after_ms(bench->call.argilla), 7000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_become_sentences),
        CASE(long_details_are_cut_and_counted),
        CASE(redirect_elsewhere_is_not_followed_with_the_key),
        CASE(refused_connection_names_the_server),
        CASE(wrong_key_and_no_key_are_told_apart),
        CASE(annotator_is_told_what_works),
        CASE(old_server_is_refused_with_its_version),
        cmocka_unit_test(version_1_28_is_asked_on_its_own_paths),
        cmocka_unit_test(another_kind_of_server_is_no_argilla),
        cmocka_unit_test(cut_version_is_no_web_page),
        CASE(database_trouble_of_one_item_passes_and_hides_its_sql),
        CASE(push_answered_with_something_else_is_a_protocol_error),
        CASE(busy_server_says_how_long_to_wait),
    };
    return cmocka_run_group_tests_name("argilla_errors", tests, NULL, NULL);
}
