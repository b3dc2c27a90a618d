/* SPDX-License-Identifier: MIT
 *
 * run_pane - a live table of the run of a file.
 */
#ifndef UI_RUN_PANE_H
#define UI_RUN_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/batch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"

struct view;

enum { RUN_LINES = 100 };

struct run_line {
    struct id record;
    size_t line; /* in the file */
    char model[48];
    int64_t tokens, ms; /* -1 = not known */
    char prompt[96];
    char error[200]; /* "" = it is logged */
};

struct run_shown {
    char name[128];                        /* what it reads, safe to show */
    const struct batch_progress *progress; /* NULL = there was no run */
    struct err fault;
    bool is_over;
    int64_t started_ms, ended_ms;
    struct run_line lines[RUN_LINES]; /* the last ones that ended */
    size_t count;                     /* that ended in all */
};

void run_write(const struct view *view, struct buf *out);

#endif
