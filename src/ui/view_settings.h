/* SPDX-License-Identifier: MIT
 *
 * view_settings - the sampling form in the place of the answer form.
 */
#ifndef UI_VIEW_SETTINGS_H
#define UI_VIEW_SETTINGS_H

#include <stdbool.h>

#include "ui/sampling_form.h"
#include "ui/view.h"

/* Lays the texts out; returns the rows wanted. */
int settings_measure(struct sampling_form *form, int columns);
/* is_own: they are for the one request that is being written. */
void view_settings_draw(struct sampling_form *form, bool is_own, struct cells *cells,
                        struct rect rule, struct rect area);

#endif
