/* SPDX-License-Identifier: MIT
 *
 * The commands about single records: log, rate, discard, flag, delete, undo.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "store/store_bulk.h"
#include "json/readable.h"

enum { DELETE_SLICE = 500 };

/* ---- log ---- */

static enum status read_text(struct cli *cli, const char *given, struct buf *text,
                             struct err *err)
{
    if (!strcmp(given, "-"))
        return command_read_stdin(cli, text, err);
    buf_add_text(text, given);
    return STATUS_OK;
}

static enum status read_pair(struct cli *cli, struct buf *prompt, struct buf *response,
                             struct err *err)
{
    const char *const *texts = cli->arguments->texts;
    if (!texts[OPTION_PROMPT] || !texts[OPTION_RESPONSE])
        return err_set(err, STATUS_USAGE,
                       "“sherd log” needs --prompt P and --response R.");
    if (!strcmp(texts[OPTION_PROMPT], "-") && !strcmp(texts[OPTION_RESPONSE], "-"))
        return err_set(
            err, STATUS_USAGE,
            "Only one of --prompt and --response can be read from standard input.");
    if (read_text(cli, texts[OPTION_PROMPT], prompt, err) ||
        read_text(cli, texts[OPTION_RESPONSE], response, err))
        return err->code;
    static const char blanks[] = " \t\r\n";
    if (strspn(buf_text(prompt), blanks) >= prompt->len)
        return err_set(err, STATUS_USAGE, "The prompt is empty.");
    if (strspn(buf_text(response), blanks) >= response->len)
        return err_set(err, STATUS_USAGE,
                       "The response is empty: there is nothing to rate.");
    return STATUS_OK;
}

static enum status fill_record(const struct dataset *dataset, const struct buf *prompt,
                               const struct buf *response, const struct answer *answer,
                               struct record *record, struct err *err)
{
    if (!dataset_takes_pairs(dataset))
        return err_set(err, STATUS_REFUSED,
                       "The dataset %.120s has no text fields for a prompt and a "
                       "response, or requires others: choose another with --dataset.",
                       dataset->name);
    id_random(&record->id);
    record->inserted_ms = clock_wall_ms(&clock_system);
    record->response.updated_ms = record->inserted_ms;
    conversation_set_prompt(record, dataset, buf_text(prompt), prompt->len, NULL);
    record_set_field(record, dataset_response_field(dataset)->name, buf_text(response),
                     response->len);
    return answer_apply(answer, dataset, record, &record->response, err);
}

static int add_and_send(struct cli *cli, struct record *record)
{
    struct err err = {0};
    while (app_make_dataset(cli->app, &err) == STATUS_BUSY &&
           command_wait_busy(cli, &err))
        ;
    if (err.code)
        return command_fail(&err);
    record->dataset_row = app_session(cli->app)->dataset.row;
    while (store_add_record(cli->store, record, true, NULL, &err) == STATUS_BUSY &&
           command_wait_busy(cli, &err))
        ;
    if (err.code)
        return command_fail(&err);
    int code = command_send(cli);
    if (cli->out.is_json) {
        struct record stored = {0};
        if (store_get_record(cli->store, &record->id, &stored, NULL) == STATUS_OK)
            record_print_json(&cli->out, &stored, &app_session(cli->app)->dataset);
        record_clear(&stored);
    } else {
        output_text(&cli->out, id_text(&record->id).text);
        output_text(&cli->out, "\n");
    }
    return code;
}

int command_log(struct cli *cli)
{
    struct answer answer = answer_of(cli->arguments);
    struct record record = {0};
    struct buf prompt = {0}, response = {0};
    struct err err = {0};
    int code = EXIT_DONE;
    /* standard input first: nothing is opened for a pair that never comes */
    if (read_pair(cli, &prompt, &response, &err) || command_open_to_log(cli, &err) ||
        fill_record(&app_session(cli->app)->dataset, &prompt, &response, &answer, &record,
                    &err))
        code = command_fail(&err);
    else
        code = add_and_send(cli, &record);
    record_clear(&record);
    buf_clear(&prompt);
    buf_clear(&response);
    return code;
}

/* ---- rate, discard, undo ---- */

static bool names_dataset(const struct cli *cli)
{
    return cli->arguments->texts[OPTION_DATASET] || cli->arguments->texts[OPTION_SERVER];
}

