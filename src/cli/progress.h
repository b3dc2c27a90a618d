/* SPDX-License-Identifier: MIT
 *
 * progress - one line on stderr that is written over, on a terminal only.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/batch.h"

struct progress {
    FILE *file;   /* NULL = not a terminal: shows nothing */
    size_t shown; /* columns on the line now */
    size_t columns;
};

void progress_init(struct progress *progress, FILE *file);
/* Our own words; cut to the terminal's width. */
void progress_show(struct progress *progress, const char *text);
/* Blanks the line, so that other words can be printed. */
void progress_clear(struct progress *progress);
/* "12 of 60 done · 2 failed · 4 running · 1.3 a second · 40 s left". */
void progress_format(const struct batch_progress *counts, int64_t elapsed_ms, char *out,
                     size_t size);

#endif
