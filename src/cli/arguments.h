/* SPDX-License-Identifier: MIT
 *
 * arguments - argv as a command, its options and its operands, checked.
 *
 * Options may stand before or after the command, as --name value or --name=value; "--"
 * ends them. What is given is remembered, so that a command tells "0" from "not given".
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/rules.h"

/* All pointers are borrowed from argv. */
struct arguments {
    enum command_id command;
    const char *const *operands; /* those after the command */
    int operand_count;
    uint64_t given; /* a bit for each option_id */
    const char *dataset, *workspace, *server, *endpoint, *store, *config;
    const char *model, *system, *prompt, *response, *feedback, *status, *name;
    int64_t max_tokens, seed, rating, repeat, concurrency, port, token_ms;
    double temperature;
    const char **words; /* command and operands; owned */
};

/* Fills arguments with defaults and what argv says. On USAGE the sentence names the
 * nearest thing that exists. argv[0] is not looked at. */
enum status arguments_read(struct arguments *arguments, int argc, char *const *argv,
                           struct err *err) __attribute__((warn_unused_result));
void arguments_clear(struct arguments *arguments);
bool arguments_has(const struct arguments *arguments, enum option_id option);

/* The whole text as a number within the limits; false when it is not one. */
bool number_parse(const char *text, int64_t min, int64_t max, int64_t *out);
bool real_parse(const char *text, double min, double max, double *out);

#endif
