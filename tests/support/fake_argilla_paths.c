/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fake_argilla_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/xalloc.h"

#define USER_ID "da8f3d1c-f97b-4682-b2f7-da1f00101bc4"

void fake_argilla_set_id(json_t *object)
{
    struct id id;
    char text[ID_TEXT];
    id_random(&id);
    id_format(&id, text);
    json_object_set_new(object, "id", json_string(text));
}

/* Now, but never the same time twice: records are read in this order. */
static void set_time(struct fake_argilla *fake, json_t *object, const char *key)
{
    int64_t now_ms = clock_wall_ms(&clock_system);
    fake->last_ms = now_ms > fake->last_ms ? now_ms : fake->last_ms + 1;
    time_t seconds = (time_t)(fake->last_ms / 1000);
    struct tm parts;
    char second[32];
    gmtime_r(&seconds, &parts);
    strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", &parts);
    char *text = xasprintf("%s.%03d000", second, (int)(fake->last_ms % 1000));
    json_object_set_new(object, key, json_string(text));
    free(text);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void answer(struct exchange *exchange, int code, json_t *json)
{
    exchange->code = code;
    exchange->answer = json;
}

static void complain(struct exchange *exchange, int code, const char *detail)
{
    answer(exchange, code, json_pack("{s:s}", "detail", detail));
}

static void answer_items(struct exchange *exchange, json_t *items)
{
    answer(exchange, 200, json_pack("{s:O}", "items", items));
}

json_t *fake_argilla_find(json_t *array, const char *part, const char *key,
                          const char *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        const json_t *object = part ? json_object_get(item, part) : item;
        if (strcmp(text_of(object, key), text) == 0)
            return item;
    }
    return NULL;
}

/* ---- what each path does ---- */

static void get_version(struct exchange *exchange)
{
    answer(exchange, 200, json_pack("{s:s}", "version", exchange->fake->version));
}

static void get_me(struct exchange *exchange)
{
    answer(exchange, 200,
           json_pack("{s:s,s:s,s:s,s:s}", "id", USER_ID, "username", "argilla", "role",
                     exchange->fake->role, "api_key", exchange->fake->key));
}

static void get_users(struct exchange *exchange)
{
    json_t *items = json_pack("[{s:s,s:s,s:s},{s:s,s:s,s:s}]", "id", USER_ID, "username",
                              "argilla", "api_key", exchange->fake->key, "id",
                              FAKE_ARGILLA_PEER, "username", "ann", "api_key", "hers");
    if (strcmp(exchange->request->path, "/api/v1/users") == 0 &&
        strcmp(exchange->fake->role, "owner") != 0)
        complain(exchange, 403, "Operation not allowed");
    else
        answer_items(exchange, items);
    json_decref(items);
}

static void get_workspaces(struct exchange *exchange)
{
    answer_items(exchange, exchange->fake->workspaces);
}

static void get_datasets(struct exchange *exchange)
{
    json_t *items = json_array();
    size_t i;
    json_t *dataset;
    json_array_foreach(exchange->fake->datasets, i, dataset)
        json_array_append(items, json_object_get(dataset, "head"));
    answer_items(exchange, items);
    json_decref(items);
}

json_t *fake_argilla_new_dataset(struct fake_argilla *fake, const json_t *body)
{
    json_t *head = json_deep_copy(body);
    fake_argilla_set_id(head);
    json_object_set_new(head, "status", json_string("draft"));
    if (fake->version[0] == '1')
        json_object_del(head, "distribution");
    if (!json_object_get(head, "allow_extra_metadata"))
        json_object_set_new(head, "allow_extra_metadata", json_true());
    json_t *dataset = json_pack("{s:o,s:[],s:[],s:[],s:[]}", "head", head, "fields",
                                "questions", "records", "properties");
    json_array_append_new(fake->datasets, dataset);
    return dataset;
}

static void post_dataset(struct exchange *exchange)
{
    json_t *known = fake_argilla_find(exchange->fake->datasets, "head", "name",
                                      text_of(exchange->body, "name"));
    if (known)
        complain(exchange, 409, "Dataset with name `x` already exists for workspace");
    else
        answer(exchange, 201,
               json_deep_copy(json_object_get(
                   fake_argilla_new_dataset(exchange->fake, exchange->body), "head")));
}

