/* SPDX-License-Identifier: MIT
 *
 * sherd ask - one prompt; the answer streams to standard output and is logged.
 */
#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ask.h"
#include "app/choice.h"
#include "app/given.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "llm/llm.h"
#include "json/dataset_json.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

struct asking {
    struct cli *cli;
    struct id record;
    size_t printed;      /* bytes of the answer */
    size_t steps;        /* of the agent, that were told */
    int64_t retry_at_ms; /* of the wait that was told last */
    bool is_quiet;
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
    if (stream->steps > asking->steps && *stream->doing && !asking->is_quiet)
        cli_say("%s", stream->doing);
    asking->steps = stream->steps;
    print_rest(asking, buf_text(&stream->text), stream->text.len);
}

/* Flags that would be refused are refused before anything is asked. */
static enum status check_answer(struct cli *cli, const struct answer *answer,
                                struct err *err)
{
    struct response response = {0};
    enum status status = STATUS_OK;
    if (answer->status != RESPONSE_PENDING)
        status =
            answer_apply(answer, &app_session(cli->app)->dataset, NULL, &response, err);
    response_clear(&response);
    return status;
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
    if (answer_apply(answer, &app_session(cli->app)->dataset, record, &record->response,
                     err))
        return err->code;
    return command_put_response(cli, &asking->record, &record->response, NULL,
                                CHANGE_SUBMIT, err);
}

static void say_end(const struct record *record, bool has_text)
{
    char id[SHORT_ID];
    const struct completion *completion = &record->completion;
    const char *limit = finish_find(completion->finish_reason)->note;
    const char *why = completion->error ? completion->error : "The answer was cut off.";
    record_short_id(&record->id, id);
    if (completion->state == COMPLETION_DONE)
        cli_say("Logged as %s%s%s.", id, limit ? "; " : "", limit ? limit : "");
    else if (strstr(why, "is kept")) /* the sentence says it */
        cli_say("%s It is %s.", why, id);
    else
        cli_say("%s %s is kept as %s.", why, has_text ? "What came" : "The prompt", id);
}

static int finish(struct asking *asking, const struct answer *answer)
{
    struct cli *cli = asking->cli;
    struct record record = {0};
    struct err err = {0};
    const struct session *session = app_session(cli->app);
    const struct dataset *dataset = &session->dataset;
    /* as it is here: the store may not have all of it */
    if (session->has_current && id_equal(&session->current.id, &asking->record))
        record_copy(&record, &session->current);
    else if (store_get_record(cli->store, &asking->record, &record, &err))
        return command_fail(&err);
    const struct field *field = dataset_response_field(dataset);
    const struct record_field *text = field ? record_field(&record, field->name) : NULL;
    if (text)
        print_rest(asking, text->text, text->len);
    output_end_stream(&cli->out);
    if (*session->unsaved) { /* what is not on disk is not called kept, nor rated */
        cli_say("Not saved: %s", session->unsaved);
        cli->is_loss_told = true;
        record_print_json(&cli->out, &record, dataset);
        record_clear(&record);
        return EXIT_FAILED;
    }
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
    struct asking asking = {.cli = cli,
                            .is_quiet = arguments_has(arguments, OPTION_QUIET)};
    struct answer answer = answer_of(arguments);
    struct err err = {0};
    if (command_open_to_log(cli, &err) || check_answer(cli, &answer, &err))
        return command_fail(&err);
    if (!app_ask(cli->app, prompt, len, NULL, NULL)) {
        const struct session *session = app_session(cli->app);
        cli_say("%s", *session->notice.text ? session->notice.text
                                            : "The prompt could not be sent.");
        return session->has_endpoint && session->can_log ? EXIT_FAILED : EXIT_CONFIG;
    }
    asking.record = app_session(cli->app)->current.id;
    app_on_change(cli->app, on_change, &asking);
    command_settle(cli);
    stop_stream(&asking);
    app_on_change(cli->app, NULL, NULL);
    return finish(&asking, &answer);
}

/* ---- --no-log: kept nowhere ---- */

struct unlogged {
    struct cli *cli;
    struct buf text; /* with --json: the answer so far */
    bool is_over;
    struct err err; /* why it failed or was cut off */
    struct completion completion;
};

