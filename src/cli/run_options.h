/* SPDX-License-Identifier: MIT
 *
 * run_options - what the options of "sherd run" ask for, for the command and for the
 * screen's own ":run".
 */
#ifndef CLI_RUN_OPTIONS_H
#define CLI_RUN_OPTIONS_H

#include "app/batch.h"
#include "cli/arguments.h"

struct run_options {
    struct batch_options batch; /* all but name and fd */
    const char *file;           /* as given; "-" = standard input */
    char *template_text;
    char **steps;
    const char **vars, **meta;
    struct ask_target *targets;
    char *key;
};

/* Borrows from arguments. The files of the templates are read here. */
enum status run_options_read(struct run_options *options,
                             const struct arguments *arguments, struct err *err)
    __attribute__((warn_unused_result));
/* For ":run LINE" of the screen: batch_start with what the line says. */
struct batch *run_options_start(struct app *app, const char *line, batch_fn fn, void *ctx,
                                struct err *err);
void run_options_clear(struct run_options *options);

#endif
