/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "text/width.h"

enum { NAME_COLUMNS = 28, COLUMNS = 80 };

/* A name and what it is, beside it or below when it is too long for that. */
static void write_pair(const char *name, const char *text, struct buf *out)
{
    bool is_long = strlen(name) > NAME_COLUMNS - 3;
    buf_addf(out, "  %-*s", is_long ? 0 : NAME_COLUMNS - 2, name);
    buf_addf(out, "%s%*s%s\n", is_long ? "\n" : "", is_long ? NAME_COLUMNS : 0, "", text);
}

static void write_paragraph(const char *text, struct buf *out)
{
    size_t used = 0;
    while (*text) {
        size_t len = strcspn(text, " "), width = width_of(text, len);
        bool is_new = used && used + 1 + width > COLUMNS;
        buf_add_text(out, is_new ? "\n" : used ? " " : "");
        buf_add(out, text, len);
        used = is_new || !used ? width : used + 1 + width;
        text += len + strspn(text + len, " ");
    }
    buf_add_byte(out, '\n');
}

static void write_command(enum command_id command, struct buf *out)
{
    const struct command_row *rule = command_row(command);
    char usage[64];
    snprintf(usage, sizeof usage, "sherd%s%s%s%s", *rule->name ? " " : "", rule->name,
             *rule->operands ? " " : "", rule->operands);
    write_pair(usage, rule->summary, out);
}

static void write_option(enum option_id option, struct buf *out)
{
    const struct option_row *rule = option_row(option);
    char usage[64], letter[8] = "";
    if (rule->letter)
        snprintf(letter, sizeof letter, "-%c, ", rule->letter);
    snprintf(usage, sizeof usage, "%s--%s%s%s", letter, rule->name,
             rule->value ? " " : "", rule->value ? rule->value : "");
    write_pair(usage, rule->text, out);
}

/* How many there are; out NULL = only counts them. */
static int write_options(enum command_id command, bool of_all, struct buf *out)
{
    int count = 0;
    for (int i = 0; i < OPTION_COUNT; i++) {
        enum option_id option = (enum option_id)i;
        /* what help takes, every command takes */
        if (command_takes(COMMAND_HELP, option) != of_all ||
            !command_takes(command, option))
            continue;
        count++;
        if (out)
            write_option(option, out);
    }
    return count;
}

static void write_program(struct buf *out)
{
    buf_add_text(out, "sherd: run prompts, read the answers as they stream, rate them, "
                      "log both.\n\nCommands:\n");
    for (int i = COMMAND_SCREEN; i < COMMAND_COUNT; i++)
        write_command((enum command_id)i, out);
    buf_add_text(out, "\nOptions of ask, run and the screen:\n");
    write_options(COMMAND_SCREEN, false, out);
    buf_add_text(out, "\nOptions of every command:\n");
    write_options(COMMAND_HELP, true, out);
    buf_add_text(
        out,
        "\n“sherd COMMAND --help” shows the options of a command, “man sherd” all else.\n"
        "Environment: OPENAI_API_KEY OPENAI_BASE_URL OPENAI_MODEL ARGILLA_API_URL\n"
        "ARGILLA_API_KEY ARGILLA_WORKSPACE NO_COLOR SHERD_LOG\n"
        "Exit codes: 0 done, 1 failed, 2 usage, 3 configuration or authorisation,\n"
        "4 nothing lost but not all sent yet.\n");
}

void help_write(enum command_id command, struct buf *out)
{
    const struct command_row *rule = command_row(command);
    bool has_own = write_options(command, false, NULL) > 0;
    if (command == COMMAND_SCREEN) {
        write_program(out);
        return;
    }
    buf_addf(out, "Usage: sherd %s%s%s%s\n\n", rule->name, *rule->operands ? " " : "",
             rule->operands, has_own ? " [OPTIONS]" : "");
    write_paragraph(rule->text, out);
    if (has_own) {
        buf_add_text(out, "\nOptions:\n");
        write_options(command, false, out);
    }
    buf_add_text(out, "\nOptions of every command:\n");
    write_options(command, true, out);
}
