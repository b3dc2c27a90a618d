/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/sampling_form.h"

#include <stdlib.h>
#include <string.h>

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

void sampling_form_open(struct sampling_form *form, const struct sampling *sampling)
{
    form->focus = SAMPLING_MODEL;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        char *text = sampling_format(sampling, (enum sampling_field)i);
        editbuf_set(form->edits[i], text, strlen(text));
        free(text);
    }
}

void sampling_form_move(struct sampling_form *form, int direction)
{
    int step = direction > 0 ? 1 : SAMPLING_FIELD_COUNT - 1;
    form->focus = (enum sampling_field)(((int)form->focus + step) % SAMPLING_FIELD_COUNT);
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
