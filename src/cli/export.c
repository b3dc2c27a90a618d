/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "json/readable.h"

static const char *const format_names[] = {
    [EXPORT_JSONL] = "jsonl",
    [EXPORT_CSV] = "csv",
    [EXPORT_TRL_PREFERENCE] = "trl-preference",
    [EXPORT_TRL_UNPAIRED] = "trl-unpaired",
    [EXPORT_TRL_PROMPT_COMPLETION] = "trl-prompt-completion",
    [EXPORT_OPENAI_DPO] = "openai-dpo",
};

static const char *const words[LEFT_COUNT] = {
    [LEFT_STATUS] = "another status",
    [LEFT_DAMAGED] = "damaged in the store",
    [LEFT_DISCARDED] = "discarded",
    [LEFT_NO_PROMPT] = "no prompt",
    [LEFT_NO_ANSWER] = "no answer",
    [LEFT_UNFINISHED] = "still being written",
    [LEFT_UNJUDGED] = "neither rated nor chosen by you",
    [LEFT_UNRATED] = "without a rating that counts, and not chosen",
    [LEFT_MIDDLE] = "rated in the middle",
    [LEFT_BAD] = "rated low or not chosen",
    [LEFT_ALIKE] = "the same text as the answer beside it",
    [LEFT_UNPAIRED] = "no better or worse answer beside it",
};

const char *export_format_name(enum export_format format)
{
    return format_names[format];
}

const char *left_out_words(enum left_out why)
{
    return words[why];
}

bool export_has_pairs(enum export_format format)
{
    return format == EXPORT_TRL_PREFERENCE || format == EXPORT_OPENAI_DPO;
}

/* ---- which records ---- */

/* Never NULL. */
static const char *text_of(const struct export *export, const struct record *record,
                           size_t *len)
{
    const struct field *field = dataset_response_field(export->dataset);
    const struct record_field *found = field ? record_field(record, field->name) : NULL;
    *len = found && found->text ? found->len : 0;
    return *len ? found->text : "";
}

static bool is_blank(const char *text, size_t len)
{
    while (len && text[len - 1] && strchr(" \t\r\n\f\v", text[len - 1]))
        len--;
    return len == 0;
}

/* What every format asks of a record. */
static enum left_out check_record(const struct export *export,
                                  const struct record *record)
{
    if (record->is_damaged)
        return LEFT_DAMAGED;
    if (export->has_status && record->response.status != export->status)
        return LEFT_STATUS;
    if (export->format == EXPORT_JSONL || export->format == EXPORT_CSV)
        return LEFT_IN;
    if (!export->has_status && record->response.status == RESPONSE_DISCARDED)
        return LEFT_DISCARDED;
    struct buf prompt = {0};
    conversation_write_prompt(record, export->dataset, &prompt);
    bool has_prompt = !is_blank(buf_text(&prompt), prompt.len);
    buf_clear(&prompt);
    size_t len;
    const char *answer = text_of(export, record, &len);
    if (!has_prompt)
        return LEFT_NO_PROMPT;
    if (record->has_completion && record->completion.state == COMPLETION_RUNNING)
        return LEFT_UNFINISHED;
    return is_blank(answer, len) ? LEFT_NO_ANSWER : LEFT_IN;
}

/* Whether it is a good example or a bad one: by its submitted rating, above or below the
 * middle of the scale, else by the last choice that it was in. */
static enum left_out judge(const struct export *export, const struct record *record,
                           bool *is_good)
{
    const struct question *question = dataset_rating_question(export->dataset);
    double rating = record_rating(record, question, export->by);
    enum verdict verdict = VERDICT_NONE;
    if (rating >= 0 && question->rating_count) {
        int sum = question->ratings[0] + question->ratings[question->rating_count - 1];
        *is_good = 2 * rating > sum;
        return 2 * rating == sum ? LEFT_MIDDLE : LEFT_IN;
    }
    store_get_verdict(export->store, record->row, &verdict, NULL);
    *is_good = verdict == VERDICT_CHOSEN;
    return verdict != VERDICT_NONE      ? LEFT_IN
           : export->by == RATINGS_MINE ? LEFT_UNJUDGED
                                        : LEFT_UNRATED;
}

/* ---- lines ---- */

static json_t *prompt_text(const struct export *export, const struct record *record)
{
    struct buf prompt = {0};
    conversation_write_prompt(record, export->dataset, &prompt);
    json_t *text = json_new_text(buf_text(&prompt), prompt.len);
    buf_clear(&prompt);
    return text;
}

