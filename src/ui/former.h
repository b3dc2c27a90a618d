/* SPDX-License-Identifier: MIT
 *
 * former - going back through former lines while one is being written; what was being
 * written comes back at the end.
 */
#ifndef UI_FORMER_H
#define UI_FORMER_H

#include <stdbool.h>
#include <stddef.h>

#include "text/editbuf.h"

struct former {
    size_t at;  /* 0 = what is being written; n = the n-th newest */
    char *kept; /* what was being written; NULL at 0 */
};

void former_clear(struct former *former);
/* Puts the next older (+1) or newer (-1) of lines (newest first) into edit. False when
 * there is none. */
bool former_step(struct former *former, struct editbuf *edit, char *const *lines,
                 size_t count, int direction);

#endif
