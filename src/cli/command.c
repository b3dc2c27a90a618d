/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "text/sanitise.h"

enum { STDIN_MAX = 16 * 1024 * 1024, ROLE_WAIT_MS = 3000 };

int command_fail(const struct err *err)
{
    cli_say("%s", err->text);
    return (int)cli_exit_code(err->code);
}

enum status command_open_store(struct cli *cli, struct err *err)
{
    struct store_options options = {.path = cli->settings->store, .clock = &clock_system};
    return store_open(&cli->store, cli->loop, &options, err);
}

enum status command_open_app(struct cli *cli, struct err *err)
{
    struct app_options options = {.loop = cli->loop,
                                  .settings = cli->settings,
                                  .demo_token_ms = -1,
                                  .connects = true};
    if (app_open(&cli->app, &options, err))
        return err->code;
    cli->store = app_store(cli->app);
    const struct session *session = app_session(cli->app);
    if (session->has_server && !session->dataset.remote_id)
        command_settle(cli);
    return STATUS_OK;
}

static void on_patience_over(void *ctx)
{
    *(bool *)ctx = true;
}

/* A server that hangs holds up no prompt: what is logged is kept and sent later. */
static void wait_for_role(struct cli *cli, const struct session *session)
{
    bool is_over = false;
    struct loop_timer *timer = loop_timer_new(cli->loop, on_patience_over, &is_over);
    loop_timer_start(timer, ROLE_WAIT_MS, 0);
    while (session->has_server && !session->is_connected &&
           session->sync.state == SYNC_RUNNING && !is_over && !cli->is_stopped &&
           loop_turn(cli->loop))
        ;
    loop_timer_free(timer);
}

enum status command_open_to_log(struct cli *cli, struct err *err)
{
    if (command_open_app(cli, err))
        return err->code;
    const struct session *session = app_session(cli->app);
    wait_for_role(cli, session);
    if (cli->is_stopped)
        return err_set(err, STATUS_CANCELLED, "Stopped before anything was done.");
    if (session->is_connected && !session->can_log)
        return err_set(err, STATUS_AUTH,
                       "Your key for %s is an annotator's, and only owners and admins "
                       "may add records. Reviewing works: sherd rate, sherd discard, or "
                       "the screen. --local keeps records here.",
                       session->server);
    return STATUS_OK;
}

void command_settle(struct cli *cli)
{
    app_settle(cli->app, &cli->is_stopped);
}

void command_wait(struct cli *cli, const bool *is_done)
{
    while (!*is_done && !cli->is_stopped && loop_turn(cli->loop))
        ;
}

static void on_written(void *ctx, const struct store_result *result)
{
    struct err *err = ctx;
    *err = result->err;
}

enum status command_put_response(struct cli *cli, const struct id *record,
                                 const struct response *response, enum change_kind kind,
                                 struct err *err)
{
    store_put_response(cli->store, record, response, kind, 0, on_written, err);
    store_drain(cli->store);
    return err->code;
}

void command_close(struct cli *cli)
{
    if (cli->app)
        app_close(cli->app);
    else if (cli->store)
        store_close(cli->store);
    cli->app = NULL;
    cli->store = NULL;
}

int command_say_unsent(const struct session *session, const struct outbox_counts *counts)
{
    const struct err *why = &session->sync.err;
    if (counts->refused)
        cli_say("%zu %s refused by the server and kept here. “sherd outbox” says why.",
                counts->refused, counts->refused == 1 ? "record is" : "records are");
    if (!counts->unsent)
        return EXIT_UNSENT;
    const char *reason = why->text;
    char missing[256];
    if (session->dataset_missing) {
        char name[128];
        sanitise_line(session->dataset.name, strlen(session->dataset.name), name,
                      sizeof name);
        snprintf(missing, sizeof missing,
                 "The dataset is not on the server; “sherd dataset create %s” makes it.",
                 name);
        reason = missing;
    }
    cli_say("%zu %s not sent yet; nothing is lost, “sherd sync” sends what is kept. %s",
            counts->unsent, counts->unsent == 1 ? "record is" : "records are", reason);
    return cli_exit_code(why->code) == EXIT_CONFIG ? EXIT_CONFIG : EXIT_UNSENT;
}