static json_t *this_dataset(struct exchange *exchange)
{
    json_t *dataset =
        fake_argilla_find(exchange->fake->datasets, "head", "id", exchange->id);
    if (!dataset)
        complain(exchange, 404, "Dataset with id `x` not found");
    return dataset;
}

static bool is_ready(const json_t *dataset)
{
    return strcmp(text_of(json_object_get(dataset, "head"), "status"), "ready") == 0;
}

static void get_dataset(struct exchange *exchange)
{
    json_t *dataset = this_dataset(exchange);
    if (dataset)
        answer(exchange, 200, json_deep_copy(json_object_get(dataset, "head")));
}

static void get_part(struct exchange *exchange, const char *part)
{
    json_t *dataset = this_dataset(exchange);
    if (dataset)
        answer_items(exchange, json_object_get(dataset, part));
}

static void post_part(struct exchange *exchange, const char *part)
{
    json_t *dataset = this_dataset(exchange);
    if (!dataset)
        return;
    json_t *items = json_object_get(dataset, part);
    /* 2.x looks at the status of a field's dataset first */
    bool is_late = is_ready(dataset) && exchange->fake->version[0] != '1' &&
                   strcmp(part, "fields") == 0;
    if (!is_late &&
        fake_argilla_find(items, NULL, "name", text_of(exchange->body, "name"))) {
        complain(exchange, 409, "it already exists for dataset");
    } else if (is_ready(dataset)) {
        complain(exchange, 422, "it cannot be created for a published dataset");
    } else if (strcmp(text_of(exchange->body, "name"), "BAD") == 0) {
        complain(exchange, 422, "BAD is no name of a field");
    } else {
        json_t *item = json_deep_copy(exchange->body);
        fake_argilla_set_id(item);
        json_array_append_new(items, item);
        answer(exchange, 201, json_incref(item));
    }
}

static void get_fields(struct exchange *exchange)
{
    get_part(exchange, "fields");
}

static void post_field(struct exchange *exchange)
{
    post_part(exchange, "fields");
}

static void get_questions(struct exchange *exchange)
{
    get_part(exchange, "questions");
}

static void post_question(struct exchange *exchange)
{
    post_part(exchange, "questions");
}

static void put_publish(struct exchange *exchange)
{
    json_t *dataset = this_dataset(exchange);
    if (!dataset)
        return;
    json_t *head = json_object_get(dataset, "head");
    if (is_ready(dataset)) {
        complain(exchange, 422, "Dataset has already been published");
    } else if (json_array_size(json_object_get(dataset, "fields")) == 0) {
        complain(exchange, 422, "Dataset cannot be published without fields");
    } else {
        json_object_set_new(head, "status", json_string("ready"));
        answer(exchange, 200, json_deep_copy(head));
    }
}

static bool is_among(const json_t *values, const char *text)
{
    size_t i;
    const json_t *value;
    json_array_foreach(values, i, value) if (strcmp(json_string_value(value), text) ==
                                             0) return true;
    return false;
}

/* As 2.8 and 1.29 refuse what a declared property does not take. */
static const char *fault_of_metadata(const json_t *dataset, const json_t *item)
{
    size_t i;
    const json_t *property;
    json_array_foreach(json_object_get(dataset, "properties"), i, property)
    {
        const char *name = text_of(property, "name");
        const json_t *value = json_object_get(json_object_get(item, "metadata"), name);
        const json_t *settings = json_object_get(property, "settings");
        const char *type = text_of(settings, "type");
        if (value && strcmp(type, "float") == 0 && !json_is_real(value))
            return "'x' metadata property validation failed because '5' is not a float.";
        if (value && strcmp(type, "integer") == 0 && !json_is_integer(value))
            return "'x' metadata property validation failed because it is no integer.";
        if (value && strcmp(type, "terms") == 0 &&
            !is_among(json_object_get(settings, "values"),
                      json_is_string(value) ? json_string_value(value) : ""))
            return "'x' metadata property validation failed because 'm' is not an "
                   "allowed term.";
    }
    return NULL;
}

