/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/sampling.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define WHOLE_MAX 9007199254740991.0 /* what JSON's readers keep exactly */

static const struct sampling_row rows[SAMPLING_FIELD_COUNT] = {
    [SAMPLING_MODEL] = {"model", "model", "model", "Model", "gpt-4o-mini", false, {0}},
    [SAMPLING_TEMPERATURE] = {"temperature",
                              "temperature",
                              "temperature",
                              "Temperature",
                              "0.7",
                              true,
                              {false, 0, 10}},
    [SAMPLING_MAX_TOKENS] = {"max_tokens",
                             "max-tokens",
                             "max_tokens",
                             "Max tokens",
                             "512",
                             true,
                             {true, 1, 10000000}},
    [SAMPLING_SEED] =
        {"seed", "seed", "seed", "Seed", "7", true, {true, -WHOLE_MAX, WHOLE_MAX}},
    [SAMPLING_SYSTEM] = {"system",
                         "system",
                         "system_prompt",
                         "System prompt",
                         "You are brief.",
                         false,
                         {0}},
};

const struct sampling_row *sampling_row(enum sampling_field field)
{
    return &rows[field];
}

static const char *text_of(const struct sampling *sampling, enum sampling_field field)
{
    return field == SAMPLING_MODEL    ? sampling->model
           : field == SAMPLING_SYSTEM ? sampling->system_prompt
                                      : NULL;
}

bool sampling_has(const struct sampling *sampling, enum sampling_field field)
{
    switch (field) {
    case SAMPLING_TEMPERATURE:
        return sampling->has_temperature;
    case SAMPLING_MAX_TOKENS:
        return sampling->max_tokens > 0;
    case SAMPLING_SEED:
        return sampling->has_seed;
    case SAMPLING_MODEL:
    case SAMPLING_SYSTEM:
    case SAMPLING_FIELD_COUNT:
        break;
    }
    return text_of(sampling, field) != NULL;
}

double sampling_number(const struct sampling *sampling, enum sampling_field field)
{
    if (!rows[field].is_number || !sampling_has(sampling, field))
        return 0;
    return field == SAMPLING_TEMPERATURE  ? sampling->temperature
           : field == SAMPLING_MAX_TOKENS ? (double)sampling->max_tokens
                                          : (double)sampling->seed;
}

char *sampling_format(const struct sampling *sampling, enum sampling_field field)
{
    if (!sampling_has(sampling, field))
        return xstrdup("");
    if (!rows[field].is_number)
        return xstrdup(text_of(sampling, field));
    return xasprintf(rows[field].limits.is_whole ? "%.0f" : "%.15g",
                     sampling_number(sampling, field));
}

static void put_number(struct sampling *sampling, enum sampling_field field, bool has,
                       double value)
{
    if (field == SAMPLING_TEMPERATURE) {
        sampling->has_temperature = has;
        sampling->temperature = value;
    } else if (field == SAMPLING_MAX_TOKENS) {
        sampling->max_tokens = has ? (int64_t)value : 0;
    } else if (field == SAMPLING_SEED) {
        sampling->has_seed = has;
        sampling->seed = (int64_t)value;
    }
}

static void put_text(struct sampling *sampling, enum sampling_field field,
                     const char *text)
{
    char **slot = field == SAMPLING_MODEL ? &sampling->model : &sampling->system_prompt;
    char *copy = xstrdup_or_null(text);
    free(*slot); /* NOLINT(clang-analyzer-unix.Malloc): NULL after sampling_clear */
    *slot = copy;
}

void sampling_set_number(struct sampling *sampling, enum sampling_field field,
                         double value)
{
    const struct sampling_row *row = &rows[field];
    if (row->is_number && value >= row->limits.min && value <= row->limits.max)
        put_number(sampling, field, true, value);
}

enum status sampling_put(struct sampling *sampling, enum sampling_field field,
                         const char *text, struct err *err)
{
    const struct sampling_row *row = &rows[field];
    double value = 0;
    if (!row->is_number) {
        put_text(sampling, field, text);
        return STATUS_OK;
    }
    if (!number_read(text, &row->limits, &value)) {
        char limits[96];
        return err_set(
            err, STATUS_USAGE,
            "%s: \"%.64s\" is not %s, such as %s; nothing there leaves it to the "
            "endpoint.",
            row->title, text, number_describe(&row->limits, limits, sizeof limits),
            row->example);
    }
    put_number(sampling, field, true, value);
    return STATUS_OK;
}

enum status sampling_set(struct sampling *sampling, enum sampling_field field,
                         const char *text, struct err *err)
{
    if (*text && strcmp(text, "default") != 0)
        return sampling_put(sampling, field, text, err);
    if (rows[field].is_number)
        put_number(sampling, field, false, 0);
    else
        put_text(sampling, field, NULL);
    return STATUS_OK;
}

void sampling_copy(struct sampling *to, const struct sampling *from)
{
    if (to == from)
        return;
    sampling_clear(to);
    sampling_fill(to, from);
}

void sampling_clear(struct sampling *sampling)
{
    free(sampling->model);
    free(sampling->system_prompt);
    *sampling = (struct sampling){0};
}

void sampling_fill(struct sampling *to, const struct sampling *from)
{
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        if (sampling_has(to, field) || !sampling_has(from, field))
            continue;
        if (rows[field].is_number)
            put_number(to, field, true, sampling_number(from, field));
        else
            put_text(to, field, text_of(from, field));
    }
}
