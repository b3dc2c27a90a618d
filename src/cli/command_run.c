/* SPDX-License-Identifier: MIT
 *
 * sherd run - a file's prompts through the endpoint, each answer logged as it ends.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ask.h"
#include "app/batch.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"

enum {
    REPAINT_MS = 200,
    LINE_MS = 5000, /* where the line cannot be written over */
    LISTED = 200    /* failures, and bad rows, that are told one by one */
};

struct failure {
    size_t line;
    int sample;
    char *model; /* owned; NULL = one model only */
    struct err err;
};

struct running {
    struct cli *cli;
    struct batch *batch;
    struct progress progress;
    int64_t started_ms;
    const struct run_options *options;
    struct failure *failures; /* owned; the first ones */
    size_t failure_count;
    size_t bad_count;
    int64_t told_until_ms; /* of the wait that was told last */
    char held[640];        /* why the store was waited for, when so many were done */
    size_t held_at;
    size_t limited; /* logged, but their answers end at a limit */
};

static void paint(void *ctx)
{
    struct running *running = ctx;
    char text[320];
    if (!running->batch)
        return;
    batch_format(batch_progress(running->batch), app_session(running->cli->app),
                 clock_mono_ms(&clock_system) - running->started_ms, text, sizeof text);
    if (running->progress.file)
        progress_show(&running->progress, text);
    else
        cli_say("%s", text);
}

/* What --dry-run shows of a prompt. */
static void print_planned(struct running *running, const struct batch_event *event)
{
    struct output *out = &running->cli->out;
    if (out->is_json) {
        output_json(out, json_pack("{s:I, s:i, s:s?, s:s}", "line",
                                   (json_int_t)event->line, "sample", event->sample,
                                   "model", event->model, "prompt", event->prompt));
        return;
    }
    const char *model = running->options->batch.target_count > 1 ? event->model : NULL;
    char head[160];
    snprintf(head, sizeof head, "--- line %zu%s%.100s%s\n", event->line,
             model ? " (" : "", model ? model : "", model ? ")" : "");
    output_text(out, head);
    output_stream(out, event->prompt, strlen(event->prompt));
    output_end_stream(out);
}

static void on_event(void *ctx, const struct batch_event *event)
{
    struct running *running = ctx;
    if (event->outcome == BATCH_FAILED) {
        if (running->failure_count++ < LISTED) {
            running->failures = xreallocarray(running->failures, running->failure_count,
                                              sizeof *running->failures);
            struct failure *failure = &running->failures[running->failure_count - 1];
            *failure = (struct failure){.line = event->line, .sample = event->sample};
            if (running->options->batch.target_count > 1)
                failure->model = xstrdup_or_null(event->model);
            if (event->err)
                failure->err = *event->err;
        }
    } else if (event->outcome == BATCH_BAD_ROW) {
        if (running->bad_count++ < LISTED) {
            progress_clear(&running->progress);
            cli_say("%s", event->err->text);
        }
    } else if (event->outcome == BATCH_NOTE) {
        cli_say("%s", event->err->text);
    } else if (event->outcome == BATCH_PLANNED) {
        print_planned(running, event);
    }
    if (event->outcome != BATCH_LOGGED || !event->record)
        return;
    running->limited += finish_find(event->record->completion.finish_reason)->is_limit;
    const struct record *record = event->record;
    struct output *out = &running->cli->out;
    progress_clear(&running->progress);
    if (out->is_json) {
        record_print_json(out, record, &app_session(running->cli->app)->dataset);
    } else {
        output_text(out, id_text(&record->id).text);
        output_text(out, "\n");
    }
    output_flush(out);
}

static int compare_failures(const void *a, const void *b)
{
    const struct failure *left = a, *right = b;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return (left->sample > right->sample) - (left->sample < right->sample);
}