static bool check_records(struct exchange *exchange, const json_t *dataset)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(exchange->body, "items"), i, item)
    {
        const char *prompt = text_of(json_object_get(item, "fields"), "prompt");
        char detail[120] = "Record at position 0 is not valid because it is bad";
        detail[19] = (char)('0' + (int)(i % 10));
        const char *fault = fault_of_metadata(dataset, item);
        if (fault)
            complain(exchange, 422, fault);
        else if (strcmp(prompt, "BAD") == 0)
            complain(exchange, 422, detail);
        else if (strcmp(prompt, "BOOM") == 0)
            answer(exchange, 500,
                   json_pack("{s:{s:s,s:{s:s,s:s}}}", "detail", "code",
                             "argilla.api.errors::GenericServerError", "params", "type",
                             "builtins.KeyError", "message", "it went boom"));
        else if (strcmp(prompt, "TWIN") == 0 && exchange->fake->twins++ == 0)
            answer(exchange, 500,
                   json_pack("{s:{s:s,s:{s:s,s:s}}}", "detail", "code",
                             "argilla.api.errors::GenericServerError", "params", "type",
                             "sqlalchemy.exc.IntegrityError", "message",
                             "UNIQUE [SQL: INSERT] [parameters: TWIN]"));
        else
            continue;
        return false;
    }
    return true;
}

json_t *fake_argilla_put_record(struct fake_argilla *fake, json_t *dataset, json_t *item)
{
    json_t *records = json_object_get(dataset, "records");
    const char *external_id = text_of(item, "external_id");
    json_t *record = *external_id
                         ? fake_argilla_find(records, NULL, "external_id", external_id)
                         : NULL;
    if (record) {
        json_object_update(record, item);
        set_time(fake, record, "updated_at");
        return record;
    }
    record = json_deep_copy(item);
    fake_argilla_set_id(record);
    set_time(fake, record, "inserted_at");
    json_object_set(record, "updated_at", json_object_get(record, "inserted_at"));
    if (!*external_id)
        json_object_set_new(record, "external_id", json_null());
    json_object_set_new(record, "responses", json_array());
    json_array_append_new(records, record);
    return record;
}

static void put_records(struct exchange *exchange)
{
    json_t *dataset = this_dataset(exchange);
    if (!dataset || !check_records(exchange, dataset))
        return;
    json_t *done = json_array();
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(exchange->body, "items"), i, item)
        json_array_append_new(
            done, json_deep_copy(fake_argilla_put_record(exchange->fake, dataset, item)));
    answer_items(exchange, done);
    json_decref(done);
}

static size_t query_number(const struct fake_request *request, const char *key)
{
    const char *found = strstr(request->path, key);
    return found ? strtoul(found + strlen(key), NULL, 10) : 0;
}

/* Of our user; NULL = there is none. */
static json_t *own_response(const json_t *record)
{
    return fake_argilla_find(json_object_get(record, "responses"), NULL, "user_id",
                             USER_ID);
}

/* By value (a number is looked for as its text) or agent. */
static bool is_suggested(const json_t *questions, const json_t *record,
                         const json_t *filter)
{
    const json_t *scope = json_object_get(filter, "scope"), *item;
    const char *property = text_of(scope, "property");
    const json_t *question = fake_argilla_find((json_t *)(uintptr_t)questions, NULL,
                                               "name", text_of(scope, "question"));
    size_t i;
    json_array_foreach(json_object_get(record, "suggestions"), i, item)
    {
        const json_t *value = json_object_get(item, property);
        char number[24];
        snprintf(number, sizeof number, "%d", (int)json_integer_value(value));
        if (strcmp(text_of(item, "question_id"), text_of(question, "id")) == 0 &&
            is_among(json_object_get(filter, "values"),
                     json_is_integer(value) ? number : text_of(item, property)))
            return true;
    }
    return false;
}

static bool passes(const json_t *questions, const json_t *record, const json_t *filter,
                   bool is_mine)
{
    const json_t *scope = json_object_get(filter, "scope");
    const char *property = text_of(scope, "property");
    const json_t *values = json_object_get(filter, "values");
    if (strcmp(text_of(scope, "entity"), "response") == 0) { /* everybody's or ours */
        const json_t *response;
        size_t i;
        json_array_foreach(json_object_get(record, "responses"), i, response)
        {
            if ((!is_mine || response == own_response(record)) &&
                is_among(values, text_of(response, "status")))
                return true;
        }
        return false;
    }
    if (strcmp(text_of(scope, "entity"), "suggestion") == 0)
        return is_suggested(questions, record, filter);
    if (strcmp(property, "id") == 0)
        return is_among(values, text_of(record, "id"));
    const char *last = json_string_value(json_object_get(filter, "le"));
    return strcmp(text_of(record, property), text_of(filter, "ge")) >= 0 &&
           (!last || strcmp(text_of(record, property), last) <= 0);
}

