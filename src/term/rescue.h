/* SPDX-License-Identifier: MIT
 *
 * rescue - puts the terminal back when the program ends in a way it did not choose:
 * a crash, a signal nobody handles, exit() from anywhere, no memory left.
 *
 * What is to be written is prepared while all is well, so that a signal handler only
 * calls what it may. State of the process, so there is one.
 */
#ifndef TERM_RESCUE_H
#define TERM_RESCUE_H

#include <stdbool.h>
#include <termios.h>

struct rescue_plan {
    int tty;              /* where reset goes */
    int stderr_copy;      /* becomes stderr again; -1 = it was not redirected */
    struct termios modes; /* as they were before */
    const char *reset;    /* escape sequences; copied, cut at 512 bytes */
};

/* Takes the signals. From now on until disarmed the terminal is put back. */
void rescue_arm(const struct rescue_plan *plan);
/* The terminal is in its normal state. */
void rescue_disarm(void);
/* Gives the signals back. */
void rescue_end(void);
/* Puts the terminal back now, once. Safe in a signal handler. */
void rescue_now(void);

#endif
