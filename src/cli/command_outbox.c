/* SPDX-License-Identifier: MIT
 *
 * sherd outbox - what the server has not confirmed yet, and why.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/record_output.h"

static const struct column columns[] = {
    {"RECORD", SHORT_ID - 1, false},
    {"WHAT", 8, false},
    {"STATE", 7, false},
    {"TRIES", 5, true},
    {"REASON", 0, false},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static const char *kind_name(enum outbox_kind kind)
{
    return kind == OUTBOX_RECORD ? "record" : "response";
}

static json_t *item_to_json(const struct outbox_item *item)
{
    char id[ID_TEXT];
    json_t *object = json_object();
    id_format(&item->record, id);
    json_object_set_new(object, "record", json_string(id));
    json_object_set_new(object, "kind", json_string(kind_name(item->kind)));
    json_object_set_new(object, "state",
                        json_string(item->is_refused ? "refused" : "waiting"));
    json_object_set_new(object, "attempts", json_integer(item->attempts));
    json_object_set_new(object, "next_try_at", time_to_json(item->next_try_ms));
    json_object_set_new(object, "error",
                        item->last_error ? json_string(item->last_error) : json_null());
    return object;
}

static void print_item(struct output *out, const struct outbox_item *item)
{
    if (out->is_json) {
        output_json(out, item_to_json(item));
        return;
    }
    char id[SHORT_ID], tries[16];
    record_short_id(&item->record, id);
    snprintf(tries, sizeof tries, "%d", item->attempts);
    const char *cells[COLUMN_COUNT] = {
        id, kind_name(item->kind), item->is_refused ? "refused" : "waiting", tries,
        item->last_error ? item->last_error : "not tried yet"};
    output_row(out, columns, COLUMN_COUNT, cells);
}

/* Without --dataset every dataset's; the items do not say which they belong to. */
static bool is_wanted(struct cli *cli, const struct outbox_item *item, int64_t row)
{
    struct record record = {0};
    if (!row)
        return true;
    bool is_found =
        store_get_record(cli->store, &item->record, &record, NULL) == STATUS_OK &&
        record.dataset_row == row;
    record_clear(&record);
    return is_found;
}

static enum status list_kind(struct cli *cli, enum outbox_kind kind, int64_t row,
                             size_t *shown, struct err *err)
{
    struct outbox_item *items = NULL;
    size_t count = 0;
    if (store_list_outbox(cli->store, 0, kind, INT64_MAX, SIZE_MAX / 2, &items, &count,
                          err))
        return err->code;
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(cli, &items[i], row)) {
            if (!(*shown)++ && !cli->out.is_json)
                output_titles(&cli->out, columns, COLUMN_COUNT);
            print_item(&cli->out, &items[i]);
        }
        outbox_item_clear(&items[i]);
    }
    free(items);
    return STATUS_OK;
}

int command_outbox(struct cli *cli)
{
    struct dataset dataset = {0};
    struct err err = {0};
    size_t shown = 0;
    bool is_one = cli->arguments->dataset != NULL;
    if (command_open_store(cli, &err) ||
        (is_one && command_find_dataset(cli, NULL, &dataset, &err)))
        return command_fail(&err);
    int64_t row = dataset.row;
    dataset_clear(&dataset);
    if (list_kind(cli, OUTBOX_RECORD, row, &shown, &err) ||
        list_kind(cli, OUTBOX_RESPONSE, row, &shown, &err))
        return command_fail(&err);
    if (!shown && cli->out.is_terminal && !cli->out.is_json)
        cli_say("Nothing is unsent.");
    return EXIT_DONE;
}
