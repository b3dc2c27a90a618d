/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/sanitise.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "text/width.h"

enum { LABEL_COLS = 24 };

void dataset_clear_fields(struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->field_count; i++) {
        free(dataset->fields[i].name);
        free(dataset->fields[i].title);
        free(dataset->fields[i].type);
        free(dataset->fields[i].settings_json);
    }
    free(dataset->fields);
    dataset->fields = NULL;
    dataset->field_count = 0;
}

static void clear_question(struct question *question)
{
    free(question->name);
    free(question->title);
    free(question->description);
    free(question->ratings);
    for (size_t i = 0; i < question->option_count; i++) {
        free(question->options[i].value);
        free(question->options[i].text);
        free(question->options[i].description);
    }
    free(question->options);
    free(question->field);
    free(question->settings_json);
}

void dataset_clear_questions(struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->question_count; i++)
        clear_question(&dataset->questions[i]);
    free(dataset->questions);
    dataset->questions = NULL;
    dataset->question_count = 0;
}

void dataset_clear(struct dataset *dataset)
{
    free(dataset->name);
    free(dataset->workspace);
    free(dataset->server);
    free(dataset->remote_id);
    free(dataset->guidelines);
    free(dataset->more_json);
    dataset_clear_fields(dataset);
    dataset_clear_questions(dataset);
    *dataset = (struct dataset){0};
}

void datasets_free(struct dataset *list, size_t count)
{
    while (count)
        dataset_clear(&list[--count]);
    free(list);
}

static void copy_question(struct question *to, const struct question *from)
{
    *to = *from;
    to->name = xstrdup_or_null(from->name);
    to->title = xstrdup_or_null(from->title);
    to->description = xstrdup_or_null(from->description);
    to->settings_json = xstrdup_or_null(from->settings_json);
    to->field = xstrdup_or_null(from->field);
    to->ratings = NULL;
    if (from->rating_count) {
        to->ratings = xcalloc(from->rating_count, sizeof *to->ratings);
        memcpy(to->ratings, from->ratings, from->rating_count * sizeof *to->ratings);
    }
    to->options =
        from->option_count ? xcalloc(from->option_count, sizeof *to->options) : NULL;
    for (size_t i = 0; i < from->option_count; i++) {
        to->options[i].value = xstrdup_or_null(from->options[i].value);
        to->options[i].text = xstrdup_or_null(from->options[i].text);
        to->options[i].description = xstrdup_or_null(from->options[i].description);
    }
}

void dataset_copy(struct dataset *to, const struct dataset *from)
{
    if (to == from)
        return;
    dataset_clear(to);
    *to = *from;
    to->name = xstrdup_or_null(from->name);
    to->workspace = xstrdup_or_null(from->workspace);
    to->server = xstrdup_or_null(from->server);
    to->remote_id = xstrdup_or_null(from->remote_id);
    to->guidelines = xstrdup_or_null(from->guidelines);
    to->more_json = xstrdup_or_null(from->more_json);
    to->fields =
        from->field_count ? xcalloc(from->field_count, sizeof *to->fields) : NULL;
    for (size_t i = 0; i < from->field_count; i++) {
        to->fields[i] = from->fields[i];
        to->fields[i].name = xstrdup_or_null(from->fields[i].name);
        to->fields[i].title = xstrdup_or_null(from->fields[i].title);
        to->fields[i].type = xstrdup_or_null(from->fields[i].type);
        to->fields[i].settings_json = xstrdup_or_null(from->fields[i].settings_json);
    }
    to->questions = from->question_count
                        ? xcalloc(from->question_count, sizeof *to->questions)
                        : NULL;
    for (size_t i = 0; i < from->question_count; i++)
        copy_question(&to->questions[i], &from->questions[i]);
}

void dataset_init_guide(struct dataset *dataset, const char *name, const char *workspace,
                        const char *server)
{
    *dataset = (struct dataset){
        .name = xstrdup(name),
        .workspace = xstrdup_or_null(workspace),
        .server = xstrdup(server ? server : ""),
        .guidelines = xstrdup(
            "You're asked to rate the quality of the response and provide feedback."),
        .allow_extra_metadata = true,
        .fields = xcalloc(2, sizeof *dataset->fields),
        .field_count = 2,
        .questions = xcalloc(2, sizeof *dataset->questions),
        .question_count = 2};
    /* The titles are the names with a capital, as Argilla's own client makes them for the
     * guide's code: so both kinds of datasets look the same in the web page. */
    dataset->fields[0] = (struct field){.name = xstrdup("prompt"),
                                        .title = xstrdup("Prompt"),
                                        .type = xstrdup("text"),
                                        .is_required = true};
    dataset->fields[1] = (struct field){.name = xstrdup("response"),
                                        .title = xstrdup("Response"),
                                        .type = xstrdup("text"),
                                        .is_required = true};
    int *ratings = xcalloc(5, sizeof *ratings);
    for (int i = 0; i < 5; i++)
        ratings[i] = i + 1;
    dataset->questions[0] = (struct question){
        .name = xstrdup("response-rating"),
        .title = xstrdup("Response-rating"),
        .description = xstrdup("How would you rate the quality of the response?"),
        .type = QUESTION_RATING,
        .is_required = true,
        .ratings = ratings,
        .rating_count = 5};
    dataset->questions[1] = (struct question){
        .name = xstrdup("response-feedback"),
        .title = xstrdup("Response-feedback"),
        .description = xstrdup("What feedback do you have for the response?"),
        .type = QUESTION_TEXT};
}

