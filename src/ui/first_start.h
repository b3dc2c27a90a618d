/* SPDX-License-Identifier: MIT
 *
 * first_start - what stands in the record's place while there is no record: what was
 * found, what to set, what to press.
 */
#ifndef UI_FIRST_START_H
#define UI_FIRST_START_H

#include <stdbool.h>

#include "ui/view.h"

#define FIRST_START_DEMO_KEY 'D'

/* Nothing is configured and nothing is there: the demo is offered. */
bool first_start_applies(const struct session *session);
void view_first_start_draw(const struct view *view, struct cells *cells,
                           struct rect area);

#endif
