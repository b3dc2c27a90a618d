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

#include "base/sanitise.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "config/settings_parts.h"
#include "store/store_bulk.h"

/* One dataset's sync. */
struct synced {
    struct cli *cli;
    const struct session *session;
    size_t sent; /* by the syncs before the last one */
    bool is_created;
    bool is_linked;
    size_t dropped; /* of those that are gone */
    struct outbox_counts left;
};

/* What was kept here alone, by --local or without a server, goes out only by its name. */
static bool takes_local(const struct synced *synced)
{
    struct cli *cli = synced->cli;
    struct dataset local = {0};
    const char *name = synced->session->dataset.name;
    bool has_any =
        cli->arguments->texts[OPTION_DATASET] &&
        store_find_dataset(cli->store, "", NULL, name, &local, NULL) == STATUS_OK &&
        command_has_records(cli, local.row);
    dataset_clear(&local);
    return has_any;
}

/* ---- what the user decided ---- */

/* The responses of which the server has another version: ours, or the server's. */
static enum status keep(struct synced *synced, bool keeps_ours, struct err *err)
{
    struct store *store = synced->cli->store;
    struct outbox_query query = {.dataset_row = synced->session->dataset.row,
                                 .kind = OUTBOX_RESPONSE,
                                 .max = SIZE_MAX / 2};
    struct outbox_item *items = NULL;
    size_t count = 0;
    enum status status = store_list_outbox(store, &query, &items, &count, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        while (items[i].is_clash &&
               (status = store_choose_response(store, &items[i].record, keeps_ours,
                                               err)) == STATUS_BUSY &&
               command_wait_busy(synced->cli, err))
            ;
    outbox_items_free(items, count);
    return status;
}

/* What was one's own is named: it is nowhere now, but for what the server kept. */
static void say_dropped(const struct gone_counts *dropped)
{
    const char *ends[] = {"s", ""};
    size_t answers = dropped->answers, drafts = dropped->drafts, notes = dropped->notes;
    char ours[128] = "";
    if (answers || drafts || notes)
        snprintf(ours, sizeof ours,
                 ", with %zu answer%s, %zu draft%s and %zu note%s of yours", answers,
                 ends[answers == 1], drafts, ends[drafts == 1], notes, ends[notes == 1]);
    if (dropped->records)
        cli_say("Dropped %zu %s gone from the server, for good%s.", dropped->records,
                dropped->records == 1 ? "record that is" : "records that are", ours);
}

static enum status decide(struct synced *synced, struct err *err)
{
    const struct arguments *arguments = synced->cli->arguments;
    bool gone = arguments_has(arguments, OPTION_GONE);
    bool sends = gone && !arguments->numbers[OPTION_GONE]; /* not: drops */
    struct store *store = synced->cli->store;
    int64_t row = synced->session->dataset.row;
    size_t count = 0;
    struct gone_counts dropped = {0};
    enum status status = STATUS_OK;
    if (arguments_has(arguments, OPTION_KEEP)) /* mine, or the server's */
        status = keep(synced, !arguments->numbers[OPTION_KEEP], err);
    const struct session *session = synced->session;
    bool may_log = session->is_connected ? session->can_log
                                         : app_may_log(store, session->dataset.server,
                                                       session->dataset.workspace);
    if (status == STATUS_OK && sends && !may_log)
        status = err_set(err, STATUS_AUTH,
                         "Your key for %s is an annotator's, and only owners and admins "
                         "may make records anew. “sherd sync --gone drop” drops them.",
                         session->server);
    if (status == STATUS_OK && gone)
        do
            status = sends ? store_send_gone(store, row, &count, err)
                           : store_drop_gone(store, row, &dropped, err);
        while (status == STATUS_BUSY && command_wait_busy(synced->cli, err));
    say_dropped(&dropped);
    synced->dropped = dropped.records;
    if (status == STATUS_OK && arguments_has(arguments, OPTION_UNFINISHED))
        while ((status = store_send_kept(store, row, &count, err)) == STATUS_BUSY &&
               command_wait_busy(synced->cli, err))
            ;
    return status;
}

/* ---- one dataset ---- */

/* A dataset is made on the server only for records that wait for it: a mistyped name
 * makes none; and none that somebody deleted there. */
static void create_if_needed(struct synced *synced)
{
    if (synced->session->dataset.row)
        store_count_outbox(synced->cli->store, synced->session->dataset.row,
                           &synced->left);
    if (!synced->session->dataset_missing || synced->session->dataset.is_gone ||
        (!synced->left.unsent && !takes_local(synced)))
        return;
    app_create_dataset(synced->cli->app);
    command_settle(synced->cli);
    synced->is_created =
        !synced->session->dataset_missing && synced->session->dataset.remote_id != NULL;
}

static void link_local(struct synced *synced)
{
    if (!synced->session->is_connected || synced->session->dataset_missing ||
        !takes_local(synced))
        return;
    synced->sent += synced->session->sync.sent;
    synced->is_linked = app_link_local(synced->cli->app);
    command_settle(synced->cli);
}

static void send_and_fetch(struct synced *synced)
{
    struct cli *cli = synced->cli;
    const struct session *session = synced->session;
    if (session->is_connected || !session->sync.err.code) {
        bool fetches = !arguments_has(cli->arguments, OPTION_NO_FETCH);
        struct err err = {0};
        if (store_hasten_deletions(cli->store, session->dataset.row, &err))
            cli_say("%s", err.text); /* they go out when it is their time */
        app_sync(cli->app);
        command_settle(cli);
        if (fetches && session->is_connected && !session->dataset_missing)
            app_pull(cli->app);
        command_settle(cli);
    } /* else it did not answer a moment ago */
    store_count_outbox(cli->store, session->dataset.row, &synced->left);
}

static void print_object(struct output *out, const struct dataset *dataset,
                         const struct synced *synced, const char *error)
{
    const struct sync_report *report = synced->session ? &synced->session->sync : NULL;
    const struct outbox_counts *left = &synced->left;
    const struct {
        const char *name;
        size_t count;
    } counts[] = {{"sent", synced->sent + (report ? report->sent : 0)},
                  {"fetched", report ? report->pulled : 0},
                  {"new", report ? report->added : 0},
                  {"changed", report ? report->changed : 0},
                  {"unsent", left->unsent},
                  {"to_delete", left->deleted},
                  {"refused", left->refused},
                  {"clashes", left->clashes},
                  {"kept", left->kept},
                  {"gone", left->gone},
                  {"dropped", synced->dropped}};
    json_t *object = json_object();
    /* Only what lies elsewhere has no session, and it brings a dataset of its own:
     * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
    json_object_set_new(object, "dataset", json_text(dataset->name));
    json_object_set_new(object, "workspace",
                        json_string(dataset->workspace ? dataset->workspace : ""));
    json_object_set_new(object, "server",
                        json_string(dataset->server ? dataset->server : ""));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_object_set_new(object, counts[i].name,
                            json_integer((json_int_t)counts[i].count));
    json_object_set_new(object, "linked", json_boolean(synced->is_linked));
    json_object_set_new(object, "created", json_boolean(synced->is_created));
    json_object_set_new(object, "error", *error ? json_string(error) : json_null());
    output_json(out, object);
}

static void print_words(const struct synced *synced, bool is_one)
{
    const struct session *session = synced->session;
    const struct sync_report *report = &session->sync;
    char name[128], kept[48] = "";
    sanitise_line(session->dataset.name, strlen(session->dataset.name), name,
                  sizeof name);
    if (synced->is_created)
        cli_say("Created the dataset %s on %s; “sherd dataset show” lists its fields and "
                "questions.",
                name, session->server);
    const char *asked = synced->cli->settings->dataset;
    if (is_one && session->dataset.row && strcmp(asked, session->dataset.name) != 0)
        cli_say("The dataset %s is called %s on %s now.", asked, name, session->server);
    if (synced->is_linked)
        cli_say("The local dataset %s is now the one on %s.", name, session->server);
    if (*report->notice)
        cli_say("%s", report->notice);
    if (synced->left.kept)
        snprintf(kept, sizeof kept, ", %zu kept here", synced->left.kept);
    char *text = xasprintf(
        "%s%s%zu sent, %zu new of %zu fetched, %zu unsent, %zu refused%s\n",
        is_one ? "" : name, is_one ? "" : ": ", synced->sent + report->sent,
        report->added, report->pulled, synced->left.unsent, synced->left.refused, kept);
    output_text(&synced->cli->out, text);
    free(text);
}

/* What is left decides; with nothing left, whether the server could be asked at all. */
static int finish(struct synced *synced, bool is_one)
{
    const struct session *session = synced->session;
    struct cli *cli = synced->cli;
    if (cli->out.is_json)
        print_object(&cli->out, &session->dataset, synced, session->sync.err.text);
    else
        print_words(synced, is_one);
    output_flush(&cli->out);
    if (cli->is_stopped) {
        cli_say(
            "Stopped. What the server has not confirmed is kept; “sherd sync” goes on.");
        return EXIT_FAILED;
    }
    int code = command_say_unsent(session, &synced->left);
    if (code == EXIT_DONE && session->sync.err.code)
        code = command_fail(&session->sync.err);
    return code;
}

static int sync_one(struct cli *cli, bool is_one)
{
    struct synced synced = {.cli = cli};
    struct err err = {0};
    if (command_open_app(cli, &err))
        return command_fail(&err);
    synced.session = app_session(cli->app);
    command_settle(cli);
    create_if_needed(&synced);
    link_local(&synced);
    if (!synced.session->dataset.row) /* neither here nor there: nothing is meant */
        return finish(&synced, is_one);
    if (decide(&synced, &err))
        return command_fail(&err);
    send_and_fetch(&synced);
    return finish(&synced, is_one);
}

/* ---- all of them ---- */

/* One that is not known may be any. */
static bool may_be_same(const char *a, const char *b)
{
    return !a || !b || !strcmp(a, b);
}

/* Whether list[at] is to be synced with the server that is configured: it is of that
 * server, and no other took its place there. */
static bool is_ours(const struct cli *cli, const struct dataset *list, size_t count,
                    size_t at, const char *url)
{
    const struct dataset *dataset = &list[at];
    if (strcmp(dataset->server, url) != 0 ||
        !may_be_same(cli->arguments->texts[OPTION_WORKSPACE], dataset->workspace))
        return false;
    for (size_t i = 0; dataset->is_gone && i < count; i++)
        if (!list[i].is_gone && !strcmp(list[i].name, dataset->name) &&
            !strcmp(list[i].server, url) &&
            may_be_same(list[i].workspace, dataset->workspace))
            return false;
    return true;
}

/* What waits in the store for another server, for none, or in a dataset that is gone. */
static int say_elsewhere(struct cli *cli, const struct dataset *dataset, const char *url)
{
    struct synced synced = {.cli = cli};
    bool is_local = !*dataset->server; /* never NULL in the store */
    char text[1024];
    char *word = words_quote(dataset->name);
    store_count_outbox(cli->store, dataset->row, &synced.left);
    const struct outbox_counts *left = &synced.left;
    size_t waiting = left->unsent + left->refused + left->clashes;
    if (is_local && command_has_records(cli, dataset->row))
        snprintf(text, sizeof text,
                 "The dataset %s is in the store alone; “sherd sync --dataset %s” takes "
                 "it to %s.",
                 dataset->name, word, url);
    else if (waiting && dataset->is_gone && !strcmp(dataset->server, url))
        command_describe_replaced(dataset, waiting, text, sizeof text);
    else if (waiting)
        snprintf(text, sizeof text,
                 "%zu %s in %s for %s; “sherd sync --server %s” sends what waits, “sherd "
                 "dataset move” takes it elsewhere.",
                 waiting, waiting == 1 ? "record waits" : "records wait", dataset->name,
                 dataset->server, dataset->server);
    else
        *text = '\0';
    free(word);
    if (*text && cli->out.is_json)
        print_object(&cli->out, dataset, &synced, text);
    else if (*text)
        cli_say("%s", text);
    return waiting ? EXIT_UNSENT : EXIT_DONE;
}

/* The worst of two exit codes: a failure before what only waits. */
static int worse(int a, int b)
{
    static const int order[] = {[EXIT_DONE] = 0,
                                [EXIT_FAILED] = 3,
                                [EXIT_USAGE] = 2,
                                [EXIT_CONFIG] = 4,
                                [EXIT_UNSENT] = 1};
    return order[a] >= order[b] ? a : b;
}

/* What the syncs could not send: read anew, as they may have found a dataset replaced. Of
 * a name only what the deleted ones of it had there. */
static int say_rest(struct cli *cli, const char *url, const char *name, struct err *err)
{
    struct dataset *list = NULL;
    size_t count = 0;
    int code = EXIT_DONE;
    if (command_open_store(cli, err) ||
        store_list_datasets(cli->store, &list, &count, err))
        return command_fail(err);
    for (size_t i = 0; i < count; i++)
        if (!is_ours(cli, list, count, i, url) &&
            (!name || (list[i].is_gone && !strcmp(list[i].name, name) &&
                       !strcmp(list[i].server, url))))
            code = worse(code, say_elsewhere(cli, &list[i], url));
    datasets_free(list, count);
    return code;
}

static int sync_all(struct cli *cli, const char *url, struct err *err)
{
    struct dataset *list = NULL;
    size_t count = 0, ours = 0;
    int code = EXIT_DONE;
    bool has_configured = false;
    if (command_open_store(cli, err) ||
        store_list_datasets(cli->store, &list, &count, err))
        return command_fail(err);
    char *configured = xstrdup(cli->settings->dataset);
    char *workspace = xstrdup_or_null(cli->settings->workspace);
    for (size_t i = 0; i < count; i++) {
        ours += is_ours(cli, list, count, i, url);
        has_configured = has_configured || !strcmp(list[i].name, configured);
    }
    bool needs_configured = has_configured || cli->settings->has_dataset || !ours;
    command_close(cli);
    if (needs_configured)
        code = sync_one(cli, ours <= 1);
    code = worse(code, command_close(cli));
    for (size_t i = 0; i < count && !cli->is_stopped; i++) {
        bool is_done = !strcmp(list[i].name, configured) &&
                       may_be_same(workspace, list[i].workspace);
        if (!is_ours(cli, list, count, i, url) || is_done)
            continue;
        struct settings *settings = cli->settings;
        setting_text(&settings->dataset, list[i].name);
        if (list[i].workspace && *list[i].workspace)
            setting_text(&settings->workspace, list[i].workspace);
        code = worse(code, sync_one(cli, false));
        code = worse(code, command_close(cli));
    }
    if (!cli->is_stopped)
        code = worse(code, say_rest(cli, url, NULL, err));
    datasets_free(list, count);
    free(configured);
    free(workspace);
    return code;
}

int command_sync(struct cli *cli)
{
    struct err err = {0};
    const struct server_settings *server = settings_server(cli->settings, &err);
    if (err.code)
        return command_fail(&err);
    if (!server) {
        cli_say("There is no Argilla server to send to: set ARGILLA_API_URL and "
                "ARGILLA_API_KEY, or give --server URL%s.",
                cli->settings->is_local ? " and not --local" : "");
        return EXIT_CONFIG;
    }
    char *url = xstrdup(server->url);
    int code;
    if (cli->arguments->texts[OPTION_DATASET]) {
        code = sync_one(cli, true);
        if (cli->app && !cli->is_stopped) /* else why not was said */
            code = worse(code, say_rest(cli, url, cli->settings->dataset, &err));
    } else {
        cli->home = 0; /* each in its turn */
        code = sync_all(cli, url, &err);
    }
    free(url);
    return code;
}
