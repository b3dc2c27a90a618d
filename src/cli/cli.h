/* SPDX-License-Identifier: MIT
 *
 * cli - the commands without a screen: stdout is data, stderr is words.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "app/batch.h"
#include "cli/arguments.h"
#include "config/settings.h"

/* What main must do after the arguments were read. */
enum cli_next {
    CLI_EXIT,   /* the command ran; end with code */
    CLI_SCREEN, /* `sherd`, `sherd review`: open the screen with the settings */
    CLI_DEMO    /* `sherd demo`: the screen on the built-in endpoint */
};

struct cli_outcome {
    enum cli_next next;
    int code;              /* EXIT: an exit_code */
    int64_t demo_token_ms; /* DEMO: between two tokens; -1 = the default */
    bool chooses;          /* SCREEN: the dataset named review is meant, as app_options */
    const char *review;    /* of argv; NULL = to be chosen */
    const char *record;    /* of argv: the record to open on; NULL */
};

/* Reads argv, runs a headless command. settings is filled for SCREEN and DEMO. The log
 * file is open afterwards when it was asked for. */
struct cli_outcome cli_run(int argc, char **argv, struct settings *settings);

/* ---- run_options.c: the flags of sherd run, and of :run on the screen ---- */

struct run_options {
    struct batch_options batch; /* all but name and fd */
    const char *file;           /* as given; "-" = standard input */
    char *template_text;
    char **steps;
    const char **vars, **meta;
    struct ask_target *targets;
    char *key;
};

/* Borrows from arguments. The files of the templates are read here; cli NULL: for the
 * screen, which waits for no FIFO. */
struct cli;
enum status run_options_read(struct cli *cli, struct run_options *options,
                             const struct arguments *arguments, struct err *err)
    __attribute__((warn_unused_result));
/* For ":run LINE" of the screen: batch_start with what the line says. */
struct batch *run_options_start(struct app *app, const char *line, batch_fn fn, void *ctx,
                                struct err *err);
void run_options_clear(struct run_options *options);

#endif
