/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "sync/sync.h"
#include "text/outside.h"

enum {
    ROLE_WAIT_MS = 3000,
    BUSY_WAIT_MS = 100,
    WAITING_MS = 1000,
    BUSY_LIMIT_MS = 20000
};

int command_fail(const struct err *err)
{
    cli_say("%s", err->text);
    return (int)cli_exit_code(err->code);
}

enum status command_open_store(struct cli *cli, struct err *err)
{
    struct store_options options = {.path = cli->settings->store, .clock = &clock_system};
    const struct arguments *arguments = cli->arguments;
    bool makes_one =
        arguments->command == COMMAND_SYNC || arguments->command == COMMAND_DATASET;
    if (cli->store) /* by the same command, before */
        return STATUS_OK;
    if (arguments->texts[OPTION_STORE] && !makes_one && access(options.path, F_OK))
        return err_set(
            err, STATUS_NOT_FOUND,
            "There is no store %.300s. Check --store; log, ask, run and import make one.",
            options.path);
    enum status status = store_open(&cli->store, cli->loop, &options, err);
    if (status == STATUS_OK) /* as the app does: what a killed one asked is not asked */
        store_mend_completions(cli->store, NULL, NULL);
    return status;
}

static enum status open_app(struct cli *cli, bool logs, struct err *err)
{
    struct app_options options = {.loop = cli->loop,
                                  .settings = cli->settings,
                                  .demo_token_ms = -1,
                                  .connects = true,
                                  .only_known = true,
                                  .dataset_row = cli->home};
    if (app_open(&cli->app, &options, err))
        return err->code;
    cli->store = app_store(cli->app);
    const struct session *session = app_session(cli->app);
    cli->opened = session->dataset.row;
    if (session->has_server && !session->dataset.remote_id)
        command_settle(cli);
    if (!logs && !session->dataset.row && !session->has_server)
        return err_set(err, STATUS_NOT_FOUND, "The store has no dataset %.120s.",
                       session->dataset.name);
    return STATUS_OK;
}

enum status command_open_app(struct cli *cli, struct err *err)
{
    return open_app(cli, false, err);
}

static bool stop_at_first(void *ctx, const struct record *record)
{
    (void)record;
    *(bool *)ctx = true;
    return false;
}

bool command_has_records(struct cli *cli, int64_t dataset_row)
{
    bool has_any = false;
    return store_each_record(cli->store, dataset_row, false, RESPONSE_PENDING,
                             stop_at_first, &has_any, NULL) == STATUS_OK &&
           has_any;
}

/* What was kept here before may be on a server by now: this is not added to it. */
static void say_namesake(struct cli *cli)
{
    const struct dataset *dataset = &app_session(cli->app)->dataset;
    struct dataset *list = NULL;
    size_t count = 0;
    bool is_said = *dataset->server || command_has_records(cli, dataset->row) ||
                   store_list_datasets(cli->store, &list, &count, NULL) != STATUS_OK;
    for (size_t i = 0; i < count && !is_said; i++) {
        is_said =
            *list[i].server && !list[i].is_gone && !strcmp(list[i].name, dataset->name);
        if (is_said)
            cli_say("The dataset %.120s of %.200s is another one: this one begins here, "
                    "in the store alone.",
                    list[i].name, list[i].server);
    }
    datasets_free(list, count);
}

void command_set_true(void *ctx)
{
    *(bool *)ctx = true;
}

enum status command_expect_owner(struct cli *cli, const char *verb, const char *instead,
                                 struct err *err)
{
    const struct session *session = app_session(cli->app);
    bool is_over = false; /* a server that hangs holds up no prompt: it is sent later */
    struct loop_timer *timer = loop_timer_new(cli->loop, command_set_true, &is_over);
    loop_timer_start(timer, ROLE_WAIT_MS, 0);
    while (session->has_server && !session->is_connected &&
           session->sync.state == SYNC_RUNNING && !is_over && !cli->is_stopped &&
           loop_turn(cli->loop))
        ;
    loop_timer_free(timer);
    if (cli->is_stopped)
        err_set(err, STATUS_CANCELLED, "Stopped before anything was done.");
    else if (session->is_connected && !session->can_log)
        err_set(err, STATUS_AUTH,
                "Your key for %s is an annotator's, and only owners and admins may %s "
                "records. %s",
                session->server, verb, instead);
    return err->code;
}

