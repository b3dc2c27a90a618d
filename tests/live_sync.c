/* SPDX-License-Identifier: MIT
 *
 * Sync on real servers, through a proxy that breaks connections: each record and answer
 * must exist exactly once. Part of `make live`, not of `make check`. The seed of the
 * random places is printed; SHERD_SEED gives it again.
 */
#include "config.h"

#include "sync/sync.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/live.h"
#include "tests/support/machines.h"
#include "tests/support/sync_bench.h"
#include "tests/support/tcp_proxy.h"
#include "json/json.h"

struct live {
    int port;
    uint64_t seed;
    struct tcp_proxy *proxy;
    struct sync_rig rig;
    struct argilla_call direct; /* past the proxy */
};

/* xorshift: the same places again for the same seed. */
static size_t random_below(struct live *live, size_t limit)
{
    live->seed ^= live->seed << 13;
    live->seed ^= live->seed >> 7;
    live->seed ^= live->seed << 17;
    return (size_t)(live->seed % limit);
}

static uint64_t choose_seed(void)
{
    const char *given = getenv("SHERD_SEED");
    struct id id;
    id_random(&id);
    uint64_t seed = 0;
    memcpy(&seed, id.bytes, sizeof seed);
    seed = given ? strtoull(given, NULL, 10) : seed;
    print_message("# SHERD_SEED=%llu\n", (unsigned long long)seed);
    return seed ? seed : 1;
}

static int set_up(void **state)
{
    struct live *live = calloc(1, sizeof *live);
    live->port = *(const int *)*state;
    live->seed = choose_seed();
    live->proxy = tcp_proxy_new(live->port);
    char *name = xasprintf("sync-live-%08zx", random_below(live, 0xFFFFFFFF));
    char *url = xasprintf("http://127.0.0.1:%d", live->port);
    sync_rig_start_with(&live->rig, tcp_proxy_url(live->proxy), name, live_argilla_key());
    argilla_call_init(&live->direct, url, live_argilla_key());
    assert_int_equal(call_open(&live->direct, name, "argilla"), STATUS_OK);
    free(name);
    free(url);
    *state = live;
    return 0;
}

static int tear_down(void **state)
{
    struct live *live = *state;
    char *path = xasprintf("/api/v1/datasets/%s", live->direct.dataset.remote_id);
    json_decref(call_raw(&live->direct, "DELETE", path, NULL, NULL));
    free(path);
    argilla_call_clear(&live->direct);
    sync_rig_end(&live->rig);
    tcp_proxy_free(live->proxy);
    free(live);
    return 0;
}

/* Every record with everybody's answers, past the client's own reading. */
static json_t *read_server(struct live *live, size_t *total)
{
    char *path = xasprintf("/api/v1/datasets/%s/records?limit=1000&include=responses",
                           live->direct.dataset.remote_id);
    json_t *json = call_raw(&live->direct, "GET", path, NULL, NULL);
    free(path);
    *total = (size_t)json_integer_value(json_object_get(json, "total"));
    return json;
}

enum { ROUNDS = 24, EACH = 8 };

/* A round sends about 5 KB up and 8 KB down: most places lie inside it. */
static void plan_cut(struct live *live, int round)
{
    bool is_up = round % 3 == 2;
    size_t bytes = round % 3 == 0 ? 0 : random_below(live, is_up ? 2500 : 4000);
    tcp_proxy_cut(live->proxy, is_up ? PROXY_UP : PROXY_DOWN, bytes);
}

static void cuts_leave_one_of_each(void **state)
{
    struct live *live = *state;
    struct id ids[ROUNDS * EACH];
    int tries = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < EACH; i++)
            ids[round * EACH + i] = sync_rig_add(&live->rig, "p", i % 6);
        if (round > 0)
            sync_rig_respond(&live->rig, &ids[(round - 1) * EACH + 1], RESPONSE_PENDING,
                             0);
        plan_cut(live, round);
        tries += sync_rig_finish(&live->rig, 6);
    }
    print_message("# port %d: %zu cuts, %d tries for %d rounds\n", live->port,
                  tcp_proxy_cuts(live->proxy), tries, ROUNDS);
    assert_true(tcp_proxy_cuts(live->proxy) >= 10);
    size_t total = 0;
    json_t *json = read_server(live, &total);
    assert_int_equal(total, ROUNDS * EACH);
    for (int i = 0; i < ROUNDS * EACH; i++) {
        int rating = i % EACH % 6;
        if (i % EACH == 1 && i < (ROUNDS - 1) * EACH)
            rating = 0; /* taken back */
        assert_sent_once(json_object_get(json, "items"), &ids[i],
                         rating ? "submitted" : NULL, rating);
    }
    json_decref(json);
}

/* The process dies with the answer under way; another goes on. */
static void restarts_leave_one_of_each(void **state)
{
    struct live *live = *state;
    struct id ids[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        ids[round] = sync_rig_add(&live->rig, "p", 1 + round % 5);
        sync_now(live->rig.sync);
        for (size_t turn = random_below(live, 40); turn > 0; turn--)
            loop_turn(live->rig.store.loop);
        sync_rig_restart(&live->rig);
    }
    sync_rig_finish(&live->rig, 3);
    size_t total = 0;
    json_t *json = read_server(live, &total);
    assert_int_equal(total, ROUNDS);
    for (int i = 0; i < ROUNDS; i++)
        assert_sent_once(json_object_get(json, "items"), &ids[i], "submitted", 1 + i % 5);
    json_decref(json);
}

