/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/rating_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HINT "What feedback do you have for the response?"

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text + strspn(text, " "));
}

static enum response_status read_status(const char *row)
{
    for (int status = RESPONSE_PENDING; status <= RESPONSE_DISCARDED; status++)
        if (strstr(row, response_status_name((enum response_status)status)))
            return (enum response_status)status;
    return RESPONSE_PENDING;
}

static void read_rating(struct rating_frame *frame, const char *row)
{
    const char *chosen = strchr(row, '[');
    frame->rated.rating = chosen ? chosen[1] - '0' : 0;
}

static void read_feedback(struct rating_frame *frame, const char *row)
{
    const char *text = strstr(row, "Feedback") + strlen("Feedback");
    text += strspn(text, " ");
    if (strcmp(text, HINT) != 0)
        copy(frame->rated.feedback, sizeof frame->rated.feedback, text);
}

static void read_notice(struct rating_frame *frame, const char *row)
{
    copy(frame->notice, sizeof frame->notice, row);
    const char *notice = frame->notice;
    frame->is_saved = !strncmp(notice, "draft saved", 11) ||
                      !strncmp(notice, "saved", 5) || !strncmp(notice, "Undid ", 6) ||
                      !strncmp(notice, "Redid ", 6);
    frame->says_prompt_kept = strstr(notice, "The prompt is kept") != NULL;
    if (notice[0] != '#' || (!strstr(notice, " and saved") && !strstr(notice, " done.")))
        return;
    frame->noticed = strtoul(notice + 1, NULL, 10);
    frame->noticed_state.status = strstr(notice, "submitted")   ? RESPONSE_SUBMITTED
                                  : strstr(notice, "discarded") ? RESPONSE_DISCARDED
                                                                : RESPONSE_DRAFT;
}

void rating_frame_read(struct rating_frame *frame, struct pty *pty, int rows)
{
    *frame = (struct rating_frame){0};
    bool has_form = false, is_streaming = false;
    for (int row = 0; row < rows; row++) {
        const char *text = pty_row(pty, row);
        const char *number = strstr(text, "Prompt #");
        if (number)
            frame->number = strtoul(number + strlen("Prompt #"), NULL, 10);
        if (strstr(text, "── Response"))
            is_streaming = strstr(text, "▏") || strstr(text, "▎") || strstr(text, "▍");
        if (strstr(text, "Your answer")) {
            frame->rated.status = read_status(text);
            has_form = true;
        }
        if (has_form && strstr(text, "Rating *"))
            read_rating(frame, text);
        if (has_form && strstr(text, "Feedback "))
            read_feedback(frame, text);
        if (has_form && row == rows - 1)
            frame->is_at_rest = strstr(text, "r again") != NULL;
    }
    /* a frame is several writes: one that was cut off between two of them says nothing */
    bool is_torn = is_streaming && frame->is_at_rest;
    if (has_form && !is_torn)
        read_notice(frame, pty_row(pty, rows - 2));
    else
        frame->number = 0;
}
