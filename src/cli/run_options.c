/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "cli/command.h"

enum { TEMPLATE_MAX = 1024 * 1024 };

/* A template is the file of that name, or the text itself. Owned; NULL with err. */
static char *read_template(struct cli *cli, const char *given, struct err *err)
{
    struct stat facts;
    struct buf text = {0};
    bool is_there = !strchr(given, '\n') && !stat(given, &facts);
    if (!is_there && strpbrk(given, "{ \n"))
        return xstrdup(given);
    if (!is_there)
        err_set(err, STATUS_IO,
                "The template %.200s cannot be opened: %s. A template that is no file "
                "has a {variable} in it.",
                given, strerror(errno));
    else if (!cli && !S_ISREG(facts.st_mode))
        err_set(err, STATUS_USAGE, "%.200s is no file: :run reads files.", given);
    else if (command_read(cli, given, TEMPLATE_MAX, &text, err) == STATUS_OK)
        return buf_take(&text);
    buf_clear(&text);
    return NULL;
}

/* Every model on every endpoint. */
static void read_targets(struct run_options *options, const struct arguments *arguments)
{
    size_t endpoints, models;
    const char **endpoint = arguments_all(arguments, OPTION_ENDPOINT, &endpoints);
    const char **model = arguments_all(arguments, OPTION_MODEL, &models);
    size_t rows = endpoints ? endpoints : 1, columns = models > 1 ? models : 1;
    options->targets = xcalloc(rows * columns, sizeof *options->targets);
    for (size_t i = 0; i < rows * columns; i++)
        options->targets[i] =
            (struct ask_target){.endpoint = endpoints ? endpoint[i / columns] : NULL,
                                .model = models ? model[i % columns] : NULL};
    options->batch.targets = options->targets;
    options->batch.target_count = rows * columns;
    free(endpoint);
    free(model);
}

static enum status read_file(struct run_options *options,
                             const struct arguments *arguments, struct err *err)
{
    const char *rows = arguments->texts[OPTION_ROWS];
    options->file = arguments->operand_count ? arguments->operands[0] : rows;
    options->batch.kind = arguments_has(arguments, OPTION_PARAGRAPHS)
                              ? PROMPTS_PARAGRAPHS
                              : arguments_file_kind(arguments);
    if (!options->file)
        return err_set(
            err, STATUS_USAGE,
            "“sherd run” needs FILE|-, or --rows. “sherd run --help” says more.");
    if (rows && arguments->operand_count)
        return err_set(err, STATUS_USAGE,
                       "FILE and --rows say the same: leave one of the two out.");
    return STATUS_OK;
}

static enum status read_cost(struct run_options *options, const char *text,
                             struct err *err)
{
    static const struct number_limits limits = {false, 0.000001, 1e9};
    if (text && !number_read(text, &limits, &options->batch.max_cost))
        return err_set(err, STATUS_USAGE,
                       "--max-cost takes a number over 0; “%.60s” is not one.", text);
    return STATUS_OK;
}

enum status run_options_read(struct cli *cli, struct run_options *options,
                             const struct arguments *arguments, struct err *err)
{
    struct batch_options *batch = &options->batch;
    const char *name = arguments->texts[OPTION_NAME];
    *options = (struct run_options){0};
    if (read_file(options, arguments, err) ||
        read_cost(options, arguments->texts[OPTION_MAX_COST], err))
        return err->code;
    if (arguments->texts[OPTION_TEMPLATE])
        options->template_text =
            read_template(cli, arguments->texts[OPTION_TEMPLATE], err);
    const char **steps = arguments_all(arguments, OPTION_THEN, &batch->step_count);
    options->steps = xcalloc(batch->step_count + 1, sizeof *options->steps);
    for (size_t i = 0; i < batch->step_count && !err->code; i++)
        options->steps[i] = read_template(cli, steps[i], err);
    free(steps);
    options->vars = arguments_all(arguments, OPTION_VAR, &batch->var_count);
    options->meta = arguments_all(arguments, OPTION_META, &batch->meta_count);
    read_targets(options, arguments);
    if (arguments_has(arguments, OPTION_FRESH)) {
        struct id id;
        id_random(&id);
        options->key = xasprintf("%s%sfresh-%.8s", name ? name : "", name ? "-" : "",
                                 id_text(&id).text);
    }
    batch->template_text = options->template_text;
    batch->steps = (const char *const *)options->steps;
    batch->vars = options->vars;
    batch->meta = options->meta;
    batch->samples =
        (int)arguments->numbers[arguments_has(arguments, OPTION_REPEAT) ? OPTION_REPEAT
                                                                        : OPTION_SAMPLES];
    batch->concurrency = (int)arguments->numbers[OPTION_CONCURRENCY];
    batch->key = options->key ? options->key : name;
    batch->is_strict = arguments_has(arguments, OPTION_STRICT);
    batch->is_dry = arguments_has(arguments, OPTION_DRY_RUN);
    batch->only_failed = arguments_has(arguments, OPTION_RETRY_FAILED);
    return err->code;
}

