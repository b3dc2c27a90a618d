/* SPDX-License-Identifier: MIT
 *
 * dataset - what a dataset asks: its fields, questions and guidelines.
 */
#ifndef MODEL_DATASET_H
#define MODEL_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/values.h"

struct field {
    char *name;
    char *title;
    bool is_required;
    bool use_markdown;
    char *type;          /* "text", "chat", "image", "custom" */
    char *settings_json; /* as the server gave it, of the last two; NULL */
};

struct question_option {
    char *value;       /* what is sent */
    char *text;        /* what is shown */
    char *description; /* NULL = none */
};

struct question {
    char *name;
    char *title;
    char *description; /* NULL = none */
    bool is_required;
    enum question_type type;
    int *ratings; /* RATING: the allowed numbers */
    size_t rating_count;
    struct question_option *options; /* LABEL, MULTI_LABEL, RANKING */
    size_t option_count;
    size_t visible_options;    /* the others are folded away; 0 = not said */
    bool puts_suggested_first; /* MULTI_LABEL: among the options */
    bool use_markdown;         /* TEXT */
    bool allows_overlap;       /* SPAN */
    char *field;               /* SPAN: the one whose text it marks */
    char *settings_json;       /* as the server gave it; NULL for our own template */
};

struct dataset {
    int64_t row; /* in the store; 0 = not stored */
    char *name;
    char *workspace;  /* "local" without a server */
    char *server;     /* base URL; "" = local */
    char *remote_id;  /* NULL until it is known to exist on the server */
    char *guidelines; /* NULL = none */
    char *more_json;  /* "metadata_properties", "distribution": what only a server has a
                       * use for; as far as it is known; NULL */
    bool allow_extra_metadata;
    bool is_published;
    bool is_gone;      /* was deleted on the server; as the store has it */
    int64_t active_ms; /* when somebody last changed it there, as listed; 0 = not known */
    struct field *fields;
    size_t field_count;
    struct question *questions;
    size_t question_count;
};

/* The guide's dataset: prompt, response; response-rating, response-feedback.
 * Source: LangChain's Argilla guide; design.md §5. */
void dataset_init_guide(struct dataset *dataset, const char *name, const char *workspace,
                        const char *server);
/* USAGE where a new one cannot be called so, as dataset_where would be misread. */
enum status dataset_expect_name(const char *name, struct err *err);
void dataset_copy(struct dataset *to, const struct dataset *from);
void dataset_clear(struct dataset *dataset);
/* With the array. */
void datasets_free(struct dataset *list, size_t count);
void dataset_clear_fields(struct dataset *dataset);
void dataset_clear_questions(struct dataset *dataset);

/* The same fields and questions in the same order; titles, texts and what is required may
 * differ. */
bool dataset_asks_same(const struct dataset *a, const struct dataset *b);
/* All that the server says of it is the same. */
bool dataset_equal(const struct dataset *a, const struct dataset *b);
const struct field *dataset_field(const struct dataset *dataset, const char *name);
const struct question *dataset_question(const struct dataset *dataset, const char *name);
/* The first rating question / the first text question, or NULL. */
const struct question *dataset_rating_question(const struct dataset *dataset);
const struct question *dataset_feedback_question(const struct dataset *dataset);
/* The text question for the answer as it should be: chosen (may be NULL), else the first
 * whose name has "correct" in it; NULL = none. */
const struct question *dataset_correction_question(const struct dataset *dataset,
                                                   const char *chosen);
/* The fields that hold the prompt and the answer: named so, else the first and
 * the second text field; beside a response a chat field is the prompt where no other text
 * is. NULL when there is none. */
const struct field *dataset_prompt_field(const struct dataset *dataset);
const struct field *dataset_response_field(const struct dataset *dataset);
/* Records made by sherd fit: a text field prompt, or a chat, and a text field response
 * exist and no other field is required. */
bool dataset_takes_pairs(const struct dataset *dataset);
/* A short name for people, safe to show: its title up to 24 columns, else its name, as
 * "Rating" of "response-rating". Returns out. */
const char *question_label(const struct question *question, char *out, size_t size);
/* NULL when there is none with this value (which may be NULL). */
const struct question_option *question_find_option(const struct question *question,
                                                   const char *value);
/* What the option with this value is called; the value when there is none. */
const char *question_option_text(const struct question *question, const char *value);
/* True if rating is one of the question's numbers. */
bool question_allows_rating(const struct question *question, int rating);
/* "1 to 5", or "1, 5 or 10" where some between are not allowed. Returns out. */
const char *question_describe_ratings(const struct question *question, char *out,
                                      size_t size);
/* What it is called among those in the store, to be typed in: "NAME@SERVER", "NAME@local"
 * without one, "NAME@deleted-NUMBER" when it was deleted there. Owned. */
char *dataset_where(const struct dataset *dataset);
/* The same as a word for a shell, in quotes where it needs them. Owned. */
char *dataset_word(const struct dataset *dataset);
/* Name of the first required question without a value, or NULL. A question about spans
 * needs none: there may be nothing to mark, as on Argilla's page. */
const char *dataset_missing_answer(const struct dataset *dataset,
                                   const struct values *values);
/* What a submit adds: no spans, where a required question has none. */
void dataset_complete_values(const struct dataset *dataset, struct values *values);

#endif