static void on_unlogged_event(void *ctx, const struct llm_event *event)
{
    struct unlogged *unlogged = ctx;
    switch (event->kind) {
    case LLM_TEXT:
        if (unlogged->cli->out.is_json)
            buf_add(&unlogged->text, event->text, event->len);
        else
            output_stream(&unlogged->cli->out, event->text, event->len);
        break;
    case LLM_REASONING:
        break;
    case LLM_WAITING:
        cli_say_retry(event->err ? event->err->text : "", event->wait_ms);
        break;
    case LLM_END:
        unlogged->is_over = true;
        completion_copy(&unlogged->completion, event->completion);
        if (event->err)
            unlogged->err = *event->err;
        break;
    }
}

static enum status take_endpoint(struct cli *cli, struct endpoint *endpoint,
                                 struct err *err)
{
    const struct endpoint *found = settings_endpoint(cli->settings, NULL, err);
    if (!found)
        return err_set(err, STATUS_CONFIG,
                       "No model endpoint is configured: set OPENAI_API_KEY or "
                       "OPENAI_BASE_URL, or give --endpoint URL.");
    endpoint_copy(endpoint, found);
    if (!endpoint->key_command || secret_is_set(&endpoint->key))
        return STATUS_OK;
    return command_fetch_key(cli, endpoint->key_command, &endpoint->key, err);
}

static int finish_unlogged(struct unlogged *unlogged, const char *prompt, size_t len)
{
    struct cli *cli = unlogged->cli;
    if (cli->out.is_json)
        output_json(
            &cli->out,
            json_pack("{s:o, s:o, s:o}", "prompt", json_new_text(prompt, len), "response",
                      json_new_text(buf_text(&unlogged->text), unlogged->text.len),
                      "completion", completion_to_json(&unlogged->completion)));
    else
        output_end_stream(&cli->out);
    if (cli->is_stopped) {
        cli_say("Stopped. Nothing was kept, as --no-log says.");
        return EXIT_FAILED;
    }
    if (cli->out.is_closed)
        return EXIT_DONE;
    if (unlogged->completion.state != COMPLETION_DONE)
        return command_fail(&unlogged->err);
    const char *limit = finish_find(unlogged->completion.finish_reason)->note;
    if (limit)
        cli_say("The answer came; %s.", limit);
    return EXIT_DONE;
}

static void wait_for_unlogged(struct unlogged *unlogged, struct llm_call *call)
{
    struct cli *cli = unlogged->cli;
    while (!unlogged->is_over && !cli->is_stopped && !cli->out.is_closed &&
           loop_turn(cli->loop))
        ;
    if (!unlogged->is_over)
        llm_cancel(call);
    while (!unlogged->is_over && loop_turn(cli->loop)) /* its end comes from the loop */
        ;
}

static int ask_unlogged(struct cli *cli, const char *prompt, size_t len)
{
    struct unlogged unlogged = {.cli = cli};
    struct endpoint endpoint = {0};
    struct err err = {0};
    if (take_endpoint(cli, &endpoint, &err)) {
        endpoint_clear(&endpoint);
        return command_fail(&err);
    }
    buf_init(&unlogged.text, TEXT_MAX);
    struct llm_message message = {.role = "user", .text = prompt, .len = len};
    struct llm_request request = {.endpoint = &endpoint,
                                  .messages = &message,
                                  .message_count = 1,
                                  .sampling = &cli->settings->sampling};
    struct http *http = http_new(cli->loop);
    wait_for_unlogged(&unlogged, llm_start(http, cli->loop, &clock_system, &request,
                                           on_unlogged_event, &unlogged));
    http_free(http);
    int code = finish_unlogged(&unlogged, prompt, len);
    completion_clear(&unlogged.completion);
    buf_clear(&unlogged.text);
    endpoint_clear(&endpoint);
    return code;
}

/* ---- the prompt ---- */

/* What is piped in, in front of the prompt with an empty line between. */
static enum status read_prompt(struct cli *cli, struct buf *prompt, struct err *err)
{
    const char *given = cli->arguments->operands[0];
    bool is_input = !strcmp(given, "-");
    struct stat facts;
    bool is_piped =
        fstat(STDIN_FILENO, &facts) == 0 &&
        (S_ISFIFO(facts.st_mode) || S_ISREG(facts.st_mode) || S_ISSOCK(facts.st_mode));
    if ((is_input || is_piped) && command_read_stdin(cli, prompt, err))
        return err->code;
    if (!is_input && prompt->len)
        buf_add_text(prompt, prompt->data[prompt->len - 1] == '\n' ? "\n" : "\n\n");
    if (!is_input && utf8_check(given, strlen(given)) < strlen(given))
        return err_set(err, STATUS_USAGE, "The prompt is not UTF-8.");
    if (!is_input)
        buf_add_text(prompt, given);
    if (strspn(buf_text(prompt), " \t\r\n") >= prompt->len)
        return err_set(err, STATUS_USAGE, "The prompt is empty.");
    return STATUS_OK;
}

