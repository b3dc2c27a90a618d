/* SPDX-License-Identifier: MIT
 *
 * Two versions of one response: the choice, and the choice taken back. Both sides are
 * kept in the choice's event, for the server may have either one by then.
 */
#ifndef SHERD_STORE_CLASH_H
#define SHERD_STORE_CLASH_H

#include "store/parts.h"

/* Kinds of the events: ours is what is after keep_kind, and what was before take_kind. */
extern const char keep_kind[], take_kind[];

/* Ends the clash that standing tells of: ours stays, or becomes theirs. What the server
 * does not have is sent. Logs nothing. */
void clash_settle(struct store *store, const struct record_ref *ref,
                  struct standing *standing, bool keeps_ours);

/* Both are there again, until one is chosen; the record's base is known. */
void clash_reopen(struct store *store, const struct record_ref *ref,
                  const struct response *ours, const struct response *theirs);

#endif
