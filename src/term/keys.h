/* SPDX-License-Identifier: MIT
 *
 * keys - which terminfo capability stands for which key.
 */
#ifndef TERM_KEYS_H
#define TERM_KEYS_H

#include "term/input.h"

/* Asks capability for every key by its terminfo name (NULL = the terminal has none)
 * and tells input. */
void keys_add_known(struct input *input, const char *(*capability)(const char *name));

#endif
