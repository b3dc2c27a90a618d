/* SPDX-License-Identifier: MIT
 *
 * sherd log - one record by hand.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/record_output.h"
#include "text/sanitise.h"

struct pair {
    char *prompt, *response; /* owned */
    size_t prompt_len, response_len;
};

static void clear_pair(struct pair *pair)
{
    free(pair->prompt);
    free(pair->response);
}

static enum status read_text(const char *given, char **text, size_t *len, struct err *err)
{
    if (!strcmp(given, "-"))
        return command_read_stdin(text, len, err);
    *text = xstrdup(given);
    *len = strlen(given);
    return STATUS_OK;
}

static enum status read_pair(const struct arguments *arguments, struct pair *pair,
                             struct err *err)
{
    const char *prompt = arguments->prompt, *response = arguments->response;
    if (!prompt || !response)
        return err_set(err, STATUS_USAGE,
                       "“sherd log” needs --prompt P and --response R.");
    if (!strcmp(prompt, "-") && !strcmp(response, "-"))
        return err_set(err, STATUS_USAGE,
                       "Only one of --prompt and --response can be read from standard "
                       "input.");
    if (read_text(prompt, &pair->prompt, &pair->prompt_len, err) ||
        read_text(response, &pair->response, &pair->response_len, err))
        return err->code;
    if (!pair->prompt_len)
        return err_set(err, STATUS_USAGE, "The prompt is empty.");
    return STATUS_OK;
}

static struct answer answer_of(const struct arguments *arguments)
{
    struct answer answer = {.has_rating = arguments_has(arguments, OPTION_RATING),
                            .rating = arguments->rating,
                            .feedback = arguments->feedback};
    if (arguments_has(arguments, OPTION_DISCARD))
        answer.status = RESPONSE_DISCARDED;
    else if (arguments_has(arguments, OPTION_DRAFT))
        answer.status = RESPONSE_DRAFT;
    else if (answer.has_rating || answer.feedback)
        answer.status = RESPONSE_SUBMITTED;
    return answer;
}

static enum status refuse_dataset(const struct dataset *dataset, struct err *err)
{
    char name[128];
    sanitise_line(dataset->name, strlen(dataset->name), name, sizeof name);
    return err_set(err, STATUS_REFUSED,
                   "The dataset %s has no text fields for a prompt and a response, or "
                   "requires others: choose another with --dataset.",
                   name);
}

static enum status fill_record(const struct dataset *dataset, const struct pair *pair,
                               const struct answer *answer, struct record *record,
                               struct err *err)
{
    if (!dataset_takes_pairs(dataset))
        return refuse_dataset(dataset, err);
    id_random(&record->id);
    record->dataset_row = dataset->row;
    record->inserted_ms = clock_wall_ms(&clock_system);
    record->response.updated_ms = record->inserted_ms;
    record_set_field(record, dataset_prompt_field(dataset)->name, pair->prompt,
                     pair->prompt_len);
    record_set_field(record, dataset_response_field(dataset)->name, pair->response,
                     pair->response_len);
    return answer_apply(answer, dataset, &record->response, err);
}

static void on_added(void *ctx, const struct store_result *result)
{
    struct err *err = ctx;
    *err = result->err;
}

static int add_and_send(struct cli *cli, const struct record *record)
{
    struct err err = {0};
    store_add_record(cli->store, record, true, on_added, &err);
    store_drain(cli->store);
    if (err.code)
        return command_fail(&err);
    char id[ID_TEXT];
    id_format(&record->id, id);
    int code = command_send(cli);
    if (cli->out.is_json) {
        struct record stored = {0};
        if (store_get_record(cli->store, &record->id, &stored, NULL) == STATUS_OK)
            record_print_json(&cli->out, &stored, &app_session(cli->app)->dataset);
        record_clear(&stored);
    } else {
        output_text(&cli->out, id);
        output_text(&cli->out, "\n");
    }
    return code;
}

int command_log(struct cli *cli)
{
    struct answer answer = answer_of(cli->arguments);
    struct record record = {0};
    struct pair pair = {0};
    struct err err = {0};
    int code = EXIT_DONE;
    /* standard input first: nothing is opened for a pair that never comes */
    if (read_pair(cli->arguments, &pair, &err) || command_open_to_log(cli, &err) ||
        fill_record(&app_session(cli->app)->dataset, &pair, &answer, &record, &err))
        code = command_fail(&err);
    else
        code = add_and_send(cli, &record);
    record_clear(&record);
    clear_pair(&pair);
    return code;
}