/* The record in the open dataset. */
static enum status find_here(struct cli *cli, const char *prefix, struct id *id,
                             struct err *err)
{
    const struct dataset *dataset = &app_session(cli->app)->dataset;
    enum status status =
        dataset->row ? store_find_record(cli->store, dataset->row, prefix, id, err)
                     : STATUS_NOT_FOUND;
    if (status != STATUS_NOT_FOUND ||
        store_find_record(cli->store, 0, prefix, id, NULL) != STATUS_OK)
        return status;
    err_clear(err);
    return err_set(err, STATUS_NOT_FOUND,
                   "The record %.40s is in another dataset than %.120s; alone, without "
                   "--dataset and --server, it is found.",
                   prefix, dataset->name);
}

/* Opens the dataset that is named, else the record's own; the record in it. */
static enum status open_record(struct cli *cli, const char *prefix, struct id *id,
                               struct err *err)
{
    if (!names_dataset(cli)) {
        if (command_open_store(cli, err) ||
            store_find_record(cli->store, 0, prefix, id, err) ||
            command_go_home(cli, id, err))
            return err->code;
        return command_open_app(cli, err);
    }
    return command_open_app(cli, err) ? err->code : find_here(cli, prefix, id, err);
}

/* Shows the record as it is now, sends it, and says what is left. */
static int show_and_send(struct cli *cli, const struct id *id)
{
    const struct session *session = app_session(cli->app);
    struct record record = {0};
    struct err err = {0};
    if (store_get_record(cli->store, id, &record, &err))
        return command_fail(&err);
    char short_id[SHORT_ID], rating[48] = "";
    const struct question *question = dataset_rating_question(&session->dataset);
    const struct value *value =
        question ? values_find(&record.response.values, question->name) : NULL;
    record_short_id(&record.id, short_id);
    if (value)
        snprintf(rating, sizeof rating, ", rating %d", value->rating);
    cli_say("%s: %s%s.", short_id, response_status_name(record.response.status), rating);
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
    struct response seen = {0};
    if (open_record(cli, prefix, id, err) ||
        store_get_record(cli->store, id, &record, err))
        return err->code;
    const struct session *session = app_session(cli->app);
    enum status status = STATUS_OK;
    response_copy(&seen, &record.response);
    if (kind != CHANGE_DISCARD && session_is_elsewhere(session, &record))
        status = err_set(err, STATUS_REFUSED,
                         "Another sherd is still writing this answer; it can be rated "
                         "when it is whole.");
    else if (kind != CHANGE_DISCARD && !session_has_answer(session, &record))
        status = err_set(err, STATUS_REFUSED, "There is no answer to rate in it.");
    else
        status = answer_apply(answer, &session->dataset, &record, &record.response, err);
    record.response.is_changed = response_is_changed(&seen, &record.response, true);
    if (status == STATUS_OK)
        status = command_put_response(cli, id, &record.response, &seen, kind, err);
    response_clear(&seen);
    record_clear(&record);
    return status;
}

static enum status put_note(struct cli *cli, const struct id *id, struct err *err)
{
    const char *note = cli->arguments->texts[OPTION_NOTE];
    while (note &&
           store_note_record(cli->store, id, note, NULL, 0, NULL, err) == STATUS_BUSY &&
           command_wait_busy(cli, err))
        ;
    if (note && !err->code)
        cli_say(utf8_is_blank(note, strlen(note)) ? "The note is taken away." : "Noted.");
    return err->code;
}

static int answer_record(struct cli *cli, const struct answer *answer,
                         enum change_kind kind)
{
    struct err err = {0};
    struct id id;
    const char *record = cli->arguments->operands[0];
    bool is_answer = kind == CHANGE_DISCARD || answer_is_given(answer);
    if ((is_answer ? respond(cli, record, answer, kind, &id, &err)
                   : open_record(cli, record, &id, &err)) ||
        put_note(cli, &id, &err))
        return command_fail(&err);
    return show_and_send(cli, &id);
}

