/* SPDX-License-Identifier: MIT
 *
 * The command line: expansion, history, and what each command does.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "ui/command.h"
#include "ui/edit_keys.h"
#include "ui/screen_parts.h"

void command_enter(struct screen *screen)
{
    editbuf_set(screen->frame.command, "", 0);
    former_clear(&screen->command_history);
    screen->frame.expansion = (struct expansion){0};
    screen->mode = MODE_COMMAND;
}

/* ---- what they do ---- */

static void run_goto(struct screen *screen, const struct command *command)
{
    size_t count = screen_session(screen)->queue.count;
    if (count == 0)
        app_notify(screen->app, NOTICE_ERROR, "There is no record yet.");
    else if ((unsigned long long)command->number > count)
        app_notify(screen->app, NOTICE_ERROR,
                   "There is no record %lld; the last one is %zu.", command->number,
                   count);
    else
        app_go(screen->app, (size_t)command->number - 1);
}

static void run_filter(struct screen *screen, const struct command *command)
{
    app_filter(screen->app, command->has_filter, command->status);
}

static void run_sampling(struct screen *screen, const struct command *command)
{
    struct sampling sampling = {0};
    struct err err = {0};
    sampling_copy(&sampling, &screen_session(screen)->sampling);
    if (sampling_set(&sampling, command->field, command->text, &err) == STATUS_OK) {
        app_set_sampling(screen->app, &sampling);
        app_notify(screen->app, NOTICE_DONE, "%s of the next prompts: %.200s.",
                   sampling_row(command->field)->title,
                   command->text[0] != '\0' ? command->text : "the endpoint's own");
    } else {
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    }
    sampling_clear(&sampling);
}

static void run_action(struct screen *screen, const struct command *command)
{
    browse_run(screen, command->action);
}

static void run_rate(struct screen *screen, const struct command *command)
{
    answer_rate(screen, command->number);
}

static void run_choose(struct screen *screen, const struct command *command)
{
    answer_choose_text(screen, command->text);
}

static void run_nothing(struct screen *screen, const struct command *command)
{
    (void)screen;
    (void)command;
}

static void (*const runs[])(struct screen *screen, const struct command *command) = {
    [COMMAND_NONE] = run_nothing,      [COMMAND_ACTION] = run_action,
    [COMMAND_GOTO] = run_goto,         [COMMAND_FILTER] = run_filter,
    [COMMAND_SAMPLING] = run_sampling, [COMMAND_RATE] = run_rate,
    [COMMAND_CHOOSE] = run_choose,
};

static void run_line(struct screen *screen)
{
    struct command command;
    struct err err = {0};
    char *line =
        xmemdup0(editbuf_text(screen->frame.command), editbuf_len(screen->frame.command));
    screen->mode = MODE_BROWSE;
    if (line[0] != '\0')
        app_keep_command(screen->app, line);
    if (command_parse(line, &command, &err) == STATUS_OK)
        runs[command.kind](screen, &command);
    else
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    free(line);
}

/* ---- typing ---- */

static void complete(struct screen *screen, int direction)
{
    struct expansion *expansion = &screen->frame.expansion;
    const struct question *question = screen_question(screen);
    char line[256];
    if (!expansion->is_running) {
        snprintf(expansion->stem, sizeof expansion->stem, "%s",
                 editbuf_text(screen->frame.command));
        expansion->index = 0;
        expansion->is_running = true;
    } else if (direction > 0) {
        expansion->index++;
    } else if (expansion->index > 0) {
        expansion->index--;
    }
    if (!command_complete(expansion->stem, expansion->index, question, line,
                          sizeof line)) {
        expansion->index = 0;
        if (!command_complete(expansion->stem, 0, question, line, sizeof line)) {
            expansion->is_running = false;
            return;
        }
    }
    editbuf_set(screen->frame.command, line, strlen(line));
}

static void walk_history(struct screen *screen, int direction)
{
    size_t count;
    char *const *former = app_former_commands(screen->app, &count);
    former_step(&screen->command_history, screen->frame.command, former, count,
                direction);
}

static bool is_leaving(const struct screen *screen, struct key key)
{
    bool is_rubbed_out =
        key.code == KEYCODE_BACKSPACE && editbuf_len(screen->frame.command) == 0;
    return key.code == KEYCODE_ESCAPE || is_rubbed_out ||
           (key.code == 'c' && key.mods == KEY_CTRL_BIT);
}

void command_key(struct screen *screen, struct key key)
{
    if (key.code == KEYCODE_TAB) {
        complete(screen, (key.mods & KEY_SHIFT_BIT) ? -1 : 1);
        return;
    }
    screen->frame.expansion.is_running = false;
    if (key.code == KEYCODE_ENTER) {
        run_line(screen);
    } else if (is_leaving(screen, key)) {
        screen->mode = MODE_BROWSE;
    } else if (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN) {
        walk_history(screen, key.code == KEYCODE_UP ? 1 : -1);
    } else if (edit_key(screen->frame.command, key) == EDIT_UNKNOWN) {
        screen_refuse_key(screen, key);
    }
}

void command_paste(struct screen *screen, const struct event *event)
{
    screen->frame.expansion.is_running = false;
    if (edit_paste(screen->frame.command, event, false) == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING, "That is too long for a command.");
}