const struct field *dataset_field(const struct dataset *dataset, const char *name)
{
    for (size_t i = 0; i < dataset->field_count; i++)
        if (strcmp(dataset->fields[i].name, name) == 0)
            return &dataset->fields[i];
    return NULL;
}

const struct question *dataset_question(const struct dataset *dataset, const char *name)
{
    for (size_t i = 0; i < dataset->question_count; i++)
        if (strcmp(dataset->questions[i].name, name) == 0)
            return &dataset->questions[i];
    return NULL;
}

static const struct question *first_of_type(const struct dataset *dataset,
                                            enum question_type type)
{
    for (size_t i = 0; i < dataset->question_count; i++)
        if (dataset->questions[i].type == type)
            return &dataset->questions[i];
    return NULL;
}

const struct question *dataset_rating_question(const struct dataset *dataset)
{
    return first_of_type(dataset, QUESTION_RATING);
}

const struct question *dataset_feedback_question(const struct dataset *dataset)
{
    return first_of_type(dataset, QUESTION_TEXT);
}

static bool is_text(const struct field *field)
{
    return !field->type || strcmp(field->type, "text") == 0;
}

static const struct field *text_field_named(const struct dataset *dataset,
                                            const char *name)
{
    const struct field *field = dataset_field(dataset, name);
    return field && is_text(field) ? field : NULL;
}

static const struct field *first_text_field_but(const struct dataset *dataset,
                                                const struct field *other)
{
    for (size_t i = 0; i < dataset->field_count; i++)
        if (is_text(&dataset->fields[i]) && &dataset->fields[i] != other)
            return &dataset->fields[i];
    return NULL;
}

static const struct field *chat_field(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->field_count; i++)
        if (dataset->fields[i].type && strcmp(dataset->fields[i].type, "chat") == 0)
            return &dataset->fields[i];
    return NULL;
}

const struct question *dataset_correction_question(const struct dataset *dataset,
                                                   const char *chosen)
{
    const struct question *named = chosen ? dataset_question(dataset, chosen) : NULL;
    if (named && named->type == QUESTION_TEXT)
        return named;
    for (size_t i = 0; i < dataset->question_count; i++)
        if (dataset->questions[i].type == QUESTION_TEXT &&
            strcasestr(dataset->questions[i].name, "correct"))
            return &dataset->questions[i];
    return NULL;
}

const struct field *dataset_prompt_field(const struct dataset *dataset)
{
    const struct field *response = text_field_named(dataset, "response");
    const struct field *named = text_field_named(dataset, "prompt");
    if (named)
        return named;
    const struct field *text = first_text_field_but(dataset, response);
    return text || !response ? text : chat_field(dataset);
}

const struct field *dataset_response_field(const struct dataset *dataset)
{
    const struct field *named = text_field_named(dataset, "response");
    return named ? named : first_text_field_but(dataset, dataset_prompt_field(dataset));
}

bool dataset_takes_pairs(const struct dataset *dataset)
{
    const struct field *prompt = text_field_named(dataset, "prompt");
    const struct field *response = text_field_named(dataset, "response");
    if (!prompt)
        prompt = chat_field(dataset);
    if (!prompt || !response || dataset_prompt_field(dataset) != prompt)
        return false;
    for (size_t i = 0; i < dataset->field_count; i++) {
        const struct field *field = &dataset->fields[i];
        if (field->is_required && field != prompt && field != response)
            return false;
    }
    return true;
}

/* "response-rating" and "response_rating" are named after what is asked, not of what. */
static const char *without_prefix(const char *name)
{
    static const char *const prefixes[] = {"response-", "response_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], len) == 0 && name[len] != '\0')
            return name + len;
    }
    return name;
}

const char *question_label(const struct question *question, char *out, size_t size)
{
    const char *name = without_prefix(question->name), *title = question->title;
    if (title && strcasecmp(title, question->name) != 0) { /* "Response-rating" is none */
        sanitise_line(title, strlen(title), out, size);
        size_t width = width_of(out, strlen(out));
        if (width && width <= LABEL_COLS)
            return out;
    }
    sanitise_line(name, strlen(name), out, size);
    for (char *at = out; *at != '\0'; at++)
        if (*at == '-' || *at == '_')
            *at = ' ';
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    return out;
}

