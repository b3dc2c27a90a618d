/* SPDX-License-Identifier: MIT
 *
 * The command line: every action by its name, commands with an argument, expansion,
 * history.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/ask.h"
#include "app/narrow.h"
#include "base/xalloc.h"
#include "text/outside.h"
#include "text/width.h"
#include "ui/bulk.h"
#include "ui/parts.h"

struct command_row {
    const char *name;
    /* NULL = any text is taken */
    enum status (*parse)(struct command *out, const char *argument, struct err *err);
    enum command_kind kind;
    enum sampling_field field; /* of COMMAND_SAMPLING */
};

static enum status parse_goto(struct command *out, const char *argument, struct err *err)
{
    (void)out;
    if (!*argument || !strcmp(argument, "0"))
        return err_set(err, STATUS_USAGE,
                       ":goto needs a record's number or id, such as :goto 12.");
    return STATUS_OK;
}

static enum status parse_rate(struct command *out, const char *argument, struct err *err)
{
    static const struct number_limits limits = {true, INT_MIN, INT_MAX};
    double number = 0;
    if (!number_read(argument, &limits, &number))
        return err_set(err, STATUS_USAGE, ":rate needs a number, such as :rate 4.");
    out->number = (int64_t)number;
    return STATUS_OK;
}

static enum status parse_sampling(struct command *out, const char *argument,
                                  struct err *err)
{
    const struct sampling_row *row = sampling_row(out->field);
    struct sampling trial = {0};
    if (!argument[0])
        return err_set(err, STATUS_USAGE,
                       ":%s needs a value, such as :%s %s; :%s default leaves it to the "
                       "endpoint.",
                       row->flag, row->flag, row->example, row->flag);
    enum status status = sampling_set(&trial, out->field, argument, err);
    sampling_clear(&trial);
    return status;
}

static enum status parse_choose(struct command *out, const char *argument,
                                struct err *err)
{
    (void)out;
    return *argument
               ? STATUS_OK
               : err_set(err, STATUS_USAGE, ":choose needs an option; Tab shows them.");
}

/* Alone they are the actions of these names; a run's page is shown in any case. */
static enum status parse_both(struct command *out, const char *argument, struct err *err)
{
    (void)err;
    out->action = out->kind == COMMAND_BULK   ? ACTION_BULK
                  : out->kind == COMMAND_MARK ? ACTION_MARK
                  : out->kind == COMMAND_NOTE ? ACTION_NOTE
                  : out->kind == COMMAND_RUN  ? ACTION_RUN
                                              : ACTION_SEARCH;
    if (argument[0] == '\0')
        out->kind = COMMAND_ACTION;
    else if (out->kind != COMMAND_RUN)
        out->action = ACTION_NONE;
    return STATUS_OK;
}

