/* SPDX-License-Identifier: MIT
 *
 * The way to a server: authorities, certificates, proxies, headers; on loopback, with an
 * authority of our own.
 */
#include "config.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <microhttpd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "net/http.h"
#include "net/retry.h"
#include "tests/support/net_stand.h"

#define TLS TOP_SRCDIR "/tests/fixtures/tls/"

struct fixture {
    struct net_stand net;
    struct http_connection way;
    const char *key;
    bool allows_plain;
    struct buf body;
    struct err err;
    long code;
    bool is_over, is_transient;
};

static void clear_environment(void)
{
    static const char *const names[] = {"http_proxy",   "HTTP_PROXY",    "https_proxy",
                                        "HTTPS_PROXY",  "all_proxy",     "ALL_PROXY",
                                        "no_proxy",     "NO_PROXY",      "SSL_CERT_FILE",
                                        "SSL_CERT_DIR", "CURL_CA_BUNDLE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    clear_environment();
    net_stand_start(&fixture->net, true);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    net_stand_end(&fixture->net);
    http_connection_clear(&fixture->way);
    buf_clear(&fixture->body);
    free(fixture);
    clear_environment();
    return 0;
}

static void on_done(void *ctx, const struct http_reply *reply)
{
    struct fixture *fixture = ctx;
    fixture->code = reply->code;
    fixture->err = reply->err;
    fixture->is_transient = retry_is_transient(reply);
    buf_add(&fixture->body, reply->body, reply->body_len);
    fixture->is_over = true;
}

static void get(struct fixture *fixture, const char *url)
{
    struct secret key = {0};
    secret_set(&key, fixture->key);
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .key_header = "Authorization",
                                   .key_prefix = "Bearer ",
                                   .key = &key,
                                   .allow_plain_key = fixture->allows_plain,
                                   .connection = &fixture->way};
    struct http_handler handler = {.on_done = on_done, .ctx = fixture};
    buf_reset(&fixture->body);
    err_clear(&fixture->err);
    fixture->is_over = false;
    http_send(fixture->net.http, &request, &handler);
    assert_false(fixture->is_over);
    while (!fixture->is_over)
        loop_turn(fixture->net.loop);
    secret_clear(&key);
}

static void has(const struct fixture *fixture, const char *words)
{
    if (!strstr(fixture->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", fixture->err.text, words);
}

/* ---- certificates ---- */

static char *read_text(const char *path)
{
    struct buf text = {0};
    char bytes[4096];
    size_t got;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        buf_add(&text, bytes, got);
    fclose(file);
    return buf_take(&text);
}

/* Says whether the client showed a certificate; libmicrohttpd brings the library that
 * knows. libmicrohttpd's type: NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection,
                                  const char *path, const char *method,
                                  const char *version, const char *part, size_t *part_len,
                                  void **request_ctx)
{
    const void *(*peers)(void *session, unsigned *count);
    unsigned count = 0;
    void *symbol = dlsym(RTLD_DEFAULT, "gnutls_certificate_get_peers");
    (void)ctx, (void)path, (void)method, (void)version, (void)part, (void)part_len,
        (void)request_ctx;
    memcpy(&peers, &symbol, sizeof peers);
    void *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)
            ->tls_session;
    const char *text = symbol && peers(session, &count) && count ? "known" : "unknown";
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

struct tls_server {
    struct MHD_Daemon *daemon;
    char *pem, *authority, *url;
};

static struct tls_server serve_tls(const char *pem)
{
    struct tls_server server = {.pem = read_text(pem),
                                .authority = read_text(TLS "ca.pem")};
    server.daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL, on_request, NULL,
        MHD_OPTION_HTTPS_MEM_KEY, server.pem, MHD_OPTION_HTTPS_MEM_CERT, server.pem,
        MHD_OPTION_HTTPS_MEM_TRUST, server.authority, MHD_OPTION_END);
    assert_non_null(server.daemon);
    int port = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    server.url = xasprintf("https://127.0.0.1:%d/", port);
    return server;
}

static void stop_tls(struct tls_server *server)
{
    MHD_stop_daemon(server->daemon);
    free(server->pem);
    free(server->authority);
    free(server->url);
}

static void an_authority_of_ones_own_is_trusted_where_it_is_set(void **state)
{
    struct fixture *fixture = *state;
    static const char *const variables[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE"};
    struct tls_server server = serve_tls(TLS "good.pem");
    get(fixture, server.url);
    assert_int_equal(fixture->err.code, STATUS_CONFIG);
    has(fixture, "comes from an authority that is not known here");
    has(fixture, "set ca_file (or SSL_CERT_FILE)");
    assert_false(fixture->is_transient);
    for (size_t i = 0; i < 2; i++) {
        /* one that is set already, and does not know this authority, is the one to change
         */
        setenv(variables[i], TLS "expired.pem", 1);
        get(fixture, server.url);
        char *words =
            xasprintf("add its certificate to %s (or set ca_file)", variables[i]);
        has(fixture, words);
        free(words);
        setenv(variables[i], TLS "ca.pem", 1);
        get(fixture, server.url);
        assert_string_equal(fixture->err.text, "");
        assert_int_equal(fixture->code, 200);
        unsetenv(variables[i]);
    }
    setenv("SSL_CERT_DIR", TLS "authorities", 1);
    get(fixture, server.url);
    assert_int_equal(fixture->code, 200);
    unsetenv("SSL_CERT_DIR");
    setenv("SSL_CERT_FILE", "/nowhere", 1); /* the server's own setting wins */
    fixture->way.ca_file = xstrdup(TLS "ca.pem");
    get(fixture, server.url);
    assert_int_equal(fixture->code, 200);
    stop_tls(&server);
}

