/* SPDX-License-Identifier: MIT
 *
 * rating_frame - what a user reads off the main screen at 80×24 about the record on it:
 * the answer, and whether it is called saved.
 */
#ifndef TESTS_SUPPORT_RATING_FRAME_H
#define TESTS_SUPPORT_RATING_FRAME_H

#include "tests/support/pty.h"
#include "tests/support/rater.h"

struct rating_frame {
    size_t number; /* of the record, from 1; 0 = no form is on the screen */
    struct rated rated;
    char notice[128];
    bool is_saved;   /* it says "saved" of what is shown */
    bool is_at_rest; /* and no answer streams */
    size_t noticed;  /* the record that "#2 submitted and saved" names; 0 = none */
    struct rated noticed_state; /* its status only */
    bool says_prompt_kept;
};

void rating_frame_read(struct rating_frame *frame, struct pty *pty, int rows);

#endif
