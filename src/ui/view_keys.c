/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_keys.h"

#include <stdio.h>
#include <string.h>

#include "text/width.h"
#include "ui/first_start.h"
#include "ui/questions.h"

#define HINTS_MAX 24
#define GAP_COLS 2

static const struct key_hint hints_help[] = {{ACTION_HELP, NULL, "help"}};

/* One hint at a time, put together as the record asks for; see browse_hints. */
static const struct key_hint hints_feedback_box[] = {{ACTION_FEEDBACK, NULL, "feedback"}};
static const struct key_hint hints_text[] = {{ACTION_FEEDBACK, NULL, "text"}};
static const struct key_hint hints_questions[] = {{ACTION_NEXT_QUESTION, NULL, "next"}};
static const struct key_hint hints_leave[] = {
    {ACTION_SUBMIT, NULL, "submit"},
    {ACTION_DISCARD, NULL, "discard"},
    {ACTION_UNDO, NULL, "undo"},
};
static const struct key_hint hints_ask[] = {{ACTION_PROMPT, NULL, "ask"}};
/* These two stand in the same place, so that the line does not move when a stream ends.
 */
static const struct key_hint hints_streaming[] = {{ACTION_CANCEL, NULL, "stop"}};
static const struct key_hint hints_again[] = {{ACTION_REGENERATE, NULL, "again"}};
static const struct key_hint hints_more[] = {
    {ACTION_PREVIOUS, NULL, "back"}, {ACTION_NEXT, NULL, "next"},
    {ACTION_DRAFT, NULL, "draft"},   {ACTION_RAW, NULL, "raw"},
    {ACTION_COPY, NULL, "copy"},     {ACTION_EDITOR, NULL, "editor"},
    {ACTION_QUEUE, NULL, "queue"},   {ACTION_COMMAND, NULL, "command"},
    {ACTION_QUIT, NULL, "quit"},
};
static const struct key_hint hints_missing[] = {{ACTION_CREATE, NULL, "create"}};
static const struct key_hint hints_failed[] = {
    {ACTION_REGENERATE, NULL, "try again"},
    {ACTION_PROMPT, NULL, "ask"},
    {ACTION_DISCARD, NULL, "discard"},
    {ACTION_NEXT, NULL, "next"},
    {ACTION_UNDO, NULL, "undo"},
    {ACTION_COMMAND, NULL, "command"},
    {ACTION_QUIT, NULL, "quit"},
};
static const struct key_hint hints_empty[] = {
    {ACTION_PROMPT, NULL, "write a prompt"},
    {ACTION_COMMAND, NULL, "command"},
    {ACTION_SYNC, NULL, "look again"},
    {ACTION_QUIT, NULL, "quit"},
};
static const struct key_hint hints_feedback[] = {
    {ACTION_NONE, "Esc", "done"},          {ACTION_NONE, "Esc Enter", "submit"},
    {ACTION_NONE, "Ctrl-X", "editor"},     {ACTION_NONE, "Ctrl-Z", "undo"},
    {ACTION_NONE, "Tab", "next question"}, {ACTION_NONE, "Ctrl-W", "delete word"},
};
static const struct key_hint hints_prompt[] = {
    {ACTION_NONE, "Enter", "send"},      {ACTION_NONE, "Alt-Enter", "new line"},
    {ACTION_NONE, "Esc", "keep"},        {ACTION_NONE, "↑ ↓", "former"},
    {ACTION_NONE, "Ctrl-O", "settings"}, {ACTION_NONE, "Ctrl-X", "editor"},
};
static const struct key_hint hints_command[] = {
    {ACTION_NONE, "Enter", "run"},
    {ACTION_NONE, "Tab", "complete"},
    {ACTION_NONE, "↑ ↓", "former"},
    {ACTION_NONE, "Esc", "leave"},
};
static const struct key_hint hints_settings[] = {
    {ACTION_NONE, "Enter", "use them"},
    {ACTION_NONE, "↑ ↓", "move"},
    {ACTION_NONE, "Ctrl-U", "clear"},
    {ACTION_NONE, "Esc", "leave as it was"},
};
static const struct key_hint hints_pager[] = {
    {ACTION_NONE, "Esc", "back"},
    {ACTION_SCROLL_DOWN, NULL, "down"},
    {ACTION_SCROLL_UP, NULL, "up"},
    {ACTION_PAGE_DOWN, NULL, "page"},
};
static const struct key_hint hints_first_start[] = {
    {ACTION_NONE, "D", "demo"},
    {ACTION_COMMAND, NULL, "command"},
    {ACTION_QUIT, NULL, "quit"},
};
static const struct key_hint hints_queue[] = {
    {ACTION_NONE, "Enter", "open"}, {ACTION_SCROLL_DOWN, NULL, "down"},
    {ACTION_SCROLL_UP, NULL, "up"}, {ACTION_PAGE_DOWN, NULL, "page"},
    {ACTION_FIRST, NULL, "first"},  {ACTION_LAST, NULL, "last"},
    {ACTION_NONE, "Esc", "back"},
};

