/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/search_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "json/json.h"

/* ---- its parts ---- */

void look_end(struct look *look)
{
    json_decref(look->metadata);
    json_decref(look->facts);
    record_clear(&look->suggested);
    values_clear(&look->ours);
}

static char *read_text(const struct look *look, const char *sql, size_t *len)
{
    struct query query = query_start(look->db, sql);
    query_int(&query, look->row.row);
    char *text = query_row(&query) ? query_get_text(&query, 0, len) : NULL;
    query_end_logged(&query);
    return text;
}

json_t *look_metadata(struct look *look)
{
    size_t len;
    if (look->has_metadata)
        return look->metadata;
    char *text = read_text(look, "SELECT metadata FROM record WHERE row = ?", &len);
    look->metadata = text ? json_loadb(text, len, JSON_ALLOW_NUL, NULL) : NULL;
    look->has_metadata = true;
    free(text);
    return look->metadata;
}

const struct record *look_suggestions(struct look *look)
{
    size_t len;
    struct err ignored = {0};
    if (look->has_suggestions)
        return &look->suggested;
    char *text = read_text(look, "SELECT suggestions FROM record WHERE row = ?", &len);
    if (text)
        codec_read_suggestions(&look->suggested, text, len, &ignored);
    look->has_suggestions = true;
    free(text);
    return &look->suggested;
}

/* Our response. */
static const struct values *look_ours(struct look *look)
{
    size_t len;
    struct err ignored = {0};
    if (look->has_ours)
        return &look->ours;
    look->has_ours = true;
    char *answers = read_text(look,
                              "SELECT answers FROM response WHERE record = ?"
                              " AND user = '' AND status > 0",
                              &len);
    if (answers)
        codec_read_values(&look->ours, answers, len, &ignored);
    free(answers);
    return &look->ours;
}

/* ---- does it meet a term? ---- */

static bool json_meets(const struct selection_term *term, const json_t *json)
{
    size_t i;
    json_t *item;
    if (json_is_number(json)) {
        double number = json_number_value(json);
        char *text = json_print(json);
        bool is_met =
            selection_takes_number(term, number) || selection_takes_text(term, text);
        free(text);
        return is_met;
    }
    if (json_is_string(json))
        return selection_takes_text(term, json_string_value(json));
    if (json_is_boolean(json))
        return selection_takes_text(term, json_is_true(json) ? "true" : "false");
    json_array_foreach(json, i, item)
    {
        if (json_meets(term, item))
            return true;
    }
    return false;
}

/* What counts of one of several values: a ranking is what it puts first, a span its
 * label. */
static const json_t *item_text(const struct value *value, const json_t *item)
{
    const json_t *rank = json_object_get(item, "rank");
    if (value->type == QUESTION_SPAN)
        return json_object_get(item, "label");
    if (value->type == QUESTION_RANKING)
        return !rank || json_number_value(rank) == 1 ? json_object_get(item, "value")
                                                     : NULL;
    return item;
}

char *look_first(const struct value *value)
{
    bool is_list = value->type == QUESTION_MULTI_LABEL ||
                   value->type == QUESTION_RANKING || value->type == QUESTION_SPAN;
    json_t *list = is_list && value->text ? json_loads(value->text, 0, NULL) : NULL;
    const char *first = NULL;
    for (size_t i = 0; i < json_array_size(list) && !first; i++)
        first = json_string_value(item_text(value, json_array_get(list, i)));
    char *copy = xstrdup_or_null(first);
    json_decref(list);
    return copy;
}

static bool value_meets(const struct selection_term *term, const struct value *value)
{
    if (value->type == QUESTION_RATING)
        return selection_takes_number(term, value->rating);
    if (!value->text)
        return false;
    if (value->type == QUESTION_LABEL)
        return selection_takes_text(term, value->text);
    if (value->type == QUESTION_TEXT || value->type == QUESTION_OTHER)
        return selection_holds_text(term, value->text, strlen(value->text));
    json_t *list = json_loads(value->text, 0, NULL), *item;
    bool is_met = false;
    size_t i;
    json_array_foreach(list, i, item) is_met |= json_meets(term, item_text(value, item));
    json_decref(list);
    return is_met;
}

