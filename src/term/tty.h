/* SPDX-License-Identifier: MIT
 *
 * tty - the terminal as a device: what has to be so before curses starts, and bytes.
 */
#ifndef TERM_TTY_H
#define TERM_TTY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Standard input and output are a terminal, TERM is set, the locale is UTF-8 (it is
 * set to one that is, if need be); else a sentence. */
enum status tty_check(struct err *err) __attribute__((warn_unused_result));
/* A file description of our own: libuv makes it non-blocking, and the one that the
 * shell gave us is shared with it and with stdout. The caller closes it. */
int tty_open_input(void);
/* The other side hung up. */
bool tty_is_gone(int fd);
/* Writes to standard output past curses, whose own output must be flushed. */
void tty_write(const char *bytes, size_t len);
/* While the screen is up nothing else may write on it: stderr goes nowhere if it is
 * the terminal. Returns what it was, to be given back; -1 = it is left alone. */
int tty_hide_stderr(void);
void tty_show_stderr(int *copy);

#endif