const struct question_option *question_find_option(const struct question *question,
                                                   const char *value)
{
    for (size_t i = 0; value && i < question->option_count; i++)
        if (strcmp(question->options[i].value, value) == 0)
            return &question->options[i];
    return NULL;
}

const char *question_option_text(const struct question *question, const char *value)
{
    const struct question_option *option = question_find_option(question, value);
    return option ? option->text : value;
}

bool question_allows_rating(const struct question *question, int rating)
{
    for (size_t i = 0; i < question->rating_count; i++)
        if (question->ratings[i] == rating)
            return true;
    return false;
}

const char *question_describe_ratings(const struct question *question, char *out,
                                      size_t size)
{
    const int *ratings = question->ratings;
    size_t count = question->rating_count, used = 0;
    bool is_range = count > 2;
    for (size_t i = 1; i < count; i++)
        is_range = is_range && ratings[i] == ratings[i - 1] + 1;
    out[0] = '\0';
    if (is_range)
        snprintf(out, size, "%d to %d", ratings[0], ratings[count - 1]);
    for (size_t i = 0; !is_range && i < count && used < size; i++) {
        const char *between = !i ? "" : i + 1 < count ? ", " : " or ";
        int len = snprintf(out + used, size - used, "%s%d", between, ratings[i]);
        used += len > 0 ? (size_t)len : 0;
    }
    return out;
}

const char *dataset_missing_answer(const struct dataset *dataset,
                                   const struct values *values)
{
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        if (question->is_required && question->type != QUESTION_SPAN &&
            !values_find(values, question->name))
            return question->name;
    }
    return NULL;
}

void dataset_complete_values(const struct dataset *dataset, struct values *values)
{
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        if (question->is_required && question->type == QUESTION_SPAN &&
            !values_find(values, question->name))
            values_set_text(values, question->name, QUESTION_SPAN, "[]");
    }
}

enum status dataset_expect_name(const char *name, struct err *err)
{
    size_t len = strcspn(name, "@");
    return !name[len]
               ? STATUS_OK
               : err_set(err, STATUS_USAGE,
                         "A new dataset's name has no “@”, which says where one is: name "
                         "it %.*s, with --local for the store alone or --server NAME.",
                         (int)(len < 120 ? len : 120), name);
}

static bool is_same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_same_field(const struct field *a, const struct field *b, bool wholly)
{
    return is_same_text(a->name, b->name) && is_same_text(a->type, b->type) &&
           (!wholly ||
            (is_same_text(a->title, b->title) && a->is_required == b->is_required &&
             a->use_markdown == b->use_markdown));
}

static bool is_same_question(const struct question *a, const struct question *b,
                             bool wholly)
{
    bool is_same = a->type == b->type && is_same_text(a->name, b->name) &&
                   a->rating_count == b->rating_count &&
                   a->option_count == b->option_count;
    for (size_t i = 0; is_same && i < a->rating_count; i++)
        is_same = a->ratings[i] == b->ratings[i];
    for (size_t i = 0; is_same && i < a->option_count; i++)
        is_same = is_same_text(a->options[i].value, b->options[i].value);
    return is_same && (!wholly || (is_same_text(a->title, b->title) &&
                                   is_same_text(a->description, b->description) &&
                                   is_same_text(a->settings_json, b->settings_json) &&
                                   a->is_required == b->is_required));
}

static bool has_same_parts(const struct dataset *a, const struct dataset *b, bool wholly)
{
    bool is_same =
        a->field_count == b->field_count && a->question_count == b->question_count;
    for (size_t i = 0; is_same && i < a->field_count; i++)
        is_same = is_same_field(&a->fields[i], &b->fields[i], wholly);
    for (size_t i = 0; is_same && i < a->question_count; i++)
        is_same = is_same_question(&a->questions[i], &b->questions[i], wholly);
    return is_same;
}

bool dataset_asks_same(const struct dataset *a, const struct dataset *b)
{
    return has_same_parts(a, b, false);
}

bool dataset_equal(const struct dataset *a, const struct dataset *b)
{
    return is_same_text(a->guidelines, b->guidelines) && is_same_text(a->name, b->name) &&
           a->allow_extra_metadata == b->allow_extra_metadata &&
           a->is_published == b->is_published && has_same_parts(a, b, true);
}

char *dataset_where(const struct dataset *dataset)
{
    const char *server = dataset->server && *dataset->server ? dataset->server : "local";
    if (!dataset->is_gone)
        return xasprintf("%s@%s", dataset->name, server);
    return xasprintf("%s@deleted-%lld", dataset->name, (long long)dataset->row);
}

char *dataset_word(const struct dataset *dataset)
{
    char *where = dataset_where(dataset), *word = words_quote(where);
    free(where);
    return word;
}