static bool ours_meet(const struct selection_term *term, struct look *look)
{
    const struct values *ours = look_ours(look);
    for (size_t i = 0; i < ours->count; i++) {
        const struct value *value = &ours->items[i];
        bool is_label =
            value->type == QUESTION_LABEL || value->type == QUESTION_MULTI_LABEL;
        bool is_meant = term->kind == SELECT_LABEL ? is_label
                        : term->kind == SELECT_FEEDBACK
                            ? value->type == QUESTION_TEXT
                            : !strcmp(value->question, term->name);
        if (is_meant && value_meets(term, value))
            return true;
    }
    return false;
}

bool look_score(const struct suggestion *suggestion, size_t index, double *score)
{
    const char *each = suggestion->scores;
    json_t *scores = each ? json_loads(each, 0, NULL) : NULL;
    size_t count = json_array_size(scores);
    *score = each ? json_number_value(json_array_get(scores, index)) : suggestion->score;
    json_decref(scores);
    return each ? index < count : index == 0 && *score >= 0;
}

static bool suggestions_meet(const struct selection_term *term, struct look *look)
{
    const struct record *record = look_suggestions(look);
    for (size_t i = 0; i < record->suggestion_count; i++) {
        const struct suggestion *suggestion = &record->suggestions[i];
        if (term->name && strcmp(suggestion->value.question, term->name) != 0)
            continue;
        const char *agent = suggestion->agent ? suggestion->agent : "";
        bool is_met =
            term->kind == SELECT_SUGGESTION
                ? value_meets(term, &suggestion->value)
                : term->kind == SELECT_AGENT && selection_takes_text(term, agent);
        double score;
        for (size_t k = 0;
             term->kind == SELECT_SCORE && !is_met && look_score(suggestion, k, &score);
             k++)
            is_met = selection_takes_number(term, score);
        if (is_met)
            return true;
    }
    return false;
}

const char *look_model(struct look *look)
{
    size_t len;
    if (!look->facts) {
        char *facts =
            read_text(look, "SELECT facts FROM completion WHERE record = ?", &len);
        look->facts = facts ? json_loadb(facts, len, JSON_ALLOW_NUL, NULL) : NULL;
        free(facts);
    }
    const json_t *model = json_object_get(look->facts, "model_used");
    if (!json_is_string(model))
        model = json_object_get(look->facts, "model");
    if (!json_is_string(model))
        model = json_object_get(look_metadata(look), "model");
    return json_string_value(model);
}

int64_t look_length(const struct look *look)
{
    const struct field *field = dataset_response_field(look->dataset);
    struct query query =
        query_start(look->db, "SELECT length(text) FROM field WHERE record = ?"
                              " ORDER BY name IS ? DESC, position DESC LIMIT 1");
    query_int(&query, look->row.row);
    query_text(&query, field ? field->name : NULL);
    return query_take_int(&query);
}

/* Its note, or a field. */
static bool own_text_meets(const struct selection_term *term, const struct look *look)
{
    struct query query = query_start(
        look->db, term->kind == SELECT_NOTE
                      ? "SELECT note FROM record WHERE row = ?1 AND ?2 IS NULL"
                      : "SELECT text FROM field WHERE record = ?1 AND name = ?2");
    size_t len;
    query_int(&query, look->row.row);
    query_text(&query, term->name);
    const char *text = query_row(&query) ? query_peek_text(&query, 0, &len) : NULL;
    bool is_met = text && (!term->count || selection_holds_text(term, text, len));
    query_end_logged(&query);
    return is_met;
}

/* In the texts that a search looks through. */
static bool text_meets(const struct selection_term *term, struct look *look)
{
    bool is_met = false;
    struct query query = query_start(
        look->db, "SELECT " TEXT_COLUMNS " FROM record r" TEXT_TABLES " WHERE r.row = ?");
    query_int(&query, look->row.row);
    bool is_there = query_row(&query);
    for (size_t i = 0; is_there && i < term->count && !is_met; i++) {
        const struct selection_value *value = &term->values[i];
        is_met = find_in_texts(look->db, &query, value->match,
                               !value->is_pattern && !strpbrk(value->text, ":\n"),
                               NULL) == MATCH_FOUND;
    }
    query_end_logged(&query);
    return is_met;
}

