/* SPDX-License-Identifier: MIT
 * How the app ends when it cannot begin, and what it does while nothing happens. */
#include "config.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/paths.h"
#include "base/xalloc.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/pilot_app.h"

struct fixture {
    char dir[64];
    struct settings settings;
    struct loop *loop;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    memcpy(fixture->dir, "/tmp/sherd-open-XXXXXX", sizeof "/tmp/sherd-open-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    setenv("TMPDIR", fixture->dir, 1);
    fixture->loop = loop_new();
    settings_init(&fixture->settings);
    fixture->settings.store = paths_join(fixture->dir, "store.db");
    *state = fixture;
    return 0;
}

static size_t count_files(const struct fixture *fixture)
{
    size_t count = 0;
    DIR *dir = opendir(fixture->dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm"};
    fault_vfs_arm(0, 0, false);
    loop_free(fixture->loop);
    settings_clear(&fixture->settings);
    for (size_t i = 0; i < 3; i++) {
        char *path = paths_join(fixture->dir, names[i]);
        unlink(path);
        free(path);
    }
    assert_int_equal(rmdir(fixture->dir), 0);
    unsetenv("TMPDIR");
    free(fixture);
    return 0;
}

/* It fails with a sentence, and nothing of it is left: no timer, no file. */
static void expect_failure(struct fixture *fixture, const struct app_options *with,
                           enum status status, const char *words)
{
    struct app_options options = *with;
    struct app *app = NULL;
    options.loop = fixture->loop;
    options.settings = &fixture->settings;
    options.loads_queue = true;
    size_t before = count_files(fixture);
    err_clear(&fixture->err);
    assert_int_equal(app_open(&app, &options, &fixture->err), status);
    assert_null(app);
    if (!strstr(fixture->err.text, words))
        fail_msg("it says: %s", fixture->err.text);
    assert_int_equal(count_files(fixture), before);
    assert_false(loop_turn(fixture->loop));
}

static void a_name_that_is_not_configured_opens_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.endpoint = xstrdup("nowhere");
    expect_failure(fixture, &(struct app_options){0}, STATUS_CONFIG, "nowhere");
    free(fixture->settings.endpoint);
    fixture->settings.endpoint = NULL;
    fixture->settings.server = xstrdup("nobody");
    expect_failure(fixture, &(struct app_options){0}, STATUS_CONFIG, "nobody");
}

static void a_store_that_cannot_be_opened_is_named(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(mkdir(fixture->settings.store, 0700), 0);
    expect_failure(fixture, &(struct app_options){0}, STATUS_IO, "store.db");
    assert_int_equal(rmdir(fixture->settings.store), 0);
}

/* Root may write anything: another user looks. */
static void a_store_that_can_only_be_read_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct app_options options = {.loop = fixture->loop, .settings = &fixture->settings};
    struct app *app = NULL;
    int status = -1;
    assert_int_equal(app_open(&app, &options, &fixture->err), STATUS_OK);
    app_close(app);
    assert_int_equal(chmod(fixture->settings.store, 0444), 0);
    assert_int_equal(chmod(fixture->dir, 0555), 0);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
            _exit(9);
        options.loop = loop_new();
        if (app_open(&app, &options, &fixture->err) != STATUS_OK)
            _exit(8);
        const struct session *session = app_session(app);
        _exit(!session->is_read_only ||
              !strstr(session->notice.text, "can only be read"));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(fixture->dir, 0700), 0);
    assert_int_equal(chmod(fixture->settings.store, 0600), 0);
}

static void no_failing_operation_leaves_anything(void **state)
{
    struct fixture *fixture = *state;
    struct app_options options = {
        .loop = fixture->loop, .settings = &fixture->settings, .store_vfs = "fault"};
    struct app *app = NULL;
    long n = 1;
    /* a store that is there, so that only reading and writing it can fail */
    if (app_open(&app, &options, &fixture->err) != STATUS_OK)
        fail_msg("%s", fixture->err.text);
    app_close(app);
    for (;; n++) {
        app = NULL;
        err_clear(&fixture->err);
        fault_vfs_arm(FAULT_OPEN | FAULT_READ | FAULT_WRITE | FAULT_LOCK | FAULT_MAP, n,
                      true);
        enum status status = app_open(&app, &options, &fixture->err);
        bool was_struck = fault_vfs_struck();
        fault_vfs_arm(0, 0, false);
        if (status == STATUS_OK) {
            app_close(app);
        } else {
            assert_null(app);
            assert_true(strlen(fixture->err.text) > 20);
        }
        while (loop_turn(fixture->loop))
            ;
        if (!was_struck)
            break;
    }
    assert_true(n > 3);
}

static void the_demos_folder_goes_when_it_cannot_start(void **state)
{
    struct fixture *fixture = *state;
    struct app_options options = {.is_demo = true, .store_vfs = "fault"};
    fault_vfs_arm(FAULT_OPEN, 1, true);
    expect_failure(fixture, &options, STATUS_IO, "store.db");
    fault_vfs_arm(0, 0, false);
    options.store_vfs = NULL;
    setenv("TMPDIR", "/nonexistent/place", 1);
    expect_failure(fixture, &options, STATUS_IO, "/nonexistent/place");
}

static void an_empty_demo_says_why(void **state)
{
    struct fixture *fixture = *state;
    struct app_options options = {.loop = fixture->loop,
                                  .settings = &fixture->settings,
                                  .is_demo = true,
                                  .demo_token_ms = -1,
                                  .loads_queue = true,
                                  .store_vfs = "fault"};
    bool is_said = false;
    for (long n = 1; !is_said && n < 200; n++) {
        struct app *app = NULL;
        err_clear(&fixture->err);
        fault_vfs_arm(FAULT_WRITE, n, true);
        enum status status = app_open(&app, &options, &fixture->err);
        bool was_struck = fault_vfs_struck();
        fault_vfs_arm(0, 0, false);
        if (status == STATUS_OK) {
            const struct notice *notice = &app_session(app)->notice;
            is_said = notice->kind == NOTICE_ERROR &&
                      strstr(notice->text, "The demo is not whole: ");
            assert_true(is_said || !was_struck);
            app_close(app);
        }
        assert_int_equal(count_files(fixture), 0);
    }
    assert_true(is_said);
}

struct alarm {
    bool rang;
};

static void ring(void *ctx)
{
    ((struct alarm *)ctx)->rang = true;
}

static void at_rest_the_loop_hardly_wakes(void **state)
{
    (void)state;
    struct pilot pilot = {0};
    struct alarm alarm = {0};
    int turns = 0;
    pilot_start(&pilot);
    pilot_add(&pilot, "One?", "Yes.");
    pilot_rate(&pilot, 4);
    pilot_settle(&pilot);
    pilot_run(&pilot, 2500); /* the place is kept, too */
    struct loop_timer *timer = loop_timer_new(pilot.loop, ring, &alarm);
    loop_timer_start(timer, 2000, 0);
    for (; !alarm.rang; turns++)
        loop_turn(pilot.loop);
    loop_timer_free(timer);
    if (turns > 10)
        fail_msg("%d turns in two seconds", turns);
    pilot_end(&pilot);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_name_that_is_not_configured_opens_nothing),
        CASE(a_store_that_cannot_be_opened_is_named),
        CASE(a_store_that_can_only_be_read_is_told),
        CASE(no_failing_operation_leaves_anything),
        CASE(the_demos_folder_goes_when_it_cannot_start),
        CASE(an_empty_demo_says_why),
        cmocka_unit_test(at_rest_the_loop_hardly_wakes),
    };
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