static void say_plan(const struct running *running, const struct batch_progress *counts)
{
    const struct session *session = app_session(running->cli->app);
    const struct batch_options *batch = &running->options->batch;
    char where[256] = "in the store";
    if (session->has_server)
        snprintf(where, sizeof where, "on %s", session->server);
    cli_say(
        "%zu prompt%s × %d sample%s × %zu model%s = %zu answer%s; %zu %s there already.",
        counts->rows, counts->rows == 1 ? "" : "s", batch->samples,
        batch->samples == 1 ? "" : "s", batch->target_count,
        batch->target_count == 1 ? "" : "s", counts->total, counts->total == 1 ? "" : "s",
        counts->skipped, counts->skipped == 1 ? "is" : "are");
    cli_say("%zu would be asked, and logged in the dataset %.120s %s.",
            counts->total - counts->skipped, session->dataset.name, where);
}

static void say_summary(const struct running *running,
                        const struct batch_progress *counts, const struct err *fault)
{
    const struct batch_options *batch = &running->options->batch;
    size_t there = counts->skipped - counts->elsewhere;
    size_t left = counts->total - counts->done;
    char text[256];
    if (fault->code)
        cli_say("%s %s", fault->text,
                counts->goes_on ? "The others were asked on."
                : counts->done  ? "Nothing more was asked."
                                : "Nothing was asked.");
    if (fault->code && !counts->done)
        return;
    if (batch->is_dry) {
        say_plan(running, counts);
        return;
    }
    batch_format_end(counts, text, sizeof text);
    cli_say("%s", text);
    if (left && running->options->key)
        cli_say("Stopped with %zu to go; --name %s instead of --fresh goes on.", left,
                running->options->key);
    else if (left)
        cli_say("Stopped with %zu to go; the same command goes on.", left);
    if (counts->cost > 0)
        cli_say("The answers cost %.*f, by the prices of the configuration.",
                counts->cost < 0.01 ? 6 : 4, counts->cost);
    if (running->limited)
        cli_say("%zu of the answers end%s at the token limit; --max-tokens N raises it.",
                running->limited, running->limited == 1 ? "s" : "");
    if (there && there == counts->total && running->cli->out.is_terminal)
        cli_say("All of it was logged by an earlier run; --fresh asks anew.");
}

/* Why nothing goes on, once for each wait, not for each of the prompts that wait. */
static void on_change(void *ctx)
{
    struct running *running = ctx;
    const struct session *session = app_session(running->cli->app);
    int64_t now = clock_mono_ms(&clock_system);
    const struct batch_progress *counts = batch_progress(running->batch);
    bool is_held = session->unsaved[0] || counts->is_held;
    if (is_held && session->notice.kind >= NOTICE_WARNING) {
        if (strcmp(running->held, session->notice.text) != 0) {
            snprintf(running->held, sizeof running->held, "%s", session->notice.text);
            running->held_at = batch_progress(running->batch)->done;
            progress_clear(&running->progress);
            cli_say("%s", session->notice.text);
        }
    } else if (!is_held && counts->done > running->held_at) {
        running->held[0] = '\0'; /* another time is told again */
    }
    for (size_t i = 0; i < session->stream_count && now >= running->told_until_ms; i++) {
        const struct stream *stream = session->streams[i];
        if (stream->retry_at_ms <= now || !*stream->waiting)
            continue;
        running->told_until_ms = stream->retry_at_ms;
        progress_clear(&running->progress);
        cli_say_retry(stream->waiting, stream->retry_at_ms - now);
    }
}

static void wait_for_end(struct running *running)
{
    struct cli *cli = running->cli;
    struct loop_timer *timer = loop_timer_new(cli->loop, paint, running);
    bool is_quiet = arguments_has(cli->arguments, OPTION_QUIET);
    if (!is_quiet && running->progress.file)
        loop_timer_start(timer, 0, REPAINT_MS);
    else if (!is_quiet)
        loop_timer_start(timer, LINE_MS, LINE_MS);
    app_on_change(cli->app, on_change, running);
    while (!batch_is_over(running->batch) && !cli->is_stopped && !cli->out.err.code &&
           loop_turn(cli->loop))
        ;
    loop_timer_free(timer);
    app_on_change(cli->app, NULL, NULL);
    if (!batch_is_over(running->batch))
        batch_cancel(running->batch);
    progress_clear(&running->progress);
}

