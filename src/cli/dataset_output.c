/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/dataset_output.h"

#include <string.h>

#include "base/buf.h"
#include "json/dataset_json.h"
#include "json/json.h"

static const struct column page[] = {{"", 10, false}, {"", 0, false}};
static const struct column rows[] = {
    {"DATASET", 28, false}, {"WORKSPACE", 16, false}, {"SERVER", 0, false}};
enum { PAGE_COLUMNS = 2, ROW_COLUMNS = 3 };

static json_t *text_or_null(const char *text)
{
    return text ? json_new_text(text, strlen(text)) : json_null();
}

/* What every dataset object has; a list from a server knows no more. */
static json_t *names_to_json(const struct dataset *dataset)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", text_or_null(dataset->name));
    json_object_set_new(object, "workspace", text_or_null(dataset->workspace));
    json_object_set_new(object, "server",
                        text_or_null(dataset->server ? dataset->server : ""));
    json_object_set_new(object, "remote_id", text_or_null(dataset->remote_id));
    return object;
}

static json_t *dataset_to_json(const struct dataset *dataset)
{
    json_t *object = names_to_json(dataset);
    json_t *fields = json_array(), *questions = json_array();
    for (size_t i = 0; i < dataset->field_count; i++)
        json_array_append_new(fields, field_to_json(&dataset->fields[i]));
    for (size_t i = 0; i < dataset->question_count; i++)
        json_array_append_new(questions, question_to_json(&dataset->questions[i]));
    json_object_set_new(object, "guidelines", text_or_null(dataset->guidelines));
    json_object_set_new(object, "allow_extra_metadata",
                        json_boolean(dataset->allow_extra_metadata));
    json_object_set_new(object, "fields", fields);
    json_object_set_new(object, "questions", questions);
    return object;
}

static void print_line(struct output *out, const char *label, const char *text)
{
    const char *cells[PAGE_COLUMNS] = {label, text};
    output_row(out, page, PAGE_COLUMNS, cells);
}

static const char *type_name(enum question_type type)
{
    static const char *const names[] = {
        [QUESTION_RATING] = "rating",   [QUESTION_TEXT] = "text",
        [QUESTION_LABEL] = "label",     [QUESTION_MULTI_LABEL] = "several labels",
        [QUESTION_RANKING] = "ranking", [QUESTION_SPAN] = "spans",
        [QUESTION_OTHER] = "other"};
    return names[type];
}

static void add_choices(struct buf *text, const struct question *question)
{
    for (size_t i = 0; i < question->rating_count; i++)
        buf_addf(text, " %d", question->ratings[i]);
    for (size_t i = 0; i < question->option_count; i++)
        buf_addf(text, "%s %s", i ? "," : "", question->options[i].value);
}

static void print_question(struct output *out, const struct question *question)
{
    struct buf text = {0};
    buf_addf(&text, "%s (%s", question->name, type_name(question->type));
    add_choices(&text, question);
    buf_addf(&text, ", %s)", question->is_required ? "required" : "optional");
    const char *asks = question->description ? question->description : question->title;
    if (asks)
        buf_addf(&text, ": %s", asks);
    print_line(out, "Question", buf_text(&text));
    buf_clear(&text);
}

static void print_field(struct output *out, const struct field *field)
{
    struct buf text = {0};
    buf_addf(&text, "%s (%s, %s)", field->name, field->type ? field->type : "text",
             field->is_required ? "required" : "optional");
    print_line(out, "Field", buf_text(&text));
    buf_clear(&text);
}

static void print_page(struct output *out, const struct dataset *dataset)
{
    const char *server = dataset->server && *dataset->server ? dataset->server : "none";
    print_line(out, "Dataset", dataset->name);
    print_line(out, "Workspace", dataset->workspace ? dataset->workspace : "");
    print_line(out, "Server", server);
    for (size_t i = 0; i < dataset->field_count; i++)
        print_field(out, &dataset->fields[i]);
    for (size_t i = 0; i < dataset->question_count; i++)
        print_question(out, &dataset->questions[i]);
    if (dataset->guidelines)
        print_line(out, "Guidelines", dataset->guidelines);
}

void dataset_print(struct output *out, const struct dataset *dataset)
{
    if (out->is_json) {
        output_json(out, dataset_to_json(dataset));
        return;
    }
    size_t columns = out->columns;
    out->columns = 0; /* a description is never cut */
    print_page(out, dataset);
    out->columns = columns;
}

void dataset_print_row(struct output *out, const struct dataset *dataset, bool is_first)
{
    if (out->is_json) {
        output_json(out, names_to_json(dataset));
        return;
    }
    const char *server = dataset->server && *dataset->server ? dataset->server : "none";
    const char *cells[ROW_COLUMNS] = {
        dataset->name, dataset->workspace ? dataset->workspace : "", server};
    if (is_first)
        output_titles(out, rows, ROW_COLUMNS);
    output_row(out, rows, ROW_COLUMNS, cells);
}
