/* SPDX-License-Identifier: MIT
 *
 * unlogged - an answer that is kept nowhere: for `sherd ask --no-log`.
 */
#ifndef CLI_UNLOGGED_H
#define CLI_UNLOGGED_H

#include "base/buf.h"
#include "cli/command.h"

/* Asks the configured endpoint, streams the answer to the output unless --json, and
 * waits for its end or Ctrl-C. Returns an exit code; has said what went wrong. */
int unlogged_ask(struct cli *cli, const char *prompt, size_t len);

#endif
