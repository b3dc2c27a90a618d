/* SPDX-License-Identifier: MIT
 *
 * sampling_form - model, temperature, max tokens, seed and system prompt as texts that
 * are being edited, and back.
 */
#ifndef UI_SAMPLING_FORM_H
#define UI_SAMPLING_FORM_H

#include "base/err.h"
#include "model/sampling.h"
#include "text/editbuf.h"

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

#endif
