/* SPDX-License-Identifier: MIT
 *
 * The commands that list what the store has: records, trace, outbox.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "cli/command.h"

/* ---- records ---- */

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

int command_records(struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    const enum response_status status =
        (enum response_status)arguments->numbers[OPTION_STATUS];
    bool has_status = arguments_has(arguments, OPTION_STATUS);
    bool is_narrow =
        has_status || arguments->texts[OPTION_FILTER] || arguments->texts[OPTION_SEARCH];
    struct dataset dataset = {0};
    struct listing listing = {.cli = cli, .dataset = &dataset};
    struct err err = {0};
    if (command_find_read(cli, &dataset, &err) == STATUS_OK)
        (void)command_each_record(cli, &dataset, has_status ? &status : NULL,
                                  print_record, &listing, &err);
    dataset_clear(&dataset);
    if (cli->is_stopped) {
        cli_say("Stopped after %zu records.", listing.count);
        return EXIT_FAILED;
    }
    if (err.code)
        return command_fail(&err);
    if (!listing.count && cli->out.is_terminal && !cli->out.is_json)
        cli_say("No records%s.", is_narrow ? " that are meant" : " yet");
    return EXIT_DONE;
}

/* ---- trace ---- */

struct tracing {
    struct output *out;
    size_t count;
};

static void print_step(void *ctx, const struct trace_step *step)
{
    struct tracing *tracing = ctx;
    struct output *out = tracing->out;
    char took[32] = "", name[80];
    tracing->count++;
    if (out->is_json) {
        json_t *json = json_pack("{s:s, s:o, s:o}", "kind", trace_kind_name(step->kind),
                                 "at", time_to_json(step->at_ms), "text",
                                 json_new_text(step->text, step->len));
        json_set_text(json, "tool", step->tool);
        if (step->took_ms >= 0)
            json_object_set_new(json, "took_ms", json_integer(step->took_ms));
        if (step->kind == TRACE_RESULT)
            json_object_set_new(json, "is_error", json_boolean(step->is_error));
        output_json(out, json);
        return;
    }
    if (step->took_ms >= 0)
        snprintf(took, sizeof took, " (%.1f s)", (double)step->took_ms / 1000);
    const char *tool = step->tool ? step->tool : "";
    char *head = xasprintf("%s%s%s%s%s:\n", step->is_error ? "failed " : "",
                           trace_kind_name(step->kind), *tool ? " " : "",
                           sanitise_line(tool, strlen(tool), name, sizeof name), took);
    output_text(out, head);
    output_stream(out, step->text, step->len);
    output_end_stream(out);
    free(head);
}

int command_trace(struct cli *cli)
{
    struct tracing tracing = {.out = &cli->out};
    struct record record = {0};
    struct id id;
    struct err err = {0};
    if (command_open_store(cli, &err) ||
        store_find_record(cli->store, 0, cli->arguments->operands[0], &id, &err) ||
        store_get_record(cli->store, &id, &record, &err) ||
        store_each_step(cli->store, &id, print_step, &tracing, &err))
        return command_fail(&err);
    bool is_agent = record.has_completion && record.completion.tools;
    record_clear(&record);
    if (!tracing.count)
        cli_say(is_agent ? "There are no steps: the agent answered at once."
                         : "There are no steps: no agent wrote this record's answer.");
    return tracing.count || is_agent ? EXIT_DONE : EXIT_FAILED;
}

/* ---- outbox ---- */

