/* SPDX-License-Identifier: MIT
 *
 * secret - an API key in memory: wiped when freed, kept out of core files.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct secret {
    char *text; /* NULL = none; never print, log or store it */
};

/* Call first in main: no core file, no ptrace by other users' processes. */
void secret_protect_process(void);
/* Copies text, without white space at its ends. NULL or "" = none. */
void secret_set(struct secret *secret, const char *text);
void secret_copy(struct secret *secret, const struct secret *from);
void secret_clear(struct secret *secret);
bool secret_is_set(const struct secret *secret);
/* Replaces every occurrence of the key in len bytes of text by "[key]", in place; a NUL
 * stays behind them. Of "Bearer KEY" the KEY alone, too. Returns their new number. Before
 * anything is cut: half of a key would not be found. A key of less than eight bytes is no
 * secret but a dummy, and may be a part of any word. */
size_t secret_redact(const struct secret *secret, char *text, size_t len);

#endif