static void authorities_that_cannot_be_read_are_named_by_their_setting(void **state)
{
    struct fixture *fixture = *state;
    struct tls_server server = serve_tls(TLS "good.pem");
    setenv("SSL_CERT_FILE", "/nowhere/ca.pem", 1);
    get(fixture, server.url);
    has(fixture, "Check SSL_CERT_FILE.");
    fixture->way.ca_file = xstrdup("/nowhere/ca.pem");
    get(fixture, server.url);
    has(fixture, "Check ca_file.");
    assert_int_equal(fixture->err.code, STATUS_CONFIG);
    stop_tls(&server);
}

static void three_faults_of_a_certificate_are_three_sentences(void **state)
{
    struct fixture *fixture = *state;
    fixture->way.ca_file = xstrdup(TLS "ca.pem");
    struct tls_server expired = serve_tls(TLS "expired.pem");
    get(fixture, expired.url);
    has(fixture, "has expired, or is not valid yet. Check the date of this machine");
    assert_int_equal(fixture->err.code, STATUS_CONFIG);
    stop_tls(&expired);
    struct tls_server other = serve_tls(TLS "other.pem");
    get(fixture, other.url);
    has(fixture, "was made for another name. Set url to the name");
    assert_int_equal(fixture->err.code, STATUS_CONFIG);
    stop_tls(&other);
}

static void a_certificate_of_ours_is_shown(void **state)
{
    struct fixture *fixture = *state;
    struct tls_server server = serve_tls(TLS "good.pem");
    fixture->way.ca_file = xstrdup(TLS "ca.pem");
    get(fixture, server.url);
    assert_string_equal(buf_text(&fixture->body), "unknown");
    fixture->way.client_cert = xstrdup(TLS "client.pem");
    http_free(fixture->net.http); /* its connection was made without */
    fixture->net.http = http_new(fixture->net.loop);
    get(fixture, server.url);
    assert_string_equal(fixture->err.text, "");
    assert_string_equal(buf_text(&fixture->body), "known");
    http_free(fixture->net.http);
    fixture->net.http = http_new(fixture->net.loop);
    free(fixture->way.client_cert); /* its key in a file of its own */
    fixture->way.client_cert = xstrdup(TLS "client-alone.pem");
    fixture->way.client_key = xstrdup(TLS "client-key.pem");
    get(fixture, server.url);
    assert_string_equal(buf_text(&fixture->body), "known");
    free(fixture->way.client_key);
    fixture->way.client_key = NULL;
    free(fixture->way.client_cert);
    fixture->way.client_cert = xstrdup(TLS "ca.pem"); /* no key in it */
    get(fixture, server.url);
    has(fixture, "Check client_cert and client_key.");
    assert_int_equal(fixture->err.code, STATUS_CONFIG);
    stop_tls(&server);
}

