/* SPDX-License-Identifier: MIT
 *
 * sherd dataset - makes, lists, shows, moves and copies datasets.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argilla/argilla.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/dataset_file.h"
#include "cli/show.h"
#include "config/settings_parts.h"

/* ---- the server, asked one thing at a time ---- */

struct remote {
    struct cli *cli;
    struct http *http;
    struct argilla *argilla; /* NULL = no server is configured, or --local */
    const char *workspace;   /* on it; NULL = the user's first */
    size_t listed;           /* datasets that were printed */
    struct dataset *dataset; /* where the call that is waited for puts one */
    bool is_over;            /* it has ended */
    struct err err;          /* how */
};

static enum status remote_open(struct remote *remote, struct cli *cli, struct err *err)
{
    *remote = (struct remote){.cli = cli};
    if (cli->settings->is_local)
        return STATUS_OK;
    const struct server_settings *server = settings_server(cli->settings, err);
    if (!server)
        return err->code;
    struct secret key = {0};
    secret_copy(&key, &server->key);
    if (server->key_command && !secret_is_set(&key) &&
        command_fetch_key(cli, server->key_command, &key, err))
        return err->code;
    remote->workspace = settings_workspace(cli->settings, server);
    remote->http = http_new(cli->loop);
    remote->argilla =
        argilla_new(remote->http, cli->loop, server->url, &key, server->allow_plain_key);
    argilla_use(remote->argilla, &server->connection);
    secret_clear(&key);
    return STATUS_OK;
}

static void remote_close(struct remote *remote)
{
    if (remote->argilla)
        argilla_free(remote->argilla);
    http_free(remote->http);
    *remote = (struct remote){0};
}

static void on_dataset(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct remote *remote = ctx;
    remote->is_over = true;
    if (err)
        remote->err = *err;
    if (!dataset || remote->err.code)
        return;
    dataset_clear(remote->dataset);
    dataset_copy(remote->dataset, dataset);
}

static void on_datasets(void *ctx, const struct dataset *datasets, size_t count,
                        const struct err *err)
{
    struct remote *remote = ctx;
    remote->is_over = true;
    if (err)
        remote->err = *err;
    for (size_t i = 0; i < count && !remote->err.code; i++)
        dataset_print_row(&remote->cli->out, &datasets[i], !remote->listed++);
}

static enum status wait_for_call(struct remote *remote, struct err *err)
{
    command_wait(remote->cli, &remote->is_over);
    if (!remote->is_over)
        return err_set(err, STATUS_CANCELLED, "Stopped before the server answered.");
    return remote->err.code ? err_set(err, remote->err.code, "%s", remote->err.text)
                            : STATUS_OK;
}

/* A call that outlives its caller's frame would write into it: only Ctrl-C leaves one
 * behind, and remote_close, which follows, ends it without its callback. */
static void begin_call(struct remote *remote, struct dataset *dataset)
{
    remote->dataset = dataset;
    remote->is_over = false;
    err_clear(&remote->err);
}

static enum status remote_open_dataset(struct remote *remote, const char *name,
                                       struct dataset *dataset, struct err *err)
{
    begin_call(remote, dataset);
    argilla_open_dataset(remote->argilla, name, remote->workspace, on_dataset, remote);
    return wait_for_call(remote, err);
}

/* ---- create, show, list ---- */

enum { TEMPLATE_MAX = 4 * 1024 * 1024 };

/* What is to be made: --from's, else the guide's. */
static enum status read_template(struct cli *cli, const char *workspace,
                                 const char *server, const char *name,
                                 struct dataset *template, struct err *err)
{
    const char *file = cli->arguments->texts[OPTION_FROM];
    struct buf text = {0};
    if (!file) {
        dataset_init_guide(template, name, workspace, server);
        return STATUS_OK;
    }
    if (command_read(cli, file, TEMPLATE_MAX, &text, err) == STATUS_OK &&
        dataset_file_read(template, buf_text(&text), text.len, file, err) == STATUS_OK) {
        template->name = xstrdup(name);
        template->workspace = xstrdup_or_null(workspace);
        template->server = xstrdup(server);
    }
    buf_clear(&text);
    return err->code;
}

/* The one that is there must be of the kind that was asked for. */
static enum status expect_same(const struct dataset *there,
                               const struct dataset *template, struct err *err)
{
    if (dataset_asks_same(there, template))
        return STATUS_OK;
    return err_set(err, STATUS_EXISTS,
                   "A dataset %.120s is there already, with other fields or questions. "
                   "Choose another name.",
                   there->name);
}

