/* SPDX-License-Identifier: MIT
 *
 * What servers refuse is refused here, with the name of the part: before anything is
 * made. Source: reference/argilla-api.md §5.2 to §5.6, the rules of 2.8.
 */
#include "config.h"

#include "cli/command.h"

#include <string.h>

#include "base/xalloc.h"
#include "json/dataset_json.h"

enum { RATINGS_MAX = 11, RATING_TOP = 10, OPTIONS_MAX = 500, RANKED_MAX = 50 };

struct reader {
    const char *file;
    const json_t *fields;
    struct err *err;
};

/* "FILE: the question “x” …" */
static bool refuse(struct reader *reader, const char *part, const char *name,
                   const char *why)
{
    err_set(reader->err, STATUS_USAGE, "%.200s: the %s “%.120s” %s.", reader->file, part,
            name ? name : "?", why);
    return false;
}

/* A part whose settings stand beside its name, as a person writes them: put in their
 * place; and a title where there is none. */
static void spell_part(json_t *part)
{
    static const char *const own[] = {"name", "title", "description", "required",
                                      "settings"};
    json_t *settings = json_object_get(part, "settings"), *value;
    const char *name;
    void *next;
    if (!json_is_object(settings)) {
        settings = json_object();
        json_object_foreach_safe(part, next, name, value)
        {
            bool is_own = false;
            for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
                is_own = is_own || strcmp(name, own[i]) == 0;
            if (is_own)
                continue;
            json_object_set(settings, name, value);
            json_object_del(part, name);
        }
        json_object_set_new(part, "settings", settings);
    }
    /* lists that say only the values: [1, 2], ["a", "b"] */
    json_t *options = json_object_get(settings, "options"), *option;
    size_t i;
    json_array_foreach(options, i, option)
    {
        if (json_is_string(option))
            json_array_set_new(options, i,
                               json_pack("{s:O, s:O}", "value", option, "text", option));
        else if (json_is_integer(option))
            json_array_set_new(options, i, json_pack("{s:O}", "value", option));
        else if (json_is_string(json_object_get(option, "value")) &&
                 !json_object_get(option, "text"))
            json_object_set(option, "text", json_object_get(option, "value"));
    }
    if (!json_is_string(json_object_get(part, "title")))
        json_object_set(part, "title", json_object_get(part, "name"));
}

/* Names that every version takes: letters, digits, "-" and "_"; each once. */
static bool check_name(struct reader *reader, const char *part, const json_t *list,
                       size_t at)
{
    const char *name = json_get_text(json_array_get(list, at), "name", NULL);
    size_t len = name ? strlen(name) : 0;
    if (!len)
        return refuse(reader, part, name, "has no name");
    if (len > 200 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != len)
        return refuse(reader, part, name,
                      "may have small letters, digits, “-” and “_” in its name, 200 at "
                      "most");
    for (size_t i = 0; i < at; i++)
        if (json_text_is(json_array_get(list, i), "name", name))
            return refuse(reader, part, name, "is there twice");
    return true;
}

static bool check_options(struct reader *reader, const char *name, const json_t *options,
                          size_t least, size_t most)
{
    size_t i, count = json_array_size(options);
    const json_t *option;
    json_t *met = json_object();
    bool is_fine = count >= least && count <= most;
    if (!is_fine)
        refuse(reader, "question", name,
               most == RANKED_MAX ? "takes 2 to 50 options"
               : least == 1       ? "takes 1 to 500 options"
                                  : "takes 2 to 500 options");
    json_array_foreach(options, i, option)
    {
        const char *value = json_get_text(option, "value", NULL);
        if (is_fine && (!value || !*value))
            is_fine = refuse(reader, "question", name, "has an option without a value");
        if (is_fine && json_object_get(met, value))
            is_fine = refuse(reader, "question", name, "has an option twice");
        if (is_fine)
            json_object_set_new(met, value, json_true());
    }
    json_decref(met);
    return is_fine;
}

/* The field that spans are in. */
static bool check_span(struct reader *reader, const char *name, const json_t *settings)
{
    const char *field = json_get_text(settings, "field", NULL);
    size_t i;
    const json_t *item;
    json_array_foreach(reader->fields, i, item)
    {
        if (field && json_text_is(item, "name", field) &&
            json_text_is(json_object_get(item, "settings"), "type", "text"))
            return true;
    }
    return refuse(reader, "question", name, "needs a text field, its “field”");
}

