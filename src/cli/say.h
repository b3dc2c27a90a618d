/* SPDX-License-Identifier: MIT
 *
 * say - words on stderr, and the exit codes that go with them.
 */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdint.h>

#include "base/err.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_CONFIG = 3,
    EXIT_UNSENT = 4
};

/* "sherd: SENTENCE" on stderr, safe to show whatever it holds. */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Why something is tried again, and when. */
void cli_say_retry(const char *why, int64_t wait_ms);
/* The exit code that belongs to a failure. */
enum exit_code cli_exit_code(enum status status);

#endif