static json_t *answer_text(const struct export *export, const struct record *record)
{
    size_t len;
    const char *answer = text_of(export, record, &len);
    return json_new_text(answer, len);
}

static json_t *answer_message(const struct export *export, const struct record *record)
{
    size_t len;
    const char *answer = text_of(export, record, &len);
    json_t *messages = json_array();
    conversation_add(messages, "assistant", answer, len);
    return messages;
}

/* The system prompt, where both were asked with the same, and the conversation. */
static json_t *input_messages(const struct export *export, const struct record *chosen,
                              const struct record *rejected)
{
    const char *one = chosen->completion.sampling.system_prompt;
    const char *other = rejected->completion.sampling.system_prompt;
    json_t *messages = json_array(), *asked = conversation_of(chosen, export->dataset);
    if (one && other && strcmp(one, other) == 0)
        conversation_add(messages, "system", one, strlen(one));
    json_array_extend(messages, asked);
    json_decref(asked);
    return messages;
}

/* RFC 4180, but for the end of lines. */
static void add_cell(struct buf *row, const char *text, size_t len)
{
    if (row->len)
        buf_add_byte(row, ',');
    buf_add_byte(row, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            buf_add_byte(row, '"');
        if (text[i] != '\0') /* no reader of CSV takes it */
            buf_add_byte(row, text[i]);
    }
    buf_add_byte(row, '"');
}

static void end_row(struct export *export, struct buf *row)
{
    buf_add_byte(row, '\n');
    output_stream(export->out, row->data, row->len);
    buf_clear(row);
}

static const char *const csv_before[] = {"id", "status"};
static const char *const csv_after[] = {
    "metadata",   "completion", "suggestions", "responses", "external_id", "inserted_at",
    "updated_at", "viewing",    "clash",       "picks",     "marks"};
static const char *const csv_marks[] = {"flagged", "decided", "changed", NULL};
enum { CSV_BEFORE = 2, CSV_AFTER = 11 };

/* The record as `sherd records` has it, and the choices between it and others. */
static json_t *whole_record(const struct export *export, const struct record *record)
{
    json_t *object = record_to_json(record, export->dataset), *list = json_array();
    struct pick *picks = NULL;
    size_t count = 0;
    store_list_picks(export->store, record->row, &picks, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        const struct pick *pick = &picks[i];
        json_t *ids = json_array(), *chosen = json_null();
        for (size_t k = 0; k < pick->count; k++) {
            char id[ID_TEXT];
            id_format(&pick->ids[k], id);
            json_array_append_new(ids, json_string(id));
            if ((int)k == pick->chosen)
                chosen = json_string(id);
        }
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:o,s:I}", "at", time_to_json(pick->at_ms),
                            "records", ids, "chosen", chosen, "strength",
                            pick->strength ? json_integer(pick->strength) : json_null(),
                            "seed", (json_int_t)pick->seed));
    }
    json_object_set_new(object, "picks", list);
    free(picks);
    return object;
}

/* A question that is called like another column has ".answer" behind its name. */
static void write_csv_titles(struct export *export)
{
    const struct dataset *dataset = export->dataset;
    struct buf row = {0};
    for (size_t i = 0; i < CSV_BEFORE; i++)
        add_cell(&row, csv_before[i], strlen(csv_before[i]));
    for (size_t i = 0; i < dataset->field_count; i++)
        add_cell(&row, dataset->fields[i].name, strlen(dataset->fields[i].name));
    for (size_t i = 0; i < dataset->question_count; i++) {
        const char *name = dataset->questions[i].name;
        bool is_taken = dataset_field(dataset, name) != NULL;
        for (size_t j = 0; j < CSV_BEFORE; j++)
            is_taken |= strcmp(csv_before[j], name) == 0;
        for (size_t j = 0; j < CSV_AFTER; j++)
            is_taken |= strcmp(csv_after[j], name) == 0;
        char *title = xasprintf("%s%s", name, is_taken ? ".answer" : "");
        add_cell(&row, title, strlen(title));
        free(title);
    }
    for (size_t i = 0; i < CSV_AFTER; i++)
        add_cell(&row, csv_after[i], strlen(csv_after[i]));
    end_row(export, &row);
}

/* Texts as they are, everything else as JSON; nothing for null. */
static void add_json_cell(struct buf *row, const json_t *value)
{
    char *text =
        json_is_string(value) || json_is_null(value) || !value ? NULL : json_print(value);
    if (text)
        add_cell(row, text, strlen(text));
    else
        add_cell(row, json_is_string(value) ? json_string_value(value) : "",
                 json_string_length(value));
    free(text);
}