static const char *wanted_name(const struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    return arguments->operand_count > 1 ? arguments->operands[1] : cli->settings->dataset;
}

static void say_outcome(const struct dataset *dataset, bool is_new)
{
    char place[400];
    const char *name = dataset->name ? dataset->name : "";
    bool is_local = !dataset->server || !*dataset->server;
    snprintf(place, sizeof place, "in the workspace %s %s%s",
             dataset->workspace ? dataset->workspace : "", is_local ? "in " : "on ",
             is_local ? "the store" : dataset->server);
    if (is_new)
        cli_say("Created the dataset %s %s, with the fields and questions above.", name,
                place);
    else
        cli_say("The dataset %s is there already, %s, as above: nothing was created.",
                name, place);
}

static enum status create_on_server(struct remote *remote, const struct dataset *template,
                                    bool is_strict, struct dataset *dataset, bool *is_new,
                                    struct err *err)
{
    struct err missing = {0};
    enum status found = remote_open_dataset(remote, template->name, dataset, &missing);
    if (found == STATUS_OK && dataset->is_published)
        return is_strict ? expect_same(dataset, template, err)
                         : STATUS_OK; /* a draft, left by one that was interrupted, is
                                         completed */
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) {
        *err = missing;
        return err->code;
    }
    *is_new = true;
    begin_call(remote, dataset);
    argilla_create_dataset(remote->argilla, template, on_dataset, remote);
    return wait_for_call(remote, err);
}

static enum status create_in_store(struct cli *cli, const struct dataset *template,
                                   bool is_strict, struct dataset *dataset, bool *is_new,
                                   struct err *err)
{
    if (command_open_store(cli, err))
        return err->code;
    struct err missing = {0};
    enum status status =
        store_find_dataset(cli->store, "", NULL, template->name, dataset, &missing);
    if (status == STATUS_OK)
        return is_strict ? expect_same(dataset, template, err) : STATUS_OK;
    if (status != STATUS_NOT_FOUND) {
        *err = missing;
        return status;
    }
    *is_new = true;
    dataset_copy(dataset, template);
    return store_put_dataset(cli->store, dataset, &dataset->row, NULL, err);
}

/* Into the store, so that records can be moved to it. What the store has of an earlier
 * one is kept apart; the command that takes it over is written out, to be pasted. */
static enum status keep_earlier(struct cli *cli, struct dataset *dataset, struct err *err)
{
    struct dataset old = {0};
    int64_t replaced = 0;
    if (command_open_store(cli, err) ||
        store_put_dataset(cli->store, dataset, &dataset->row, &replaced, err))
        return err->code;
    if (replaced && store_get_dataset(cli->store, replaced, &old, err) == STATUS_OK) {
        char *from = dataset_where(&old), *to = dataset_where(dataset);
        cli_say("What the store has of the one that was deleted is kept apart; “sherd "
                "dataset move %s %s” takes it over.",
                from, to);
        free(from);
        free(to);
    }
    dataset_clear(&old);
    return err->code;
}

static enum status create_like(struct remote *remote, const struct dataset *template,
                               bool is_strict, struct dataset *dataset, bool *is_new,
                               struct err *err)
{
    return remote->argilla
               ? create_on_server(remote, template, is_strict, dataset, is_new, err)
               : create_in_store(remote->cli, template, is_strict, dataset, is_new, err);
}

static int create(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct dataset dataset = {0}, template = {0};
    struct err err = {0};
    bool is_new = false;
    const char *workspace = remote->argilla ? remote->workspace : "local";
    const char *server = remote->argilla ? argilla_url(remote->argilla) : "";
    enum status status =
        read_template(cli, workspace, server, wanted_name(cli), &template, &err);
    if (status == STATUS_OK)
        status =
            create_like(remote, &template, cli->arguments->texts[OPTION_FROM] != NULL,
                        &dataset, &is_new, &err);
    dataset_clear(&template);
    if (status == STATUS_OK) {
        dataset_print(&cli->out, &dataset);
        output_flush(&cli->out); /* the sentence says "above" */
        say_outcome(&dataset, is_new);
        if (remote->argilla)
            status = keep_earlier(cli, &dataset, &err);
    }
    dataset_clear(&dataset);
    return status ? command_fail(&err) : EXIT_DONE;
}

