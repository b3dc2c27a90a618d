/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/scroll.h"

static size_t last_top(const struct scroll *scroll)
{
    return scroll->lines > scroll->rows ? scroll->lines - scroll->rows : 0;
}

void scroll_fit(struct scroll *scroll, size_t lines, size_t rows)
{
    scroll->lines = lines;
    scroll->rows = rows;
    if (scroll->follows || scroll->top > last_top(scroll))
        scroll->top = last_top(scroll);
}

bool scroll_by(struct scroll *scroll, long delta)
{
    size_t before = scroll->top;
    size_t last = last_top(scroll);
    if (delta < 0) {
        size_t up = (size_t)-delta;
        scroll->top = up < scroll->top ? scroll->top - up : 0;
    } else {
        size_t down = (size_t)delta;
        scroll->top = last - scroll->top > down ? scroll->top + down : last;
    }
    return scroll->top != before;
}

bool scroll_page(struct scroll *scroll, int delta)
{
    long page = scroll->rows > 1 ? (long)scroll->rows - 1 : 1;
    return scroll_by(scroll, page * delta);
}

bool scroll_is_at_end(const struct scroll *scroll)
{
    return scroll->top >= last_top(scroll);
}

void scroll_show(struct scroll *scroll, size_t line)
{
    if (line < scroll->top)
        scroll->top = line;
    else if (scroll->rows > 0 && line >= scroll->top + scroll->rows)
        scroll->top = line - scroll->rows + 1;
}