int command_ask(struct cli *cli)
{
    struct buf prompt = {0};
    struct err err = {0};
    int code;
    if (read_prompt(cli, &prompt, &err))
        code = command_fail(&err);
    else if (arguments_has(cli->arguments, OPTION_NO_LOG))
        code = ask_unlogged(cli, prompt.data, prompt.len);
    else
        code = ask(cli, prompt.data, prompt.len);
    buf_clear(&prompt);
    return code;
}

/* ---- what the flags say to a record's questions ---- */

/* "QUESTION=VALUE", the at-th option that was given. */
static enum status set_given(const struct answer *answer, size_t at,
                             const struct dataset *dataset, const struct record *record,
                             struct response *response, struct err *err)
{
    const struct option_given *list = answer->arguments->list;
    const char *given = list[at].text, *text;
    const struct question *question = given_question(dataset, given, &text, err);
    bool is_twice =
        question &&
        ((answer->rating && question == dataset_rating_question(dataset)) ||
         (answer->feedback && question == dataset_feedback_question(dataset)));
    for (size_t i = 0; question && i < at; i++)
        is_twice |= list[i].option == OPTION_ANSWER &&
                    strncmp(list[i].text, given, (size_t)(text - given)) == 0;
    if (is_twice)
        return err_set(err, STATUS_USAGE, "“%.*s” is answered twice.",
                       (int)(text - given) - 1, given);
    return question ? given_read(dataset, record, question, text, &response->values, err)
                    : err->code;
}

static enum status set_all(const struct answer *answer, const struct dataset *dataset,
                           const struct record *record, struct response *response,
                           struct err *err)
{
    const struct question *rating = dataset_rating_question(dataset);
    const struct question *feedback = dataset_feedback_question(dataset);
    if (answer->rating && !rating)
        return err_set(err, STATUS_USAGE, "The dataset has no rating question.");
    if (answer->rating &&
        given_read(dataset, record, rating, answer->rating, &response->values, err))
        return err->code;
    if (answer->feedback && !feedback)
        return err_set(err, STATUS_USAGE, "The dataset has no question for feedback.");
    if (answer->feedback)
        values_set_text(&response->values, feedback->name, QUESTION_TEXT,
                        answer->feedback);
    for (size_t i = 0; i < answer->arguments->list_count; i++)
        if (answer->arguments->list[i].option == OPTION_ANSWER &&
            set_given(answer, i, dataset, record, response, err))
            return err->code;
    return STATUS_OK;
}

struct answer answer_of(const struct arguments *arguments)
{
    struct answer answer = {.rating = arguments->texts[OPTION_RATING],
                            .feedback = arguments->texts[OPTION_FEEDBACK],
                            .arguments = arguments};
    if (arguments_has(arguments, OPTION_DISCARD))
        answer.status = RESPONSE_DISCARDED;
    else if (arguments_has(arguments, OPTION_DRAFT))
        answer.status = RESPONSE_DRAFT;
    else if (answer_is_given(&answer))
        answer.status = RESPONSE_SUBMITTED;
    return answer;
}

bool answer_is_given(const struct answer *answer)
{
    return answer->rating || answer->feedback ||
           arguments_has(answer->arguments, OPTION_ANSWER);
}

enum status answer_apply(const struct answer *answer, const struct dataset *dataset,
                         const struct record *record, struct response *response,
                         struct err *err)
{
    char label[64];
    const char *why;
    if (set_all(answer, dataset, record, response, err))
        return err->code;
    response->status = answer->status;
    if (answer->status != RESPONSE_SUBMITTED)
        return STATUS_OK;
    dataset_complete_values(dataset, &response->values);
    const struct question *question =
        choice_find_fault(dataset, record, &response->values, true, &why);
    if (!question)
        return STATUS_OK;
    question_label(question, label, sizeof label);
    if (values_find(&response->values, question->name))
        return err_set(err, STATUS_USAGE, "“%s” %s; --draft keeps it unfinished.", label,
                       why);
    return err_set(err, STATUS_USAGE,
                   "“%s” must be answered before a record can be submitted; --draft "
                   "keeps it unfinished.",
                   label);
}
