/* SPDX-License-Identifier: MIT
 *
 * sherd dataset - makes, lists, shows, moves, copies and forgets datasets.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/import.h"

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

/* ---- create, show, list ---- */

enum { TEMPLATE_MAX = 4 * 1024 * 1024 };

/* What an interrupted `create` left: its fields and questions are the guide's. */
static bool is_begun_guide(const struct dataset *known)
{
    struct dataset guide = {0};
    bool is_part = known->remote_id && !known->is_published;
    dataset_init_guide(&guide, known->name, NULL, NULL);
    for (size_t i = 0; i < known->field_count; i++)
        is_part = is_part && dataset_field(&guide, known->fields[i].name);
    for (size_t i = 0; i < known->question_count; i++)
        is_part = is_part && dataset_question(&guide, known->questions[i].name);
    dataset_clear(&guide);
    return is_part;
}

/* As the store knows the one of this name that the server had. False: it knows none. */
static bool read_earlier(struct cli *cli, const char *name, const char *workspace,
                         const char *server, struct dataset *template)
{
    struct err unknown = {0};
    if (!*server || command_open_store(cli, &unknown) ||
        store_find_dataset(cli->store, server, workspace, name, template, &unknown))
        return false;
    if (is_begun_guide(template)) {
        dataset_clear(template);
        return false;
    }
    free(template->remote_id);
    free(template->workspace);
    template->remote_id = NULL;
    template->workspace = xstrdup_or_null(workspace);
    template->row = 0;
    template->is_gone = template->is_published = false;
    return true;
}

/* What is to be made: --from's, else the one that was deleted, else the guide's. The
 * file's name is its name where the command line gives none. */