enum status command_open_to_log(struct cli *cli, struct err *err)
{
    if (open_app(cli, true, err))
        return err->code;
    if (!app_session(cli->app)->is_demo)
        say_namesake(cli);
    return command_expect_owner(cli, "add",
                                "Reviewing works: sherd rate, sherd discard, or the "
                                "screen. --local keeps records here.",
                                err);
}

struct waiting {
    const struct session *session;
    bool is_said;
};

static void on_waiting(void *ctx)
{
    struct waiting *waiting = ctx;
    if (waiting->is_said || !waiting->session->sync.silent_since_ms)
        return;
    waiting->is_said = true;
    cli_say("%s has not replied for some seconds: it is waited for, Ctrl-C ends that.",
            waiting->session->server);
}

void command_settle(struct cli *cli)
{
    struct waiting waiting = {.session = app_session(cli->app)};
    struct loop_timer *timer = loop_timer_new(cli->loop, on_waiting, &waiting);
    loop_timer_start(timer, WAITING_MS, WAITING_MS);
    app_settle(cli->app, &cli->is_stopped);
    loop_timer_free(timer);
}

void command_wait(struct cli *cli, const bool *is_done)
{
    while (!*is_done && !cli->is_stopped && loop_turn(cli->loop))
        ;
}

bool command_wait_busy(struct cli *cli, struct err *err)
{
    bool is_over = false;
    if (cli->busy_ms >= BUSY_LIMIT_MS || cli->is_stopped)
        return false;
    cli->busy_ms += BUSY_WAIT_MS;
    struct loop_timer *timer = loop_timer_new(cli->loop, command_set_true, &is_over);
    loop_timer_start(timer, BUSY_WAIT_MS, 0);
    command_wait(cli, &is_over);
    loop_timer_free(timer);
    if (is_over)
        err_clear(err);
    return is_over;
}

enum status command_put_dataset(struct cli *cli, struct dataset *dataset,
                                int64_t *replaced, struct err *err)
{
    while (store_put_dataset(cli->store, dataset, &dataset->row, replaced, err) ==
               STATUS_BUSY &&
           command_wait_busy(cli, err))
        ;
    return err->code;
}

enum status command_put_response(struct cli *cli, const struct id *record,
                                 const struct response *response,
                                 const struct response *seen, enum change_kind kind,
                                 struct err *err)
{
    while (store_put_response(cli->store, record, response, seen, kind, 0, err) ==
               STATUS_BUSY &&
           command_wait_busy(cli, err))
        ;
    return err->code;
}

int command_close(struct cli *cli)
{
    struct err err = {0};
    int code = EXIT_DONE;
    if (cli->app && app_finish(cli->app, &err) != STATUS_OK) /* said, not dropped */
        code = cli->is_loss_told ? EXIT_FAILED : command_fail(&err);
    if (cli->app)
        app_close(cli->app);
    else if (cli->store)
        store_close(cli->store);
    cli->app = NULL;
    cli->store = NULL;
    return code;
}

static void say_kept(const struct dataset *dataset, size_t kept)
{
    char *word = words_quote(dataset->name ? dataset->name : "");
    cli_say("%zu unfinished %s of %.120s that nobody rated %s kept here; “sherd sync "
            "--dataset %.130s --unfinished” sends %s.",
            kept, kept == 1 ? "answer" : "answers", dataset->name ? dataset->name : "",
            kept == 1 ? "is" : "are", word, kept == 1 ? "it" : "them");
    free(word);
}

int command_say_unsent(const struct session *session, const struct outbox_counts *counts)
{
    const char *it = counts->gone == 1 ? "it" : "them";
    if (counts->refused)
        cli_say("%zu %s refused by the server and kept here. “sherd outbox” says why.",
                counts->refused, counts->refused == 1 ? "record is" : "records are");
    if (counts->clashes)
        cli_say(
            "The server has another response of yours to %zu %s; both are kept. “sherd "
            "sync --keep mine” or “--keep server” chooses, as the screen does.",
            counts->clashes, counts->clashes == 1 ? "record" : "records");
    if (counts->gone)
        cli_say("%zu %s gone from the server. “sherd sync --gone %s%s%s” drops %s here.",
                counts->gone, counts->gone == 1 ? "record is" : "records are",
                session->can_log ? "send” sends " : "drop", session->can_log ? it : "",
                session->can_log ? " again, “--gone drop" : "", it);
    if (counts->kept)
        say_kept(&session->dataset, counts->kept);
    if (counts->unsent)
        cli_say("The server has not confirmed %zu %s yet; nothing is lost, “sherd sync” "
                "sends what is kept. %s",
                counts->unsent, counts->unsent == 1 ? "record" : "records",
                session->sync.err.text);
    if (counts->unsent && cli_exit_code(session->sync.err.code) == EXIT_CONFIG)
        return EXIT_CONFIG;
    return counts->unsent || counts->refused || counts->clashes || counts->gone
               ? EXIT_UNSENT
               : EXIT_DONE;
}

