/* SPDX-License-Identifier: MIT
 *
 * sherd rate, discard, undo - our response to a record that is there already.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/record_output.h"
#include "text/sanitise.h"

/* The record in the open dataset; one in another dataset is named with it. */
static enum status find_record(struct cli *cli, const char *prefix, struct id *id,
                               struct err *err)
{
    int64_t row = app_session(cli->app)->dataset.row;
    enum status status = store_find_record(cli->store, row, prefix, id, err);
    if (status != STATUS_NOT_FOUND ||
        store_find_record(cli->store, 0, prefix, id, NULL) != STATUS_OK)
        return status;
    err_clear(err);
    return err_set(err, STATUS_NOT_FOUND,
                   "The record is in another dataset than the one that is open: add "
                   "--dataset NAME (and --local or --server) as for “sherd records”.");
}

static void say_response(const struct record *record, const struct dataset *dataset)
{
    char id[SHORT_ID], rating[48] = "";
    const struct question *question = dataset_rating_question(dataset);
    const struct value *value =
        question ? values_find(&record->response.values, question->name) : NULL;
    record_short_id(&record->id, id);
    if (value)
        snprintf(rating, sizeof rating, ", rating %d", value->rating);
    cli_say("%s: %s%s.", id, response_status_name(record->response.status), rating);
}

/* Shows the record as it is now, sends it, and says what is left. */
static int show_and_send(struct cli *cli, const struct id *id)
{
    const struct session *session = app_session(cli->app);
    struct record record = {0};
    struct err err = {0};
    if (store_get_record(cli->store, id, &record, &err))
        return command_fail(&err);
    say_response(&record, &session->dataset);
    int code = command_send(cli);
    /* sending may have given it a remote id */
    if (store_get_record(cli->store, id, &record, &err) == STATUS_OK)
        record_print_json(&cli->out, &record, &session->dataset);
    record_clear(&record);
    return code;
}

static enum status respond(struct cli *cli, const char *prefix,
                           const struct answer *answer, enum change_kind kind,
                           struct id *id, struct err *err)
{
    struct record record = {0};
    if (find_record(cli, prefix, id, err) ||
        store_get_record(cli->store, id, &record, err))
        return err->code;
    const struct dataset *dataset = &app_session(cli->app)->dataset;
    enum status status = answer_apply(answer, dataset, &record.response, err);
    if (status == STATUS_OK)
        status = command_put_response(cli, id, &record.response, kind, err);
    record_clear(&record);
    return status;
}

static int answer_record(struct cli *cli, const struct answer *answer,
                         enum change_kind kind)
{
    struct err err = {0};
    struct id id;
    if (command_open_app(cli, &err) ||
        respond(cli, cli->arguments->operands[0], answer, kind, &id, &err))
        return command_fail(&err);
    return show_and_send(cli, &id);
}

int command_rate(struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    bool is_draft = arguments_has(arguments, OPTION_DRAFT);
    struct answer answer = {.has_rating = true,
                            .feedback = arguments->feedback,
                            .status = is_draft ? RESPONSE_DRAFT : RESPONSE_SUBMITTED};
    if (!number_parse(arguments->operands[1], -1000, 1000, &answer.rating)) {
        cli_say("“%s” is not a rating: it is a whole number, 1 to 5 in the guide's "
                "dataset.",
                arguments->operands[1]);
        return EXIT_USAGE;
    }
    return answer_record(cli, &answer, is_draft ? CHANGE_DRAFT : CHANGE_SUBMIT);
}

int command_discard(struct cli *cli)
{
    struct answer answer = {.status = RESPONSE_DISCARDED};
    return answer_record(cli, &answer, CHANGE_DISCARD);
}

struct undone {
    struct err err;
    struct id record;
    char what[32];
};

static void on_undone(void *ctx, const struct store_result *result)
{
    struct undone *undone = ctx;
    undone->err = result->err;
    undone->record = result->record;
    snprintf(undone->what, sizeof undone->what, "%s", result->what ? result->what : "");
}

int command_undo(struct cli *cli)
{
    struct undone undone = {0};
    if (command_open_app(cli, &undone.err))
        return command_fail(&undone.err);
    store_undo(cli->store, app_session(cli->app)->dataset.row, on_undone, &undone);
    store_drain(cli->store);
    if (undone.err.code)
        return command_fail(&undone.err);
    cli_say("Taken back: %s.", undone.what);
    return show_and_send(cli, &undone.record);
}