static enum status read_template(struct cli *cli, const char *workspace,
                                 const char *server, struct dataset *template,
                                 struct err *err)
{
    const struct arguments *arguments = cli->arguments;
    const char *file = arguments->texts[OPTION_FROM], *name = cli->settings->dataset;
    bool is_named = arguments->operand_count > 1 || arguments->texts[OPTION_DATASET];
    struct buf text = {0};
    if (!file) {
        if (!read_earlier(cli, name, workspace, server, template))
            dataset_init_guide(template, name, workspace, server);
        return STATUS_OK;
    }
    if (command_read(cli, file, TEMPLATE_MAX, &text, err) == STATUS_OK &&
        dataset_file_read(template, buf_text(&text), text.len, file, err) == STATUS_OK) {
        if (is_named || !template->name) {
            free(template->name);
            template->name = xstrdup(name);
        }
        template->workspace = xstrdup_or_null(workspace);
    }
    buf_clear(&text);
    return err->code;
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

/* Into the store, so that records can be moved to it. What the store has of an earlier
 * one is kept apart; the command that takes it over is written out, to be pasted. */
static enum status keep_earlier(struct cli *cli, struct dataset *dataset, struct err *err)
{
    struct dataset old = {0};
    int64_t replaced = 0;
    if (command_open_store(cli, err) || command_put_dataset(cli, dataset, &replaced, err))
        return err->code;
    if (replaced && store_get_dataset(cli->store, replaced, &old, err) == STATUS_OK) {
        char *from = dataset_word(&old), *to = dataset_word(dataset);
        cli_say("What the store has of the one that was deleted is kept apart; “sherd "
                "dataset move %s %s” takes it over.",
                from, to);
        free(from);
        free(to);
    }
    dataset_clear(&old);
    return err->code;
}

static int create(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct dataset dataset = {0}, template = {0};
    struct err err = {0};
    bool is_new = false;
    const char *workspace = remote->argilla ? remote->workspace : "local";
    const char *server = remote->argilla ? argilla_url(remote->argilla) : "";
    enum status status = read_template(cli, workspace, server, &template, &err);
    if (status == STATUS_OK)
        status =
            remote_create(remote, &template, cli->arguments->texts[OPTION_FROM] != NULL,
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
        status = remote_open_dataset(remote, cli->settings->dataset, &dataset, &err);
    else if ((status = command_open_store(cli, &err)) == STATUS_OK)
        status = cli->home ? store_get_dataset(cli->store, cli->home, &dataset, &err)
                           : command_find_dataset(cli, NULL, &dataset, &err);
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
    for (size_t i = 0; i < count; i++)
        if (!remote->argilla ||
            (list[i].is_gone && !strcmp(list[i].server, argilla_url(remote->argilla))))
            dataset_print_row(&cli->out, &list[i], !remote->listed++);
    datasets_free(list, count);
    return STATUS_OK;
}

static int list(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct err err = {0};
    if (remote->argilla) {
        remote_begin(remote, NULL);
        argilla_list_datasets(remote->argilla, on_datasets, remote);
        (void)remote_wait(remote, &err);
    }
    if (err.code || list_store(remote, &err))
        return command_fail(&err);
    if (!remote->listed && cli->out.is_terminal && !cli->out.is_json)
        cli_say("No datasets yet; “sherd dataset create” makes one.");
    return EXIT_DONE;
}

/* ---- move ---- */

/* What another process has on its way would come back to a record that went elsewhere. */
static enum status claim(struct cli *cli, const struct dataset *dataset, struct err *err)
{
    bool is_ours = false;
    char *where = dataset_where(dataset);
    while (store_claim_sending(cli->store, dataset->row, &is_ours, err) == STATUS_BUSY &&
           command_wait_busy(cli, err))
        ;
    if (!err->code && !is_ours)
        err_set(err, STATUS_BUSY, "Another sherd sends %.150s just now: end it first.",
                where);
    free(where);
    return err->code;
}

/* What a dataset does not ask would be lost in it, and its server refuses a record that
 * lacks what it requires: all are looked at, where the two are not alike. */
static enum status expect_fit(struct cli *cli, const struct dataset *from,
                              const struct dataset *to, struct err *err)
{
    const struct importer importer = {.dataset = to};
    int64_t row = dataset_asks_same(from, to) ? 0 : 1;
    for (int64_t at = 0; row && !err->code;) {
        struct record record = {0}, there = {0};
        struct err why = {0};
        if (!store_next_record(cli->store, from->row, &at, err) && (row = at) &&
            !store_get_record_row(cli->store, row, &record, err)) {
            json_t *json = record_to_json(&record, from);
            if (import_read(&importer, json, &there, &why)) {
                char id[SHORT_ID], *word = dataset_word(from);
                record_short_id(&record.id, id);
                err_set(err, STATUS_REFUSED,
                        "Nothing is moved: %.100s has other fields or questions. Of the "
                        "record %s, %.150s “sherd dataset clone %.120s NAME” makes a "
                        "dataset that takes all.",
                        to->name, id, why.text, word);
                free(word);
            }
            json_decref(json);
        }
        record_clear(&record);
        record_clear(&there);
    }
    return err->code;
}

/* The command that makes the one that a person named, and that is not there. */
static void say_maker(const char *given)
{
    size_t len = strcspn(given, "@");
    char *name = xasprintf("%.*s", (int)len, given), *word = words_quote(name);
    const char *at = given[len] ? given + len + 1 : NULL;
    bool is_local = at && !strcmp(at, "local");
    if (!at || is_local || !strncmp(at, "http", 4))
        cli_say("“sherd dataset create %.200s%s%.200s” makes it.", word,
                !at        ? ""
                : is_local ? " --local"
                           : " --server ",
                !at || is_local ? "" : at);
    free(name);
    free(word);
}

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
        say_maker(given[2]);
    bool is_same = !err.code && from.row == to.row;
    if (is_same && to.is_gone && !strstr(given[2], "@gone") &&
        !strstr(given[2], "@deleted-")) {
        err_set(&err, STATUS_NOT_FOUND,
                "%.120s was deleted on its server, and is not made anew yet.", to.name);
        say_maker(given[2]);
    } else if (is_same) {
        err_set(&err, STATUS_USAGE, "FROM and TO are the same dataset.");
    }
    if (!err.code)
        (void)expect_fit(cli, &from, &to, &err);
    bool is_free = !err.code && claim(cli, &from, &err) == STATUS_OK;
    bool is_unread = command_is_unread(cli, &from);
    while (!err.code &&
           store_move_records(cli->store, from.row, to.row, &count, &err) ==
               STATUS_BUSY &&
           command_wait_busy(cli, &err))
        ;
    if (is_free)
        store_release_sending(cli->store, from.row);
    if (!err.code && store_flush(cli->store, &err) == STATUS_OK) {
        char *was = dataset_where(&from), *is = dataset_where(&to);
        cli_say("Moved %zu record%s from %s to %s; “sherd sync” sends what is not there.",
                count, count == 1 ? "" : "s", was, is);
        if (is_unread)
            cli_say("What else %s may have was not read, and stays there.", was);
        free(was);
        free(is);
    }
    dataset_clear(&from);
    dataset_clear(&to);
    return err.code ? command_fail(&err) : EXIT_DONE;
}

/* ---- forget ---- */

/* What was not sent is lost by it, and a word is not enough. */
static enum status agree(struct cli *cli, const struct dataset *dataset,
                         const char *where, struct err *err)
{
    struct outbox_counts counts = {0};
    char question[512];
    bool has_server = *dataset->server && !dataset->is_gone;
    store_count_outbox(cli->store, dataset->row, &counts);
    size_t waiting = counts.unsent + counts.refused + counts.clashes + counts.kept;
    if (arguments_has(cli->arguments, OPTION_YES))
        return STATUS_OK;
    if (waiting)
        return err_set(err, STATUS_REFUSED,
                       "%zu %s of %.150s %s never sent: “sherd sync” sends, “sherd "
                       "dataset move” takes over, --yes drops what is there.",
                       waiting, waiting == 1 ? "record" : "records", where,
                       waiting == 1 ? "was" : "were");
    if (!has_server && !command_has_records(cli, dataset->row))
        return STATUS_OK;
    snprintf(question, sizeof question, "Forget all that the store has of %.150s? %s",
             where, has_server ? "Its server keeps what it has." : "It is nowhere else.");
    return command_confirm(cli, question, err);
}

static int forget(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct dataset dataset = {0};
    struct err err = {0};
    if (cli->arguments->operand_count != 2) {
        cli_say("“sherd dataset forget” takes one NAME; “sherd --local dataset list” "
                "lists what the store has.");
        return EXIT_USAGE;
    }
    if (command_open_store(cli, &err) ||
        command_find_where(cli, cli->arguments->operands[1], &dataset, &err))
        return command_fail(&err);
    char *where = dataset_where(&dataset);
    bool is_free = agree(cli, &dataset, where, &err) == STATUS_OK &&
                   claim(cli, &dataset, &err) == STATUS_OK;
    while (!err.code &&
           store_forget_dataset(cli->store, dataset.row, &err) == STATUS_BUSY &&
           command_wait_busy(cli, &err))
        ;
    if (is_free)
        store_release_sending(cli->store, dataset.row);
    if (!err.code && store_flush(cli->store, &err) == STATUS_OK)
        cli_say("The store has nothing of %s any more.", where);
    free(where);
    dataset_clear(&dataset);
    return err.code ? command_fail(&err) : EXIT_DONE;
}

int command_dataset(struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(struct remote *remote);
        bool is_here; /* a matter of the store */
    } verbs[] = {{"create", create, false}, {"list", list, false},
                 {"show", show, false},     {"move", move, true},
                 {"forget", forget, true},  {"clone", command_clone, false}};
    struct remote remote;
    struct err err = {0};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, cli->arguments->operands[0]) != 0)
            continue;
        remote = (struct remote){.cli = cli};
        bool is_named = verbs[i].run == create || verbs[i].run == show;
        if ((is_named && command_take_place(cli, &err)) ||
            (!verbs[i].is_here && remote_open(&remote, cli, &err)))
            return command_fail(&err);
        if (!verbs[i].is_here && verbs[i].run != command_clone &&
            cli->arguments->operand_count > 2) {
            cli_say("“sherd dataset %s” takes one NAME.", verbs[i].name);
            remote_close(&remote);
            return EXIT_USAGE;
        }
        int code = verbs[i].run(&remote);
        remote_close(&remote);
        return code;
    }
    cli_say("“sherd dataset” takes create, list, show, move, forget or clone; “%s” is "
            "none of them.",
            cli->arguments->operands[0]);
    return EXIT_USAGE;
}
