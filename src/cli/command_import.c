/* SPDX-License-Identifier: MIT
 *
 * sherd import - the records of a file into a dataset, and from there to its server.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/import.h"

enum { LISTED = 200 /* bad rows that are named one by one */ };

struct importing {
    struct cli *cli;
    struct progress progress;
    struct import import;
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
    progress_clear(&importing->progress);
    if (importing->import.bad <= LISTED)
        cli_say("%s", err->text);
}

static bool on_busy(void *ctx, struct err *err)
{
    return command_wait_busy(((struct importing *)ctx)->cli, err);
}

static void say_outcome(const struct importing *importing, const struct dataset *dataset,
                        bool is_whole)
{
    const struct import *import = &importing->import;
    struct output *out = &importing->cli->out;
    if (import->bad > LISTED)
        cli_say("… and %zu more bad rows.", import->bad - LISTED);
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
}

static int run(struct cli *cli, const char *name, int fd)
{
    const struct arguments *arguments = cli->arguments;
    const char *kind = arguments->texts[OPTION_AS];
    struct dataset dataset = {0};
    struct err err = {0}, fault = {0};
    struct importing importing = {.cli = cli,
                                  .import = {.dataset = &dataset,
                                             .fd = fd,
                                             .name = name,
                                             .me = arguments->texts[OPTION_ME],
                                             .is_stopped = is_stopped,
                                             .on_bad = on_bad,
                                             .on_busy = on_busy,
                                             .ctx = &importing}};
    struct import *import = &importing.import;
    if (kind && !prompts_kind_parse(kind, &import->kind)) {
        cli_say(
            "--as takes text, paragraphs, jsonl, csv or tsv; “%.60s” is none of them.",
            kind);
        return EXIT_USAGE;
    }
    if (command_open_to_log(cli, &err))
        return command_fail(&err);
    dataset_copy(&dataset, &app_session(cli->app)->dataset);
    import->store = cli->store;
    progress_init(&importing.progress, cli->settings->plain ? NULL : stderr);
    (void)import_run(import, &err);
    progress_clear(&importing.progress);
    (void)store_flush(cli->store, &fault);
    if (err.code && err.code != STATUS_CANCELLED)
        cli_say("%s", err.text);
    if (fault.code) /* what was added is not safe */
        cli_say("%s", fault.text);
    say_outcome(&importing, &dataset, !err.code && !fault.code);
    dataset_clear(&dataset);
    if (err.code || fault.code)
        return EXIT_FAILED;
    int code = command_send(cli);
    return import->bad ? EXIT_FAILED : code;
}

int command_import(struct cli *cli)
{
    const char *file = cli->arguments->operands[0];
    struct err err = {0};
    int fd = -1;
    if (command_open_rows(cli, file, &fd, &err))
        return command_fail(&err);
    int code = run(cli, strcmp(file, "-") != 0 ? file : "standard input", fd);
    close(fd);
    return code;
}
