/* SPDX-License-Identifier: MIT
 *
 * mode - what the keys mean just now. Typing is always a mode of its own.
 */
#ifndef UI_MODE_H
#define UI_MODE_H

enum ui_mode {
    MODE_BROWSE,
    MODE_FEEDBACK, /* a text question is being written */
    MODE_PROMPT,
    MODE_COMMAND,
    MODE_SETTINGS,
    MODE_PAGER, /* help, facts, guidelines, the offer to create the dataset */
    MODE_QUEUE, /* the list of records over the whole screen */
    MODE_COUNT
};

#endif
