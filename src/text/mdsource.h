/* SPDX-License-Identifier: MIT
 *
 * mdsource - Markdown as the parser gets it, and the proof that no letter of it was
 * lost on the way to the screen.
 */
#ifndef TEXT_MDSOURCE_H
#define TEXT_MDSOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Put into "]:", so that the parser sees no link definition: it would swallow it.
 * Must be dropped from what the parser hands out. */
#define MDSOURCE_GUARD '\1'

struct mdsource {
    struct buf text; /* valid UTF-8, plain newlines, no controls, guarded */
    size_t at;       /* the first letter that the parser has not handed out */
};

void mdsource_init(struct mdsource *source, const char *text, size_t len);
/* Takes what the parser handed out, in its order. */
void mdsource_feed(struct mdsource *source, const char *text, size_t len);
/* Whether every letter of the source has been handed out. */
bool mdsource_is_used(const struct mdsource *source);
void mdsource_clear(struct mdsource *source);

#endif
