/* SPDX-License-Identifier: MIT
 *
 * owner - which process a running completion belongs to, and whether that still runs.
 */
#ifndef STORE_OWNER_H
#define STORE_OWNER_H

#include <stdbool.h>

/* Names this process and this opening of the store: boot, process number, the
 * process' start, a random part. Owned. */
char *owner_new(void);
/* True if the process that owner names still runs. self is our own name: another
 * opening by this same process is over, for a process has one store. */
bool owner_is_alive(const char *owner, const char *self);

#endif
