/* SPDX-License-Identifier: MIT
 *
 * sequence - what a terminal's bytes say: a key, the wheel, perhaps a paste.
 *
 * Knows the forms that xterm, rxvt, the Linux console, tmux, kitty and their kin
 * send (ECMA-48 CSI and SS3, "CSI u", modifyOtherKeys, SGR mouse).
 */
#ifndef TERM_SEQUENCE_H
#define TERM_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"

/* text is a whole sequence without its ESC: "[1;5C", "OP". False when it is no key
 * that we know; such a sequence means nothing. */
bool sequence_key(const char *text, size_t len, struct key *key);
/* Whether it is the wheel or about the first button: WHEEL, CLICK or DRAG. */
bool sequence_mouse(const char *text, size_t len, struct event *event);
/* Whether it says where the cursor is: a row from 2 on, as row 1 would be a key. */
bool sequence_position(const char *text, size_t len, int *row, int *col);
/* The key that a control byte (< 0x20, or 0x7f) stands for; not ESC. */
struct key sequence_control(unsigned char byte);
/* Asks capability for every key by its terminfo name (NULL = the terminal has none) and
 * calls add for each that it has. */
void sequence_of_terminfo(const char *(*capability)(const char *name),
                          void (*add)(void *ctx, const char *sequence, struct key key),
                          void *ctx);

/* Whether text without controls that came at once was typed or pasted: the rule stands
 * in input.h. Unsure: what comes next decides; if nothing, it was typed. */
enum sequence_verdict { IS_KEYS, IS_PASTE, IS_UNSURE };
enum sequence_verdict sequence_judge(const char *text, size_t len);

#endif
