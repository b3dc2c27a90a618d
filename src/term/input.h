/* SPDX-License-Identifier: MIT
 *
 * input - the bytes of a terminal to events: keys, pastes, the wheel.
 *
 * Takes bytes as they come, cut anywhere; knows no terminal and no clock, so its
 * owner says when nothing came for a while. An unknown sequence is taken in whole
 * and means nothing: its letters never act as keys.
 */
#ifndef TERM_INPUT_H
#define TERM_INPUT_H

#include <stddef.h>

#include "event/event.h"

#define INPUT_PASTE_MAX ((size_t)1024 * 1024) /* bytes; more is refused whole */

struct input;

/* Events go to fn during feed and timeout; it must not free the input. */
struct input *input_new(event_fn fn, void *ctx);
void input_free(struct input *input);
/* sequence is what this terminal (its terminfo entry) sends for key; it goes before
 * what we know ourselves. Ignored when it does not start with ESC. */
void input_add_known(struct input *input, const char *sequence, struct key key);
void input_feed(struct input *input, const char *bytes, size_t len);
/* Milliseconds after the last byte at which timeout is due; -1 = never, nothing is
 * half read. escape_ms is how long a lone ESC waits. */
int input_wait_ms(const struct input *input, int escape_ms);
void input_timeout(struct input *input);
/* Forgets what is half read. */
void input_reset(struct input *input);

#endif