static int show(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct dataset dataset = {0};
    struct err err = {0};
    enum status status;
    if (remote->argilla)
        status = remote_open_dataset(remote, wanted_name(cli), &dataset, &err);
    else if ((status = command_open_store(cli, &err)) == STATUS_OK)
        status = command_find_dataset(cli, wanted_name(cli), &dataset, &err);
    if (status == STATUS_OK)
        dataset_print(&cli->out, &dataset);
    dataset_clear(&dataset);
    return status ? command_fail(&err) : EXIT_DONE;
}

/* All that the store has; or what it keeps of those that are gone from the server. */
static enum status list_store(struct remote *remote, struct err *err)
{
    struct cli *cli = remote->cli;
    struct dataset *list = NULL;
    size_t count = 0;
    if (command_open_store(cli, err) ||
        store_list_datasets(cli->store, &list, &count, err))
        return err->code;
    for (size_t i = 0; i < count; i++) {
        if (!remote->argilla ||
            (list[i].is_gone && !strcmp(list[i].server, argilla_url(remote->argilla))))
            dataset_print_row(&cli->out, &list[i], !remote->listed++);
        dataset_clear(&list[i]);
    }
    free(list);
    return STATUS_OK;
}

static int list(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct err err = {0};
    if (remote->argilla) {
        begin_call(remote, NULL);
        argilla_list_datasets(remote->argilla, on_datasets, remote);
        (void)wait_for_call(remote, &err);
    }
    if (err.code || list_store(remote, &err))
        return command_fail(&err);
    if (!remote->listed && cli->out.is_terminal && !cli->out.is_json)
        cli_say("No datasets yet; “sherd dataset create” makes one.");
    return EXIT_DONE;
}

/* ---- move ---- */

static int move(struct remote *remote)
{
    struct cli *cli = remote->cli;
    const char *const *given = cli->arguments->operands;
    struct dataset from = {0}, to = {0};
    struct err err = {0};
    size_t count = 0;
    if (cli->arguments->operand_count < 3) {
        cli_say("“sherd dataset move” needs FROM and TO; “sherd --local dataset list” "
                "lists what the store has.");
        return EXIT_USAGE;
    }
    if (!command_open_store(cli, &err) &&
        !command_find_where(cli, given[1], &from, &err) &&
        command_find_where(cli, given[2], &to, &err) == STATUS_NOT_FOUND)
        cli_say("“sherd dataset create %.120s” makes it.", given[2]);
    if (!err.code && from.row == to.row)
        err_set(&err, STATUS_USAGE, "FROM and TO are the same dataset.");
    while (!err.code &&
           store_move_records(cli->store, from.row, to.row, &count, &err) ==
               STATUS_BUSY &&
           command_wait_busy(cli, &err))
        ;
    if (!err.code && store_flush(cli->store, &err) == STATUS_OK) {
        char *was = dataset_where(&from), *is = dataset_where(&to);
        cli_say("Moved %zu record%s from %s to %s; “sherd sync” sends what is not there.",
                count, count == 1 ? "" : "s", was, is);
        free(was);
        free(is);
    }
    dataset_clear(&from);
    dataset_clear(&to);
    return err.code ? command_fail(&err) : EXIT_DONE;
}

/* ---- clone ---- */

/* As a record of the dataset to, which no server has. */
static enum status read_copy(struct cli *cli, int64_t row, const struct dataset *to,
                             bool with_answers, struct record *record, struct err *err)
{
    enum status status = store_get_record_row(cli->store, row, record, err);
    record->dataset_row = to->row;
    free(record->remote_id);
    record->remote_id = NULL;
    if (!with_answers) {
        response_clear(&record->response);
        while (record->peer_count)
            peer_clear(&record->peers[--record->peer_count]);
    }
    return status;
}