int command_rate(struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    bool is_draft = arguments_has(arguments, OPTION_DRAFT);
    struct answer answer = answer_of(arguments);
    answer.rating = arguments->operand_count > 1 ? arguments->operands[1] : NULL;
    answer.status = is_draft ? RESPONSE_DRAFT : RESPONSE_SUBMITTED;
    struct err err = {0};
    bool has_note = arguments->texts[OPTION_NOTE];
    if (!answer_is_given(&answer) && (is_draft || !has_note)) {
        err_set(&err, STATUS_USAGE,
                has_note
                    ? "--draft needs an answer to keep as one: a note changes no answer."
                    : "“sherd rate” needs a rating N, --answer, --feedback or --note. "
                      "“sherd rate --help” says more.");
        return command_fail(&err);
    }
    return answer_record(cli, &answer, is_draft ? CHANGE_DRAFT : CHANGE_SUBMIT);
}

int command_discard(struct cli *cli)
{
    struct answer answer = {.arguments = cli->arguments, .status = RESPONSE_DISCARDED};
    return answer_record(cli, &answer, CHANGE_DISCARD);
}

int command_flag(struct cli *cli)
{
    struct err err = {0};
    struct id id;
    if (open_record(cli, cli->arguments->operands[0], &id, &err))
        return command_fail(&err);
    while (store_put_flag(cli->store, &id, true, &err) == STATUS_BUSY &&
           command_wait_busy(cli, &err))
        ;
    if (err.code || put_note(cli, &id, &err))
        return command_fail(&err);
    cli_say("Flagged.");
    return show_and_send(cli, &id);
}

/* ---- delete ---- */

/* The rows of the records that are named, all of one dataset. */
static enum status find_named(struct cli *cli, int64_t **rows, size_t *count,
                              struct err *err)
{
    const struct arguments *arguments = cli->arguments;
    struct record record = {0};
    struct id id;
    if (open_record(cli, arguments->operands[0], &id, err))
        return err->code;
    *rows = xcalloc((size_t)arguments->operand_count, sizeof **rows);
    for (int i = 0; i < arguments->operand_count; i++) {
        if (find_here(cli, arguments->operands[i], &id, err) ||
            store_get_record(cli->store, &id, &record, err))
            break;
        (*rows)[(*count)++] = record.row;
    }
    record_clear(&record);
    return err->code;
}

struct found {
    struct cli *cli;
    int64_t *rows;
    size_t count, capacity;
};

static bool take_row(void *ctx, const struct record *record)
{
    struct found *found = ctx;
    found->rows = xgrow(found->rows, found->count, &found->capacity, sizeof *found->rows);
    found->rows[found->count++] = record->row;
    if (found->count % 256 == 0)
        loop_poll(found->cli->loop); /* Ctrl-C */
    return !found->cli->is_stopped;
}

/* As sherd records lists them. */
static enum status find_filtered(struct cli *cli, int64_t **rows, size_t *count,
                                 struct err *err)
{
    enum response_status status =
        (enum response_status)cli->arguments->numbers[OPTION_STATUS];
    bool has_status = arguments_has(cli->arguments, OPTION_STATUS);
    struct found found = {.cli = cli};
    if (command_open_app(cli, err))
        return err->code;
    const struct dataset *dataset = &app_session(cli->app)->dataset;
    if (!dataset->row)
        return err_set(err, STATUS_NOT_FOUND, "The store has no dataset %.120s.",
                       dataset->name);
    command_say_unread(cli, dataset);
    (void)command_each_record(cli, dataset, has_status ? &status : NULL, take_row, &found,
                              err);
    *rows = found.rows;
    *count = found.count;
    return cli->is_stopped ? err_set(err, STATUS_CANCELLED, "Stopped.") : err->code;
}

static enum status ask_first(struct cli *cli, size_t count, struct err *err)
{
    const struct dataset *dataset = &app_session(cli->app)->dataset;
    char question[256];
    snprintf(question, sizeof question, "Delete %zu %s of %.120s%s?", count,
             count == 1 ? "record" : "records", dataset->name,
             *dataset->server ? ", here and on the server" : "");
    return command_confirm(cli, question, err);
}

/* In slices: another sherd may have the store in between. */
static enum status delete_rows(struct cli *cli, const int64_t *rows, size_t count,
                               struct bulk *bulk, struct err *err)
{
    for (size_t at = 0, size; at < count && !err->code; at += size) {
        size = count - at < DELETE_SLICE ? count - at : DELETE_SLICE;
        while (store_put_bulk(cli->store, bulk, rows + at, size, at + size == count,
                              err) == STATUS_BUSY &&
               command_wait_busy(cli, err))
            ;
    }
    return err->code;
}

