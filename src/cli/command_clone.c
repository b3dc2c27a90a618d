/* SPDX-License-Identifier: MIT
 *
 * sherd dataset clone - makes one like another; with all that the store has of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/import.h"

struct copied {
    size_t records;
    size_t others; /* answers of other people */
};

static bool is_stopped(void *ctx)
{
    struct cli *cli = ctx;
    loop_poll(cli->loop);
    return cli->is_stopped;
}

static bool on_busy(void *ctx, struct err *err)
{
    return command_wait_busy(ctx, err);
}

static enum status copy_records(struct cli *cli, const struct dataset *from,
                                const struct dataset *to, bool with_answers,
                                struct copied *copied, struct err *err)
{
    struct import_batch *batch = xcalloc(1, sizeof *batch);
    const struct import import = {
        .store = cli->store, .is_stopped = is_stopped, .on_busy = on_busy, .ctx = cli};
    int64_t row = 0;
    do {
        struct record *record = &batch->records[batch->count];
        size_t added = 0;
        if (store_next_record(cli->store, from->row, &row, err) == STATUS_OK && row) {
            (void)store_get_record_row(cli->store, row, record, err);
            /* nobody writes the copy, and no server has it */
            if (record->completion.state == COMPLETION_RUNNING)
                record->completion.state = COMPLETION_CUT;
            record->dataset_row = to->row;
            free(record->remote_id);
            record->remote_id = NULL;
            if (!with_answers) {
                response_clear(&record->response);
                record->is_decided = false;
                free(record->note);
                record->note = NULL;
                while (record->peer_count)
                    peer_clear(&record->peers[--record->peer_count]);
            }
            copied->others += record->peer_count;
            import_batch_keep(batch);
        }
        if (err->code || !row || import_batch_is_full(batch))
            (void)import_batch_write(batch, &import, &added, err);
        copied->records += added;
    } while (!err->code && row);
    free(batch);
    if (cli->is_stopped && err->code == STATUS_CANCELLED) {
        err_clear(err);
        err_set(err, STATUS_CANCELLED,
                "Stopped after %zu records; the same command goes on.", copied->records);
    }
    return command_expect_there(cli, from, err) ? err->code
                                                : store_flush(cli->store, err);
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
    /* --workspace is NAME's */
    if (store_find_dataset(remote->cli->store, argilla_url(remote->argilla), NULL, name,
                           from, err) == STATUS_OK)
        return STATUS_OK;
    return err->code ? err->code : remote_open_dataset(remote, name, from, err);
}

/* In the original's workspace, or where the server has none of that name in the first;
 * asked for by name, only there. */
static enum status make_like(struct remote *remote, const struct dataset *from,
                             const char *name, struct dataset *to, bool *is_new,
                             struct err *err)
{
    bool is_chosen =
        !remote->argilla || remote->workspace || !from->server || !*from->server;
    struct dataset template = *from; /* borrows the rest */
    char *own_name = xstrdup(name);
    char *server = xstrdup(remote->argilla ? argilla_url(remote->argilla) : "");
    char local[] = "local";
    if (!is_chosen)
        remote->workspace = from->workspace;
    char *workspace = remote->argilla ? xstrdup_or_null(remote->workspace) : NULL;
    template.name = own_name;
    template.server = server;
    template.workspace = remote->argilla ? workspace : local;
    template.remote_id = NULL;
    template.row = 0;
    template.is_gone = template.is_published = false;
    enum status status = remote_create(remote, &template, true, to, is_new, err);
    if (status == STATUS_CONFIG && !is_chosen) {
        err_clear(err);
        remote->workspace = template.workspace = NULL;
        status = remote_create(remote, &template, true, to, is_new, err);
    }
    free(own_name);
    free(server);
    free(workspace);
    if (status == STATUS_OK && remote->argilla)
        status = command_put_dataset(remote->cli, to, NULL, err);
    return status;
}

static void say_clone(const struct remote *remote, const struct dataset *from,
                      const struct dataset *to, bool is_new, const struct copied *copied)
{
    char *was = dataset_where(from), *is = dataset_where(to), *place = NULL;
    if (remote->argilla)
        place = xasprintf(" in the workspace %s", to->workspace);
    cli_say("%s %s%s like %s, with %zu record%s%s.",
            is_new ? "Created" : "There already:", is, place ? place : "", was,
            copied->records, copied->records == 1 ? "" : "s",
            copied->records && remote->argilla ? "; “sherd sync” sends them" : "");
    if (remote->argilla && !remote->workspace && from->workspace && *from->server)
        cli_say("The server has no workspace %s of yours, where %s is.", from->workspace,
                was);
    if (remote->argilla)
        remote_say_others(copied->others);
    free(place);
    free(was);
    free(is);
}

int command_clone(struct remote *remote)
{
    struct cli *cli = remote->cli;
    const char *const *given = cli->arguments->operands;
    bool with_answers = arguments_has(cli->arguments, OPTION_ANSWERS);
    bool with_records = with_answers || arguments_has(cli->arguments, OPTION_RECORDS);
    struct dataset from = {0}, to = {0};
    struct err err = {0};
    bool is_new = false;
    struct copied copied = {0};
    if (cli->arguments->operand_count < 3) {
        cli_say("“sherd dataset clone” needs FROM and the NAME of the new one.");
        return EXIT_USAGE;
    }
    if (find_original(remote, given[1], &from, &err) == STATUS_OK && with_records &&
        command_is_unread(cli, &from) &&
        (!command_has_records(cli, from.row) ||
         (remote->argilla && from.server &&
          !strcmp(from.server, argilla_url(remote->argilla))))) {
        char *word = words_quote(from.name);
        err_set(&err, STATUS_NOT_FOUND,
                "The records of %.120s were never read here: “sherd sync --dataset "
                "%.130s” reads them, then they can be cloned.",
                from.name, word);
        free(word);
    }
    if (!err.code &&
        make_like(remote, &from, given[2], &to, &is_new, &err) == STATUS_OK) {
        if (to.row == from.row)
            err_set(&err, STATUS_USAGE, "FROM and NAME are the same dataset.");
        else if (with_records)
            (void)copy_records(cli, &from, &to, with_answers, &copied, &err);
    }
    if (!err.code)
        say_clone(remote, &from, &to, is_new, &copied);
    dataset_clear(&from);
    dataset_clear(&to);
    return err.code ? command_fail(&err) : EXIT_DONE;
}
