/* SPDX-License-Identifier: MIT
 *
 * sherd records - what the store has of a dataset.
 */
#include "config.h"

#include <string.h>

#include "cli/command.h"
#include "cli/record_output.h"

struct listing {
    struct cli *cli;
    const struct dataset *dataset;
    size_t count;
};

static bool print_record(void *ctx, const struct record *record)
{
    struct listing *listing = ctx;
    struct output *out = &listing->cli->out;
    if (!listing->count++)
        record_print_titles(out);
    record_print_row(out, record, listing->dataset);
    if (listing->count % 256 == 0)
        loop_poll(listing->cli->loop); /* Ctrl-C */
    return !out->is_closed && !out->err.code && !listing->cli->is_stopped;
}

static enum status read_filter(const struct arguments *arguments,
                               enum response_status *filter, struct err *err)
{
    if (!arguments->status || response_status_parse(arguments->status, filter))
        return STATUS_OK;
    return err_set(err, STATUS_USAGE,
                   "--status takes pending, draft, submitted or discarded.");
}

static int list(struct cli *cli, const struct dataset *dataset,
                enum response_status filter)
{
    struct listing listing = {.cli = cli, .dataset = dataset};
    struct err err = {0};
    bool has_filter = cli->arguments->status != NULL;
    if (store_each_record(cli->store, dataset->row, has_filter, filter, print_record,
                          &listing, &err))
        return command_fail(&err);
    if (cli->is_stopped) {
        cli_say("Stopped after %zu records.", listing.count);
        return EXIT_FAILED;
    }
    if (!listing.count && cli->out.is_terminal && !cli->out.is_json)
        cli_say("No records%s.", has_filter ? " with that status" : " yet");
    return EXIT_DONE;
}

int command_records(struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    enum response_status filter = RESPONSE_PENDING;
    struct dataset dataset = {0};
    struct err err = {0};
    const char *name = arguments->operand_count ? arguments->operands[0] : NULL;
    if (read_filter(arguments, &filter, &err) || command_open_store(cli, &err) ||
        command_find_dataset(cli, name, &dataset, &err))
        return command_fail(&err);
    int code = list(cli, &dataset, filter);
    dataset_clear(&dataset);
    return code;
}
