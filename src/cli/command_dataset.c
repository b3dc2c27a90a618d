/* SPDX-License-Identifier: MIT
 *
 * sherd dataset - makes, lists and shows datasets: on the server when there is one, else
 * in the store.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/dataset_output.h"
#include "cli/remote.h"

static const char *wanted_name(const struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    return arguments->operand_count > 1 ? arguments->operands[1] : cli->settings->dataset;
}

/* The guide's dataset; workspace NULL lets the server choose the user's first. */
static void init_template(struct dataset *template, struct cli *cli, const char *url)
{
    const char *workspace = cli->settings->workspace;
    dataset_init_guide(template, wanted_name(cli), workspace ? workspace : "local", url);
    if (!workspace && *url) {
        free(template->workspace);
        template->workspace = NULL;
    }
}

static void say_outcome(const struct dataset *dataset, bool is_new)
{
    char place[400];
    const char *name = dataset->name ? dataset->name : "";
    bool is_local = !dataset->server || !*dataset->server;
    snprintf(place, sizeof place, "in the workspace %s %s%s",
             dataset->workspace ? dataset->workspace : "", is_local ? "in " : "on ",
             is_local ? "the store" : dataset->server);
    if (is_new)
        cli_say("Created the dataset %s %s, with the fields and questions above.", name,
                place);
    else
        cli_say("The dataset %s is there already, %s, as above: nothing was created.",
                name, place);
}

static enum status create_on_server(struct remote *remote, struct dataset *dataset,
                                    bool *is_new, struct err *err)
{
    struct err missing = {0};
    struct cli *cli = remote->cli;
    if (remote_open_dataset(remote, wanted_name(cli), dataset, &missing) == STATUS_OK)
        return STATUS_OK;
    if (missing.code != STATUS_NOT_FOUND) {
        *err = missing;
        return err->code;
    }
    struct dataset template = {0};
    init_template(&template, cli, argilla_url(remote->argilla));
    *is_new = true;
    enum status status = remote_create_dataset(remote, &template, dataset, err);
    dataset_clear(&template);
    return status;
}

static void on_put(void *ctx, const struct store_result *result)
{
    struct err *err = ctx;
    *err = result->err;
}

static enum status find_local(struct cli *cli, struct dataset *dataset, struct err *err)
{
    return store_find_dataset(cli->store, "", NULL, wanted_name(cli), dataset, err);
}

static enum status create_in_store(struct cli *cli, struct dataset *dataset, bool *is_new,
                                   struct err *err)
{
    if (command_open_store(cli, err))
        return err->code;
    struct err missing = {0};
    enum status status = find_local(cli, dataset, &missing);
    if (status == STATUS_OK)
        return STATUS_OK;
    if (status != STATUS_NOT_FOUND) {
        *err = missing;
        return status;
    }
    *is_new = true;
    init_template(dataset, cli, "");
    store_put_dataset(cli->store, dataset, on_put, err);
    store_drain(cli->store);
    return err->code;
}

static int create(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct dataset dataset = {0};
    struct err err = {0};
    bool is_new = false;
    enum status status = remote->argilla
                             ? create_on_server(remote, &dataset, &is_new, &err)
                             : create_in_store(cli, &dataset, &is_new, &err);
    if (status == STATUS_OK) {
        dataset_print(&cli->out, &dataset);
        output_flush(&cli->out); /* the sentence says "above" */
        say_outcome(&dataset, is_new);
    }
    dataset_clear(&dataset);
    return status ? command_fail(&err) : EXIT_DONE;
}

static int show(struct remote *remote)
{
    struct cli *cli = remote->cli;
    struct dataset dataset = {0};
    struct err err = {0};
    enum status status;
    if (remote->argilla)
        status = remote_open_dataset(remote, wanted_name(cli), &dataset, &err);
    else if ((status = command_open_store(cli, &err)) == STATUS_OK)
        status = command_find_dataset(cli, wanted_name(cli), &dataset, &err);
    if (status == STATUS_OK)
        dataset_print(&cli->out, &dataset);
    dataset_clear(&dataset);
    return status ? command_fail(&err) : EXIT_DONE;
}

static void print_list(void *ctx, const struct dataset *datasets, size_t count,
                       const struct err *err)
{
    struct cli *cli = ctx;
    (void)err;
    for (size_t i = 0; i < count; i++)
        dataset_print_row(&cli->out, &datasets[i], i == 0);
    if (!count && cli->out.is_terminal && !cli->out.is_json)
        cli_say("No datasets yet; “sherd dataset create” makes one.");
}

static enum status list_store(struct cli *cli, struct err *err)
{
    struct dataset *list = NULL;
    size_t count = 0;
    if (command_open_store(cli, err) ||
        store_list_datasets(cli->store, &list, &count, err))
        return err->code;
    print_list(cli, list, count, NULL);
    for (size_t i = 0; i < count; i++)
        dataset_clear(&list[i]);
    free(list);
    return STATUS_OK;
}

static int list(struct remote *remote)
{
    struct err err = {0};
    enum status status = remote->argilla ? remote_list_datasets(remote, print_list, &err)
                                         : list_store(remote->cli, &err);
    return status ? command_fail(&err) : EXIT_DONE;
}

int command_dataset(struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(struct remote *remote);
    } verbs[] = {{"create", create}, {"list", list}, {"show", show}};
    struct remote remote;
    struct err err = {0};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, cli->arguments->operands[0]) != 0)
            continue;
        if (remote_open(&remote, cli, &err))
            return command_fail(&err);
        int code = verbs[i].run(&remote);
        remote_close(&remote);
        return code;
    }
    cli_say("“sherd dataset” takes create, list or show; “%s” is none of them.",
            cli->arguments->operands[0]);
    return EXIT_USAGE;
}
