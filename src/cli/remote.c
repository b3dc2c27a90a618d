/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/remote.h"

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
        settings_fetch_key(server->key_command, &key, err))
        return err->code;
    remote->http = http_new(cli->loop);
    remote->argilla =
        argilla_new(remote->http, cli->loop, server->url, &key, server->allow_plain_key);
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

static void end_call(struct remote *remote, const struct err *err)
{
    remote->is_over = true;
    if (err)
        remote->err = *err;
}

static enum status wait_for_call(struct remote *remote, struct err *err)
{
    command_wait(remote->cli, &remote->is_over);
    if (!remote->is_over)
        return err_set(err, STATUS_CANCELLED, "Stopped before the server answered.");
    return remote->err.code ? err_set(err, remote->err.code, "%s", remote->err.text)
                            : STATUS_OK;
}

static void begin_call(struct remote *remote)
{
    remote->is_over = false;
    err_clear(&remote->err);
}

struct dataset_call {
    struct remote *remote;
    struct dataset *dataset;
};

static void on_dataset(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct dataset_call *call = ctx;
    if (dataset && (!err || !err->code)) {
        dataset_clear(call->dataset);
        dataset_copy(call->dataset, dataset);
    }
    end_call(call->remote, err);
}

/* A call that outlives its caller's frame would write into it: only Ctrl-C leaves one
 * behind, and remote_close, which follows, ends it without its callback. */
enum status remote_open_dataset(struct remote *remote, const char *name,
                                struct dataset *dataset, struct err *err)
{
    struct dataset_call call = {.remote = remote, .dataset = dataset};
    begin_call(remote);
    argilla_open_dataset(remote->argilla, name, remote->cli->settings->workspace,
                         on_dataset, &call);
    return wait_for_call(remote, err);
}

enum status remote_create_dataset(struct remote *remote, const struct dataset *template,
                                  struct dataset *dataset, struct err *err)
{
    struct dataset_call call = {.remote = remote, .dataset = dataset};
    begin_call(remote);
    argilla_create_dataset(remote->argilla, template, on_dataset, &call);
    return wait_for_call(remote, err);
}

struct list_call {
    struct remote *remote;
    argilla_datasets_fn fn;
};

static void on_datasets(void *ctx, const struct dataset *datasets, size_t count,
                        const struct err *err)
{
    struct list_call *call = ctx;
    if (!err || !err->code)
        call->fn(call->remote->cli, datasets, count, err);
    end_call(call->remote, err);
}

enum status remote_list_datasets(struct remote *remote, argilla_datasets_fn fn,
                                 struct err *err)
{
    struct list_call call = {.remote = remote, .fn = fn};
    begin_call(remote);
    argilla_list_datasets(remote->argilla, on_datasets, &call);
    return wait_for_call(remote, err);
}
