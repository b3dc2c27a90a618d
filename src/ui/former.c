/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/former.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void former_clear(struct former *former)
{
    free(former->kept);
    *former = (struct former){0};
}

bool former_step(struct former *former, struct editbuf *edit, char *const *lines,
                 size_t count, int direction)
{
    bool is_at_end = direction > 0 ? former->at >= count : former->at == 0;
    if (is_at_end)
        return false;
    if (former->at == 0)
        former->kept = xmemdup0(editbuf_text(edit), editbuf_len(edit));
    former->at = direction > 0 ? former->at + 1 : former->at - 1;
    const char *text = former->at > 0 ? lines[former->at - 1] : former->kept;
    editbuf_set(edit, text, strlen(text));
    if (former->at == 0)
        former_clear(former);
    return true;
}
