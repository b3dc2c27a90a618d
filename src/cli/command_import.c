/* SPDX-License-Identifier: MIT
 *
 * sherd import - the records of a file into a dataset, and from there to its server.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "cli/command.h"
#include "cli/import.h"
#include "store/store_records.h"
#include "sync/sync.h"

/* Bad rows that are named one by one: as long as no row fits, all have one cause. */
enum { LISTED = 200, LISTED_AT_FIRST = 10 };

struct importing {
    struct cli *cli;
    struct progress progress;
    struct import import;
    struct dataset dataset; /* as it was when the reading began */
    size_t listed;
};

static bool is_stopped(void *ctx)
{
    struct importing *importing = ctx;
    const struct import *import = &importing->import;
    char text[96];
    loop_poll(importing->cli->loop);
    snprintf(text, sizeof text, "%zu rows read · %zu added · %zu there already",
             import->rows, import->added, import->known);
    progress_show(&importing->progress, text);
    return importing->cli->is_stopped;
}

static void on_bad(void *ctx, const struct err *err)
{
    struct importing *importing = ctx;
    const struct import *import = &importing->import;
    progress_clear(&importing->progress);
    if (importing->listed >= (import->added + import->known ? LISTED : LISTED_AT_FIRST))
        return;
    importing->listed++;
    cli_say("%s", err->text);
}

static bool on_busy(void *ctx, struct err *err)
{
    return command_wait_busy(((struct importing *)ctx)->cli, err);
}

static enum status make_dataset(void *ctx, struct err *err)
{
    struct importing *importing = ctx;
    while (app_make_dataset(importing->cli->app, err) == STATUS_BUSY && on_busy(ctx, err))
        ;
    if (!err->code)
        importing->dataset.row = app_session(importing->cli->app)->dataset.row;
    return err->code;
}

/* Its fields and questions are the guide's because nobody said which it has. */
static bool is_guessed(struct store *store, const struct dataset *dataset)
{
    int64_t row = 0;
    struct err ignored = {0};
    return !dataset->remote_id &&
           store_next_record(store, dataset->row, &row, &ignored) == STATUS_OK && !row;
}

/* What its server has already is counted as such, also where it was never read here. A
 * server that does not tell what the dataset asks is the first cause of all that follows,
 * and one that wants another key tells nothing before it has it. */
static enum status read_first(struct cli *cli, struct err *err)
{
    const struct session *session = app_session(cli->app);
    if (!session->has_server || sync_has_read(cli->store, session->dataset.row))
        return STATUS_OK;
    command_settle(cli);
    if (session->is_connected && !session->dataset_missing)
        app_pull(cli->app);
    command_settle(cli);
    const struct err *why = &session->sync.err;
    if (session->is_connected || !is_guessed(cli->store, &session->dataset))
        return STATUS_OK;
    if (why->code == STATUS_AUTH || why->code == STATUS_CONFIG)
        return err_set(err, why->code, "%s Nothing is read before that.", why->text);
    cli_say("%s So what %s asks there is not known, and the guide's fields and questions "
            "are expected.",
            why->text, session->dataset.name);
    return STATUS_OK;
}

static void say_outcome(const struct importing *importing, bool is_whole)
{
    const struct import *import = &importing->import;
    const struct dataset *dataset = &importing->dataset;
    struct output *out = &importing->cli->out;
    const struct session *session = app_session(importing->cli->app);
    size_t more = import->bad - importing->listed;
    if (more)
        cli_say("… and %zu more bad row%s.", more, more == 1 ? "" : "s");
    if (import->bad && !import->added &&
        (!session->has_server || session->is_connected) &&
        is_guessed(importing->cli->store, dataset)) {
        char *word = words_quote(dataset->name);
        cli_say(
            "%s no dataset %s yet, so the guide's fields and questions were expected. "
            "“sherd dataset create %s --from TEMPLATE” makes one that fits the rows.",
            session->dataset_missing ? "The server has" : "The store has", dataset->name,
            word);
        free(word);
    }
    if (out->is_json)
        output_json(out,
                    json_pack("{s:s, s:I, s:I, s:I, s:I}", "dataset", dataset->name,
                              "rows", (json_int_t)import->rows, "added",
                              (json_int_t)import->added, "known",
                              (json_int_t)import->known, "bad", (json_int_t)import->bad));
    cli_say("%zu record%s added to %s, %zu there already, %zu bad row%s left out.%s",
            import->added, import->added == 1 ? "" : "s", dataset->name, import->known,
            import->bad, import->bad == 1 ? "" : "s",
            is_whole ? "" : " The same command goes on.");
    if (import->answered && import->added)
        cli_say("%zu row%s with an answer of yours: submitted, or a draft where the file "
                "says so or a required question has none.",
                import->answered, import->answered == 1 ? " came" : "s came");
    if (session->has_server && import->added)
        remote_say_others(import->others);
}

static int run(struct cli *cli, const char *name, int fd)
{
    const struct arguments *arguments = cli->arguments;
    struct err err = {0}, fault = {0};
    struct importing importing = {.cli = cli,
                                  .import = {.dataset = &importing.dataset,
                                             .fd = fd,
                                             .name = name,
                                             .kind = arguments_file_kind(arguments),
                                             .me = arguments->texts[OPTION_ME],
                                             .is_stopped = is_stopped,
                                             .on_bad = on_bad,
                                             .on_busy = on_busy,
                                             .make_dataset = make_dataset,
                                             .ctx = &importing}};
    struct import *import = &importing.import;
    if (command_open_to_log(cli, &err) || read_first(cli, &err))
        return command_fail(&err);
    dataset_copy(&importing.dataset, &app_session(cli->app)->dataset);
    import->store = cli->store;
    progress_init(&importing.progress, cli->settings->plain ? NULL : stderr);
    (void)import_run(import, &err);
    progress_clear(&importing.progress);
    (void)store_flush(cli->store, &fault);
    if (err.code && err.code != STATUS_CANCELLED)
        cli_say("%s", err.text);
    if (fault.code) /* what was added is not safe */
        cli_say("%s", fault.text);
    say_outcome(&importing, !err.code && !fault.code);
    dataset_clear(&importing.dataset);
    if (err.code || fault.code)
        return EXIT_FAILED;
    int code = command_send(cli);
    if (!app_session(cli->app)->dataset.row && app_session(cli->app)->sync.err.code)
        return (int)cli_exit_code(app_session(cli->app)->sync.err.code);
    return import->bad ? EXIT_FAILED : code;
}

int command_import(struct cli *cli)
{
    const char *file = cli->arguments->operands[0];
    struct err err = {0};
    int fd = -1;
    if (command_open_rows(cli, file, &fd, &err))
        return command_fail(&err);
    int code = run(cli, command_input_name(file), fd);
    close(fd);
    return code;
}