int command_send(struct cli *cli)
{
    const struct session *session = app_session(cli->app);
    if (!session->has_server)
        return EXIT_DONE;
    /* a server that did not answer a moment ago is not waited for again */
    if (session->is_connected || !session->sync.err.code)
        app_sync(cli->app);
    command_settle(cli);
    struct outbox_counts counts = {0};
    store_count_outbox(cli->store, session->dataset.row, &counts);
    if (!counts.unsent && !counts.refused)
        return EXIT_DONE;
    return command_say_unsent(session, &counts);
}

static void add_dataset_names(struct buf *names, struct store *store)
{
    struct dataset *list = NULL;
    size_t count = 0;
    if (store_list_datasets(store, &list, &count, NULL))
        return;
    for (size_t i = 0; i < count; i++) {
        char name[64];
        sanitise_line(list[i].name, strlen(list[i].name), name, sizeof name);
        if (i < 8)
            buf_addf(names, "%s%s", i ? ", " : " It has: ", name);
        dataset_clear(&list[i]);
    }
    if (count)
        buf_addf(names, "%s", count > 8 ? ", …" : ".");
    free(list);
}

/* The only dataset of that name on any server, for a store that was filled with other
 * settings than today's. */
static enum status find_anywhere(struct store *store, const char *name,
                                 struct dataset *dataset, struct err *err)
{
    struct dataset *list = NULL;
    size_t count = 0, found = 0;
    enum status status = store_list_datasets(store, &list, &count, err);
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(list[i].name, name) && ++found == 1)
            dataset_copy(dataset, &list[i]);
        dataset_clear(&list[i]);
    }
    free(list);
    if (status || found == 1)
        return status;
    if (found > 1)
        dataset_clear(dataset);
    struct buf names = {0};
    char safe[128];
    add_dataset_names(&names, store);
    sanitise_line(name, strlen(name), safe, sizeof safe);
    if (found)
        err_set(err, STATUS_USAGE,
                "Several datasets in the store are called %s: add --server, --workspace "
                "or --local.",
                safe);
    else
        err_set(err, STATUS_NOT_FOUND, "The store has no dataset %s.%s", safe,
                buf_text(&names));
    buf_clear(&names);
    return err->code;
}

enum status command_find_dataset(struct cli *cli, const char *name,
                                 struct dataset *dataset, struct err *err)
{
    struct settings *settings = cli->settings;
    const char *wanted = name ? name : settings->dataset;
    const char *url = "";
    if (!settings->is_local) {
        const struct server_settings *server = settings_server(settings, err);
        if (err->code)
            return err->code;
        url = server ? server->url : "";
    }
    struct err none = {0};
    enum status status = store_find_dataset(
        cli->store, url, *url ? settings->workspace : NULL, wanted, dataset, &none);
    if (status == STATUS_OK)
        return STATUS_OK;
    if (status != STATUS_NOT_FOUND) {
        *err = none;
        return status;
    }
    return find_anywhere(cli->store, wanted, dataset, err);
}

enum status command_read_stdin(char **text, size_t *len, struct err *err)
{
    struct buf buf;
    buf_init(&buf, STDIN_MAX);
    char piece[16384];
    ssize_t got;
    while ((got = read(STDIN_FILENO, piece, sizeof piece)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || !buf_add(&buf, piece, (size_t)got)) {
            err_set(err, got < 0 ? STATUS_IO : STATUS_FULL, "%s: %s.",
                    "Standard input cannot be read",
                    got < 0 ? strerror(errno) : "it has more than 16 MiB");
            buf_clear(&buf);
            return err->code;
        }
    }
    if (buf.len && buf.data[buf.len - 1] == '\n')
        buf.len--;
    *len = buf.len;
    *text = buf_take(&buf);
    (*text)[*len] = '\0';
    return STATUS_OK;
}
