/* SPDX-License-Identifier: MIT
 *
 * sherd sync - sends what is unsent, fetches what is new, takes a local dataset to the
 * server; asks nothing, says what it did.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/show.h"
#include "text/sanitise.h"
#include "json/json.h"

struct synced {
    struct cli *cli;
    const struct session *session;
    size_t sent; /* by the syncs before the last one */
    bool is_created;
    bool is_linked;
    struct outbox_counts left;
};

static void count_left(struct synced *synced)
{
    store_count_outbox(synced->cli->store, synced->session->dataset.row, &synced->left);
}

static bool stop_at_first(void *ctx, const struct record *record)
{
    bool *has_any = ctx;
    (void)record;
    *has_any = true;
    return false;
}

static bool has_local_records(struct synced *synced)
{
    struct store *store = synced->cli->store;
    struct dataset local = {0};
    bool has_any = false;
    const char *name = synced->session->dataset.name;
    if (store_find_dataset(store, "", "local", name, &local, NULL) == STATUS_OK)
        store_each_record(store, local.row, false, RESPONSE_PENDING, stop_at_first,
                          &has_any, NULL);
    dataset_clear(&local);
    return has_any;
}

/* A dataset is made on the server only for records that wait for it: a mistyped name
 * makes none. */
static void create_if_needed(struct synced *synced)
{
    count_left(synced);
    if (!synced->session->dataset_missing ||
        (!synced->left.unsent && !has_local_records(synced)))
        return;
    app_create_dataset(synced->cli->app);
    command_settle(synced->cli);
    synced->is_created =
        !synced->session->dataset_missing && synced->session->dataset.remote_id != NULL;
}

static void link_local(struct synced *synced)
{
    if (!synced->session->is_connected || synced->session->dataset_missing ||
        !has_local_records(synced))
        return;
    synced->sent += synced->session->sync.sent;
    synced->is_linked = app_link_local(synced->cli->app);
    command_settle(synced->cli);
}

static void send_and_fetch(struct synced *synced)
{
    struct cli *cli = synced->cli;
    const struct session *session = synced->session;
    if (!session->is_connected && session->sync.err.code)
        return; /* it did not answer a moment ago */
    app_sync(cli->app);
    command_settle(cli);
    bool fetches = !arguments_has(cli->arguments, OPTION_NO_FETCH);
    if (fetches && session->is_connected && !session->dataset_missing)
        app_pull(cli->app);
    command_settle(cli);
    count_left(synced);
}

static void print_object(const struct synced *synced)
{
    const struct session *session = synced->session;
    const struct dataset *dataset = &session->dataset;
    const char *error = session->sync.err.text;
    size_t sent = synced->sent + session->sync.sent;
    json_t *object = json_object();
    json_object_set_new(object, "dataset",
                        json_new_text(dataset->name, strlen(dataset->name)));
    json_object_set_new(object, "workspace",
                        json_string(dataset->workspace ? dataset->workspace : ""));
    json_object_set_new(object, "server",
                        json_string(dataset->server ? dataset->server : ""));
    json_object_set_new(object, "sent", json_integer((json_int_t)sent));
    json_object_set_new(object, "fetched",
                        json_integer((json_int_t)session->sync.pulled));
    json_object_set_new(object, "unsent", json_integer((json_int_t)synced->left.unsent));
    json_object_set_new(object, "refused",
                        json_integer((json_int_t)synced->left.refused));
    json_object_set_new(object, "linked", json_boolean(synced->is_linked));
    json_object_set_new(object, "created", json_boolean(synced->is_created));
    json_object_set_new(object, "error", *error ? json_string(error) : json_null());
    output_json(&synced->cli->out, object);
}

static void print_words(const struct synced *synced)
{
    const struct session *session = synced->session;
    char name[128], text[512];
    sanitise_line(session->dataset.name, strlen(session->dataset.name), name,
                  sizeof name);
    if (synced->is_created)
        cli_say("Created the dataset %s on %s, with the fields prompt and response and "
                "the questions of the guide; “sherd dataset show” lists them.",
                name, session->server);
    if (synced->is_linked)
        cli_say("The local dataset %s is now the one on %s.", name, session->server);
    snprintf(text, sizeof text, "%zu sent, %zu fetched, %zu unsent, %zu refused\n",
             synced->sent + session->sync.sent, session->sync.pulled, synced->left.unsent,
             synced->left.refused);
    output_text(&synced->cli->out, text);
}

