/* SPDX-License-Identifier: MIT
 *
 * main_screen - the interactive program: term, screen and app on one loop.
 */
#ifndef MAIN_SCREEN_H
#define MAIN_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/settings.h"

/* Runs the screen until the user quits or a signal ends it. Returns the exit code; has
 * said on stderr why it could not start. token_ms: of the demo, -1 = its default. */
int main_screen(struct settings *settings, bool is_demo, int64_t token_ms);

#endif
