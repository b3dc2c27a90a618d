/* SPDX-License-Identifier: MIT
 *
 * input - the bytes of a terminal to events: keys, pastes, the mouse.
 *
 * Takes bytes as they come, cut anywhere; knows no terminal and no clock, so its
 * owner says when nothing came for a while. An unknown sequence is taken in whole
 * and means nothing: its letters never act as keys.
 *
 * Many terminals mark what is pasted (bracketed paste). Where none does, text must not
 * run as commands, and the keys of a fast hand, a slow link or a script, which may come
 * in one read as well, must stay keys. The rule: what comes without a pause between two
 * controls (Tab and line ends are none) is a paste when it has several lines of text:
 *
 * - a line is text when it has a word of three different letters, a character outside
 *   ASCII, or six characters of which four differ; "4", "jjjj", "d3" are none;
 * - two lines that are not empty, and one after the first is text; or three, and any is
 *   text. So "i", a prompt, Enter and one more key are keys; "4⏎4⏎4⏎" are keys.
 *
 * One line of text alone is keys too, and so are lines of a letter each: scripts and slow
 * links send just these bytes, and to drop them would break what works. To ask whether
 * the terminal marks pastes (DECRQM) would not tell: tmux and screen, through which
 * unmarked text comes most, give no reply, or their own. Text that may yet become a paste
 * waits for its next line until nothing came for 50 ms (hands are slower). A paste
 * without marks ends after 150 ms of silence, or at a read that starts with a control.
 */
#ifndef TERM_INPUT_H
#define TERM_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"

#define INPUT_PASTE_MAX ((size_t)1024 * 1024) /* bytes; more is refused whole */

struct input;

/* Events go to fn during feed, timeout and resume; it must not free the input. */
struct input *input_new(event_fn fn, void *ctx);
void input_free(struct input *input);
/* What this terminal sends for each key goes before what we know ourselves: asks
 * capability for it by terminfo's names (NULL = it has none). */
void input_learn(struct input *input, const char *(*capability)(const char *name));
/* One read's bytes. */
void input_feed(struct input *input, const char *bytes, size_t len);
/* Milliseconds after the last byte at which timeout is due; -1 = never. */
int input_wait_ms(const struct input *input);
void input_timeout(struct input *input);
/* Another program has the terminal: a half read sequence is forgotten, and bytes that
 * are not decoded yet, or that are still fed, wait until resume. */
void input_pause(struct input *input);
void input_resume(struct input *input);
/* Forgets the bytes that wait; says whether there were any. */
bool input_drop(struct input *input);

/* ---- sequence.c: what the bytes say: a key, the wheel, perhaps a paste. Knows the forms
 * that xterm, rxvt, the Linux console, tmux, kitty and their kin send (ECMA-48 CSI and
 * SS3, "CSI u", modifyOtherKeys, SGR mouse) ---- */

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
