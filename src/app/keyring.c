/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"

/* A command that is to print a key may ask a password manager that takes seconds: it
 * runs on a thread, and the screen goes on. */
struct key_fetch {
    struct app *app;
    atomic_bool *stop;
    char *command;
    struct secret key;
    struct err err;
    keyring_fn done;
};

static void run(void *ctx)
{
    struct key_fetch *fetch = ctx;
    if (setting_run_key_command(fetch->command, &fetch->key, 0, fetch->stop, &fetch->err))
        secret_clear(&fetch->key);
}

static void finish(void *ctx)
{
    struct key_fetch *fetch = ctx;
    struct app *app = fetch->app;
    app->keys_running--;
    if (!app->is_closing)
        fetch->done(app, &fetch->key, &fetch->err);
    secret_clear(&fetch->key);
    free(fetch->command);
    free(fetch);
}

void keyring_fetch(struct app *app, const char *command, keyring_fn done)
{
    if (!app->key_worker)
        app->key_worker = worker_new(app->loop);
    struct key_fetch *fetch = xcalloc(1, sizeof *fetch);
    fetch->app = app;
    fetch->stop = &app->keys_stop;
    fetch->command = xstrdup(command);
    fetch->done = done;
    app->keys_running++;
    worker_submit(app->key_worker, run, finish, fetch);
}

void keyring_close(struct app *app)
{
    atomic_store(&app->keys_stop, true);
    if (app->key_worker)
        worker_free(app->key_worker);
    app->key_worker = NULL;
}