static bool is_old(const struct fake_argilla *fake)
{
    return fake->version[0] == '1';
}

/* They stand in the order of insertion already. */
static void sort_by_change(struct exchange *exchange, json_t *found)
{
    const json_t *sort = json_array_get(json_object_get(exchange->body, "sort"), 0);
    bool is_last_first = strcmp(text_of(sort, "order"), "desc") == 0;
    if (is_old(exchange->fake) ||
        strcmp(text_of(json_object_get(sort, "scope"), "property"), "updated_at") != 0)
        return;
    for (size_t i = 1; i < json_array_size(found); i++)
        for (size_t k = i; k > 0; k--) {
            json_t *one = json_incref(json_array_get(found, k - 1));
            int order = strcmp(text_of(one, "updated_at"),
                               text_of(json_array_get(found, k), "updated_at"));
            bool is_right = is_last_first ? order >= 0 : order <= 0;
            if (!is_right) {
                json_array_remove(found, k - 1);
                json_array_insert(found, k, one);
            }
            json_decref(one);
            if (is_right)
                break;
        }
}

/* 1.29 on Python 3.11 knows no time, no id and no sort: what was answered last comes
 * last. */
/* All of them, anywhere. */
static bool has_words(const char *text, const char *words)
{
    while (*words) {
        char word[64];
        size_t len = strcspn(words, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, words);
        if (!strstr(text, word))
            return false;
        words += len;
        words += strspn(words, " ");
    }
    return true;
}

static json_t *select_records(struct exchange *exchange, const json_t *records,
                              bool is_mine)
{
    const json_t *filters =
        json_object_get(json_object_get(exchange->body, "filters"), "and");
    json_t *found = json_array(), *late = json_array(), *record;
    const json_t *filter;
    size_t i, k;
    const char *words = json_string_value(json_object_get(
        json_object_get(json_object_get(exchange->body, "query"), "text"), "q"));
    json_array_foreach(records, i, record)
    {
        char *fields = json_dumps(json_object_get(record, "fields"), 0);
        bool has_passed = !words || has_words(fields, words);
        free(fields);
        json_array_foreach(filters, k, filter) has_passed =
            has_passed && passes(json_object_get(this_dataset(exchange), "questions"),
                                 record, filter, is_mine);
        bool is_answered = own_response(record) != NULL;
        if (has_passed)
            json_array_append(is_old(exchange->fake) && is_answered ? late : found,
                              record);
    }
    json_array_extend(found, late);
    json_decref(late);
    sort_by_change(exchange, found);
    return found;
}

static bool filters_are_known(struct exchange *exchange)
{
    const json_t *filters =
        json_object_get(json_object_get(exchange->body, "filters"), "and");
    const json_t *filter;
    size_t i;
    json_array_foreach(filters, i, filter)
    {
        const json_t *scope = json_object_get(filter, "scope");
        if (is_old(exchange->fake) && strcmp(text_of(scope, "entity"), "record") == 0) {
            complain(exchange, 422, "unexpected value; permitted: 'terms'");
            return false;
        }
    }
    return true;
}

/* What a search below /me shows of it: our response alone. */
static json_t *only_ours(json_t *record)
{
    json_t *copy = json_copy(record), *own = own_response(record),
           *responses = json_array();
    if (own)
        json_array_append(responses, own);
    json_object_set_new(copy, "responses", responses);
    return copy;
}

static void give_records(struct exchange *exchange, bool is_search)
{
    bool is_mine = strncmp(exchange->request->path, "/api/v1/me/", 11) == 0;
    json_t *dataset = this_dataset(exchange);
    if (!dataset || !filters_are_known(exchange))
        return;
    json_t *records =
        select_records(exchange, json_object_get(dataset, "records"), is_mine);
    json_t *items = json_array();
    size_t count = json_array_size(records);
    size_t from = query_number(exchange->request, "offset=");
    size_t limit = query_number(exchange->request, "limit=");
    for (size_t i = from; i < count && i < from + limit; i++) {
        json_t *record = json_array_get(records, i);
        json_array_append_new(items, is_search ? json_pack("{s:o,s:n}", "record",
                                                           is_mine ? only_ours(record)
                                                                   : json_incref(record),
                                                           "query_score")
                                               : json_incref(record));
    }
    json_decref(records);
    answer(exchange, 200, json_pack("{s:o,s:i}", "items", items, "total", (int)count));
}