struct hint_list {
    const struct key_hint *hints;
    size_t count;
};
#define LIST(array)                                                                      \
    {                                                                                    \
        (array), sizeof(array) / sizeof((array)[0])                                      \
    }

static const struct hint_list mode_hints[MODE_COUNT] = {
    [MODE_FEEDBACK] = LIST(hints_feedback), [MODE_PROMPT] = LIST(hints_prompt),
    [MODE_COMMAND] = LIST(hints_command),   [MODE_SETTINGS] = LIST(hints_settings),
    [MODE_PAGER] = LIST(hints_pager),       [MODE_QUEUE] = LIST(hints_queue),
};
static const struct hint_list list_feedback = LIST(hints_feedback_box);
static const struct hint_list list_text = LIST(hints_text);
static const struct hint_list list_questions = LIST(hints_questions);
static const struct hint_list list_leave = LIST(hints_leave);
static const struct hint_list list_ask = LIST(hints_ask);
static const struct hint_list list_streaming = LIST(hints_streaming);
static const struct hint_list list_again = LIST(hints_again);
static const struct hint_list list_more = LIST(hints_more);
static const struct hint_list list_missing = LIST(hints_missing);
static const struct hint_list list_failed = LIST(hints_failed);
static const struct hint_list list_empty = LIST(hints_empty);
static const struct hint_list list_first_start = LIST(hints_first_start);

/* "1–5", "1–3", "0–9": the digits that answer the question in focus. */
static void write_digits(const struct view *view, char *out, size_t size)
{
    const struct question *question = view->question;
    size_t count = question_choice_count(question);
    bool is_rating = question->type == QUESTION_RATING;
    int first = is_rating ? question->ratings[0] : 1;
    int last = is_rating ? question->ratings[count - 1] : (int)count;
    if (is_rating && first == 1 && last == 5)
        keymap_rating_keys(view->keymap, out, size);
    else if (first < 1 || last > 9)
        snprintf(out, size, "0–9");
    else
        snprintf(out, size, "%d–%d", first, last);
}

static void write_keys(const struct view *view, const struct key_hint *hint, char *out,
                       size_t size)
{
    if (hint->keys)
        snprintf(out, size, "%s", hint->keys);
    else if (hint->action == ACTION_RATE_1)
        write_digits(view, out, size);
    else
        keymap_first_key(view->keymap, hint->action, out, size);
}

/* Columns of a hint and the gap behind it; 0 when it has no key. */
static int hint_cols(const struct view *view, const struct key_hint *hint)
{
    char keys[72];
    write_keys(view, hint, keys, sizeof keys);
    if (keys[0] == '\0')
        return 0;
    return (int)width_of(keys, strlen(keys)) + 1 + (int)strlen(hint->label) + GAP_COLS;
}

static int draw_hint(const struct view *view, struct cells *cells, struct rect row,
                     int col, const struct key_hint *hint)
{
    char keys[72];
    int end = row.col + row.cols;
    write_keys(view, hint, keys, sizeof keys);
    if (keys[0] == '\0')
        return col;
    col += cells_string(cells, row.row, col, end - col, keys, STYLE_KEY);
    col += 1;
    col += cells_string(cells, row.row, col, end - col, hint->label, STYLE_DIM);
    return col + GAP_COLS;
}