static bool check_question(struct reader *reader, const json_t *question)
{
    static const struct {
        const char *type;
        size_t least, most;
    } limits[] = {{"label_selection", 2, OPTIONS_MAX},
                  {"multi_label_selection", 2, OPTIONS_MAX},
                  {"ranking", 2, RANKED_MAX},
                  {"span", 1, OPTIONS_MAX}};
    const char *name = json_get_text(question, "name", NULL);
    const json_t *settings = json_object_get(question, "settings");
    const json_t *options = json_object_get(settings, "options");
    if (json_text_is(settings, "type", "rating")) {
        size_t i, count = json_array_size(options);
        const json_t *option;
        bool is_met[RATING_TOP + 1] = {0};
        if (count < 2 || count > RATINGS_MAX)
            return refuse(reader, "question", name, "takes 2 to 11 options");
        json_array_foreach(options, i, option)
        {
            const json_t *value = json_object_get(option, "value");
            json_int_t number = json_integer_value(value);
            if (!json_is_integer(value) || number < 0 || number > RATING_TOP)
                return refuse(reader, "question", name,
                              "takes whole numbers from 0 to 10");
            if (is_met[number])
                return refuse(reader, "question", name, "has an option twice");
            is_met[number] = true;
        }
        return true;
    }
    if (json_text_is(settings, "type", "span") && !check_span(reader, name, settings))
        return false;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (json_text_is(settings, "type", limits[i].type))
            return check_options(reader, name, options, limits[i].least, limits[i].most);
    return true; /* a text */
}

/* What a list holds. */
struct kind {
    const char *name;
    const char *types[8];                                     /* NULL at the end */
    const char *why;                                          /* another one is refused */
    bool needs_required;                                      /* at least one */
    bool (*check)(struct reader *reader, const json_t *item); /* NULL = that is all */
};

static const struct kind field_kind = {
    .name = "field",
    .types = {"text", "chat", "image", "custom"},
    .why = "has a type that is none of text, chat, image and custom",
    .needs_required = true};
static const struct kind question_kind = {
    .name = "question",
    .types = {"rating", "text", "label_selection", "multi_label_selection", "ranking",
              "span"},
    .why = "has a type that is none of rating, text, label_selection, "
           "multi_label_selection, ranking and span",
    .needs_required = true,
    .check = check_question};
static const struct kind property_kind = {
    .name = "metadata property",
    .types = {"terms", "integer", "float"},
    .why = "has a type that is none of terms, integer and float"};

static bool check_list(struct reader *reader, const struct kind *kind, json_t *list)
{
    size_t i;
    json_t *item;
    bool has_required = !kind->needs_required;
    json_array_foreach(list, i, item)
    {
        const char *name = json_get_text(item, "name", NULL);
        bool is_known = false;
        spell_part(item);
        for (size_t k = 0; kind->types[k]; k++)
            is_known |=
                json_text_is(json_object_get(item, "settings"), "type", kind->types[k]);
        has_required = has_required || json_is_true(json_object_get(item, "required"));
        if (!check_name(reader, kind->name, list, i))
            return false;
        if (!is_known)
            return refuse(reader, kind->name, name, kind->why);
        if (kind->check && !kind->check(reader, item))
            return false;
    }
    if (!has_required)
        err_set(reader->err, STATUS_USAGE,
                "%.200s: servers ask for at least one %s with \"required\": true.",
                reader->file, kind->name);
    return has_required;
}

static json_t *read_more(struct reader *reader, const json_t *json)
{
    json_t *more = json_object();
    json_t *properties = json_object_get(json, "metadata_properties");
    json_t *distribution = json_object_get(json, "distribution");
    if (!properties)
        properties = json_object_get(json, "metadata"); /* in Argilla's settings.json */
    const json_t *least = json_object_get(distribution, "min_submitted");
    if (check_list(reader, &property_kind, properties) && json_array_size(properties) > 0)
        json_object_set(more, "metadata_properties", properties);
    if (json_is_object(distribution) && json_integer_value(least) < 1)
        err_set(reader->err, STATUS_USAGE,
                "%.200s: the distribution needs \"min_submitted\", 1 or more.",
                reader->file);
    else if (json_is_object(distribution))
        json_object_set_new(
            more, "distribution",
            json_pack("{s:s, s:O}", "strategy", "overlap", "min_submitted", least));
    return more;
}

enum status dataset_file_read(struct dataset *dataset, const char *text, size_t len,
                              const char *file, struct err *err)
{
    struct err why = {0};
    struct reader reader = {.file = file, .err = err};
    json_t *json = json_parse(text, len, &why);
    json_t *fields = json_object_get(json, "fields");
    json_t *questions = json_object_get(json, "questions");
    reader.fields = fields;
    if (!json)
        err_set(err, STATUS_USAGE, "%.200s: %s", file, why.text);
    else if (!json_is_array(fields) || !json_is_array(questions))
        err_set(err, STATUS_USAGE,
                "%.200s is no template: it needs “fields” and “questions”, as “sherd "
                "dataset show --json” prints them.",
                file);
    if (!err->code && check_list(&reader, &field_kind, fields) &&
        check_list(&reader, &question_kind, questions)) {
        json_t *more = read_more(&reader, json);
        const char *name = json_get_text(json, "name", NULL);
        dataset->name = name && *name ? xstrdup(name) : NULL;
        dataset->guidelines = json_dup_text(json, "guidelines");
        dataset->allow_extra_metadata =
            !json_is_false(json_object_get(json, "allow_extra_metadata"));
        dataset->more_json = json_object_size(more) ? json_print(more) : NULL;
        dataset_fields_from_json(dataset, fields);
        dataset_questions_from_json(dataset, questions);
        json_decref(more);
    }
    json_decref(json);
    return err->code;
}