static void pull_on_a_bad_line_brings_all(void **state)
{
    struct live *live = *state;
    enum { COUNT = 500 };
    for (int i = 0; i < COUNT; i++) {
        char prompt[16];
        snprintf(prompt, sizeof prompt, "p%d", i);
        sync_rig_add(&live->rig, prompt, 0);
    }
    sync_rig_finish(&live->rig, 3);
    /* another machine: an empty store */
    struct sync_rig other;
    sync_rig_start_with(&other, tcp_proxy_url(live->proxy), live->direct.dataset.name,
                        live_argilla_key());
    for (int i = 0; i < 3; i++) {
        tcp_proxy_cut(live->proxy, PROXY_DOWN, random_below(live, 200000));
        sync_rig_pull(&other);
        sync_rig_finish(&other, 4);
    }
    size_t count = 0;
    struct queue_row *rows = store_rig_queue(&other.store, &count);
    assert_int_equal(count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        char snippet[16], prompt[16];
        snprintf(prompt, sizeof prompt, "p%zu", i);
        store_get_snippet(other.store.store, rows[i].row, snippet, sizeof snippet);
        assert_string_equal(snippet, prompt);
    }
    free(rows);
    sync_rig_end(&other);
}

/* An answer given on the web page arrives; one that waits here is not overwritten. */
static void answers_from_elsewhere_arrive(void **state)
{
    struct live *live = *state;
    struct id ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = sync_rig_add(&live->rig, "p", 2);
    sync_rig_finish(&live->rig, 1);
    assert_int_equal(call_pull(&live->direct, 10), STATUS_OK);
    struct record records[3];
    for (size_t i = 0; i < 3; i++) {
        records[i] = (struct record){0};
        record_copy(&records[i], &live->direct.records[i]);
        values_set_rating(&records[i].response.values, "response-rating", 5);
    }
    assert_int_equal(call_respond(&live->direct, records, 2), STATUS_OK);
    sync_rig_respond(&live->rig, &ids[1], RESPONSE_SUBMITTED, 1);
    assert_int_equal(sync_rig_pull(&live->rig), SYNC_IDLE);
    store_rig_expect(&live->rig.store, &ids[0], RESPONSE_SUBMITTED, 5, NULL);
    store_rig_expect(&live->rig.store, &ids[1], RESPONSE_SUBMITTED, 1, NULL);
    assert_int_equal(sync_rig_outbox(&live->rig).clashes, 1);
    store_rig_expect(&live->rig.store, &ids[2], RESPONSE_SUBMITTED, 2, NULL);
    sync_rig_finish(&live->rig, 1);
    size_t total = 0;
    json_t *json = read_server(live, &total);
    assert_sent_once(json_object_get(json, "items"), &ids[1], "submitted", 5);
    json_decref(json);
    for (size_t i = 0; i < 3; i++)
        record_clear(&records[i]);
}

/* ---- two machines, without the proxy ---- */

struct two {
    const struct machines_case *machines_case;
    const char *url;
};

static void run_machines(void **state)
{
    const struct two *two = *state;
    struct machines machines;
    machines_start(&machines, two->url, live_argilla_key());
    two->machines_case->run(&machines);
    machines_end(&machines);
}

static int run_all_machines(const char *url)
{
    struct CMUnitTest *tests = xcalloc(machines_case_count, sizeof *tests);
    struct two *twos = xcalloc(machines_case_count, sizeof *twos);
    for (size_t i = 0; i < machines_case_count; i++) {
        twos[i] = (struct two){&machines_cases[i], url};
        tests[i] = (struct CMUnitTest){machines_cases[i].name, run_machines, NULL, NULL,
                                       &twos[i]};
    }
    int failed = _cmocka_run_group_tests(url, tests, machines_case_count, NULL, NULL);
    free(tests);
    free(twos);
    return failed;
}

#define CASE(name)                                                                       \
    {                                                                                    \
#name, name, set_up, tear_down, &port                                            \
    }

/* The proxy stands before a server on this machine. */
static int run_on(const char *url)
{
    const char *colon = strrchr(url, ':');
    static int port;
    port = colon ? (int)strtol(colon + 1, NULL, 10) : 0;
    if (port <= 0 || !strstr(url, "127.0.0.1"))
        return live_skip_all("the server is not on this machine's loopback");
    const struct CMUnitTest tests[] = {
        CASE(cuts_leave_one_of_each),
        CASE(restarts_leave_one_of_each),
        CASE(pull_on_a_bad_line_brings_all),
        CASE(answers_from_elsewhere_arrive),
    };
    return cmocka_run_group_tests_name(url, tests, NULL, NULL) + run_all_machines(url);
}

int main(void)
{
    return live_each_argilla(run_on) > 0;
}
