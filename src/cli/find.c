/* SPDX-License-Identifier: MIT
 *
 * Which dataset a command is about: by its name in the store, by the place that is said
 * with the name, by a record of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "config/settings_parts.h"
#include "sync/sync.h"

/* ---- in the store ---- */

/* In --workspace. */
static bool is_called(const struct cli *cli, const struct dataset *dataset,
                      const char *given)
{
    const char *workspace = cli->arguments->texts[OPTION_WORKSPACE];
    return place_is_called(cli->settings, dataset, given) &&
           (!workspace || (dataset->workspace && !strcmp(dataset->workspace, workspace)));
}

static void say_not_called(const struct cli *cli, const char *given, const char *near,
                           const char *all, struct err *err)
{
    const char *workspace = cli->arguments->texts[OPTION_WORKSPACE];
    struct err none = {0};
    char *word = words_quote(given), mean[200];
    snprintf(mean, sizeof mean, "%s%.150s%s", near ? " Did you mean " : "",
             near ? near : "", near ? "?" : "");
    if (!cli->settings->is_local && !strchr(given, '@') &&
        settings_server(cli->settings, &none))
        err_set(err, STATUS_NOT_FOUND,
                "The store has no dataset %.120s: “sherd sync --dataset %.130s” reads "
                "one that is on the server.%s%s%.200s",
                given, word, mean, *all ? " Here are: " : "", all);
    else if (!*all)
        err_set(err, STATUS_NOT_FOUND,
                "The store has no dataset %.120s, and no other: log, ask, run and import "
                "put records into it.",
                given);
    else
        err_set(
            err, STATUS_NOT_FOUND,
            "The store has no dataset %.120s%s%.80s.%s It has: %s. Name one of these%s.",
            given, workspace ? " in the workspace " : "", workspace ? workspace : "",
            mean, all, workspace ? ", without --workspace" : "");
    free(word);
}

enum status command_find_where(struct cli *cli, const char *given,
                               struct dataset *dataset, struct err *err)
{
    struct dataset *list = NULL;
    size_t count = 0, found = 0, there = 0;
    struct buf all = {0}, names = {0};
    if (store_list_datasets(cli->store, &list, &count, err))
        return err->code;
    const char **words = xcalloc(count + 1, sizeof *words);
    for (size_t i = 0; i < count; i++)
        words[i] = list[i].name;
    char *meant = xstrdup_or_null(nearest_word(given, words, count));
    free(words);
    for (size_t i = 0; i < count; i++)
        there += is_called(cli, &list[i], given) && !list[i].is_gone;
    for (size_t i = 0; i < count; i++) {
        char *where = dataset_where(&list[i]);
        buf_addf(&all, "%s%.200s", all.len ? ", " : "", where);
        /* one that is gone is meant only when nothing else is */
        if (is_called(cli, &list[i], given) && (!list[i].is_gone || !there)) {
            buf_addf(&names, "%s%.200s", names.len ? ", " : "", where);
            if (!found++)
                dataset_copy(dataset, &list[i]);
        }
        free(where);
    }
    if (!found)
        say_not_called(cli, given, meant, buf_text(&all), err);
    else if (found > 1)
        err_set(err, STATUS_USAGE,
                "Several datasets in the store are called %.120s: write one as %s, or "
                "add --workspace.",
                given, buf_text(&names));
    if (err->code)
        dataset_clear(dataset);
    free(meant);
    datasets_free(list, count);
    buf_clear(&all);
    buf_clear(&names);
    return err->code;
}

enum status command_find_dataset(struct cli *cli, const char *name,
                                 struct dataset *dataset, struct err *err)
{
    struct settings *settings = cli->settings;
    const char *wanted = name ? name : settings->dataset;
    const struct server_settings *server = settings_server(settings, err);
    if (err->code)
        return err->code;
    struct err none = {0};
    enum status status = store_find_dataset(
        cli->store, server ? server->url : "",
        server ? settings_workspace(settings, server) : NULL, wanted, dataset, &none);
    if (status == STATUS_OK)
        return STATUS_OK;
    if (status != STATUS_NOT_FOUND) {
        *err = none;
        return status;
    }
    return command_find_where(cli, wanted, dataset, err);
}

bool command_is_unread(const struct cli *cli, const struct dataset *dataset)
{
    return dataset->remote_id && !dataset->is_gone &&
           !sync_has_read(cli->store, dataset->row);
}

void command_say_unread(struct cli *cli, const struct dataset *dataset)
{
    if (!command_is_unread(cli, dataset))
        return;
    char *word = words_quote(dataset->name);
    if (command_has_records(cli, dataset->row))
        cli_say(
            "Of %s here is what came from here or was read so far: “sherd sync --dataset "
            "%s” reads what else %s has.",
            dataset->name, word, dataset->server);
    else
        cli_say(
            "What %s has of %s was never read here: “sherd sync --dataset %s” reads it.",
            dataset->server, dataset->name, word);
    free(word);
}