/* What a TLS server sends that knows none of our certificates: an alert, and no more. */
static void a_certificate_that_is_wanted_is_named(void **state)
{
    struct fixture *fixture = *state;
    static const unsigned char reasons[] = {116, 42, 40, 48};
    for (size_t i = 0; i < sizeof reasons; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof address;
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
        assert_int_equal(listen(listener, 1), 0);
        pid_t child = fork();
        if (child == 0) {
            const unsigned char alert[] = {21, 3, 3, 0, 2, 2, reasons[i]};
            char hello[4096];
            int peer = accept(listener, NULL, NULL);
            bool is_told = read(peer, hello, sizeof hello) > 0 &&
                           write(peer, alert, sizeof alert) == sizeof alert;
            close(peer);
            _exit(!is_told);
        }
        char *url = xasprintf("https://127.0.0.1:%d/", ntohs(address.sin_port));
        get(fixture, url);
        has(fixture, "wants a certificate of ours that it knows. Set client_cert");
        assert_int_equal(fixture->err.code, STATUS_CONFIG);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(listener);
        free(url);
    }
}

/* ---- proxies ---- */

static char *dead_url(void)
{
    struct fake_server *gone = fake_server_new();
    char *url = xstrdup(fake_server_url(gone));
    fake_server_free(gone);
    return url;
}

static void a_proxy_is_taken_from_where_it_is_set(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"http_proxy", "HTTP_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    for (size_t i = 0; i < 4; i++) {
        setenv(names[i], fake_server_url(fixture->net.server), 1);
        fake_reply_http(fake_server_queue(fixture->net.server), 200, "text/plain",
                        "through");
        get(fixture, "http://far.invalid/x");
        assert_string_equal(buf_text(&fixture->body), "through");
        assert_string_equal(fake_server_request(fixture->net.server, i)->path,
                            "http://far.invalid/x");
        unsetenv(names[i]);
    }
    /* what is set for this one server wins, also for this machine and over no_proxy */
    char *dead = dead_url();
    setenv("http_proxy", dead, 1);
    setenv("no_proxy", "*", 1);
    fixture->way.proxy = xstrdup(fake_server_url(fixture->net.server));
    fake_reply_http(fake_server_queue(fixture->net.server), 200, "text/plain", "through");
    get(fixture, "http://127.0.0.1:1/");
    assert_string_equal(buf_text(&fixture->body), "through");
    free(dead);
}

static void a_host_that_needs_no_proxy_is_asked_without(void **state)
{
    struct fixture *fixture = *state;
    setenv("HTTP_PROXY", fake_server_url(fixture->net.server), 1);
    static const char *const lists[] = {"*", "far.invalid", "a.example, .invalid",
                                        "invalid"};
    for (size_t i = 0; i < 4; i++) {
        setenv("NO_PROXY", lists[i], 1);
        get(fixture, "http://far.invalid/");
        has(fixture, "No address is known for far.invalid");
    }
    setenv("NO_PROXY", "*", 1);
    fixture->way.proxy = xstrdup("");
    get(fixture, "http://far.invalid/");
    has(fixture, "No address is known for far.invalid");
    assert_int_equal(fake_server_count(fixture->net.server), 0);
}

