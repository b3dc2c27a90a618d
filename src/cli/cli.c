/* SPDX-License-Identifier: MIT
 *
 * cli - from argv to the command: settings from file, environment and flags, signals,
 * the exit code.
 */
#include "config.h"

#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "cli/arguments.h"
#include "cli/command.h"

static const command_fn commands[COMMAND_COUNT] = {
    [COMMAND_DATASET] = command_dataset, [COMMAND_LOG] = command_log,
    [COMMAND_ASK] = command_ask,         [COMMAND_RUN] = command_run,
    [COMMAND_RATE] = command_rate,       [COMMAND_DISCARD] = command_discard,
    [COMMAND_DELETE] = command_delete,   [COMMAND_FLAG] = command_flag,
    [COMMAND_UNDO] = command_undo,       [COMMAND_RECORDS] = command_records,
    [COMMAND_STATS] = command_stats,     [COMMAND_EXPORT] = command_export,
    [COMMAND_TRACE] = command_trace,     [COMMAND_IMPORT] = command_import,
    [COMMAND_SYNC] = command_sync,       [COMMAND_OUTBOX] = command_outbox,
    [COMMAND_DOCTOR] = command_doctor,   [COMMAND_ENDPOINTS] = command_endpoints,
};

/* The others know places by themselves. */
static const bool takes_place[COMMAND_COUNT] = {
    [COMMAND_LOG] = true,    [COMMAND_ASK] = true,    [COMMAND_RUN] = true,
    [COMMAND_RATE] = true,   [COMMAND_FLAG] = true,   [COMMAND_DISCARD] = true,
    [COMMAND_DELETE] = true, [COMMAND_UNDO] = true,   [COMMAND_IMPORT] = true,
    [COMMAND_SYNC] = true,   [COMMAND_DOCTOR] = true,
};

/* Flags win over the file and the environment. */
static enum status apply_flags(struct settings *settings,
                               const struct arguments *arguments, struct err *err)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = option_row((enum option_id)i);
        if (!arguments_has(arguments, (enum option_id)i) || !row->setting)
            continue;
        const char *value = row->put ? row->put : arguments->texts[i];
        if (settings_put(settings, row->setting, value, err))
            return err->code;
    }
    settings->has_server = arguments_has(arguments, OPTION_SERVER);
    if (arguments_has(arguments, OPTION_LOCAL))
        settings->is_local = true;
    sampling_copy(&settings->sampling, &arguments->sampling);
    struct agent_settings *agent = &settings->agent;
    size_t count = 0;
    const char **tools = arguments_all(arguments, OPTION_TOOL, &count);
    struct buf names = {0};
    for (size_t i = 0; i < count; i++)
        buf_addf(&names, "%s%s", i ? " " : "", tools[i]);
    free(tools);
    agent->is_on = arguments_has(arguments, OPTION_AGENT) || count;
    agent->allows_all = arguments_has(arguments, OPTION_YES);
    if (count) {
        free(agent->tools);
        agent->tools = buf_take(&names);
    }
    if (arguments_has(arguments, OPTION_STEPS))
        agent->steps = arguments->numbers[OPTION_STEPS];
    if (arguments_has(arguments, OPTION_TIME_LIMIT))
        agent->limit_ms = arguments->numbers[OPTION_TIME_LIMIT] * 1000;
    return STATUS_OK;
}

/* What --config names must be there; the default place may be empty. */
static enum status read_settings(struct settings *settings,
                                 const struct arguments *arguments, struct err *err)
{
    enum status status =
        settings_read_file(settings, arguments->texts[OPTION_CONFIG], err);
    if (status == STATUS_OK)
        status = settings_read_environment(settings, err);
    struct err refused = {0}; /* doctor goes on after the first */
    enum status flags = apply_flags(settings, arguments, &refused);
    if (status == STATUS_OK && flags != STATUS_OK)
        *err = refused;
    return err->code;
}

/* The log holds times, hosts and status codes, never a key or a prompt; still nobody
 * wants a file that grows unasked. SHERD_LOG is a path, or "1" for the default one. */
