/* SPDX-License-Identifier: MIT
 *
 * sherd ask - one prompt; the answer streams to standard output and is logged.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/record_output.h"
#include "cli/unlogged.h"

struct asking {
    struct cli *cli;
    struct id record;
    size_t printed;      /* bytes of the answer */
    int64_t retry_at_ms; /* of the wait that was told last */
};

static void print_rest(struct asking *asking, const char *text, size_t len)
{
    if (asking->cli->out.is_json || len <= asking->printed)
        return;
    output_stream(&asking->cli->out, text + asking->printed, len - asking->printed);
    asking->printed = len;
}

static void on_change(void *ctx)
{
    struct asking *asking = ctx;
    const struct session *session = app_session(asking->cli->app);
    const struct stream *stream = session_stream(session, &asking->record);
    if (!stream) {
        size_t len = 0;
        const char *text = session_response(session, &len);
        print_rest(asking, text, len);
        output_end_stream(&asking->cli->out); /* sending it may still take a while */
        return;
    }
    if (stream->retry_at_ms && stream->retry_at_ms != asking->retry_at_ms) {
        asking->retry_at_ms = stream->retry_at_ms;
        cli_say_retry(stream->waiting,
                      stream->retry_at_ms - clock_mono_ms(&clock_system));
    }
    print_rest(asking, buf_text(&stream->text), stream->text.len);
}

/* Flags that would be refused are refused before anything is asked. */
static enum status check_answer(struct cli *cli, const struct answer *answer,
                                struct err *err)
{
    struct response response = {0};
    enum status status = STATUS_OK;
    if (answer->status != RESPONSE_PENDING)
        status = answer_apply(answer, &app_session(cli->app)->dataset, &response, err);
    response_clear(&response);
    return status;
}

static int refuse(struct cli *cli)
{
    const struct session *session = app_session(cli->app);
    cli_say("%s", *session->notice.text ? session->notice.text
                                        : "The prompt could not be sent.");
    return session->has_endpoint && session->can_log ? EXIT_FAILED : EXIT_CONFIG;
}

/* After Ctrl-C: what came so far stays. */
static void stop_stream(struct asking *asking)
{
    struct cli *cli = asking->cli;
    if (!session_stream(app_session(cli->app), &asking->record))
        return;
    app_cancel(cli->app);
    cli->is_stopped = false; /* a second Ctrl-C ends the sending too */
    command_settle(cli);
    cli->is_stopped = true;
}

static enum status rate(struct asking *asking, const struct answer *answer,
                        struct record *record, struct err *err)
{
    struct cli *cli = asking->cli;
    if (answer->status == RESPONSE_PENDING || record->completion.state != COMPLETION_DONE)
        return STATUS_OK;
    if (answer_apply(answer, &app_session(cli->app)->dataset, &record->response, err))
        return err->code;
    return command_put_response(cli, &asking->record, &record->response, CHANGE_SUBMIT,
                                err);
}

static void say_end(const struct record *record, bool has_text)
{
    char id[SHORT_ID];
    const char *what = has_text ? "What came" : "The prompt";
    const struct completion *completion = &record->completion;
    record_short_id(&record->id, id);
    if (completion->state == COMPLETION_DONE)
        cli_say("Logged as %s.", id);
    else if (completion->error)
        cli_say("%s %s is kept as %s.", completion->error, what, id);
    else
        cli_say("The answer was cut off. %s is kept as %s.", what, id);
}

static int finish(struct asking *asking, const struct answer *answer)
{
    struct cli *cli = asking->cli;
    struct record record = {0};
    struct err err = {0};
    const struct dataset *dataset = &app_session(cli->app)->dataset;
    if (store_get_record(cli->store, &asking->record, &record, &err))
        return command_fail(&err);
    const struct field *field = dataset_response_field(dataset);
    const struct record_field *text = field ? record_field(&record, field->name) : NULL;
    if (text)
        print_rest(asking, text->text, text->len);
    output_end_stream(&cli->out);
    say_end(&record, text && text->len);
    bool is_done = record.completion.state == COMPLETION_DONE;
    int code = rate(asking, answer, &record, &err) ? command_fail(&err) : EXIT_DONE;
    if (!cli->is_stopped && code == EXIT_DONE)
        code = command_send(cli);
    if (store_get_record(cli->store, &asking->record, &record, NULL) == STATUS_OK)
        record_print_json(&cli->out, &record, dataset);
    record_clear(&record);
    if (is_done)
        return code;
    enum exit_code why = cli_exit_code(app_session(cli->app)->answer_code);
    return why == EXIT_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
}

static int ask(struct cli *cli, const char *prompt, size_t len)
{
    const struct arguments *arguments = cli->arguments;
    struct asking asking = {.cli = cli};
    struct answer answer = {.has_rating = arguments_has(arguments, OPTION_RATING),
                            .rating = arguments->rating,
                            .feedback = arguments->feedback};
    struct err err = {0};
    if (answer.has_rating || answer.feedback)
        answer.status = RESPONSE_SUBMITTED;
    if (command_open_to_log(cli, &err) || check_answer(cli, &answer, &err))
        return command_fail(&err);
    if (!app_ask(cli->app, prompt, len, NULL, NULL))
        return refuse(cli);
    asking.record = app_session(cli->app)->current.id;
    app_on_change(cli->app, on_change, &asking);
    command_settle(cli);
    stop_stream(&asking);
    app_on_change(cli->app, NULL, NULL);
    return finish(&asking, &answer);
}

static bool is_blank(const char *text, size_t len)
{
    size_t blanks = strspn(text, " \t\r\n");
    return blanks >= len;
}

int command_ask(struct cli *cli)
{
    const char *given = cli->arguments->operands[0];
    char *text = NULL;
    size_t len = strlen(given);
    struct err err = {0};
    int code;
    if (!strcmp(given, "-") && command_read_stdin(&text, &len, &err))
        return command_fail(&err);
    const char *prompt = text ? text : given;
    if (is_blank(prompt, len)) {
        cli_say("The prompt is empty.");
        code = EXIT_USAGE;
    } else if (arguments_has(cli->arguments, OPTION_NO_LOG)) {
        code = unlogged_ask(cli, prompt, len);
    } else {
        code = ask(cli, prompt, len);
    }
    free(text);
    return code;
}