static enum status copy_records(struct cli *cli, const struct dataset *from,
                                const struct dataset *to, bool with_answers,
                                size_t *copied, struct err *err)
{
    enum { BATCH = 200 };
    struct record records[BATCH] = {0};
    size_t count = 0, added = 0;
    int64_t row = 0;
    enum status status = STATUS_OK;
    do {
        status = store_next_record(cli->store, from->row, &row, err);
        if (status == STATUS_OK && row)
            status = read_copy(cli, row, to, with_answers, &records[count++], err);
        loop_poll(cli->loop);
        if (cli->is_stopped)
            status =
                err_set(err, STATUS_CANCELLED,
                        "Stopped after %zu records; the same command goes on.", *copied);
        if (status != STATUS_OK || !count || (count < BATCH && row))
            continue;
        do
            status = store_import_records(cli->store, records, count, &added, err);
        while (status == STATUS_BUSY && command_wait_busy(cli, err));
        *copied += status == STATUS_OK ? added : 0;
        for (; count; count--)
            record_clear(&records[count - 1]);
    } while (status == STATUS_OK && row);
    for (; count; count--)
        record_clear(&records[count - 1]);
    return status == STATUS_OK ? store_flush(cli->store, err) : status;
}

/* The store's, whatever became of its server; else the server's. */
static enum status find_original(struct remote *remote, const char *name,
                                 struct dataset *from, struct err *err)
{
    struct err unknown = {0};
    if (command_open_store(remote->cli, err) ||
        command_find_dataset(remote->cli, name, from, &unknown) == STATUS_OK)
        return err->code;
    if (!remote->argilla || unknown.code != STATUS_NOT_FOUND)
        return err_set(err, unknown.code, "%s", unknown.text);
    return remote_open_dataset(remote, name, from, err);
}

static int clone(struct remote *remote)
{
    struct cli *cli = remote->cli;
    const char *const *given = cli->arguments->operands;
    bool with_answers = arguments_has(cli->arguments, OPTION_ANSWERS);
    bool with_records = with_answers || arguments_has(cli->arguments, OPTION_RECORDS);
    struct dataset from = {0}, template = {0}, to = {0};
    struct err err = {0};
    bool is_new = false;
    size_t copied = 0;
    if (cli->arguments->operand_count < 3) {
        cli_say("“sherd dataset clone” needs FROM and the NAME of the new one.");
        return EXIT_USAGE;
    }
    char *name = xstrdup(given[2]);
    char *server = xstrdup(remote->argilla ? argilla_url(remote->argilla) : "");
    char *workspace = xstrdup_or_null(remote->argilla ? remote->workspace : "local");
    if (find_original(remote, given[1], &from, &err))
        goto out;
    template = from; /* borrows the rest */
    template.name = name;
    template.server = server;
    template.workspace = workspace;
    template.remote_id = NULL;
    template.row = 0;
    template.is_gone = template.is_published = false;
    if (create_like(remote, &template, true, &to, &is_new, &err) ||
        (remote->argilla && store_put_dataset(cli->store, &to, &to.row, NULL, &err)))
        goto out;
    if (to.row == from.row)
        err_set(&err, STATUS_USAGE, "FROM and NAME are the same dataset.");
    else if (with_records)
        (void)copy_records(cli, &from, &to, with_answers, &copied, &err);
out:
    if (!err.code) {
        char *was = dataset_where(&from), *is = dataset_where(&to);
        cli_say("%s %s like %s, with %zu record%s%s.",
                is_new ? "Created" : "There already:", is, was, copied,
                copied == 1 ? "" : "s",
                copied && remote->argilla ? "; “sherd sync” sends them" : "");
        free(was);
        free(is);
    }
    dataset_clear(&from);
    dataset_clear(&to);
    free(name);
    free(server);
    free(workspace);
    return err.code ? command_fail(&err) : EXIT_DONE;
}

int command_dataset(struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(struct remote *remote);
    } verbs[] = {{"create", create},
                 {"list", list},
                 {"show", show},
                 {"move", move},
                 {"clone", clone}};
    struct remote remote;
    struct err err = {0};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, cli->arguments->operands[0]) != 0)
            continue;
        remote = (struct remote){.cli = cli}; /* to move is a matter of the store */
        if (verbs[i].run != move && remote_open(&remote, cli, &err))
            return command_fail(&err);
        if (verbs[i].run != move && verbs[i].run != clone &&
            cli->arguments->operand_count > 2) {
            cli_say("“sherd dataset %s” takes one NAME.", verbs[i].name);
            remote_close(&remote);
            return EXIT_USAGE;
        }
        int code = verbs[i].run(&remote);
        remote_close(&remote);
        return code;
    }
    cli_say(
        "“sherd dataset” takes create, list, show, move or clone; “%s” is none of them.",
        cli->arguments->operands[0]);
    return EXIT_USAGE;
}
