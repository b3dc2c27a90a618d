/* SPDX-License-Identifier: MIT
 *
 * sherd run - a prompt a line through the endpoint, each answer logged as it ends.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/ask.h"
#include "app/batch.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/show.h"

enum { REPAINT_MS = 200, FILE_MAX = 512 * 1024 * 1024 };

struct failure {
    size_t line;
    int sample;
    struct err err;
};

struct running {
    struct cli *cli;
    const char *file; /* as given */
    struct batch *batch;
    struct progress progress;
    int64_t started_ms;
    struct failure *failures; /* owned */
    size_t failure_count;
    int64_t told_until_ms; /* of the wait that was told last */
    size_t limited;        /* logged, but their answers end at a limit */
};

static const char *input_name(const char *file)
{
    return strcmp(file, "-") != 0 ? file : "standard input";
}

static void paint(void *ctx)
{
    struct running *running = ctx;
    char text[256];
    if (!running->batch)
        return;
    progress_format(batch_progress(running->batch),
                    clock_mono_ms(&clock_system) - running->started_ms, text,
                    sizeof text);
    progress_show(&running->progress, text);
}

static void keep_failure(struct running *running, const struct batch_event *event)
{
    running->failures = xreallocarray(running->failures, running->failure_count + 1,
                                      sizeof *running->failures);
    struct failure *failure = &running->failures[running->failure_count++];
    *failure = (struct failure){.line = event->line, .sample = event->sample};
    if (event->err)
        failure->err = *event->err;
}

static void print_logged(struct running *running, const struct record *record)
{
    struct output *out = &running->cli->out;
    char id[ID_TEXT];
    progress_clear(&running->progress);
    if (out->is_json) {
        record_print_json(out, record, &app_session(running->cli->app)->dataset);
    } else {
        id_format(&record->id, id);
        output_text(out, id);
        output_text(out, "\n");
    }
    output_flush(out);
}

static void on_event(void *ctx, const struct batch_event *event)
{
    struct running *running = ctx;
    if (event->outcome == BATCH_FAILED)
        keep_failure(running, event);
    if (event->outcome != BATCH_LOGGED || !event->record)
        return;
    running->limited += finish_find(event->record->completion.finish_reason)->is_limit;
    print_logged(running, event->record);
}

static int compare_failures(const void *a, const void *b)
{
    const struct failure *left = a, *right = b;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return (left->sample > right->sample) - (left->sample < right->sample);
}

/* In the file's order, whatever order they ended in. */
static void say_failures(const struct running *running)
{
    if (running->failure_count)
        qsort(running->failures, running->failure_count, sizeof *running->failures,
              compare_failures);
    int repeat = (int)running->cli->arguments->numbers[OPTION_REPEAT];
    for (size_t i = 0; i < running->failure_count; i++) {
        const struct failure *failure = &running->failures[i];
        char sample[48] = "";
        if (repeat > 1)
            snprintf(sample, sizeof sample, " (%d of %d)", failure->sample + 1, repeat);
        cli_say("%s:%zu%s: %s", input_name(running->file), failure->line, sample,
                failure->err.text);
    }
}

static void say_summary(const struct running *running,
                        const struct batch_progress *counts, const struct err *fault)
{
    size_t logged = counts->done - counts->failed - counts->skipped;
    size_t there = counts->skipped - counts->elsewhere;
    char rest[128] = "", elsewhere[64] = "";
    if (fault->code)
        cli_say("%s Nothing more was asked.", fault->text);
    if (counts->elsewhere)
        snprintf(elsewhere, sizeof elsewhere, ", %zu being asked by another run",
                 counts->elsewhere);
    if (counts->done < counts->total)
        snprintf(rest, sizeof rest, " Stopped with %zu to go; the same command goes on.",
                 counts->total - counts->done);
    cli_say("%zu logged, %zu there already%s, %zu failed.%s", logged, there, elsewhere,
            counts->failed, rest);
    if (running->limited)
        cli_say("%zu of the answers end%s at the token limit; --max-tokens N raises it.",
                running->limited, running->limited == 1 ? "s" : "");
    if (there && there == counts->total && running->cli->out.is_terminal)
        cli_say("All of it was logged by an earlier run; --name NAME runs it anew.");
}

