/* SPDX-License-Identifier: MIT
 *
 * help - what --help and --version print, drawn from the tables of arguments.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/arguments.h"

/* The whole program (COMMAND_SCREEN) or one command. */
void help_write(enum command_id command, struct buf *out);
void help_write_version(struct buf *out);

#endif
