/* SPDX-License-Identifier: MIT
 *
 * live - the real servers that the live programs are run on, from the environment:
 * SHERD_LIVE_ARGILLA (addresses with blanks between), SHERD_LIVE_ARGILLA_KEY (an
 * owner's, with a workspace "argilla"), SHERD_LIVE_MODEL (a base URL).
 */
#ifndef TESTS_SUPPORT_LIVE_H
#define TESTS_SUPPORT_LIVE_H

/* "" when it is not set. */
const char *live_argilla_key(void);
const char *live_model(void);
/* Runs fn on each server; the sum of what it returned. Without a server or a key prints
 * a plan that skips all. */
int live_each_argilla(int (*fn)(const char *url));
/* The plan of a program that has nothing to run on; 0. */
int live_skip_all(const char *why);

#endif
