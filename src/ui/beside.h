/* SPDX-License-Identifier: MIT
 *
 * beside - the guidelines beside the record, where the screen is wide enough (pages.c).
 */
#ifndef UI_BESIDE_H
#define UI_BESIDE_H

#include <stdbool.h>

#include "text/cells.h"
#include "text/flow.h"

struct layout;
struct view;

struct beside {
    bool is_on; /* wanted, with room or without */
    struct flow *flow;
};

void beside_draw(struct beside *beside, const struct view *view, struct cells *cells,
                 const struct layout *layout);

#endif