static const struct column columns[] = {
    {"RECORD", SHORT_ID - 1, false},
    {"WHAT", 8, false},
    {"STATE", 7, false},
    {"TRIES", 5, true},
    {"DATASET", 24, false},
    {"REASON", 0, false},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static void print_item(struct output *out, const struct outbox_item *item,
                       const struct dataset *dataset)
{
    static const char *const kinds[] = {[OUTBOX_RECORD] = "record",
                                        [OUTBOX_RESPONSE] = "response",
                                        [OUTBOX_DELETE] = "deletion"};
    const char *kind = kinds[item->kind];
    const char *state = item->is_refused ? "refused"
                        : item->is_clash ? "clash"
                                         : "waiting";
    char id[ID_TEXT], tries[16];
    id_format(&item->record, id);
    if (out->is_json) {
        output_json(out,
                    json_pack("{s:s, s:s, s:s, s:i, s:o, s:s?, s:o, s:s}", "record", id,
                              "kind", kind, "state", state, "attempts", item->attempts,
                              "next_try_at", time_to_json(item->next_try_ms), "error",
                              item->attempts ? item->last_error : NULL, "dataset",
                              json_text(dataset->name), "server",
                              dataset->server ? dataset->server : ""));
        return;
    }
    record_short_id(&item->record, id);
    snprintf(tries, sizeof tries, "%d", item->attempts);
    char *where = dataset_where(dataset);
    const char *reason = item->is_clash     ? "the server has another response of yours"
                         : item->last_error ? item->last_error
                         : dataset->is_gone ? "the dataset was deleted there"
                         : item->kind == OUTBOX_DELETE && item->attempts == 0
                             ? "has its time, or the next sync; undo brings it back"
                         : item->attempts == 0 ? "no answer of the server yet"
                                               : "";
    const char *cells[COLUMN_COUNT] = {id, kind, state, tries, where, reason};
    output_row(out, columns, COLUMN_COUNT, cells);
    free(where);
}

static enum status list_kind(struct cli *cli, enum outbox_kind kind,
                             const struct dataset *dataset, size_t *shown,
                             struct err *err)
{
    struct outbox_query query = {
        .dataset_row = dataset->row, .kind = kind, .max = SIZE_MAX / 2};
    struct outbox_item *items = NULL;
    size_t count = 0;
    if (store_list_outbox(cli->store, &query, &items, &count, err))
        return err->code;
    for (size_t i = 0; i < count; i++) {
        if (!(*shown)++ && !cli->out.is_json)
            output_titles(&cli->out, columns, COLUMN_COUNT);
        print_item(&cli->out, &items[i], dataset);
        outbox_item_clear(&items[i]);
    }
    free(items);
    return STATUS_OK;
}

static enum status list_dataset(struct cli *cli, const struct dataset *dataset,
                                size_t *shown, struct err *err)
{
    if (list_kind(cli, OUTBOX_RECORD, dataset, shown, err))
        return err->code;
    if (list_kind(cli, OUTBOX_RESPONSE, dataset, shown, err))
        return err->code;
    return list_kind(cli, OUTBOX_DELETE, dataset, shown, err);
}

/* Of what is no item of the outbox, and yet not on the server; false: there is none. */
static bool say_rest(struct cli *cli, const struct dataset *dataset)
{
    struct outbox_counts counts = {0};
    store_count_outbox(cli->store, dataset->row, &counts);
    const struct outbox_counts rest = {.kept = counts.kept, .gone = counts.gone};
    const struct session nowhere = {
        .dataset = *dataset, /* borrows: no session is asked about them */
        .can_log = app_may_log(cli->store, dataset->server, dataset->workspace)};
    if (rest.kept || rest.gone)
        (void)command_say_unsent(&nowhere, &rest);
    return rest.kept || rest.gone;
}

int command_outbox(struct cli *cli)
{
    struct dataset *list = NULL;
    size_t count = 0, shown = 0;
    struct err err = {0};
    bool has_rest = false;
    cli->out.columns = 0; /* a reason is never cut */
    if (command_open_store(cli, &err))
        return command_fail(&err);
    if (cli->arguments->texts[OPTION_DATASET]) {
        list = xcalloc(1, sizeof *list);
        count = command_find_dataset(cli, NULL, list, &err) == STATUS_OK;
    } else {
        (void)store_list_datasets(cli->store, &list, &count, &err);
    }
    for (size_t i = 0; i < count && !err.code; i++)
        (void)list_dataset(cli, &list[i], &shown, &err);
    output_flush(&cli->out);
    for (size_t i = 0; i < count && !err.code; i++)
        has_rest = say_rest(cli, &list[i]) || has_rest;
    datasets_free(list, count);
    if (err.code)
        return command_fail(&err);
    if (!has_rest && !shown && cli->out.is_terminal && !cli->out.is_json)
        cli_say("Nothing is unsent.");
    return EXIT_DONE;
}