static void search_records(struct exchange *exchange)
{
    give_records(exchange, true);
}

static void list_records(struct exchange *exchange)
{
    give_records(exchange, false);
}

/* Which agents made suggestions, by question. */
static void get_suggestion_options(struct exchange *exchange)
{
    const json_t *dataset = this_dataset(exchange), *question, *record, *suggestion;
    json_t *items = json_array();
    size_t i, k, n;
    json_array_foreach(json_object_get(dataset, "questions"), i, question)
    {
        json_t *agents = json_array();
        json_array_foreach(json_object_get(dataset, "records"), k, record)
            json_array_foreach(json_object_get(record, "suggestions"), n, suggestion)
        {
            const char *agent = text_of(suggestion, "agent");
            if (*agent && !is_among(agents, agent) &&
                strcmp(text_of(suggestion, "question_id"), text_of(question, "id")) == 0)
                json_array_append_new(agents, json_string(agent));
        }
        json_array_append_new(items,
                              json_pack("{s:{s:s},s:o}", "question", "name",
                                        text_of(question, "name"), "agents", agents));
    }
    answer(exchange, 200, json_pack("{s:o}", "items", items));
}

static json_t *find_record(struct fake_argilla *fake, const char *id)
{
    size_t i;
    json_t *dataset;
    json_array_foreach(fake->datasets, i, dataset)
    {
        json_t *record =
            fake_argilla_find(json_object_get(dataset, "records"), NULL, "id", id);
        if (record)
            return record;
    }
    return NULL;
}

json_t *fake_argilla_put_response(struct fake_argilla *fake, json_t *record,
                                  const json_t *item)
{
    json_t *responses = json_object_get(record, "responses");
    json_t *response = own_response(record);
    if (!response) {
        response = json_pack("{s:s}", "user_id", USER_ID);
        fake_argilla_set_id(response);
        json_array_append_new(responses, response);
    }
    json_object_set(response, "status", json_object_get(item, "status"));
    json_object_set(response, "values", json_object_get(item, "values"));
    set_time(fake, response, "updated_at");
    return response;
}

static void get_record(struct exchange *exchange)
{
    json_t *record = find_record(exchange->fake, exchange->id);
    if (record)
        answer(exchange, 200, json_deep_copy(record));
    else
        complain(exchange, 404, "Record with id `x` not found");
    if (record && is_old(exchange->fake))
        json_object_set_new(exchange->answer, "responses", json_null());
}

static void get_properties(struct exchange *exchange)
{
    get_part(exchange, "properties");
}

static json_t *dataset_of(struct fake_argilla *fake, const char *record)
{
    size_t i;
    json_t *dataset;
    json_array_foreach(fake->datasets, i, dataset)
    {
        if (fake_argilla_find(json_object_get(dataset, "records"), NULL, "id", record))
            return dataset;
    }
    return NULL;
}

static bool has_option(const json_t *question, const json_t *value)
{
    const json_t *option;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(question, "settings"), "options"),
                       i, option)
    {
        if (json_equal(json_object_get(option, "value"), value))
            return true;
    }
    return false;
}

/* As 2.8 and 1.29 refuse what a question does not take; "" = it does. Owned. */
static char *fault_of_response(json_t *dataset, const json_t *item)
{
    json_t *questions = json_object_get(dataset, "questions"), *question;
    json_t *values = json_object_get(item, "values"), *value;
    bool is_submitted = strcmp(text_of(item, "status"), "submitted") == 0;
    const char *name;
    size_t i;
    if (!dataset)
        return xstrdup("Record with id `x` not found");
    if (!json_is_object(values))
        return xstrdup("'NoneType' object has no attribute 'items'");
    json_array_foreach(questions, i, question)
    {
        name = text_of(question, "name");
        if (is_submitted && json_is_true(json_object_get(question, "required")) &&
            !json_object_get(values, name))
            return xasprintf("missing response value for required question with "
                             "name='%s'",
                             name);
    }
    json_object_foreach(values, name, value)
    {
        question = fake_argilla_find(questions, NULL, "name", name);
        if (!question)
            return xasprintf("found response value for non configured question with "
                             "name='%s'",
                             name);
        const char *type = text_of(json_object_get(question, "settings"), "type");
        value = json_object_get(value, "value");
        if (strcmp(type, "rating") == 0 && !has_option(question, value))
            return xstrdup("9 is not a valid rating for rating question.\nValid ratings "
                           "are: [1]");
        if (strcmp(type, "label_selection") == 0 && !has_option(question, value))
            return xasprintf("'%s' is not a valid label for label selection question."
                             "\nValid labels are: ['x']",
                             json_string_value(value));
        for (i = 0;
             strcmp(type, "multi_label_selection") == 0 && i < json_array_size(value);
             i++)
            if (!has_option(question, json_array_get(value, i)))
                return xstrdup("['x'] are not valid options for multi label selection "
                               "question.\nValid options are: ['y']");
    }
    return xstrdup("");
}