/* Why nothing goes on, once for each wait, not for each of the prompts that wait. */
static void on_change(void *ctx)
{
    struct running *running = ctx;
    const struct session *session = app_session(running->cli->app);
    int64_t now = clock_mono_ms(&clock_system);
    for (size_t i = 0; i < session->stream_count && now >= running->told_until_ms; i++) {
        const struct stream *stream = session->streams[i];
        if (!stream->retry_at_ms || !*stream->waiting)
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
    if (running->progress.file)
        loop_timer_start(timer, 0, REPAINT_MS);
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
    for (size_t i = 0; i < running->failure_count; i++)
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
    say_failures(running);
    say_summary(running, &counts, &fault);
    int code = cli->is_stopped ? EXIT_FAILED : command_send(cli);
    bool is_whole =
        !is_stopped && !counts.failed && !counts.elsewhere && counts.done == counts.total;
    if (cli_exit_code(fault.code) == EXIT_CONFIG)
        return EXIT_CONFIG;
    return is_whole ? code : (int)failure_code(running);
}

static int run(struct cli *cli, const struct batch_prompt *prompts, size_t count)
{
    const struct arguments *arguments = cli->arguments;
    const struct session *session = app_session(cli->app);
    if (!app_can_ask(cli->app)) {
        cli_say("%s", session->notice.text);
        return session->has_endpoint && session->can_log ? EXIT_FAILED : EXIT_CONFIG;
    }
    struct running running = {.cli = cli, .file = arguments->operands[0]};
    const char *name = arguments->texts[OPTION_NAME];
    struct batch_options options = {.prompts = prompts,
                                    .count = count,
                                    .repeat = (int)arguments->numbers[OPTION_REPEAT],
                                    .concurrency =
                                        (int)arguments->numbers[OPTION_CONCURRENCY],
                                    .key = name};
    progress_init(&running.progress, stderr);
    running.started_ms = clock_mono_ms(&clock_system);
    running.batch = batch_start(cli->app, &options, on_event, &running);
    wait_for_end(&running);
    int code = finish(&running);
    free(running.failures);
    return code;
}

/* Tables would be sent line by line, commas, quotes and all. */
static enum status refuse_table(const char *file, struct err *err)
{
    static const char *const kinds[] = {".csv", ".tsv", ".jsonl", ".ndjson", ".json"};
    const char *dot = strrchr(file, '.');
    for (size_t i = 0; dot && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcasecmp(dot, kinds[i]))
            return err_set(err, STATUS_USAGE,
                           "Files of rows (%s) cannot be read yet: give a text file with "
                           "one prompt a line.",
                           kinds[i]);
    return STATUS_OK;
}

int command_run(struct cli *cli)
{
    const char *file = cli->arguments->operands[0];
    struct batch_prompt *prompts = NULL;
    size_t count = 0;
    struct buf text = {0};
    struct err err = {0};
    int code;
    if (refuse_table(file, &err) || command_read(cli, file, FILE_MAX, &text, &err) ||
        batch_split_prompts(input_name(file), &text, &prompts, &count, &err)) {
        buf_clear(&text);
        return command_fail(&err);
    }
    buf_clear(&text);
    if (!count) {
        cli_say("There is no prompt in %s: one line is one prompt.", input_name(file));
        code = EXIT_FAILED;
    } else if (command_open_to_log(cli, &err)) {
        code = command_fail(&err);
    } else {
        code = run(cli, prompts, count);
    }
    batch_free_prompts(prompts, count);
    return code;
}
