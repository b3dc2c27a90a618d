/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "cli/command.h"
#include "config/settings_parts.h"
#include "store/store_records.h"
#include "json/dataset_json.h"

enum status remote_open(struct remote *remote, struct cli *cli, struct err *err)
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
    argilla_use(remote->argilla, &server->connection, server->key_place,
                server->url_place);
    secret_clear(&key);
    return STATUS_OK;
}

void remote_close(struct remote *remote)
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

enum status remote_wait(struct remote *remote, struct err *err)
{
    command_wait(remote->cli, &remote->is_over);
    if (!remote->is_over)
        return err_set(err, STATUS_CANCELLED, "Stopped before the server answered.");
    return remote->err.code ? err_set(err, remote->err.code, "%s", remote->err.text)
                            : STATUS_OK;
}

void remote_begin(struct remote *remote, struct dataset *dataset)
{
    remote->dataset = dataset;
    remote->is_over = false;
    err_clear(&remote->err);
}

enum status remote_open_dataset(struct remote *remote, const char *name,
                                struct dataset *dataset, struct err *err)
{
    remote_begin(remote, dataset);
    argilla_open_dataset(remote->argilla, name, remote->workspace, on_dataset, remote);
    return remote_wait(remote, err);
}

/* ---- making one ---- */

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

static enum status create_on_server(struct remote *remote, const struct dataset *template,
                                    bool is_strict, struct dataset *dataset, bool *is_new,
                                    struct err *err)
{
    struct err missing = {0};
    enum status found = remote_open_dataset(remote, template->name, dataset, &missing);
    if (found == STATUS_OK && dataset->is_published)
        return is_strict ? expect_same(dataset, template, err)
                         : STATUS_OK; /* an interrupted one's draft is completed */
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) {
        *err = missing;
        return err->code;
    }
    *is_new = true;
    remote_begin(remote, dataset);
    argilla_create_dataset(remote->argilla, template, on_dataset, remote);
    return remote_wait(remote, err);
}

/* With the guide's fields, which a dataset that is only named gets, and nothing in it. */
static bool is_only_named(struct store *store, const struct dataset *dataset)
{
    struct dataset guide = {0};
    struct err ignored = {0};
    int64_t row = 0;
    dataset_init_guide(&guide, dataset->name, dataset->workspace, dataset->server);
    bool is_guide = dataset_asks_same(dataset, &guide);
    dataset_clear(&guide);
    return is_guide && !store_next_record(store, dataset->row, &row, &ignored) && !row;
}

enum status remote_create(struct remote *remote, const struct dataset *template,
                          bool is_strict, struct dataset *dataset, bool *is_new,
                          struct err *err)
{
    if (dataset_expect_name(template->name, err))
        return err->code;
    if (!remote->argilla) {
        if (command_open_store(remote->cli, err))
            return err->code;
        struct err missing = {0};
        enum status status = store_find_dataset(remote->cli->store, "", NULL,
                                                template->name, dataset, &missing);
        bool is_there = status == STATUS_OK &&
                        !(is_strict && is_only_named(remote->cli->store, dataset));
        if (is_there)
            return is_strict ? expect_same(dataset, template, err) : STATUS_OK;
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
            *err = missing;
            return status;
        }
        *is_new = true;
        dataset_clear(dataset);
        dataset_copy(dataset, template);
        return command_put_dataset(remote->cli, dataset, NULL, err);
    }
    if (create_on_server(remote, template, is_strict, dataset, is_new, err) ==
            STATUS_OK &&
        dataset_min_submitted(template) > 1 && !dataset_min_submitted(dataset))
        cli_say("This server knows no min_submitted: one answer is enough for a record.");
    return err->code;
}

void remote_say_others(size_t count)
{
    if (count)
        cli_say("%zu answer%s of others stay%s in this store: a server takes only your "
                "own.",
                count, count == 1 ? "" : "s", count == 1 ? "s" : "");
}