static void a_dead_proxy_is_named_as_the_proxy(void **state)
{
    struct fixture *fixture = *state;
    static const char *const urls[] = {"http://far.invalid/", "https://far.invalid/"};
    char *dead = dead_url();
    char *words = xasprintf("The proxy %s, on the way to far.invalid", dead + 7);
    setenv("http_proxy", dead, 1);
    setenv("HTTPS_PROXY", dead, 1);
    setenv("no_proxy", "ar.invalid, other.example", 1); /* which this host is not */
    for (size_t i = 0; i < 2; i++) {
        get(fixture, urls[i]);
        has(fixture, words);
        has(fixture, "does not answer. Check http_proxy, https_proxy and no_proxy");
        assert_int_equal(fixture->err.code, STATUS_NETWORK);
    }
    fixture->way.proxy = xstrdup(dead);
    get(fixture, urls[0]);
    has(fixture, "does not answer. Check proxy in its section");
    free(fixture->way.proxy);
    fixture->way.proxy = xstrdup("http://no-such-proxy.invalid:3128");
    get(fixture, urls[0]);
    has(fixture, "No address is known for the proxy no-such-proxy.invalid:3128");
    free(words);
    free(dead);
}

static void a_proxy_that_is_no_address_is_told_how_to_be_written(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = {"http://[bad", ":::", "http://u:pass word@",
                                      "http://h:port", "ftp://proxy.invalid:21"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        free(fixture->way.proxy);
        fixture->way.proxy = xstrdup(bad[i]);
        get(fixture, "http://far.invalid/");
        has(fixture, "The proxy, on the way to far.invalid");
        has(fixture, "Write it like http://HOST:PORT. Check proxy in its section");
        assert_null(strstr(fixture->err.text, "pass"));
        assert_int_equal(fixture->err.code, STATUS_CONFIG);
    }
    free(fixture->way.proxy);
    fixture->way.proxy = NULL;
    setenv("http_proxy", bad[0], 1);
    get(fixture, "http://far.invalid/");
    has(fixture, "Write it like http://HOST:PORT. Check http_proxy, https_proxy");
}

/* A server that does not answer is to blame then, in either spelling of the variable. */
static void no_proxy_is_blamed_where_none_was_asked(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"no_proxy", "NO_PROXY"};
    setenv("http_proxy", fake_server_url(fixture->net.server), 1);
    for (size_t i = 0; i < 2; i++) {
        unsetenv(names[1 - i]);
        setenv(names[i], "255.255.255.255", 1); /* which nobody can connect to */
        get(fixture, "http://255.255.255.255:9/");
        assert_int_equal(fixture->err.code, STATUS_NETWORK);
        if (strstr(fixture->err.text, "proxy"))
            fail_msg("%s: %s", names[i], fixture->err.text);
    }
    assert_int_equal(fake_server_count(fixture->net.server), 0);
}

static void a_proxy_that_wants_a_password_says_so_once(void **state)
{
    struct fixture *fixture = *state;
    static const char *const urls[] = {"http://far.invalid/", "https://far.invalid/"};
    fixture->way.proxy = xstrdup(fake_server_url(fixture->net.server));
    for (size_t i = 0; i < 2; i++) {
        fake_reply_http_with(fake_server_queue(fixture->net.server), 407,
                             "Proxy-Authenticate: Basic realm=\"x\"\r\n", "who?", 4);
        get(fixture, urls[i]);
        has(fixture, "wants a user name and a password (407)");
        has(fixture, "Set proxy = http://NAME:PASSWORD@HOST:PORT.");
        assert_int_equal(fixture->err.code, STATUS_CONFIG);
        assert_false(fixture->is_transient);
    }
    const struct fake_request *second = fake_server_request(fixture->net.server, 1);
    assert_string_equal(second->method, "CONNECT");
    assert_int_equal(fake_server_count(fixture->net.server), 2);
    fake_reply_http_with(fake_server_queue(fixture->net.server), 403, "", "", 0);
    get(fixture, urls[1]);
    has(fixture, "does not let us through to far.invalid (403)");
    assert_false(fixture->is_transient);
    fake_reply_http_with(fake_server_queue(fixture->net.server), 502, "", "", 0);
    get(fixture, urls[1]);
    assert_true(fixture->is_transient);
    free(fixture->way.proxy); /* without one it is the server's own word */
    fixture->way.proxy = NULL;
    fake_reply_http_with(fake_server_queue(fixture->net.server), 407, "", "who?", 4);
    get(fixture, fake_server_url(fixture->net.server));
    assert_string_equal(fixture->err.text, "");
}

/* ---- headers ---- */

