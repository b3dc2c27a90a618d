/* SPDX-License-Identifier: MIT
 *
 * sampling - what a completion is asked for with: one table of the parameters, for the
 * flags, the configuration file, the settings form, the commands behind the colon, the
 * bodies of requests and the store.
 */
#ifndef MODEL_SAMPLING_H
#define MODEL_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "text/outside.h"

/* Only what is set is sent. */
struct sampling {
    char *model;         /* NULL = the endpoint's */
    char *system_prompt; /* NULL = none */
    double temperature;
    bool has_temperature;
    int64_t max_tokens; /* 0 = not set */
    int64_t seed;
    bool has_seed;
};

/* In the order of the settings form. */
enum sampling_field {
    SAMPLING_MODEL,
    SAMPLING_TEMPERATURE,
    SAMPLING_MAX_TOKENS,
    SAMPLING_SEED,
    SAMPLING_SYSTEM,
    SAMPLING_FIELD_COUNT
};

struct sampling_row {
    const char *name;            /* in the file; "max_tokens" */
    const char *flag;            /* on command lines; "max-tokens" */
    const char *member;          /* in JSON, ours and a request's; "system_prompt" */
    const char *title;           /* "Max tokens" */
    const char *example;         /* "512" */
    bool is_number;              /* else a text */
    struct number_limits limits; /* of a number */
};
const struct sampling_row *sampling_row(enum sampling_field field);

bool sampling_has(const struct sampling *sampling, enum sampling_field field);
/* A number's value, 0 when it is not set; whole ones are exact. */
double sampling_number(const struct sampling *sampling, enum sampling_field field);
/* Either as text for people to edit: "0.7"; "" when it is not set. Owned. */
char *sampling_format(const struct sampling *sampling, enum sampling_field field);
/* Sets one from text, taken as it is. USAGE with a sentence that says what is good. */
enum status sampling_put(struct sampling *sampling, enum sampling_field field,
                         const char *text, struct err *err)
    __attribute__((warn_unused_result));
/* The same for people who edit: "" or "default" leaves it to the endpoint. */
enum status sampling_set(struct sampling *sampling, enum sampling_field field,
                         const char *text, struct err *err)
    __attribute__((warn_unused_result));
/* Within the limits; a number that is not one of ours is left alone. */
void sampling_set_number(struct sampling *sampling, enum sampling_field field,
                         double value);

void sampling_copy(struct sampling *to, const struct sampling *from);
void sampling_clear(struct sampling *sampling);
/* Takes from over every setting that from has and to lacks. */
void sampling_fill(struct sampling *to, const struct sampling *from);

#endif
