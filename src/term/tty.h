/* SPDX-License-Identifier: MIT
 *
 * tty - the terminal as a device: what has to be so before curses starts, bytes, and
 * how it is put back when the program ends in a way it did not choose (a crash, a signal
 * nobody handles, exit() from anywhere, no memory left).
 */
#ifndef TERM_TTY_H
#define TERM_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/buf.h"
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

#define TTY_COPY_MAX ((size_t)74994) /* bytes of base64 that xterm and tmux take */

/* Adds the sequence (OSC 52 of xterm's ctlseqs) that puts text into a terminal's
 * clipboard; false, and nothing added, when the text is too long. */
bool tty_copy_sequence(struct buf *out, const char *text, size_t len);

/* What is to be written at an end that nobody chose is prepared while all is well, so
 * that a signal handler only calls what it may. State of the process: there is one. */
struct rescue_plan {
    int tty;              /* where reset goes */
    int stderr_copy;      /* becomes stderr again; -1 = it was not redirected */
    struct termios modes; /* as they were before */
    char reset[512];      /* escape sequences */
    size_t reset_len;
};

/* Takes the signals. From now on until disarmed the terminal is put back; a new plan
 * takes the old one's place at once. */
void rescue_arm(const struct rescue_plan *plan);
/* The terminal is in its normal state. */
void rescue_disarm(void);
/* Gives the signals back. */
void rescue_end(void);
/* Puts the terminal back now, once. Safe in a signal handler, on any thread. */
void rescue_now(void);

#endif