static void post_responses(struct exchange *exchange)
{
    json_t *done = json_array();
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(exchange->body, "items"), i, item)
    {
        const json_t *value =
            json_object_get(json_object_get(item, "values"), "response-feedback");
        if (strcmp(text_of(value, "value"), "ODD") == 0) {
            complain(exchange, 422, "value is not a valid dict");
            json_decref(done);
            return;
        }
    }
    json_array_foreach(json_object_get(exchange->body, "items"), i, item)
    {
        const char *id = text_of(item, "record_id");
        const json_t *value =
            json_object_get(json_object_get(item, "values"), "response-feedback");
        bool is_twin = !strcmp(text_of(value, "value"), "TWIN");
        char *fault = is_twin && exchange->fake->twins++ == 0
                          ? xstrdup("Connection timed out")
                          : fault_of_response(dataset_of(exchange->fake, id), item);
        json_array_append_new(
            done,
            *fault ? json_pack("{s:n,s:{s:s}}", "item", "error", "detail", fault)
                   : json_pack("{s:O,s:n}", "item",
                               fake_argilla_put_response(
                                   exchange->fake, find_record(exchange->fake, id), item),
                               "error"));
        free(fault);
    }
    answer_items(exchange, done);
    json_decref(done);
}

static void delete_response(struct exchange *exchange)
{
    size_t i, k;
    json_t *dataset, *record;
    json_array_foreach(exchange->fake->datasets, i, dataset)
        json_array_foreach(json_object_get(dataset, "records"), k, record)
    {
        json_t *responses = json_object_get(record, "responses");
        json_t *response = fake_argilla_find(responses, NULL, "id", exchange->id);
        if (!response)
            continue;
        answer(exchange, 200, json_incref(response));
        for (size_t at = 0; at < json_array_size(responses); at++)
            if (json_array_get(responses, at) == response)
                json_array_remove(responses, at);
        return;
    }
    complain(exchange, 404, "Response with id `x` not found");
}

static void delete_record(struct exchange *exchange)
{
    size_t i, k;
    json_t *dataset, *record;
    json_array_foreach(exchange->fake->datasets, i, dataset)
    {
        json_t *records = json_object_get(dataset, "records");
        json_array_foreach(records, k, record)
        {
            if (strcmp(text_of(record, "id"), exchange->id) != 0)
                continue;
            answer(exchange, 200, json_incref(record));
            json_array_remove(records, k);
            return;
        }
    }
    complain(exchange, 404, "Record with id `x` not found");
}

/* ?ids=a,b: those of them that are there. */
static void delete_records(struct exchange *exchange)
{
    json_t *records = json_object_get(this_dataset(exchange), "records");
    const char *ids = strstr(exchange->request->path, "?ids=");
    size_t count = ids ? 1 : 0;
    for (const char *at = ids; at && (at = strchr(at + 1, ','));)
        count++;
    if (count == 0 || count > 100) {
        complain(exchange, 422, "Cannot delete more than 100 records at once");
        return;
    }
    for (size_t i = json_array_size(records); i-- > 0;)
        if (strstr(ids, text_of(json_array_get(records, i), "id")))
            json_array_remove(records, i);
    answer(exchange, 204, NULL);
}

/* All of its metadata is replaced, and so far nothing else. */
static void patch_record(struct exchange *exchange)
{
    size_t i;
    json_t *dataset;
    json_array_foreach(exchange->fake->datasets, i, dataset)
    {
        json_t *record = fake_argilla_find(json_object_get(dataset, "records"), NULL,
                                           "id", exchange->id);
        const char *fault = record ? fault_of_metadata(dataset, exchange->body) : NULL;
        if (!record)
            continue;
        if (fault) {
            complain(exchange, 422, fault);
            return;
        }
        json_object_set(record, "metadata", json_object_get(exchange->body, "metadata"));
        answer(exchange, 200, json_incref(record));
        return;
    }
    complain(exchange, 404, "Record with id `x` not found");
}

