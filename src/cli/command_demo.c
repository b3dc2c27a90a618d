/* SPDX-License-Identifier: MIT
 *
 * sherd demo --serve - the built-in endpoint alone, for trying OPENAI_BASE_URL.
 */
#include "config.h"

#include "cli/command.h"
#include "demo/demo.h"

static void print_url(struct output *out, const char *url)
{
    if (out->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "url", json_string(url));
        output_json(out, object);
    } else {
        output_text(out, url);
        output_text(out, "\n");
    }
    output_flush(out);
}

int command_demo(struct cli *cli)
{
    struct demo_options options = {.token_ms = cli->arguments->token_ms,
                                   .port = (int)cli->arguments->port};
    struct demo *demo = NULL;
    struct err err = {0};
    bool never = false;
    if (demo_start(&demo, cli->loop, &options, &err))
        return command_fail(&err);
    print_url(&cli->out, demo_url(demo));
    cli_say("The built-in endpoint answers with canned text until Ctrl-C. Try: "
            "OPENAI_BASE_URL=%s sherd ask “Tell me a joke”",
            demo_url(demo));
    command_wait(cli, &never);
    demo_stop(demo);
    return EXIT_DONE;
}
