/* SPDX-License-Identifier: MIT
 * A run that is killed again and again, over an endpoint that fails in every way and a
 * disk that is slow, then full, then loses power: in the end each prompt has one answer,
 * once in the store and once on the server.
 *
 * The program runs as a child of its own kind ("child" as the first argument), so that
 * it can be given the faulty file layer. SHERD_CRASH_RUN=2000 takes so many prompts. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/batch.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "tests/support/failing_model.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fault_vfs.h"

enum {
    PROMPTS = 1000,
    KILLS = 20,
    STARTS_MAX = 400,
    CONCURRENCY = 32,
    SYNC_US = 20000,
    FULL_MS = 300,
    MOMENT_MS = 700 /* a child is ended within so many */
};
#define SEED 20261126u

/* ---- the child ---- */

struct child {
    struct loop *loop;
    bool is_full;
    struct loop_timer *timer;
};

static void lose_power(void *ctx)
{
    (void)ctx;
    fault_vfs_lose_power(SEED);
    _exit(3);
}

/* Full for a while, then there is room again. */
static void fill_disk(void *ctx)
{
    struct child *child = ctx;
    child->is_full = !child->is_full;
    fault_vfs_arm(child->is_full ? FAULT_WRITE : 0, child->is_full ? 1 : 0,
                  child->is_full);
    if (child->is_full)
        loop_timer_start(child->timer, FULL_MS, 0);
}

/* argv: child STORE FILE MODEL SERVER WHAT MS. Exits with 0 when all is logged and sent,
 * with 3 when something is left for the next start. */
static int be_child(char **argv)
{
    struct settings settings;
    struct child child = {.loop = loop_new()};
    struct err err = {0};
    struct app *app = NULL;
    alarm(120); /* never outlives a failed parent for long */
    fault_vfs_register();
    fault_vfs_track();
    fault_vfs_slow(SYNC_US);
    settings_init(&settings);
    settings.store = xstrdup(argv[2]);
    struct endpoint *endpoint = setting_add_endpoint(&settings, "fake");
    struct server_settings *server = setting_add_server(&settings, "fake");
    setting_text(&endpoint->defaults.model, "fake-1");
    secret_set(&server->key, FAKE_ARGILLA_KEY);
    if (endpoint_set_url(endpoint, argv[4], &err) ||
        setting_server_url(server, argv[5], &err))
        return 4;
    struct app_options options = {.loop = child.loop,
                                  .settings = &settings,
                                  .connects = true,
                                  .store_vfs = "fault"};
    child.timer =
        loop_timer_new(child.loop, *argv[6] == 'p' ? lose_power : fill_disk, &child);
    if (*argv[6] != 'k')
        loop_timer_start(child.timer, atoi(argv[7]), 0);
    if (app_open(&app, &options, &err)) {
        fprintf(stderr, "# %s\n", err.text);
        return 4;
    }
    app_settle(app, NULL);
    struct batch_options what = {.name = "prompts.txt",
                                 .fd = open(argv[3], O_RDONLY | O_CLOEXEC),
                                 .samples = 1,
                                 .concurrency = CONCURRENCY,
                                 .key = "crash"};
    struct batch *batch = batch_start(app, &what, NULL, NULL, &err);
    if (!batch) {
        fprintf(stderr, "# %s\n", err.text);
        return 4;
    }
    while (!batch_is_over(batch) && loop_turn(child.loop))
        ;
    app_settle(app, NULL);
    app_sync(app);
    app_settle(app, NULL);
    struct outbox_counts counts = {0};
    store_count_outbox(app_store(app), app_session(app)->dataset.row, &counts);
    const struct batch_progress *progress = batch_progress(batch);
    bool is_done =
        progress->done == progress->total && !progress->failed && !counts.unsent;
    batch_free(batch);
    app_close(app);
    close(what.fd);
    settings_clear(&settings);
    loop_timer_free(child.timer);
    loop_free(child.loop);
    return is_done ? 0 : 3;
}

/* ---- the parent ---- */

struct trial {
    char dir[64];
    char store[96], file[96], shared[112];
    struct failing_model *model;
    struct fake_argilla *argilla;
    size_t prompts;
    uint32_t random;
};

static uint32_t roll(struct trial *trial, uint32_t limit)
{
    trial->random = trial->random * 1664525u + 1013904223u;
    return (trial->random >> 8) % limit;
}

/* kind: 'k' killed after ms, 'p' it loses power then, 'f' its disk is full for a while,
 * and it is killed later. ms < 0: it may end by itself. Returns its exit code, -1 =
 * killed. */
static int start_once(struct trial *trial, char kind, int ms)
{
    char number[16], what[2] = {kind, '\0'};
    int status;
    pid_t child;
    snprintf(number, sizeof number, "%d", ms < 0 ? 100 : ms);
    char *argv[] = {(char[]){"test_crash_run"},
                    (char[]){"child"},
                    trial->store,
                    trial->file,
                    xstrdup(failing_model_url(trial->model)),
                    xstrdup(fake_argilla_url(trial->argilla)),
                    what,
                    number,
                    NULL};
    assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    free(argv[4]);
    free(argv[5]);
    if (kind == 'k' && ms >= 0) {
        usleep((useconds_t)ms * 1000);
        kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (kind == 'p')
        unlink(trial->shared); /* it was memory */
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return -1;
    }
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3);
    return WEXITSTATUS(status);
}