static const struct command_row rows[] = {
    {"goto", parse_goto, COMMAND_GOTO, 0},
    {"agent", NULL, COMMAND_AGENT, 0},
    {"filter", NULL, COMMAND_FILTER, 0},
    {"filters", NULL, COMMAND_FILTERS, 0},
    {"order", NULL, COMMAND_ORDER, 0},
    {"save", NULL, COMMAND_SAVE, 0},
    {"model", parse_sampling, COMMAND_SAMPLING, SAMPLING_MODEL},
    {"temperature", parse_sampling, COMMAND_SAMPLING, SAMPLING_TEMPERATURE},
    {"max-tokens", parse_sampling, COMMAND_SAMPLING, SAMPLING_MAX_TOKENS},
    {"seed", parse_sampling, COMMAND_SAMPLING, SAMPLING_SEED},
    {"system", parse_sampling, COMMAND_SAMPLING, SAMPLING_SYSTEM},
    {"rate", parse_rate, COMMAND_RATE, 0},
    {"choose", parse_choose, COMMAND_CHOOSE, 0},
    {"run", parse_both, COMMAND_RUN, 0},
    {"note", parse_both, COMMAND_NOTE, 0},
    {"open", NULL, COMMAND_OPEN, 0},
    {"bulk", parse_both, COMMAND_BULK, 0},
    {"mark", parse_both, COMMAND_MARK, 0},
    {"search", parse_both, COMMAND_SEARCH, 0},
    {"search-server", NULL, COMMAND_SEARCH_SERVER, 0},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* Names that fingers know from elsewhere. */
static const struct {
    const char *name;
    enum action action;
} aliases[] = {
    {"q", ACTION_QUIT},
    {"exit", ACTION_QUIT},
    {"h", ACTION_HELP},
};

static const struct command_row *find_row(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static enum action find_action(const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcmp(aliases[i].name, name) == 0)
            return aliases[i].action;
    return action_parse(name);
}

/* All names in one row: commands with arguments first, then actions. NULL at the end. */
static const char *name_at(size_t index)
{
    if (index < ROW_COUNT)
        return rows[index].name;
    index -= ROW_COUNT;
    return index + 1 < ACTION_COUNT ? action_name((enum action)(index + 1)) : NULL;
}

/* The only name that starts so, or the start of all that do; NULL = there is none. */
static const char *only_name(const char *start)
{
    const char *found = NULL;
    const char *name;
    for (size_t i = 0; (name = name_at(i)); i++) {
        if (strncmp(name, start, strlen(start)) != 0)
            continue;
        if (found && strncmp(name, found, strlen(found)) != 0)
            return NULL;
        found = found ? found : name;
    }
    return found;
}

static enum status parse_named(const char *name, const char *argument,
                               struct command *out, struct err *err)
{
    const struct command_row *row = find_row(name);
    if (row) {
        out->kind = row->kind;
        out->field = row->field;
        out->text = argument;
        if (row->kind == COMMAND_OPEN)
            out->action = ACTION_DATASETS; /* alone: the list */
        return row->parse ? row->parse(out, argument, err) : STATUS_OK;
    }
    out->kind = COMMAND_ACTION;
    out->action = find_action(name);
    if (out->action == ACTION_NONE)
        return err_set(
            err, STATUS_USAGE,
            "There is no command \":%s\"; Tab completes, :help lists the keys.", name);
    if (argument[0] != '\0')
        return err_set(err, STATUS_USAGE, ":%s takes nothing after it.", name);
    return STATUS_OK;
}

enum status command_parse(const char *line, struct command *out, struct err *err)
{
    *out = (struct command){0};
    line += strspn(line, " :");
    if (line[0] == '\0')
        return STATUS_OK;
    if (line[strspn(line, "0123456789 ")] == '\0')
        return parse_named("goto", line, out, err);

    char name[64];
    size_t len = strcspn(line, " ");
    snprintf(name, sizeof name, "%.*s", len < 60 ? (int)len : 60, line);
    const char *argument = line + len + strspn(line + len, " ");
    if (find_row(name) || find_action(name) != ACTION_NONE)
        return parse_named(name, argument, out, err);
    const char *whole = only_name(name);
    return parse_named(whole ? whole : name, argument, out, err);
}

/* ---- expansion of words ---- */

/* What the argument of a command may be. NULL at the end, or when it is free text. */
static const char *argument_at(const char *name, size_t len, size_t index,
                               const struct question *question)
{
    static const char *const marks[] = {"all", "none"};
    if (len == 4 && strncmp(name, "mark", len) == 0)
        return index < sizeof marks / sizeof marks[0] ? marks[index] : NULL;
    if (len == 6 && strncmp(name, "choose", len) == 0 && question)
        return index < question->option_count ? question->options[index].text : NULL;
    return NULL;
}

static bool complete_name(const char *start, size_t index, char *out, size_t size)
{
    const char *name;
    for (size_t i = 0; (name = name_at(i)); i++) {
        bool is_twice = i >= ROW_COUNT && find_row(name); /* a key's name as well */
        if (is_twice || strncmp(name, start, strlen(start)) != 0 || index-- > 0)
            continue;
        snprintf(out, size, "%s%s", name, find_row(name) ? " " : "");
        return true;
    }
    return false;
}

/* ":filter", ":order" and ":save". False: it is another command. */
static bool complete_selection(const char *line, size_t index,
                               const struct session *session, char *out, size_t size,
                               bool *is_found)
{
    static const struct {
        const char *command;
        const char *as;
    } kinds[] = {{"filter ", ""}, {"order ", "order:"}, {"save ", "@"}};
    char text[256], whole[256];
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t len = strlen(kinds[i].command), skip = strlen(kinds[i].as);
        if (strncmp(line, kinds[i].command, len) != 0)
            continue;
        snprintf(text, sizeof text, "%s%s", kinds[i].as,
                 line + len + strspn(line + len, " "));
        *is_found = session && selection_complete(text, index, &session->dataset,
                                                  &session->words, whole, sizeof whole);
        if (*is_found)
            snprintf(out, size, "%s%s", kinds[i].command, whole + skip);
        return true;
    }
    return false;
}

