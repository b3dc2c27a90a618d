/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/search_parts.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"
#include "model/dataset.h"
#include "json/dataset_json.h"
#include "json/readable.h"

static json_t *values_with_types(const struct values *values)
{
    json_t *json = values_to_json(values);
    for (size_t i = 0; i < values->count; i++) {
        const struct value *value = &values->items[i];
        json_t *item = json_object_get(json, value->question);
        if (item)
            json_object_set_new(item, "type",
                                json_string(question_type_name(value->type)));
        if (item && value->own)
            json_object_set_new(item, "own", json_integer((json_int_t)value->own));
    }
    return json;
}

static void read_values(struct values *values, const json_t *json)
{
    size_t count = json_object_size(json), i = 0;
    struct dataset types = {.question_count = count};
    types.questions = xcalloc(count, sizeof *types.questions);
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)json, name, item)
    {
        types.questions[i].name = xstrdup(name);
        types.questions[i++].type =
            question_type_parse(json_get_text(item, "type", NULL));
    }
    values_from_json(values, json, &types);
    for (i = 0; i < values->count; i++) {
        item = json_object_get(json, values->items[i].question);
        values->items[i].own = (uint64_t)json_integer_value(json_object_get(item, "own"));
    }
    dataset_clear(&types);
}

char *codec_print_values(const struct values *values)
{
    return json_print_new(values_with_types(values));
}

enum status codec_read_values(struct values *values, const char *json, size_t len,
                              struct err *err)
{
    json_t *root = json_parse(json, len, err);
    if (!root)
        return STATUS_IO;
    read_values(values, root);
    json_decref(root);
    return STATUS_OK;
}

char *codec_print_response(const struct response *response)
{
    if (response->status == RESPONSE_PENDING)
        return NULL;
    json_t *root =
        json_pack("{s:s,s:o}", "status", response_status_name(response->status), "values",
                  values_with_types(&response->values));
    if (response->is_changed)
        json_object_set_new(root, "is_changed", json_true());
    return json_print_new(root);
}

enum status codec_read_response(struct response *response, const char *json, size_t len,
                                struct err *err)
{
    response_clear(response);
    if (!json)
        return STATUS_OK;
    json_t *root = json_parse(json, len, err);
    if (!root)
        return STATUS_IO;
    const char *status = json_get_text(root, "status", NULL);
    if (status)
        response_status_parse(status, &response->status);
    read_values(&response->values, json_object_get(root, "values"));
    response->is_changed = json_is_true(json_object_get(root, "is_changed"));
    json_decref(root);
    return STATUS_OK;
}

char *codec_print_suggestions(const struct record *record)
{
    if (!record->suggestion_count)
        return NULL;
    json_t *array = json_array();
    for (size_t i = 0; i < record->suggestion_count; i++) {
        struct value copy = record->suggestions[i].value;
        const struct values one = {.items = &copy, .count = 1};
        json_t *json = suggestion_to_json(&record->suggestions[i]);
        json_object_del(json, "value");
        json_object_set_new(json, "values", values_with_types(&one));
        json_array_append_new(array, json);
    }
    return json_print_new(array);
}

static bool read_suggestion(struct suggestion *suggestion, const json_t *json)
{
    struct values one = {0};
    read_values(&one, json_object_get(json, "values"));
    if (one.count != 1) {
        values_clear(&one);
        return false;
    }
    suggestion->value = one.items[0];
    free(one.items); /* its only value moved over */
    suggestion_read_facts(suggestion, json);
    return true;
}

enum status codec_read_suggestions(struct record *record, const char *json, size_t len,
                                   struct err *err)
{
    json_t *array = json_parse(json, len, err);
    if (!array)
        return STATUS_IO;
    size_t i;
    json_t *item;
    record->suggestions = xcalloc(json_array_size(array), sizeof *record->suggestions);
    json_array_foreach(array, i, item)
    {
        if (read_suggestion(&record->suggestions[record->suggestion_count], item))
            record->suggestion_count++;
    }
    json_decref(array);
    return STATUS_OK;
}

enum status codec_read_completion(struct completion *completion, const char *json,
                                  size_t len, struct err *err)
{
    json_t *root = json_parse(json, len, err);
    if (!root)
        return STATUS_IO;
    completion_from_json(completion, root);
    json_decref(root);
    return STATUS_OK;
}

/* ---- the texts of a record ---- */

void each_text(struct db *db, struct query *query, struct match *words, text_fn fn,
               void *ctx, struct err *err)
{
    struct match_hit hit;
    size_t len;
    bool is_enough = false;
    struct query fields = query_start(db, "SELECT text FROM field WHERE record = ?");
    query_int(&fields, query_get_int(query, 0));
    while (!is_enough && query_row(&fields)) {
        const char *text = query_peek_text(&fields, 0, &len);
        is_enough = fn(ctx, text, len);
    }
    query_end(&fields, err);
    for (int column = 1; column <= 2 && !is_enough; column++) {
        const char *json = query_peek_text(query, column, &len);
        if (len == 0 || (words && !memchr(json, '\\', len) &&
                         match_find(words, json, len, 0, &hit) == MATCH_NONE))
            continue;
        char *copy = xmemdup0(json, len);
        struct values values = {0};
        char *lines = column == 1 ? readable_metadata(copy, &len) : NULL;
        if (lines)
            is_enough = fn(ctx, lines, len);
        else if (codec_read_values(&values, copy, len, NULL) == STATUS_OK)
            for (size_t i = 0; i < values.count && !is_enough; i++)
                is_enough = values.items[i].text &&
                            fn(ctx, values.items[i].text, strlen(values.items[i].text));
        values_clear(&values);
        free(lines);
        free(copy);
    }
    const char *note = query_peek_text(query, 4, &len);
    if (!is_enough && len > 0)
        fn(ctx, note, len);
}

struct finding {
    struct match *match;
    enum match_result result;
};

static bool find(void *ctx, const char *text, size_t len)
{
    struct finding *finding = ctx;
    struct match_hit hit;
    enum match_result result = match_find(finding->match, text, len, 0, &hit);
    if (result != MATCH_NONE)
        finding->result = result;
    return result == MATCH_FOUND;
}

enum match_result find_in_texts(struct db *db, struct query *query, struct match *match,
                                bool is_raw_same, struct err *err)
{
    struct finding finding = {.match = match};
    each_text(db, query, is_raw_same ? match : NULL, find, &finding, err);
    return finding.result;
}
