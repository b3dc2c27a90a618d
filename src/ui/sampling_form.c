/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/sampling_form.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "text/sanitise.h"

#define TEMPERATURE_MAX 5.0
#define MAX_TOKENS_MAX 10000000

static const char *const titles[SAMPLING_FIELD_COUNT] = {
    [SAMPLING_MODEL] = "Model",           [SAMPLING_TEMPERATURE] = "Temperature",
    [SAMPLING_MAX_TOKENS] = "Max tokens", [SAMPLING_SEED] = "Seed",
    [SAMPLING_SYSTEM] = "System prompt",
};

const char *sampling_field_title(enum sampling_field field)
{
    return titles[field];
}

void sampling_form_init(struct sampling_form *form)
{
    *form = (struct sampling_form){0};
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++)
        form->edits[i] = editbuf_new();
}

void sampling_form_clear(struct sampling_form *form)
{
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++)
        editbuf_free(form->edits[i]);
    *form = (struct sampling_form){0};
}

static void set_text(struct sampling_form *form, enum sampling_field field,
                     const char *text)
{
    editbuf_set(form->edits[field], text ? text : "", text ? strlen(text) : 0);
}

void sampling_form_open(struct sampling_form *form, const struct sampling *sampling)
{
    char text[64] = "";
    form->focus = SAMPLING_MODEL;
    set_text(form, SAMPLING_MODEL, sampling->model);
    set_text(form, SAMPLING_SYSTEM, sampling->system_prompt);
    if (sampling->has_temperature)
        snprintf(text, sizeof text, "%.3g", sampling->temperature);
    set_text(form, SAMPLING_TEMPERATURE, text);
    text[0] = '\0';
    if (sampling->max_tokens > 0)
        snprintf(text, sizeof text, "%" PRId64, sampling->max_tokens);
    set_text(form, SAMPLING_MAX_TOKENS, text);
    text[0] = '\0';
    if (sampling->has_seed)
        snprintf(text, sizeof text, "%" PRId64, sampling->seed);
    set_text(form, SAMPLING_SEED, text);
}

void sampling_form_move(struct sampling_form *form, int direction)
{
    int step = direction > 0 ? 1 : SAMPLING_FIELD_COUNT - 1;
    form->focus = (enum sampling_field)(((int)form->focus + step) % SAMPLING_FIELD_COUNT);
}

static bool is_default(const char *text)
{
    return text[0] == '\0' || strcmp(text, "default") == 0;
}

static enum status refuse(struct err *err, const char *text, const char *expected)
{
    char safe[64];
    sanitise_line(text, strlen(text), safe, sizeof safe);
    return err_set(err, STATUS_USAGE,
                   "\"%s\" is not %s; nothing there leaves it to the endpoint.", safe,
                   expected);
}

static void set_string(char **slot, const char *text)
{
    free(*slot);
    *slot = is_default(text) ? NULL : xstrdup(text);
}

static enum status set_temperature(struct sampling *sampling, const char *text,
                                   struct err *err)
{
    char *end;
    double value = strtod(text, &end);
    sampling->has_temperature = false;
    if (is_default(text))
        return STATUS_OK;
    if (*end != '\0' || end == text || !(value >= 0 && value <= TEMPERATURE_MAX))
        return refuse(err, text, "a temperature from 0 to 5, such as 0.7");
    sampling->temperature = value;
    sampling->has_temperature = true;
    return STATUS_OK;
}

static bool read_integer(const char *text, int64_t min, int64_t max, int64_t *out)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*end != '\0' || end == text || value < min || value > max)
        return false;
    *out = value;
    return true;
}

static enum status set_max_tokens(struct sampling *sampling, const char *text,
                                  struct err *err)
{
    sampling->max_tokens = 0;
    if (is_default(text) || read_integer(text, 1, MAX_TOKENS_MAX, &sampling->max_tokens))
        return STATUS_OK;
    return refuse(err, text, "a number of tokens, such as 512");
}

static enum status set_seed(struct sampling *sampling, const char *text, struct err *err)
{
    sampling->has_seed = false;
    if (is_default(text))
        return STATUS_OK;
    if (!read_integer(text, INT32_MIN, INT64_MAX / 2, &sampling->seed))
        return refuse(err, text, "a whole number for the seed");
    sampling->has_seed = true;
    return STATUS_OK;
}

enum status sampling_set(struct sampling *sampling, enum sampling_field field,
                         const char *text, struct err *err)
{
    switch (field) {
    case SAMPLING_MODEL:
        set_string(&sampling->model, text);
        return STATUS_OK;
    case SAMPLING_SYSTEM:
        set_string(&sampling->system_prompt, text);
        return STATUS_OK;
    case SAMPLING_TEMPERATURE:
        return set_temperature(sampling, text, err);
    case SAMPLING_MAX_TOKENS:
        return set_max_tokens(sampling, text, err);
    case SAMPLING_SEED:
        return set_seed(sampling, text, err);
    case SAMPLING_FIELD_COUNT:
        break;
    }
    return STATUS_OK;
}

enum status sampling_form_read(struct sampling_form *form, struct sampling *out,
                               struct err *err)
{
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        enum status status = sampling_set(out, field, editbuf_text(form->edits[i]), err);
        if (status != STATUS_OK) {
            form->focus = field;
            return status;
        }
    }
    return STATUS_OK;
}