/* A key that is refused ends the run: that is for the user to configure. */
static enum exit_code failure_code(const struct running *running)
{
    for (size_t i = 0; i < running->failure_count && i < LISTED; i++)
        if (cli_exit_code(running->failures[i].err.code) == EXIT_CONFIG)
            return EXIT_CONFIG;
    return EXIT_FAILED;
}

static int finish(struct running *running)
{
    struct cli *cli = running->cli;
    bool is_stopped = cli->is_stopped;
    cli->is_stopped = false; /* a second Ctrl-C ends the sending too */
    command_settle(cli);
    struct batch_progress counts = *batch_progress(running->batch);
    struct err fault = *batch_fault(running->batch);
    batch_free(running->batch);
    /* in the file's order, whatever order they ended in */
    size_t listed = running->failure_count < LISTED ? running->failure_count : LISTED;
    if (listed)
        qsort(running->failures, listed, sizeof *running->failures, compare_failures);
    int samples = running->options->batch.samples;
    for (size_t i = 0; i < listed; i++) {
        const struct failure *failure = &running->failures[i];
        char which[160] = "";
        if (samples > 1)
            snprintf(which, sizeof which, " (%d of %d)", failure->sample + 1, samples);
        if (failure->model)
            snprintf(which + strlen(which), sizeof which - strlen(which), " (%.100s)",
                     failure->model);
        cli_say("%s:%zu%s: %s", command_input_name(running->options->file), failure->line,
                which, failure->err.text);
    }
    if (running->failure_count > listed)
        cli_say("… and %zu more that failed; --retry-failed asks them all again.",
                running->failure_count - listed);
    if (running->bad_count > LISTED)
        cli_say("… and %zu more bad row%s.", running->bad_count - LISTED,
                running->bad_count - LISTED == 1 ? "" : "s");
    say_summary(running, &counts, &fault);
    int code = cli->is_stopped ? EXIT_FAILED : command_send(cli);
    bool is_whole = !is_stopped && !counts.failed && !counts.bad && !counts.elsewhere &&
                    !fault.code && counts.done == counts.total;
    if (cli_exit_code(fault.code) == EXIT_CONFIG)
        return EXIT_CONFIG;
    return is_whole ? code : (int)failure_code(running);
}

static int run(struct cli *cli, struct run_options *options)
{
    const struct session *session = app_session(cli->app);
    struct err err = {0};
    if (!app_can_ask(cli->app)) {
        cli_say("%s", session->notice.text);
        return session->has_endpoint && session->can_log ? EXIT_FAILED : EXIT_CONFIG;
    }
    struct running running = {.cli = cli, .options = options};
    progress_init(&running.progress, cli->settings->plain ? NULL : stderr);
    running.started_ms = clock_mono_ms(&clock_system);
    running.batch = batch_start(cli->app, &options->batch, on_event, &running, &err);
    if (!running.batch)
        return command_fail(&err);
    if (options->key && !options->batch.is_dry)
        cli_say("The name of this run is %s.", options->key);
    wait_for_end(&running);
    int code = finish(&running);
    for (size_t i = 0; i < running.failure_count && i < LISTED; i++)
        free(running.failures[i].model);
    free(running.failures);
    return code;
}

int command_run(struct cli *cli)
{
    struct run_options options;
    struct err err = {0};
    int code, fd = -1;
    if (run_options_read(cli, &options, cli->arguments, &err) ||
        command_open_rows(cli, options.file, &fd, &err)) {
        code = command_fail(&err);
    } else if (command_open_to_log(cli, &err)) {
        code = command_fail(&err);
    } else {
        options.batch.fd = fd;
        options.batch.name = command_input_name(options.file);
        code = run(cli, &options);
    }
    if (fd >= 0)
        close(fd);
    run_options_clear(&options);
    return code;
}