void run_options_clear(struct run_options *options)
{
    for (size_t i = 0; options->steps && i < options->batch.step_count; i++)
        free(options->steps[i]);
    free(options->steps);
    free(options->template_text);
    free(options->vars);
    free(options->meta);
    free(options->targets);
    free(options->key);
    *options = (struct run_options){0};
}

/* What is about the whole program was chosen when it started. */
static enum status check_line(const struct arguments *arguments, struct err *err)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        enum option_id option = (enum option_id)i;
        bool is_general =
            option != OPTION_ENDPOINT && command_takes(COMMAND_RECORDS, option);
        bool is_of_agents = option >= OPTION_AGENT && option <= OPTION_YES; /* :agent */
        if (arguments_has(arguments, option) &&
            (is_general || is_of_agents || option == OPTION_DRY_RUN ||
             option == OPTION_QUIET))
            return err_set(err, STATUS_USAGE,
                           "--%s is for the command line, not for :run.",
                           option_row(option)->name);
    }
    return STATUS_OK;
}

static struct batch *start(struct app *app, struct run_options *options,
                           const struct arguments *arguments, batch_fn fn, void *ctx,
                           struct err *err)
{
    struct stat facts;
    struct batch *batch = NULL;
    size_t count;
    struct ask_target *marked = app_marked_targets(app, &count);
    int fd = open(options->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        err_set(err, STATUS_IO, "%.200s cannot be opened: %s.", options->file,
                strerror(errno));
    else if (fstat(fd, &facts) || !S_ISREG(facts.st_mode))
        err_set(err, STATUS_USAGE, "%.200s is no file: :run reads files.", options->file);
    options->batch.name = options->file;
    options->batch.fd = fd;
    options->batch.sampling = &arguments->sampling;
    bool is_to_marked = count && !arguments_has(arguments, OPTION_ENDPOINT) &&
                        !arguments_has(arguments, OPTION_MODEL);
    if (is_to_marked) {
        options->batch.targets = marked;
        options->batch.target_count = count;
    }
    if (!err->code)
        batch = batch_start(app, &options->batch, fn, ctx, err);
    if (batch && is_to_marked)
        app_notify(app, NOTICE_INFO,
                   "The run asks the %zu marked model%s; --model or --endpoint would "
                   "name others.",
                   count, count == 1 ? "" : "s");
    free(marked);
    if (fd >= 0)
        close(fd);
    return batch;
}

struct batch *run_options_start(struct app *app, const char *line, batch_fn fn, void *ctx,
                                struct err *err)
{
    size_t count = 0;
    struct batch *batch = NULL;
    struct arguments arguments = {0};
    struct run_options options = {0};
    char **words = words_split(":run", line, &count, err);
    if (!words)
        return NULL;
    char **argv = xcalloc(count + 3, sizeof *argv);
    char program[] = "sherd", command[] = "run";
    argv[0] = program;
    argv[1] = command;
    for (size_t i = 0; i < count; i++)
        argv[i + 2] = words[i];
    if (arguments_read(&arguments, (int)count + 2, argv, err) == STATUS_OK &&
        check_line(&arguments, err) == STATUS_OK &&
        run_options_read(NULL, &options, &arguments, err) == STATUS_OK)
        batch = start(app, &options, &arguments, fn, ctx, err);
    run_options_clear(&options);
    arguments_clear(&arguments);
    free(argv);
    free(words);
    return batch;
}