void command_describe_replaced(const struct dataset *dataset, size_t waiting, char *out,
                               size_t size)
{
    struct dataset anew = *dataset; /* borrows */
    anew.is_gone = false;
    char *old = dataset_word(dataset), *to = dataset_word(&anew);
    snprintf(out, size,
             "%zu %s in the %s that was deleted on %s and made anew; “sherd dataset move "
             "%s %s” moves what it has there.",
             waiting, waiting == 1 ? "record waits" : "records wait", dataset->name,
             dataset->server, old, to);
    free(old);
    free(to);
}

/* It was deleted and made anew after it had been opened: what went into it waits there.
 */
static int say_replaced(struct cli *cli)
{
    struct dataset dataset = {0};
    struct outbox_counts counts = {0};
    char text[1024];
    if (!cli->opened || cli->opened == app_session(cli->app)->dataset.row)
        return EXIT_DONE;
    store_count_outbox(cli->store, cli->opened, &counts);
    size_t waiting = counts.unsent + counts.refused + counts.clashes;
    if (waiting &&
        store_get_dataset(cli->store, cli->opened, &dataset, NULL) == STATUS_OK) {
        command_describe_replaced(&dataset, waiting, text, sizeof text);
        cli_say("%s", text);
    }
    dataset_clear(&dataset);
    return waiting ? EXIT_UNSENT : EXIT_DONE;
}

int command_send(struct cli *cli)
{
    const struct session *session = app_session(cli->app);
    struct err err = {0};
    if (store_flush(cli->store, &err))
        return command_fail(&err);
    if (cli->is_far && session->dataset.is_gone) {
        char *where = dataset_word(&session->dataset);
        cli_say("It is kept here: its dataset was deleted on %s. “sherd dataset move %s "
                "TO” takes what it has to another.",
                session->dataset.server, where);
        free(where);
    } else if (cli->is_far) {
        cli_say("It waits for %s: “sherd sync --server %s” sends it.",
                session->dataset.server, session->dataset.server);
    }
    if (!session->has_server || !session->dataset.row) /* nothing was made */
        return cli->is_far ? EXIT_UNSENT : EXIT_DONE;
    /* a server that did not answer a moment ago is not waited for again */
    if (session->is_connected || !session->sync.err.code)
        app_sync(cli->app);
    else
        sync_note_failure(cli->store, &clock_system, session->dataset.row,
                          &session->sync.err);
    command_settle(cli);
    struct outbox_counts counts = {0};
    store_count_outbox(cli->store, session->dataset.row, &counts);
    if (*session->sync.notice)
        cli_say("%s", session->sync.notice);
    if (!counts.unsent && !counts.refused && !counts.clashes)
        return say_replaced(cli);
    counts.kept = counts.gone = 0; /* for sync to say */
    return command_say_unsent(session, &counts);
}

struct key_wait {
    struct secret *key;
    struct err *err;
    bool is_over;
};

static void on_key(void *ctx, const char *command, const struct secret *key,
                   const struct err *err)
{
    (void)command;
    struct key_wait *wait = ctx;
    secret_copy(wait->key, key);
    *wait->err = *err;
    wait->is_over = true;
}

enum status command_fetch_key(struct cli *cli, const char *command, struct secret *key,
                              struct err *err)
{
    struct key_wait wait = {.key = key, .err = err};
    struct keyring *keyring = keyring_new(cli->loop, cli->settings, 0);
    keyring_fetch(keyring, command, on_key, &wait);
    command_wait(cli, &wait.is_over);
    keyring_free(keyring);
    return wait.is_over ? err->code
                        : err_set(err, STATUS_CANCELLED, "api_key_cmd was stopped.");
}