static bool count_answer(void *ctx, const struct record *record)
{
    const struct record_field *prompt = record_field(record, "prompt");
    const struct record_field *response = record_field(record, "response");
    char *expected = xasprintf("Answer to %s.", prompt->text);
    assert_int_equal(record->completion.state, COMPLETION_DONE);
    assert_string_equal(response->text, expected);
    free(expected);
    ((unsigned char *)ctx)[atoi(prompt->text + strlen("Prompt "))]++;
    return true;
}

static void check_store(struct trial *trial)
{
    struct loop *loop = loop_new();
    struct store *store = NULL;
    struct dataset *list = NULL;
    struct err err = {0};
    size_t count = 0;
    const struct store_options options = {.path = trial->store};
    unsigned char *seen = xcalloc(trial->prompts, 1);
    assert_int_equal(store_open(&store, loop, &options, &err), STATUS_OK);
    assert_int_equal(store_list_datasets(store, &list, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_each_record(store, list->row, false, RESPONSE_PENDING,
                                       count_answer, seen, &err),
                     STATUS_OK);
    for (size_t i = 0; i < trial->prompts; i++)
        assert_int_equal(seen[i], 1);
    dataset_clear(list);
    free(list);
    free(seen);
    store_close(store);
    loop_free(loop);
}

static void check_server(struct trial *trial)
{
    json_t *dataset = fake_argilla_dataset(trial->argilla, "langchain-dataset");
    const json_t *records = json_object_get(dataset, "records"), *record;
    unsigned char *seen = xcalloc(trial->prompts, 1);
    size_t i;
    assert_int_equal(json_array_size(records), trial->prompts);
    json_array_foreach(records, i, record)
    {
        const json_t *fields = json_object_get(record, "fields");
        const char *prompt = json_string_value(json_object_get(fields, "prompt"));
        const char *response = json_string_value(json_object_get(fields, "response"));
        assert_non_null(strstr(response, prompt));
        assert_int_equal(seen[atoi(prompt + strlen("Prompt "))]++, 0);
    }
    json_decref(dataset);
    free(seen);
}

static void each_pair_is_logged_once_whatever_happens(void **state)
{
    (void)state;
    static const char kinds[] = "kkkpkfkk";
    struct trial trial = {.dir = "/tmp/sherd-crash-XXXXXX", .random = SEED};
    if (getenv("SHERD_UNDER_VALGRIND"))
        skip(); /* it would start valgrind in the place of itself */
    const char *size = getenv("SHERD_CRASH_RUN");
    trial.prompts = size && *size ? (size_t)atoi(size) : PROMPTS;
    assert_non_null(mkdtemp(trial.dir));
    snprintf(trial.store, sizeof trial.store, "%s/store.db", trial.dir);
    snprintf(trial.shared, sizeof trial.shared, "%s/store.db-shm", trial.dir);
    snprintf(trial.file, sizeof trial.file, "%s/prompts.txt", trial.dir);
    FILE *file = fopen(trial.file, "w");
    for (size_t i = 0; i < trial.prompts; i++)
        fprintf(file, "Prompt %zu\n", i);
    assert_int_equal(fclose(file), 0);
    trial.model = failing_model_new(10, 10, SEED);
    trial.argilla = fake_argilla_new("2.8.0");
    fake_argilla_add_dataset(trial.argilla, "langchain-dataset");
    int starts = 0, code = -1, ended = 0;
    for (; starts < STARTS_MAX && (code != 0 || starts < KILLS); starts++) {
        bool is_crash = starts < KILLS;
        code = start_once(&trial, is_crash ? kinds[starts % 8] : 'k',
                          is_crash ? (int)roll(&trial, MOMENT_MS) : -1);
        ended += is_crash && code >= 0;
    }
    size_t ways = 0, shown = failing_model_shown(trial.model, &ways);
    printf("# seed %u: %zu prompts, %d starts (%d of %d crashes ended before), %zu "
           "requests, %zu of %zu ways to fail\n",
           SEED, trial.prompts, starts, ended, KILLS, failing_model_count(trial.model),
           shown, ways);
    assert_int_equal(code, 0);
    assert_true(KILLS - ended >= KILLS / 4);
    assert_int_equal(shown, ways);
    check_store(&trial);
    check_server(&trial);
    fake_argilla_free(trial.argilla);
    failing_model_free(trial.model);
    for (size_t i = 0; i < 4; i++) {
        static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm",
                                            "prompts.txt"};
        char path[128];
        snprintf(path, sizeof path, "%s/%s", trial.dir, names[i]);
        unlink(path);
    }
    rmdir(trial.dir);
}

int main(int argc, char **argv)
{
    if (argc > 7 && !strcmp(argv[1], "child"))
        return be_child(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_is_logged_once_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