static void patch_dataset(struct exchange *exchange)
{
    json_t *dataset = this_dataset(exchange);
    json_t *head = json_object_get(dataset, "head");
    if (!dataset)
        return;
    json_object_update(head, exchange->body);
    answer(exchange, 200, json_incref(head));
}

static void delete_dataset(struct exchange *exchange)
{
    size_t i;
    json_t *dataset;
    json_array_foreach(exchange->fake->datasets, i, dataset)
    {
        json_t *head = json_object_get(dataset, "head");
        if (strcmp(text_of(head, "id"), exchange->id) != 0)
            continue;
        answer(exchange, 200, json_incref(head));
        json_array_remove(exchange->fake->datasets, i);
        return;
    }
    complain(exchange, 404, "Dataset with id `x` not found");
}

/* How much of it our user has answered. */
static void get_metrics(struct exchange *exchange)
{
    json_t *dataset = this_dataset(exchange), *record;
    json_t *responses = json_pack("{s:i,s:i,s:i,s:i,s:i}", "total", 0, "pending", 0,
                                  "draft", 0, "submitted", 0, "discarded", 0);
    size_t i;
    json_array_foreach(json_object_get(dataset, "records"), i, record)
    {
        const json_t *own = own_response(record);
        const char *const keys[] = {"total", own ? text_of(own, "status") : "pending"};
        for (size_t k = 0; k < 2; k++)
            json_object_set_new(
                responses, keys[k],
                json_integer(json_integer_value(json_object_get(responses, keys[k])) +
                             1));
    }
    json_t *reply = json_pack("{s:o}", "responses", responses);
    if (is_old(exchange->fake)) {
        json_object_set_new(
            reply, "records",
            json_pack("{s:O}", "count", json_object_get(responses, "total")));
        json_object_del(responses, "pending");
    }
    if (dataset)
        answer(exchange, 200, json_incref(reply));
    json_decref(reply);
}

static void get_progress(struct exchange *exchange)
{
    json_t *dataset = this_dataset(exchange), *record;
    size_t i, completed = 0;
    if (!dataset)
        return;
    json_t *records = json_object_get(dataset, "records");
    json_array_foreach(records, i, record) completed +=
        strcmp(text_of(record, "status"), "completed") == 0;
    answer(exchange, 200,
           json_pack("{s:I,s:I}", "total", (json_int_t)json_array_size(records),
                     "completed", (json_int_t)completed));
}

/* As 2.8: parts that are empty are there, with zeros. */
static void get_users_progress(struct exchange *exchange)
{
    static const char *const people[] = {USER_ID, "argilla", FAKE_ARGILLA_PEER, "ann"};
    json_t *dataset = this_dataset(exchange), *users = json_array(), *record, *response;
    size_t i, k;
    for (size_t person = 0; dataset && person < 4; person += 2) {
        json_t *parts = json_pack("{s:s,s:{},s:{}}", "username", people[person + 1],
                                  "completed", "pending");
        json_array_foreach(json_object_get(dataset, "records"), i, record)
        {
            bool is_done = strcmp(text_of(record, "status"), "completed") == 0;
            json_t *part = json_object_get(parts, is_done ? "completed" : "pending");
            json_array_foreach(json_object_get(record, "responses"), k, response)
            {
                const char *status = text_of(response, "status");
                if (strcmp(text_of(response, "user_id"), people[person]) == 0)
                    json_object_set_new(
                        part, status,
                        json_integer(json_integer_value(json_object_get(part, status)) +
                                     1));
            }
        }
        json_array_append_new(users, parts);
    }
    if (dataset)
        answer(exchange, 200, json_pack("{s:O}", "users", users));
    json_decref(users);
}

/* ---- which path is which ---- */

