/* SPDX-License-Identifier: MIT
 *
 * fault_memory - SQLite's memory with faults: the n-th allocation fails.
 */
#ifndef TESTS_SUPPORT_FAULT_MEMORY_H
#define TESTS_SUPPORT_FAULT_MEMORY_H

#include <stdbool.h>

/* Before anything uses SQLite. */
void fault_memory_register(void);
/* The n-th allocation (from 1) from now on fails. n = 0: none does. */
void fault_memory_arm(long n);
/* Whether one has failed since fault_memory_arm. */
bool fault_memory_struck(void);

#endif