bool command_complete(const char *line, size_t index, const struct session *session,
                      const struct question *question, char *out, size_t size)
{
    size_t len = strcspn(line, " ");
    bool is_found;
    if (line[len] == '\0')
        return complete_name(line, index, out, size);
    if (complete_selection(line, index, session, out, size, &is_found))
        return is_found;
    const char *start = line + len + strspn(line + len, " ");
    const char *argument;
    char room[240];
    if (len == 4 && strncmp(line, "bulk", len) == 0) {
        is_found = bulk_complete(start, index, session, question, room, sizeof room);
        if (is_found)
            snprintf(out, size, "bulk %s", room);
        return is_found;
    }
    for (size_t i = 0; (argument = argument_at(line, len, i, question)); i++) {
        if (strncasecmp(argument, start, strlen(start)) != 0 || index-- > 0)
            continue;
        snprintf(out, size, "%.*s %s", (int)len, line, argument);
        return true;
    }
    return false;
}

/* ---- what they do ---- */

void command_enter(struct screen *screen, const char *start)
{
    editbuf_set(screen->frame.command.edit, start, strlen(start));
    former_clear(&screen->command_history);
    screen->frame.command.is_expanding = false;
    bool is_over = screen->mode == MODE_PAGER || screen->mode == MODE_BULK;
    screen->left = is_over ? screen->mode : screen->base;
    screen->mode = MODE_COMMAND;
    app_learn_words(screen->app);
}

static void run_sampling(struct screen *screen, const struct command *command)
{
    const struct sampling_row *row = sampling_row(command->field);
    struct sampling sampling = {0};
    struct err err = {0};
    sampling_copy(&sampling, &screen_session(screen)->sampling);
    if (sampling_set(&sampling, command->field, command->text, &err) == STATUS_OK) {
        app_set_sampling(screen->app, &sampling);
        app_notify(screen->app, NOTICE_DONE, "%s of the next prompts: %.200s.",
                   row->title,
                   sampling_has(&sampling, command->field) ? command->text
                                                           : "the endpoint's own");
    } else {
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    }
    sampling_clear(&sampling);
}

/* ":agent" with the usual tools, ":agent search calculator", ":agent off". */
static void run_agent(struct screen *screen, const char *tools)
{
    struct err err = {0};
    bool is_off = !strcmp(tools, "off");
    if (app_set_agent(screen->app, is_off ? NULL : tools, &err) != STATUS_OK)
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    else if (is_off)
        app_notify(screen->app, NOTICE_DONE, "The next prompts are asked without tools.");
    else
        app_notify(screen->app, NOTICE_DONE, "The next prompts are an agent's, with %s.",
                   screen_session(screen)->agent);
}

static enum action run_line(struct screen *screen)
{
    const struct editbuf *edit = screen->frame.command.edit;
    struct command command;
    struct err err = {0};
    char *line = xmemdup0(editbuf_text(edit), editbuf_len(edit));
    screen->mode = screen->base;
    if (line[0] != '\0')
        app_keep_line(screen->app, LINES_COMMANDS, line);
    if (command_parse(line, &command, &err) != STATUS_OK)
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    else if (command.kind == COMMAND_GOTO)
        app_goto(screen->app, command.text);
    else if (command.kind == COMMAND_FILTER)
        app_narrow(screen->app, command.text);
    else if (command.kind == COMMAND_ORDER)
        app_order(screen->app, command.text);
    else if (command.kind == COMMAND_SAVE)
        app_save_narrowed(screen->app, command.text);
    else if (command.kind == COMMAND_FILTERS)
        phrases_list_filters(screen);
    else if (command.kind == COMMAND_SAMPLING)
        run_sampling(screen, &command);
    else if (command.kind == COMMAND_AGENT)
        run_agent(screen, command.text);
    else if (command.kind == COMMAND_RATE)
        form_rate(screen, command.number);
    else if (command.kind == COMMAND_CHOOSE)
        form_choose_text(screen, command.text);
    else if (command.kind == COMMAND_NOTE)
        note_begin(screen, command.text);
    else if (command.kind == COMMAND_BULK)
        bulk_command(screen, command.text);
    else if (command.kind == COMMAND_MARK)
        bulk_mark_command(screen, command.text);
    else if (command.kind == COMMAND_SEARCH || command.kind == COMMAND_SEARCH_SERVER)
        search_command(screen, command.text, command.kind == COMMAND_SEARCH_SERVER);
    else if ((command.kind == COMMAND_RUN && !run_begin(screen, command.text)) ||
             (command.kind == COMMAND_OPEN && !datasets_open(screen, command.text)))
        command.action = ACTION_NONE;
    free(line);
    return command.action;
}