static void write_csv_row(struct export *export, const struct record *record)
{
    const struct dataset *dataset = export->dataset;
    json_t *object = whole_record(export, record), *marks = json_array();
    const json_t *values = json_object_get(object, "values");
    struct buf row = {0};
    for (const char *const *mark = csv_marks; *mark; mark++)
        if (json_is_true(json_object_get(object, *mark)))
            json_array_append_new(marks, json_string(*mark));
    if (record->note)
        json_array_append_new(
            marks, json_pack("{s:O}", "note", json_object_get(object, "note")));
    json_object_set_new(object, "marks", marks);
    for (size_t i = 0; i < CSV_BEFORE; i++)
        add_json_cell(&row, json_object_get(object, csv_before[i]));
    for (size_t i = 0; i < dataset->field_count; i++)
        add_json_cell(&row, json_object_get(json_object_get(object, "fields"),
                                            dataset->fields[i].name));
    for (size_t i = 0; i < dataset->question_count; i++)
        add_json_cell(&row,
                      json_object_get(json_object_get(values, dataset->questions[i].name),
                                      "value"));
    for (size_t i = 0; i < CSV_AFTER; i++)
        add_json_cell(&row, json_object_get(object, csv_after[i]));
    json_decref(object);
    end_row(export, &row);
}

/* Writes the record if it is in the format; why it is not. */
static enum left_out write_record(struct export *export, const struct record *record)
{
    bool is_good = false;
    enum left_out why = check_record(export, record);
    bool is_judged = export->format == EXPORT_TRL_UNPAIRED ||
                     export->format == EXPORT_TRL_PROMPT_COMPLETION;
    if (why == LEFT_IN && is_judged)
        why = judge(export, record, &is_good);
    if (why == LEFT_IN && export->format == EXPORT_TRL_PROMPT_COMPLETION && !is_good)
        why = LEFT_BAD;
    if (why != LEFT_IN)
        return why;
    if (export->format == EXPORT_CSV) {
        write_csv_row(export, record);
    } else if (export->format == EXPORT_JSONL) {
        output_json(export->out, whole_record(export, record));
    } else {
        json_t *line = json_object();
        json_object_set_new(line, "prompt", prompt_text(export, record));
        json_object_set_new(line, "completion", answer_text(export, record));
        if (export->format == EXPORT_TRL_UNPAIRED)
            json_object_set_new(line, "label", json_boolean(is_good));
        output_json(export->out, line);
    }
    export->written++;
    return LEFT_IN;
}

/* ---- pairs, then the records that are in none ---- */

/* A bit for each row of the store. */
struct rowset {
    uint8_t *bits;
    size_t size; /* bytes of it */
};

struct pairing {
    struct export *export;
    struct rowset paired;
    struct rowset alike; /* better and worse, but of one text */
    struct rowset meant; /* export->rows */
    size_t looked_at;
    bool is_stopped;
};

static bool has_row(const struct rowset *set, int64_t row)
{
    size_t at = (size_t)row / 8;
    return at < set->size && (set->bits[at] >> (row % 8) & 1);
}

static void add_row(struct rowset *set, int64_t row)
{
    size_t at = (size_t)row / 8;
    if (at >= set->size) {
        size_t size = at + at / 2 + 64;
        set->bits = xreallocarray(set->bits, size, 1);
        memset(set->bits + set->size, 0, size - set->size);
        set->size = size;
    }
    set->bits[at] = (uint8_t)(set->bits[at] | 1u << row % 8);
}

static bool is_meant(const struct pairing *pairing, int64_t row)
{
    return !pairing->export->rows || has_row(&pairing->meant, row);
}

static bool is_over(struct pairing *pairing)
{
    struct export *export = pairing->export;
    pairing->is_stopped = export->is_stopped(export->ctx, pairing->looked_at++) ||
                          export->out->err.code || export->out->is_closed;
    return pairing->is_stopped;
}

static double rate_row(void *ctx, int64_t row)
{
    const struct export *export = ((struct pairing *)ctx)->export;
    struct record record = {0};
    bool is_read = store_get_record_row(export->store, row, &record, NULL) == STATUS_OK;
    double rating =
        is_read
            ? record_rating(&record, dataset_rating_question(export->dataset), export->by)
            : -1;
    record_clear(&record);
    return rating;
}

