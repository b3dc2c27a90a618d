/* SPDX-License-Identifier: MIT
 *
 * sherd doctor - one line for each check, with what to do about it.
 */
#include "config.h"

#include <string.h>

#include "app/doctor.h"
#include "cli/command.h"

static const struct column columns[] = {
    {"STATE", 4, false},
    {"CHECK", 16, false},
    {"WHAT", 0, false},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static void print_check(void *ctx, const struct doctor_check *check)
{
    struct output *out = ctx;
    const char *state = doctor_state_name(check->state);
    if (out->is_json) {
        output_json(out, json_pack("{s:s, s:s, s:s}", "check", check->name, "state",
                                   state, "text", check->text));
    } else {
        const char *cells[COLUMN_COUNT] = {state, check->name, check->text};
        output_row(out, columns, COLUMN_COUNT, cells);
    }
    output_flush(out);
}

int command_doctor(struct cli *cli)
{
    cli->out.columns = 0; /* a sentence that says what to do is never cut */
    struct doctor *doctor = doctor_start(
        cli->loop, &clock_system, cli->settings,
        cli->settings_err.code ? &cli->settings_err : NULL, print_check, &cli->out);
    doctor_settle(doctor, &cli->is_stopped);
    bool is_over = doctor_is_over(doctor);
    enum doctor_state worst = doctor_worst(doctor);
    doctor_free(doctor);
    if (!is_over) {
        cli_say("Stopped before every check was done.");
        return EXIT_FAILED;
    }
    if (cli->settings_err.code)
        return (int)cli_exit_code(cli->settings_err.code);
    if (worst == DOCTOR_DENIED)
        return EXIT_CONFIG;
    return worst == DOCTOR_FAIL ? EXIT_FAILED : EXIT_DONE;
}
