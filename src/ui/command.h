/* SPDX-License-Identifier: MIT
 *
 * command - what is typed after ":": every action by its name, and commands with an
 * argument. Pure: text in, a struct or a sentence out.
 */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/action.h"
#include "model/dataset.h"
#include "model/record.h"
#include "ui/sampling_form.h"

enum command_kind {
    COMMAND_NONE, /* an empty line */
    COMMAND_ACTION,
    COMMAND_GOTO,     /* number, from 1 */
    COMMAND_FILTER,   /* has_filter, status */
    COMMAND_SAMPLING, /* field, text */
    COMMAND_RATE,     /* number */
    COMMAND_CHOOSE    /* text */
};

struct command {
    enum command_kind kind;
    enum action action;
    long long number;
    bool has_filter;
    enum response_status status;
    enum sampling_field field;
    const char *text; /* points into the line */
};

/* line: without the ":". */
enum status command_parse(const char *line, struct command *out, struct err *err)
    __attribute__((warn_unused_result));
/* The index-th way to complete line, written as a whole line. False when there are not so
 * many. question: whose options :choose completes; NULL = none. */
bool command_complete(const char *line, size_t index, const struct question *question,
                      char *out, size_t size);

#endif
