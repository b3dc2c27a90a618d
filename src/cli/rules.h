/* SPDX-License-Identifier: MIT
 *
 * rules - how the value of each option is read and where it is kept. Private to
 * arguments.
 */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <stddef.h>

#include "cli/arguments.h"

enum value_type { VALUE_NONE, VALUE_TEXT, VALUE_NUMBER, VALUE_REAL };

struct option_value {
    enum value_type type;
    size_t offset; /* in struct arguments */
    double min, max;
};

const struct option_value *option_value(enum option_id option);

#endif
