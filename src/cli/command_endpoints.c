/* SPDX-License-Identifier: MIT
 *
 * sherd endpoints - what is configured, whether it answers, and its models; sherd doctor
 * - one line for each check, with what to do about it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "app/doctor.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "net/url.h"

enum { COLUMN_COUNT = 4 };

static void print_json(struct output *out, const struct offer *offer)
{
    const char *url = offer->endpoint.base_url, *chosen = offer->endpoint.defaults.model;
    char *host = url ? url_host(url) : NULL;
    json_t *models = json_array();
    for (size_t i = 0; i < offer->count; i++)
        json_array_append_new(
            models, json_pack("{s:o, s:s?}", "name", json_text(offer->models[i].name),
                              "shutdown_date", offer->models[i].shutdown_date));
    output_json(out, json_pack("{s:s, s:s, s:s?, s:b, s:s?, s:s?, s:o}", "endpoint",
                               offer->endpoint.name, "kind",
                               endpoint_kind_name(offer->endpoint.kind), "host", host,
                               "answers", !offer->err.code, "error",
                               offer->err.code ? offer->err.text : NULL, "model", chosen,
                               "models", models));
    free(host);
}

/* A row a model, so that a pipe can pick one; the error where there is none. */
static void print_rows(struct output *out, const struct column *columns,
                       const struct offer *offer)
{
    const char *state = offer->err.code ? "fail" : "ok";
    const char *chosen = offer->endpoint.defaults.model;
    size_t rows = offer->count ? offer->count : 1;
    for (size_t i = 0; i < rows; i++) {
        const struct llm_model *model = offer->count ? &offer->models[i] : NULL;
        const char *date = model ? model->shutdown_date : NULL;
        bool is_chosen = model && chosen && !strcmp(chosen, model->name);
        char *text = xasprintf("%s%s%s%s",
                               model             ? model->name
                               : offer->err.code ? offer->err.text
                                                 : "(lists no models)",
                               is_chosen ? " (chosen)" : "", date ? ", closes on " : "",
                               date ? date : "");
        const char *cells[COLUMN_COUNT] = {
            offer->endpoint.name, endpoint_kind_name(offer->endpoint.kind), state, text};
        output_row(out, columns, COLUMN_COUNT, cells);
        free(text);
    }
}

int command_endpoints(struct cli *cli)
{
    const char *name = cli->arguments->operand_count ? cli->arguments->operands[0] : NULL;
    struct err err = {0};
    struct catalogue *catalogue =
        catalogue_start(cli->loop, cli->settings, name, NULL, NULL, &err);
    if (!catalogue)
        return command_fail(&err);
    while (!catalogue_is_over(catalogue) && !cli->is_stopped && loop_turn(cli->loop))
        continue;
    size_t count = 0;
    const struct offer *offers = catalogue_offers(catalogue, &count);
    int code = EXIT_DONE;
    struct column columns[COLUMN_COUNT] = {{"ENDPOINT", 12, false},
                                           {"KIND", 18, false},
                                           {"STATE", 5, false},
                                           {"MODEL", 0, false}};
    for (size_t i = 0; i < count; i++) /* a name is typed again: it is not cut */
        if (strlen(offers[i].endpoint.name) > columns[0].width)
            columns[0].width = strlen(offers[i].endpoint.name);
    cli->out.columns = 0; /* a sentence that says what to do is never cut */
    if (!cli->out.is_json && count)
        output_titles(&cli->out, columns, COLUMN_COUNT);
    for (size_t i = 0; i < count && !cli->is_stopped; i++) {
        if (cli->out.is_json)
            print_json(&cli->out, &offers[i]);
        else
            print_rows(&cli->out, columns, &offers[i]);
        if (offers[i].err.code && code == EXIT_DONE)
            code = (int)cli_exit_code(offers[i].err.code);
    }
    if (!count)
        cli_say("No model endpoint is configured: set OPENAI_BASE_URL or OPENAI_API_KEY, "
                "or add an [endpoint NAME] with a url to %s.",
                cli->settings->path ? cli->settings->path : "the config file");
    if (cli->is_stopped) {
        cli_say("Stopped before every endpoint had answered.");
        code = EXIT_FAILED;
    }
    catalogue_free(catalogue);
    return code;
}

/* ---- doctor ---- */

static const struct column check_columns[] = {
    {"STATE", 4, false},
    {"CHECK", 16, false},
    {"WHAT", 0, false},
};
enum { CHECK_COLUMNS = sizeof check_columns / sizeof *check_columns };

struct checking {
    struct output *out;
    struct progress progress;
};

static void print_check(void *ctx, const struct doctor_check *check)
{
    struct checking *checking = ctx;
    struct output *out = checking->out;
    const char *state = doctor_state_name(check->state);
    progress_clear(&checking->progress);
    if (out->is_json) {
        output_json(out, json_pack("{s:s, s:s, s:s}", "check", check->name, "state",
                                   state, "text", check->text));
    } else {
        const char *cells[CHECK_COLUMNS] = {state, check->name, check->text};
        output_row(out, check_columns, CHECK_COLUMNS, cells);
    }
    output_flush(out);
}

int command_doctor(struct cli *cli)
{
    struct checking checking = {.out = &cli->out};
    char text[256];
    cli->out.columns = 0; /* a sentence that says what to do is never cut */
    progress_init(&checking.progress, cli->settings->plain ? NULL : stderr);
    struct doctor *doctor = doctor_start(
        cli->loop, &clock_system, cli->settings,
        cli->settings_err.code ? &cli->settings_err : NULL, print_check, &checking);
    while (!doctor_is_over(doctor) && !cli->is_stopped && loop_turn(cli->loop)) {
        snprintf(text, sizeof text, "checking %s … Ctrl-C ends it",
                 doctor_check_name(doctor));
        progress_show(&checking.progress, text);
    }
    progress_clear(&checking.progress);
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