static bool take_pair(void *ctx, const struct store_pair *pair)
{
    struct pairing *pairing = ctx;
    struct export *export = pairing->export;
    struct record chosen = {0}, rejected = {0};
    bool is_read =
        is_meant(pairing, pair->chosen) && is_meant(pairing, pair->rejected) &&
        store_get_record_row(export->store, pair->chosen, &chosen, NULL) == STATUS_OK &&
        store_get_record_row(export->store, pair->rejected, &rejected, NULL) == STATUS_OK;
    if (is_read && check_record(export, &chosen) == LEFT_IN &&
        check_record(export, &rejected) == LEFT_IN) {
        size_t one_len, other_len;
        const char *one = text_of(export, &chosen, &one_len);
        const char *other = text_of(export, &rejected, &other_len);
        bool is_alike = one_len == other_len && memcmp(one, other, one_len) == 0;
        struct rowset *set = is_alike ? &pairing->alike : &pairing->paired;
        if (!is_alike) {
            json_t *line = json_object();
            if (export->format == EXPORT_OPENAI_DPO) {
                json_t *input = json_object();
                json_object_set_new(input, "messages",
                                    input_messages(export, &chosen, &rejected));
                json_object_set_new(line, "input", input);
                json_object_set_new(line, "preferred_output",
                                    answer_message(export, &chosen));
                json_object_set_new(line, "non_preferred_output",
                                    answer_message(export, &rejected));
            } else {
                json_object_set_new(line, "prompt", prompt_text(export, &chosen));
                json_object_set_new(line, "chosen", answer_text(export, &chosen));
                json_object_set_new(line, "rejected", answer_text(export, &rejected));
                /* a choice without a strength is the weakest: a column has one type */
                json_object_set_new(line, "margin",
                                    json_real(pair->margin > 0 ? pair->margin : 1));
            }
            output_json(export->out, line);
            export->written++;
        }
        add_row(set, pair->chosen);
        add_row(set, pair->rejected);
    }
    record_clear(&chosen);
    record_clear(&rejected);
    return !is_over(pairing);
}

/* One that cannot be read at all has no id but its number. */
static void leave_out(struct export *export, const struct record *record, int64_t row,
                      enum left_out why)
{
    if (export->manifest) {
        char id[ID_TEXT];
        bool is_first = true;
        for (int i = 0; i < LEFT_COUNT; i++)
            is_first = is_first && !export->left_out[i];
        if (id_is_zero(&record->id))
            snprintf(id, sizeof id, "number %lld", (long long)row);
        else
            id_format(&record->id, id);
        output_text(export->manifest, is_first ? "\n  " : ",\n  ");
        char *line = xasprintf("{\"record\": \"%s\", \"why\": \"%s\"}", id, words[why]);
        output_text(export->manifest, line);
        free(line);
    }
    export->left_out[why]++;
}

static enum status walk(struct pairing *pairing, struct err *err)
{
    struct export *export = pairing->export;
    struct record record = {0};
    int64_t row = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; !is_over(pairing); i++) {
        if (export->rows)
            row = i < export->row_count ? export->rows[i] : 0;
        else
            status = store_next_record(export->store, export->dataset->row, &row, err);
        if (status != STATUS_OK || !row)
            break;
        if (has_row(&pairing->paired, row))
            continue;
        enum left_out why = LEFT_DAMAGED;
        if (store_get_record_row(export->store, row, &record, NULL) == STATUS_OK)
            why = export_has_pairs(export->format) ? check_record(export, &record)
                                                   : write_record(export, &record);
        if (why == LEFT_IN && export_has_pairs(export->format))
            why = has_row(&pairing->alike, row) ? LEFT_ALIKE : LEFT_UNPAIRED;
        if (why != LEFT_IN)
            leave_out(export, &record, row, why);
    }
    record_clear(&record);
    return status;
}

enum status export_run(struct export *export, struct err *err)
{
    struct pairing pairing = {.export = export};
    enum status status = store_begin_reading(export->store, err);
    if (status != STATUS_OK)
        return status;
    if (export->format == EXPORT_CSV)
        write_csv_titles(export);
    for (size_t i = 0; export_has_pairs(export->format) && i < export->row_count; i++)
        add_row(&pairing.meant, export->rows[i]);
    if (export_has_pairs(export->format))
        status = store_each_pair(export->store, export->dataset->row, export->by_prompt,
                                 export->by == RATINGS_MINE ? NULL : rate_row, take_pair,
                                 &pairing, err);
    if (status == STATUS_OK && !pairing.is_stopped)
        status = walk(&pairing, err);
    store_end_reading(export->store);
    free(pairing.paired.bits);
    free(pairing.alike.bits);
    free(pairing.meant.bits);
    if (status == STATUS_OK && pairing.is_stopped && !export->out->err.code &&
        !export->out->is_closed)
        status = err_set(err, STATUS_CANCELLED, "Stopped.");
    return status;
}
