/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/unlogged.h"

#include "llm/llm.h"
#include "net/http.h"
#include "json/completion_json.h"
#include "json/json.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

struct unlogged {
    struct cli *cli;
    struct buf text; /* with --json: the answer so far */
    bool is_over;
    struct err err; /* why it failed or was cut off */
    struct completion completion;
};

static void on_event(void *ctx, const struct llm_event *event)
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
    const struct endpoint *found = settings_endpoint(cli->settings, err);
    if (!found)
        return err_set(err, STATUS_CONFIG,
                       "No model endpoint is configured: set OPENAI_API_KEY or "
                       "OPENAI_BASE_URL, or give --endpoint URL.");
    endpoint_copy(endpoint, found);
    if (!endpoint->key_command || secret_is_set(&endpoint->key))
        return STATUS_OK;
    return settings_fetch_key(endpoint->key_command, &endpoint->key, err);
}

static void print_object(struct unlogged *unlogged, const char *prompt, size_t len)
{
    json_t *object = json_object();
    json_object_set_new(object, "prompt", json_new_text(prompt, len));
    json_object_set_new(object, "response",
                        json_new_text(buf_text(&unlogged->text), unlogged->text.len));
    json_object_set_new(object, "completion", completion_to_json(&unlogged->completion));
    output_json(&unlogged->cli->out, object);
}

static int finish(struct unlogged *unlogged, const char *prompt, size_t len)
{
    struct cli *cli = unlogged->cli;
    if (cli->out.is_json)
        print_object(unlogged, prompt, len);
    else
        output_end_stream(&cli->out);
    if (cli->is_stopped) {
        cli_say("Stopped. Nothing was kept, as --no-log says.");
        return EXIT_FAILED;
    }
    return unlogged->completion.state == COMPLETION_DONE ? EXIT_DONE
                                                         : command_fail(&unlogged->err);
}

static void wait_for_end(struct unlogged *unlogged, struct llm_call *call)
{
    struct cli *cli = unlogged->cli;
    while (!unlogged->is_over && !cli->is_stopped && !cli->out.is_closed &&
           loop_turn(cli->loop))
        ;
    if (!unlogged->is_over)
        llm_cancel(call);
}

int unlogged_ask(struct cli *cli, const char *prompt, size_t len)
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
    wait_for_end(&unlogged, llm_start(http, cli->loop, &clock_system, &request, on_event,
                                      &unlogged));
    http_free(http);
    int code = finish(&unlogged, prompt, len);
    completion_clear(&unlogged.completion);
    buf_clear(&unlogged.text);
    endpoint_clear(&endpoint);
    return code;
}