static bool meets(const struct selection_term *term, struct look *look)
{
    const struct queue_row *row = &look->row;
    switch (term->kind) {
    case SELECT_STATUS:
        return (term->mask & 1u << row->status) && !queue_is_completed(row);
    case SELECT_SIGN:
        return term->mask == QUEUE_COMPLETED ? queue_is_completed(row)
                                             : (term->mask & row->flags) != 0;
    case SELECT_MODEL:
        return look_model(look) && selection_takes_text(term, look_model(look));
    case SELECT_METADATA:
        return json_meets(term, json_object_get(look_metadata(look), term->name));
    case SELECT_RATING:
        return row->rating >= 0 && selection_takes_number(term, row->rating);
    case SELECT_LABEL:
    case SELECT_FEEDBACK:
    case SELECT_ANSWER:
        return row->status != RESPONSE_PENDING && ours_meet(term, look);
    case SELECT_NOTE:
        return (row->flags & QUEUE_NOTED) && own_text_meets(term, look);
    case SELECT_SUGGESTION:
    case SELECT_SCORE:
    case SELECT_AGENT:
        return suggestions_meet(term, look);
    case SELECT_LENGTH:
        return selection_takes_number(term, (double)look_length(look));
    case SELECT_FIELD:
        return own_text_meets(term, look);
    case SELECT_TEXT:
        return text_meets(term, look);
    }
    return false;
}

bool look_meets(struct look *look, const struct selection *selection,
                enum selection_kind last)
{
    if (look->row.flags & QUEUE_DELETED)
        return false;
    for (enum selection_kind kind = SELECT_STATUS; kind <= last; kind++)
        for (size_t i = 0; i < selection->count; i++) {
            const struct selection_term *term = &selection->terms[i];
            if (term->kind == kind && meets(term, look) == term->is_excluded)
                return false;
        }
    return true;
}

/* ---- how its answers differ ---- */

/* Of sets, as values_sort_items writes them: what only one of both has, of all. */
static double distance_of_sets(const char *one, const char *other)
{
    json_t *a = json_parse(one, strlen(one), NULL);
    json_t *b = json_parse(other, strlen(other), NULL), *item;
    const char *key;
    size_t both = 0, all = json_object_size(a) + json_object_size(b);
    json_object_foreach(a, key, item) both += json_object_get(b, key) != NULL;
    all -= both;
    json_decref(a);
    json_decref(b);
    return all ? 1 - (double)both / (double)all : 0;
}

static double disagreement_on(const struct question *question, const struct values *all,
                              size_t count)
{
    const int *ratings = question->ratings;
    double sum = 0, span = 1;
    size_t pairs = 0;
    for (size_t i = 0; i < question->rating_count; i++)
        span = fmax(span, ratings[i] - ratings[0]);
    for (size_t a = 0; a < count; a++) {
        const struct value *one = values_find(&all[a], question->name);
        for (size_t b = 0; one && b < a; b++) {
            const struct value *other = values_find(&all[b], question->name);
            if (!other || other->type != one->type)
                continue;
            pairs++;
            if (one->type == QUESTION_RATING)
                sum += pow((one->rating - other->rating) / span, 2);
            else if (one->text && other->text)
                sum += one->type == QUESTION_LABEL
                           ? strcmp(one->text, other->text) != 0
                           : distance_of_sets(one->text, other->text);
        }
    }
    return pairs ? sum / (double)pairs : -1;
}

double look_disagreement(const struct dataset *dataset, const struct values *all,
                         size_t count)
{
    double sum = 0;
    size_t answered = 0;
    for (size_t i = 0; count > 1 && i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        double distance =
            question->type == QUESTION_TEXT ? -1 : disagreement_on(question, all, count);
        sum += distance < 0 ? 0 : distance;
        answered += distance >= 0;
    }
    return answered ? sum / (double)answered : -1;
}
