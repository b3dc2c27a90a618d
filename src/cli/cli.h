/* SPDX-License-Identifier: MIT
 *
 * cli - the commands without a screen: stdout is data, stderr is words.
 * One file per command; exit codes 0 done, 1 failed, 2 usage, 3 configuration or
 * authorisation, 4 nothing lost but not all sent yet.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "app/settings.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_CONFIG = 3,
    EXIT_UNSENT = 4
};

/* What main must do after the arguments were read. */
enum cli_next {
    CLI_EXIT,   /* the command ran; end with *code */
    CLI_SCREEN, /* `sherd`: open the screen with *settings */
    CLI_DEMO    /* `sherd demo`: the screen on the built-in endpoint */
};

/* Reads argv, runs a headless command. settings is filled for SCREEN and DEMO. */
enum cli_next cli_run(int argc, char **argv, struct settings *settings, int *code);

#endif