/* What is left decides; with nothing left, whether the server could be asked at all. */
static int finish(struct synced *synced)
{
    const struct session *session = synced->session;
    struct cli *cli = synced->cli;
    if (cli->out.is_json)
        print_object(synced);
    else
        print_words(synced);
    output_flush(&cli->out);
    if (cli->is_stopped) {
        cli_say("Stopped. What is not sent yet is kept; “sherd sync” goes on.");
        return EXIT_FAILED;
    }
    if (synced->left.unsent || synced->left.refused)
        return command_say_unsent(session, &synced->left);
    return session->sync.err.code ? command_fail(&session->sync.err) : EXIT_DONE;
}

int command_sync(struct cli *cli)
{
    struct synced synced = {.cli = cli};
    struct err err = {0};
    if (command_open_app(cli, &err))
        return command_fail(&err);
    synced.session = app_session(cli->app);
    if (!synced.session->has_server) {
        cli_say("There is no Argilla server to send to: set ARGILLA_API_URL and "
                "ARGILLA_API_KEY, or give --server URL%s.",
                cli->settings->is_local ? " and not --local" : "");
        return EXIT_CONFIG;
    }
    command_settle(cli);
    create_if_needed(&synced);
    link_local(&synced);
    send_and_fetch(&synced);
    return finish(&synced);
}

/* ---- outbox ---- */

static const struct column columns[] = {
    {"RECORD", SHORT_ID - 1, false},
    {"WHAT", 8, false},
    {"STATE", 7, false},
    {"TRIES", 5, true},
    {"REASON", 0, false},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static const char *kind_name(enum outbox_kind kind)
{
    return kind == OUTBOX_RECORD ? "record" : "response";
}

static json_t *item_to_json(const struct outbox_item *item)
{
    char id[ID_TEXT];
    json_t *object = json_object();
    id_format(&item->record, id);
    json_object_set_new(object, "record", json_string(id));
    json_object_set_new(object, "kind", json_string(kind_name(item->kind)));
    json_object_set_new(object, "state",
                        json_string(item->is_refused ? "refused" : "waiting"));
    json_object_set_new(object, "attempts", json_integer(item->attempts));
    json_object_set_new(object, "next_try_at", time_to_json(item->next_try_ms));
    json_object_set_new(object, "error",
                        item->last_error ? json_string(item->last_error) : json_null());
    return object;
}

static void print_item(struct output *out, const struct outbox_item *item)
{
    if (out->is_json) {
        output_json(out, item_to_json(item));
        return;
    }
    char id[SHORT_ID], tries[16];
    record_short_id(&item->record, id);
    snprintf(tries, sizeof tries, "%d", item->attempts);
    const char *cells[COLUMN_COUNT] = {
        id, kind_name(item->kind), item->is_refused ? "refused" : "waiting", tries,
        item->last_error ? item->last_error : "not tried yet"};
    output_row(out, columns, COLUMN_COUNT, cells);
}

static enum status list_kind(struct cli *cli, enum outbox_kind kind, int64_t row,
                             size_t *shown, struct err *err)
{
    struct outbox_item *items = NULL;
    size_t count = 0;
    struct outbox_query query = {.dataset_row = row, .kind = kind, .max = SIZE_MAX / 2};
    if (store_list_outbox(cli->store, &query, &items, &count, err))
        return err->code;
    for (size_t i = 0; i < count; i++) {
        if (!(*shown)++ && !cli->out.is_json)
            output_titles(&cli->out, columns, COLUMN_COUNT);
        print_item(&cli->out, &items[i]);
        outbox_item_clear(&items[i]);
    }
    free(items);
    return STATUS_OK;
}

int command_outbox(struct cli *cli)
{
    struct dataset dataset = {0};
    struct err err = {0};
    size_t shown = 0;
    bool is_one = cli->arguments->texts[OPTION_DATASET] != NULL;
    if (command_open_store(cli, &err) ||
        (is_one && command_find_dataset(cli, NULL, &dataset, &err)))
        return command_fail(&err);
    int64_t row = dataset.row;
    dataset_clear(&dataset);
    if (list_kind(cli, OUTBOX_RECORD, row, &shown, &err) ||
        list_kind(cli, OUTBOX_RESPONSE, row, &shown, &err))
        return command_fail(&err);
    if (!shown && cli->out.is_terminal && !cli->out.is_json)
        cli_say("Nothing is unsent.");
    return EXIT_DONE;
}
