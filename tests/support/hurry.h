/* SPDX-License-Identifier: MIT
 *
 * hurry - the loop's timers run faster: a test of what comes after seconds does not have
 * to stand them. Limits on what the machine or the network takes shrink, too.
 */
#ifndef TESTS_SUPPORT_HURRY_H
#define TESTS_SUPPORT_HURRY_H

/* Timers that are started from now on take a times-th of their time; 1 = all of it. */
void hurry(int times);
int hurry_times(void);

#endif
