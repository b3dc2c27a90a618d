/* SPDX-License-Identifier: MIT
 *
 * sampling_form - model, temperature, max tokens, seed and system prompt as texts that
 * are being edited, and back.
 */
#ifndef UI_SAMPLING_FORM_H
#define UI_SAMPLING_FORM_H

#include "base/err.h"
#include "model/completion.h"
#include "text/editbuf.h"

enum sampling_field {
    SAMPLING_MODEL,
    SAMPLING_TEMPERATURE,
    SAMPLING_MAX_TOKENS,
    SAMPLING_SEED,
    SAMPLING_SYSTEM,
    SAMPLING_FIELD_COUNT
};

struct sampling_form {
    struct editbuf *edits[SAMPLING_FIELD_COUNT];
    enum sampling_field focus;
};

void sampling_form_init(struct sampling_form *form);
void sampling_form_clear(struct sampling_form *form);
void sampling_form_open(struct sampling_form *form, const struct sampling *sampling);
/* Moves the focus, walking round. */
void sampling_form_move(struct sampling_form *form, int direction);
/* Every field, or the sentence about the first that is wrong; that has the focus then.
 * *out must be clear. */
enum status sampling_form_read(struct sampling_form *form, struct sampling *out,
                               struct err *err) __attribute__((warn_unused_result));

/* Sets one field from text; "" or "default" leaves it to the endpoint. The sentence says
 * what was expected. Also for the `:` commands. */
enum status sampling_set(struct sampling *sampling, enum sampling_field field,
                         const char *text, struct err *err)
    __attribute__((warn_unused_result));
const char *sampling_field_title(enum sampling_field field);

#endif
