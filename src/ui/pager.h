/* SPDX-License-Identifier: MIT
 *
 * pager - a page over the record: help, facts, guidelines, what is unsent, the
 * offer to create the dataset. Its rows are written once when it opens and again when the
 * width changes.
 */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include <stdbool.h>

#include "base/buf.h"
#include "text/flow.h"
#include "ui/scroll.h"
#include "ui/view.h"

enum pager_page { PAGER_HELP, PAGER_FACTS, PAGER_GUIDELINES, PAGER_CREATE, PAGER_OUTBOX };

struct pager {
    enum pager_page page;
    struct scroll scroll;
    struct flow *flow;
};

void pager_init(struct pager *pager);
void pager_clear(struct pager *pager);
void pager_open(struct pager *pager, enum pager_page page);
void view_pager_draw(struct pager *pager, const struct view *view, struct cells *cells,
                     struct rect area);
void view_pager_keys_draw(const struct pager *pager, const struct view *view,
                          struct cells *cells, struct rect row);

#endif