static const struct route {
    const char *method;
    const char *path; /* * = an id */
    void (*fn)(struct exchange *exchange);
    bool is_writing;
    bool is_public;
    bool is_for_owners;
} routes[] = {
    {"GET", "/api/v1/version", get_version, false, true, false},
    {"GET", "/api/v1/me", get_me, false, false, false},
    {"GET", "/api/v1/me/workspaces", get_workspaces, false, false, false},
    {"GET", "/api/v1/me/datasets", get_datasets, false, false, false},
    {"POST", "/api/v1/datasets", post_dataset, true, false, true},
    {"GET", "/api/v1/datasets/*", get_dataset, false, false, false},
    {"GET", "/api/v1/datasets/*/fields", get_fields, false, false, false},
    {"POST", "/api/v1/datasets/*/fields", post_field, true, false, true},
    {"GET", "/api/v1/datasets/*/questions", get_questions, false, false, false},
    {"POST", "/api/v1/datasets/*/questions", post_question, true, false, true},
    {"PUT", "/api/v1/datasets/*/publish", put_publish, true, false, true},
    {"PUT", "/api/v1/datasets/*/records/bulk", put_records, true, false, true},
    {"GET", "/api/v1/datasets/*/records", list_records, false, false, true},
    {"GET", "/api/v1/records/*", get_record, false, false, false},
    {"GET", "/api/v1/me/datasets/*/metadata-properties", get_properties, false, false,
     false},
    {"GET", "/api/v1/me/datasets/*/metrics", get_metrics, false, false, false},
    {"POST", "/api/v1/me/datasets/*/records/search", search_records, false, false, false},
    {"POST", "/api/v1/datasets/*/records/search", search_records, false, false, true},
    {"GET", "/api/v1/datasets/*/records/search/suggestions/options",
     get_suggestion_options, false, false, false},
    {"GET", "/api/v1/datasets/*/progress", get_progress, false, false, false},
    {"GET", "/api/v1/datasets/*/users/progress", get_users_progress, false, false, false},
    {"GET", "/api/v1/users", get_users, false, false, true},
    {"GET", "/api/v1/workspaces/*/users", get_users, false, false, true},
    {"POST", "/api/v1/me/responses/bulk", post_responses, true, false, false},
    {"DELETE", "/api/v1/responses/*", delete_response, true, false, false},
    {"PATCH", "/api/v1/records/*", patch_record, true, false, true},
    {"DELETE", "/api/v1/records/*", delete_record, true, false, true},
    {"DELETE", "/api/v1/datasets/*/records", delete_records, true, false, true},
    {"PATCH", "/api/v1/datasets/*", patch_dataset, true, false, true},
    {"DELETE", "/api/v1/datasets/*", delete_dataset, true, false, true},
};

static bool matches(const char *pattern, const char *path, char id[ID_TEXT])
{
    size_t len = strcspn(path, "?");
    size_t front = strcspn(pattern, "*");
    if (!pattern[front])
        return front == len && strncmp(path, pattern, len) == 0;
    const char *back = pattern + front + 1;
    size_t back_len = strlen(back);
    if (len != front + ID_TEXT - 1 + back_len || strncmp(path, pattern, front) != 0 ||
        strncmp(path + len - back_len, back, back_len) != 0)
        return false;
    memcpy(id, path + front, ID_TEXT - 1);
    return true;
}

static const struct route *find_route(const struct fake_request *request,
                                      char id[ID_TEXT])
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (strcmp(routes[i].method, request->method) == 0 &&
            matches(routes[i].path, request->path, id))
            return &routes[i];
    return NULL;
}

static bool has_key(const struct exchange *exchange)
{
    char *key = fake_request_header(exchange->request, "X-Argilla-Api-Key");
    bool is_right = key && strcmp(key, exchange->fake->key) == 0;
    free(key);
    return is_right;
}

static void run_route(struct exchange *exchange, const struct route *route)
{
    if (!route)
        complain(exchange, 404, "Not Found");
    else if (!route->is_public && !has_key(exchange))
        answer(exchange, 401,
               json_pack("{s:{s:s,s:{s:s}}}", "detail", "code",
                         "argilla.api.errors::UnauthorizedError", "params", "detail",
                         "Could not validate credentials"));
    else if (route->is_for_owners && strcmp(exchange->fake->role, "annotator") == 0)
        answer(exchange, 403,
               json_pack("{s:{s:s,s:{s:s}}}", "detail", "code",
                         "argilla.api.errors::ForbiddenOperationError", "params",
                         "detail", "Operation not allowed"));
    else
        route->fn(exchange);
}

void fake_argilla_run(struct exchange *exchange)
{
    run_route(exchange, find_route(exchange->request, exchange->id));
}

bool fake_argilla_writes(const struct fake_request *request)
{
    char id[ID_TEXT];
    const struct route *route = find_route(request, id);
    return route && route->is_writing;
}