int view_hints_draw(const struct view *view, struct cells *cells, struct rect row,
                    const struct key_hint *hints, size_t count)
{
    int col = row.col;
    int room = row.cols + GAP_COLS;
    for (size_t i = 0; i < count; i++) {
        int cols = hint_cols(view, &hints[i]);
        if (cols > room)
            continue;
        col = draw_hint(view, cells, row, col, &hints[i]);
        room -= cols;
    }
    return col;
}

/* However little room there is, the key that shows all others is there. */
static void draw_with_help(const struct view *view, struct cells *cells, struct rect row,
                           const struct key_hint *hints, size_t count)
{
    struct rect room = row;
    room.cols -= hint_cols(view, &hints_help[0]);
    int col = view_hints_draw(view, cells, room, hints, count);
    draw_hint(view, cells, row, col, &hints_help[0]);
}

static size_t add_hints(struct key_hint *hints, size_t count, struct hint_list list)
{
    for (size_t i = 0; i < list.count && count < HINTS_MAX; i++)
        hints[count++] = list.hints[i];
    return count;
}

static bool has_failed(const struct session *session)
{
    const struct record *record = &session->current;
    size_t len;
    session_response(session, &len);
    return record->has_completion && record->completion.state == COMPLETION_FAILED &&
           len == 0;
}

static bool may_ask(const struct session *session)
{
    return !session->has_server || !session->is_connected || session->can_log;
}

/* What the question in focus takes, and how the others are reached. */
static size_t answer_hints(const struct view *view, struct key_hint *hints, size_t count)
{
    static const char *const words[] = {
        [QUESTION_RATING] = "rate",  [QUESTION_TEXT] = "",
        [QUESTION_LABEL] = "choose", [QUESTION_MULTI_LABEL] = "choose",
        [QUESTION_RANKING] = "rank", [QUESTION_SPAN] = "",
        [QUESTION_OTHER] = "",
    };
    const struct dataset *dataset = &view->session->dataset;
    const struct question *question = view->question;
    bool has_many = dataset->question_count > 2;
    if (question && question_has_choices(question) && question_choice_count(question) > 0)
        hints[count++] = (struct key_hint){ACTION_RATE_1, NULL, words[question->type]};
    if (has_many)
        count = add_hints(hints, count, list_questions);
    if (dataset_feedback_question(dataset))
        count = add_hints(hints, count,
                          has_many || view->cols < VIEW_COLS_MEDIUM ? list_text
                                                                    : list_feedback);
    return count;
}

static size_t record_hints(const struct view *view, struct key_hint *hints, size_t count)
{
    const struct session *session = view->session;
    bool is_narrow = view->cols < VIEW_COLS_MEDIUM;
    bool is_streaming = session_stream(session, &session->current.id) != NULL;
    count = answer_hints(view, hints, count);
    if (is_narrow && is_streaming)
        count = add_hints(hints, count, list_streaming);
    count = add_hints(hints, count, list_leave);
    if (may_ask(session))
        count = add_hints(hints, count, list_ask);
    if (is_streaming && !is_narrow)
        count = add_hints(hints, count, list_streaming);
    else if (!is_streaming && may_ask(session))
        count = add_hints(hints, count, list_again);
    return add_hints(hints, count, list_more);
}

static size_t browse_hints(const struct view *view, struct key_hint *hints)
{
    const struct session *session = view->session;
    size_t count = session->dataset_missing ? add_hints(hints, 0, list_missing) : 0;
    if (first_start_applies(session))
        return add_hints(hints, 0, list_first_start);
    if (!session->has_current)
        return add_hints(hints, count, list_empty);
    if (has_failed(session))
        return add_hints(hints, count, list_failed);
    return record_hints(view, hints, count);
}

void view_keys_draw(const struct view *view, struct cells *cells, struct rect row)
{
    struct key_hint hints[HINTS_MAX];
    size_t count;
    if (view->mode == MODE_BROWSE) {
        count = browse_hints(view, hints);
        draw_with_help(view, cells, row, hints, count);
        return;
    }
    count = add_hints(hints, 0, mode_hints[view->mode]);
    view_hints_draw(view, cells, row, hints, count);
}