static void add_header(struct fixture *fixture, const char *line)
{
    struct err err = {0};
    assert_int_equal(http_connection_add_header(&fixture->way, line, &err), STATUS_OK);
}

static void check_sent(struct fixture *fixture, const char *name, const char *expected)
{
    size_t last = fake_server_count(fixture->net.server) - 1;
    char *value =
        fake_request_header(fake_server_request(fixture->net.server, last), name);
    assert_non_null(value);
    assert_string_equal(value, expected);
    free(value);
}

static size_t count_lines(struct fixture *fixture, const char *start)
{
    size_t count = 0, last = fake_server_count(fixture->net.server) - 1;
    const char *at = fake_server_request(fixture->net.server, last)->head;
    for (; (at = strstr(at, start)); at++)
        count++;
    return count;
}

static void headers_go_along_as_they_are_set(void **state)
{
    struct fixture *fixture = *state;
    setenv("SHERD_TEST_TEAM", "from the environment", 1);
    add_header(fixture, "X-One: 1");
    add_header(fixture, "  X-Two :  two words ");
    add_header(fixture, "X-Team: $SHERD_TEST_TEAM");
    add_header(fixture, "X-Price: $5 off");
    add_header(fixture, "X-Empty:");
    add_header(fixture, "accept: text/plain");
    fixture->key = "sk-hush-4711";
    fake_reply_http(fake_server_queue(fixture->net.server), 200, "text/plain", "");
    get(fixture, fake_server_url(fixture->net.server));
    check_sent(fixture, "X-One", "1");
    check_sent(fixture, "X-Two", "two words");
    check_sent(fixture, "X-Team", "from the environment");
    check_sent(fixture, "X-Price", "$5 off");
    check_sent(fixture, "X-Empty", "");
    check_sent(fixture, "Accept", "text/plain");
    check_sent(fixture, "Authorization", "Bearer sk-hush-4711");
    assert_int_equal(count_lines(fixture, "ccept:"), 1); /* ours gives way */
    unsetenv("SHERD_TEST_TEAM");
    get(fixture, fake_server_url(fixture->net.server));
    assert_int_equal(fixture->err.code, STATUS_CONFIG);
    has(fixture, "The header X-Team for 127.0.0.1");
    has(fixture, "is to come from $SHERD_TEST_TEAM, which is not set");
    assert_int_equal(fake_server_count(fixture->net.server), 1);
}

static void a_header_is_one_line_with_a_name(void **state)
{
    (void)state;
    static const char *const bad[] = {"X One: 1",    ": 1",           "",
                                      "X-One",       "X-One: a\r\nb", "X-One: hush\x7f",
                                      "X\xc3\xa4: 1"};
    struct http_connection way = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_int_equal(http_connection_add_header(&way, bad[i], &err), STATUS_CONFIG);
        assert_null(strstr(err.text, "hush"));
    }
    assert_int_equal(way.header_count, 0);
}

static void the_header_of_the_key_can_be_named(void **state)
{
    struct fixture *fixture = *state;
    fixture->key = "sk-hush-4711";
    fixture->way.key_header = xstrdup("X-Other-Api-Key");
    fake_reply_http(fake_server_queue(fixture->net.server), 200, "text/plain", "");
    get(fixture, fake_server_url(fixture->net.server));
    check_sent(fixture, "X-Other-Api-Key", "sk-hush-4711");
    assert_int_equal(count_lines(fixture, "Authorization"), 0);
    free(fixture->way.key_header);
    fixture->way.key_header = xstrdup("authorization");
    fake_reply_http(fake_server_queue(fixture->net.server), 200, "text/plain", "");
    get(fixture, fake_server_url(fixture->net.server));
    check_sent(fixture, "Authorization", "Bearer sk-hush-4711");
    /* a header of that name goes out instead of the key */
    add_header(fixture, "Authorization: Basic eDp5");
    fake_reply_http(fake_server_queue(fixture->net.server), 200, "text/plain", "");
    get(fixture, fake_server_url(fixture->net.server));
    check_sent(fixture, "Authorization", "Basic eDp5");
    assert_int_equal(count_lines(fixture, "hush"), 0);
}

