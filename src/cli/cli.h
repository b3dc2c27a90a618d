/* SPDX-License-Identifier: MIT
 *
 * cli - the commands without a screen: stdout is data, stderr is words.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