/* ---- keys ---- */

static void expand(struct screen *screen, int direction)
{
    struct command_line *command = &screen->frame.command;
    const struct question *question = screen_question(screen);
    const struct session *session = screen_session(screen);
    char line[256];
    /* the only way on is gone: from there it goes on */
    bool is_only =
        command->is_expanding &&
        !command_complete(command->stem, 1, session, question, line, sizeof line);
    if (!command->is_expanding || is_only) {
        snprintf(command->stem, sizeof command->stem, "%s", editbuf_text(command->edit));
        command->index = 0;
        command->is_expanding = true;
    } else if (direction > 0) {
        command->index++;
    } else if (command->index > 0) {
        command->index--;
    }
    if (!command_complete(command->stem, command->index, session, question, line,
                          sizeof line)) {
        command->index = 0;
        command->is_expanding =
            command_complete(command->stem, 0, session, question, line, sizeof line);
    }
    if (command->is_expanding)
        editbuf_set(command->edit, line, strlen(line));
}

enum action command_key(struct screen *screen, struct key key)
{
    struct command_line *command = &screen->frame.command;
    bool is_rubbed_out = key.code == KEYCODE_BACKSPACE && editbuf_len(command->edit) == 0;
    if (key.code == KEYCODE_TAB) {
        expand(screen, (key.mods & KEY_SHIFT_BIT) ? -1 : 1);
        return ACTION_NONE;
    }
    command->is_expanding = false;
    if (key.code == KEYCODE_ENTER)
        return run_line(screen);
    if (key.code == KEYCODE_ESCAPE || is_rubbed_out ||
        (key.code == 'c' && key.mods == KEY_CTRL_BIT)) {
        screen->mode = screen->left;
    } else if (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN) {
        size_t count;
        char *const *former = app_former_lines(screen->app, LINES_COMMANDS, &count);
        former_step(&screen->command_history, command->edit, former, count,
                    key.code == KEYCODE_UP ? 1 : -1);
    } else {
        screen_edit_key(screen, command->edit, key);
    }
    return ACTION_NONE;
}

void command_paste(struct screen *screen, const struct event *event)
{
    screen->frame.command.is_expanding = false;
    if (edit_paste(screen->frame.command.edit, event, false) == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING, "That is too long for a command.");
}

/* ---- drawing ---- */

void command_draw(const struct command_line *line, const struct view *view,
                  struct cells *cells, struct rect row)
{
    char about[64];
    if (strncmp(editbuf_text(line->edit), "bulk ", 5) == 0)
        row.cols -= cells_string_right(cells, row.row, row.col + row.cols, row.cols / 2,
                                       bulk_say_about(view->session, about, sizeof about),
                                       STYLE_ACCENT) +
                    1;
    cells_string(cells, row.row, row.col, 1, ":", STYLE_KEY);
    row.col++;
    row.cols--;
    editbuf_draw_line(line->edit, cells, row);
}

bool command_draw_candidates(const struct command_line *line, const struct view *view,
                             struct cells *cells, struct rect row)
{
    const char *stem = line->is_expanding ? line->stem : editbuf_text(line->edit);
    char text[256];
    int col = row.col;
    int end = row.col + row.cols;
    if (stem[0] == '\0')
        return false;
    /* As many before the one that was taken as fit beside it. */
    size_t first = line->is_expanding ? line->index : 0;
    int room = row.cols + 2;
    for (size_t i = first + 1;
         i > 0 &&
         command_complete(stem, i - 1, view->session, view->question, text, sizeof text);
         i--) {
        room -= (int)width_of(text, strlen(text)) + 2;
        if (room < 0)
            break;
        first = i - 1;
    }
    for (size_t i = first;
         col < end &&
         command_complete(stem, i, view->session, view->question, text, sizeof text);
         i++) {
        bool is_taken = line->is_expanding && i == line->index;
        if (col > row.col && (size_t)(end - col) < width_of(text, strlen(text)))
            break; /* a whole name or none */
        col += cells_string(cells, row.row, col, end - col, text,
                            is_taken ? STYLE_ACCENT : STYLE_DIM) +
               2;
    }
    return true;
}

void command_hints(struct hints *hints)
{
    hints_add_key(hints, "Enter", "run");
    hints_add_key(hints, "Tab", "complete");
    hints_add_key(hints, "↑ ↓", "former");
    hints_add_key(hints, "Esc", "leave");
}