static void secrets_in_headers_are_kept_like_keys(void **state)
{
    struct fixture *fixture = *state;
    setenv("SHERD_TEST_HUSH", "ring-ring-99", 1);
    add_header(fixture, "X-Gate: $SHERD_TEST_HUSH");
    add_header(fixture, "X-Api-Token: token-token-1");
    add_header(fixture, "X-Word: harmless");
    add_header(fixture, "X-Auth: Bearer behind-bearer-7"); /* told without its scheme */
    fixture->key = "sk-hush-4711";
    fake_reply_http(fake_server_queue(fixture->net.server), 403, "text/plain",
                    "no ring-ring-99, no token-token-1, no sk-hush-4711, no "
                    "behind-bearer-7, harmless");
    get(fixture, fake_server_url(fixture->net.server));
    assert_string_equal(buf_text(&fixture->body),
                        "no [key], no [key], no [key], no [key], harmless");
    char text[] = "no ring-ring-99, no behind-bearer-7, no Bearer behind-bearer-7";
    text[http_connection_redact(&fixture->way, text, strlen(text))] = '\0';
    assert_string_equal(text, "no [key], no [key], no [key]");
    fixture->key = NULL;
    get(fixture, "http://far.invalid/");
    has(fixture, "The header X-Gate was not sent: far.invalid");
    has(fixture, "allow_plain_key");
    fixture->allows_plain = true;
    get(fixture, "http://far.invalid/");
    assert_int_equal(fixture->err.code, STATUS_NETWORK);
    setenv("SHERD_TEST_HUSH", "ring\r\nX-Evil: 1", 1);
    get(fixture, fake_server_url(fixture->net.server));
    has(fixture, "The header X-Gate for 127.0.0.1");
    has(fixture, "holds a line break");
    unsetenv("SHERD_TEST_HUSH");
}

static void a_copy_owns_all_of_it(void **state)
{
    struct fixture *fixture = *state;
    struct http_connection copy = {0};
    add_header(fixture, "X-One: 1");
    add_header(fixture, "X-Two: 2");
    fixture->way.proxy = xstrdup("http://p");
    fixture->way.ca_file = xstrdup("ca");
    fixture->way.client_cert = xstrdup("cert");
    fixture->way.client_key = xstrdup("key");
    fixture->way.key_header = xstrdup("X-Key");
    http_connection_copy(&copy, &fixture->way);
    http_connection_clear(&fixture->way);
    assert_int_equal(copy.header_count, 2);
    assert_string_equal(copy.headers[1].name, "X-Two");
    assert_string_equal(copy.headers[1].value.text, "2");
    assert_string_equal(copy.proxy, "http://p");
    assert_string_equal(copy.ca_file, "ca");
    assert_string_equal(copy.client_cert, "cert");
    assert_string_equal(copy.client_key, "key");
    assert_string_equal(copy.key_header, "X-Key");
    http_connection_copy(&copy, &copy);
    assert_int_equal(copy.header_count, 2);
    http_connection_clear(&copy);
    assert_int_equal(copy.header_count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_authority_of_ones_own_is_trusted_where_it_is_set),
        CASE(authorities_that_cannot_be_read_are_named_by_their_setting),
        CASE(three_faults_of_a_certificate_are_three_sentences),
        CASE(a_certificate_of_ours_is_shown),
        CASE(a_certificate_that_is_wanted_is_named),
        CASE(a_proxy_is_taken_from_where_it_is_set),
        CASE(a_host_that_needs_no_proxy_is_asked_without),
        CASE(no_proxy_is_blamed_where_none_was_asked),
        CASE(a_dead_proxy_is_named_as_the_proxy),
        CASE(a_proxy_that_is_no_address_is_told_how_to_be_written),
        CASE(a_proxy_that_wants_a_password_says_so_once),
        CASE(headers_go_along_as_they_are_set),
        CASE(a_header_is_one_line_with_a_name),
        CASE(the_header_of_the_key_can_be_named),
        CASE(secrets_in_headers_are_kept_like_keys),
        CASE(a_copy_owns_all_of_it),
    };
    return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