static enum status open_log(const struct arguments *arguments, struct err *err)
{
    const char *wanted = getenv("SHERD_LOG");
    bool is_set = wanted && *wanted && strcmp(wanted, "0") != 0;
    if (!is_set && !arguments_has(arguments, OPTION_LOG))
        return STATUS_OK;
    char *path = is_set && wanted[0] == '/'
                     ? xstrdup(wanted)
                     : paths_xdg("XDG_STATE_HOME", ".local/state", "log");
    enum status status = paths_make_parent(path, err);
    if (status == STATUS_OK)
        status = log_open(path, err);
    free(path);
    return status;
}

static void on_stop(void *ctx, int signal_number)
{
    struct cli *cli = ctx;
    (void)signal_number;
    cli->is_stopped = true;
}

static int run_command(const struct arguments *arguments, struct settings *settings,
                       const struct err *settings_err)
{
    static const int numbers[CLI_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    struct cli cli = {
        .arguments = arguments, .settings = settings, .settings_err = *settings_err};
    output_init(&cli.out, stdout, arguments_has(arguments, OPTION_JSON));
    cli.loop = loop_new();
    for (size_t i = 0; i < CLI_SIGNALS; i++) {
        struct sigaction action;
        cli.signals[i] = loop_signal_new(cli.loop, numbers[i], on_stop, &cli);
        /* a write that waits for its reader must not go on waiting */
        sigaction(numbers[i], NULL, &action);
        action.sa_flags &= ~SA_RESTART;
        sigaction(numbers[i], &action, NULL);
    }
    struct err err = {0};
    int code = takes_place[arguments->command] && command_take_place(&cli, &err)
                   ? command_fail(&err)
                   : commands[arguments->command](&cli);
    int closed = command_close(&cli);
    code = code ? code : closed;
    for (size_t i = 0; i < CLI_SIGNALS; i++)
        loop_signal_free(cli.signals[i]);
    loop_free(cli.loop);
    if (!output_finish(&cli.out)) {
        command_fail(&cli.out.err);
        code = code ? code : EXIT_FAILED;
    }
    return code;
}

static struct cli_outcome act(const struct arguments *arguments,
                              struct settings *settings)
{
    struct cli_outcome outcome = {.demo_token_ms = arguments->numbers[OPTION_TOKEN_MS]};
    struct err err = {0};
    bool is_help = arguments->command == COMMAND_HELP ||
                   arguments_has(arguments, OPTION_HELP) ||
                   arguments_has(arguments, OPTION_VERSION);
    if (is_help) {
        struct buf text = {0};
        struct output out;
        enum command_id command = arguments->command;
        if (command == COMMAND_HELP)
            command = arguments->operand_count ? command_find(arguments->operands[0])
                                               : COMMAND_SCREEN;
        if (arguments_has(arguments, OPTION_VERSION))
            buf_addf(&text, "sherd %s\n", PACKAGE_VERSION);
        else
            help_write(command, &text);
        output_init(&out, stdout, false);
        output_text(&out, buf_text(&text));
        buf_clear(&text);
        outcome.code = output_finish(&out) ? EXIT_DONE : command_fail(&out.err);
        return outcome;
    }
    if (open_log(arguments, &err)) {
        outcome.code = command_fail(&err);
        return outcome;
    }
    if (read_settings(settings, arguments, &err) &&
        arguments->command != COMMAND_DOCTOR) {
        outcome.code = command_fail(&err);
        return outcome;
    }
    bool is_review = arguments->command == COMMAND_REVIEW;
    if (arguments->command == COMMAND_SCREEN || is_review)
        outcome.next = CLI_SCREEN;
    outcome.record = arguments->texts[OPTION_RECORD];
    if (is_review && arguments->operand_count)
        outcome.review = arguments->operands[0];
    else if (outcome.next == CLI_SCREEN && strpbrk(settings->dataset, "@/"))
        outcome.review = settings->dataset; /* says the place, too */
    outcome.chooses = outcome.review || (is_review && !settings->has_dataset);
    if (arguments->command == COMMAND_DEMO)
        outcome.next = CLI_DEMO;
    if (outcome.next == CLI_EXIT)
        outcome.code = run_command(arguments, settings, &err);
    return outcome;
}

struct cli_outcome cli_run(int argc, char **argv, struct settings *settings)
{
    struct arguments arguments;
    struct err err = {0};
    struct cli_outcome outcome = {0};
    if (arguments_read(&arguments, argc, argv, &err))
        outcome.code = command_fail(&err);
    else
        outcome = act(&arguments, settings);
    arguments_clear(&arguments);
    return outcome;
}