enum status command_find_read(struct cli *cli, struct dataset *dataset, struct err *err)
{
    const struct arguments *arguments = cli->arguments;
    if (command_open_store(cli, err) ||
        command_find_dataset(cli, arguments->operand_count ? *arguments->operands : NULL,
                             dataset, err))
        return err->code;
    command_say_unread(cli, dataset);
    return STATUS_OK;
}

/* ---- the place that is said with a name ---- */

static void turn_to(struct cli *cli, const struct dataset *dataset)
{
    struct settings *settings = cli->settings;
    const struct server_settings *near = setting_find_address(settings, dataset->server);
    cli->home = dataset->row;
    cli->is_far = *dataset->server && (!near || dataset->is_gone);
    settings->is_local = settings->is_local || !near || dataset->is_gone;
    if (near)
        setting_text(&settings->server, near->name);
    setting_text(&settings->workspace, dataset->workspace);
    setting_text(&settings->dataset, dataset->name);
}

enum status command_go_home(struct cli *cli, const struct id *record, struct err *err)
{
    struct dataset dataset = {0};
    struct record found = {0};
    if (!store_get_record(cli->store, record, &found, err) &&
        !store_get_dataset(cli->store, found.dataset_row, &dataset, err))
        turn_to(cli, &dataset);
    record_clear(&found);
    dataset_clear(&dataset);
    command_close(cli);
    return err->code;
}

/* [WORKSPACE/]NAME[@SERVER], of which the store has no dataset. What is here alone is
 * synced with the configured server. */
static enum status turn_to_named(struct cli *cli, struct err *err)
{
    struct settings *settings = cli->settings;
    char *given = xstrdup(settings->dataset), *at = strchr(given, '@');
    const char *server = at ? at + 1 : "local",
               *found = setting_is_url(server) ? server : NULL;
    struct buf names = {0};
    for (size_t i = 0; i < settings->server_count; i++) {
        const struct server_settings *one = &settings->servers[i];
        if (one->url && place_is_server(settings, one->url, server, strlen(server)))
            found = one->name;
        buf_addf(&names, "%s%.80s", names.len ? ", " : "", one->name);
    }
    if (!found && strcmp(server, "local") != 0)
        err_set(err, STATUS_NOT_FOUND,
                "There is no server %.120s for “%.120s”: it is the name or the host of a "
                "[server NAME], its address, or local. %s%.300s",
                server, given, names.len ? "Here are: " : "No server is configured.",
                buf_text(&names));
    if (found && arguments_has(cli->arguments, OPTION_LOCAL))
        err_set(err, STATUS_USAGE, "--local and “%.120s” exclude each other.", given);
    if (found)
        setting_text(&settings->server, found);
    else if (at && cli->arguments->command != COMMAND_SYNC)
        settings->is_local = true;
    settings->has_server = settings->has_server || found;
    if (at)
        *at = '\0';
    char *slash = strchr(given, '/');
    if (slash) {
        *slash = '\0';
        setting_text(&settings->workspace, given);
    }
    setting_text(&settings->dataset, slash ? slash + 1 : given);
    buf_clear(&names);
    free(given);
    return err->code;
}

enum status command_take_place(struct cli *cli, struct err *err)
{
    struct settings *settings = cli->settings;
    bool is_sync = cli->arguments->command == COMMAND_SYNC;
    bool is_dataset = cli->arguments->command == COMMAND_DATASET;
    if (is_dataset && cli->arguments->operand_count > 1)
        setting_text(&settings->dataset, cli->arguments->operands[1]);
    const char *given = settings->dataset, *at = strchr(given, '@');
    bool is_create = is_dataset && !strcmp(*cli->arguments->operands, "create");
    struct dataset dataset = {0};
    struct err missing = {0}, none = {0};
    bool is_kept = at && (!strcmp(at, "@gone") || !strncmp(at, "@deleted-", 9) ||
                          ((is_sync || is_dataset) && !strcmp(at, "@local")));
    if (!strpbrk(given, is_dataset ? "@" : "@/")) /* its name may have a “/” */
        return STATUS_OK;
    if (is_create || cli->arguments->command == COMMAND_DOCTOR || /* checks the store */
        (!is_sync && settings->store && access(settings->store, F_OK)))
        missing.code = STATUS_NOT_FOUND;
    else if (command_open_store(cli, err) ||
             command_find_where(cli, given, &dataset, &missing))
        dataset_clear(&dataset);
    command_close(cli);
    if (err->code)
        return err->code;
    if (is_sync && dataset.is_gone) {
        char *where = dataset_word(&dataset);
        err_set(
            err, STATUS_NOT_FOUND,
            "%.120s was deleted on %.200s: nothing is sent there. “sherd dataset move "
            "%.200s TO” takes what it has to another.",
            dataset.name, dataset.server, where);
        free(where);
    } else if (dataset.row && !(is_sync && !*dataset.server)) {
        if (is_sync) /* its address is enough to send there */
            setting_text(&settings->server, dataset.server);
        (void)setting_choose_server(settings, &none);
        turn_to(cli, &dataset);
    } else if (*missing.text && (missing.code != STATUS_NOT_FOUND || is_kept)) {
        *err = missing;
    } else {
        (void)turn_to_named(cli, err);
    }
    dataset_clear(&dataset);
    return err->code;
}