static int say_deleted(struct cli *cli, const struct bulk *bulk)
{
    const size_t *counts = bulk->counts;
    size_t left = counts[BULK_STREAMING] + counts[BULK_ABSENT];
    char more[96] = "";
    if (left)
        snprintf(more, sizeof more,
                 " Left as they are: %zu still being written, %zu deleted before.",
                 counts[BULK_STREAMING], counts[BULK_ABSENT]);
    if (!counts[BULK_DONE])
        cli_say("No record is deleted.%s", more);
    else
        cli_say("%zu %s deleted%s; “sherd undo” takes it back until then.%s",
                counts[BULK_DONE], counts[BULK_DONE] == 1 ? "record" : "records",
                app_session(cli->app)->has_server || cli->is_far
                    ? " here, and on the server in ten minutes or with “sherd sync”"
                    : "; the next start of the screen in ten minutes or later is final",
                more);
    int code = command_send(cli);
    if (cli->out.is_json)
        output_json(&cli->out,
                    json_pack("{s:I,s:I}", "deleted", (json_int_t)counts[BULK_DONE],
                              "left", (json_int_t)left));
    return code;
}

/* What the server does not have anybody may delete. */
static enum status may_delete(struct cli *cli, const int64_t *rows, size_t count,
                              struct err *err)
{
    struct record record = {0};
    bool is_there = false;
    if (command_expect_owner(cli, "delete", "“sherd discard” discards for you.", err) !=
        STATUS_AUTH)
        return err->code;
    for (size_t i = 0; i < count && !is_there; i++)
        is_there = store_get_record_row(cli->store, rows[i], &record, NULL) ||
                   (record.remote_id && !record.is_gone);
    record_clear(&record);
    if (!is_there)
        err_clear(err);
    return err->code;
}

int command_delete(struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    bool has_filter = arguments->texts[OPTION_FILTER] ||
                      arguments->texts[OPTION_SEARCH] ||
                      arguments_has(arguments, OPTION_STATUS);
    bool asks = has_filter && !arguments_has(arguments, OPTION_YES);
    struct bulk bulk = {0};
    struct err err = {0};
    int64_t *rows = NULL;
    size_t count = 0;
    if (has_filter == (arguments->operand_count > 0))
        err_set(&err, STATUS_USAGE,
                "“sherd delete” needs the records: their ids, or a --filter, --search or "
                "--status.");
    else if ((has_filter ? find_filtered : find_named)(cli, &rows, &count, &err) ==
                 STATUS_OK &&
             may_delete(cli, rows, count, &err) == STATUS_OK &&
             (!asks || !count || ask_first(cli, count, &err) == STATUS_OK))
        (void)delete_rows(cli, rows, count, &bulk, &err);
    free(rows);
    return err.code ? command_fail(&err) : say_deleted(cli, &bulk);
}

/* ---- undo ---- */

int command_undo(struct cli *cli)
{
    struct undone undone = {0};
    struct err err = {0};
    bool is_named = names_dataset(cli);
    if (is_named ? command_open_app(cli, &err) : command_open_store(cli, &err))
        return command_fail(&err);
    int64_t row = is_named ? app_session(cli->app)->dataset.row : 0;
    if (is_named && !row)
        row = -1; /* a dataset that is nowhere: nothing is undone in it */
    while (store_undo(cli->store, row, &undone, &err) == STATUS_BUSY &&
           command_wait_busy(cli, &err))
        ;
    response_clear(&undone.response);
    if (err.code || (!is_named && (command_go_home(cli, &undone.record, &err) ||
                                   command_open_app(cli, &err))))
        return command_fail(&err);
    char many[96] = "";
    if (undone.count + undone.missed > 1)
        snprintf(many, sizeof many, ", of %zu record%s", undone.count,
                 undone.count == 1 ? "" : "s");
    cli_say("Taken back: %s%s%.80s%s.", undone.what, *undone.question ? " of " : "",
            undone.question, many);
    if (undone.missed)
        cli_say("%zu more %s changed since, and %s left.", undone.missed,
                undone.missed == 1 ? "was" : "were", undone.missed == 1 ? "is" : "are");
    if (*many)
        cli_say("The last of them:");
    return show_and_send(cli, &undone.record);
}
