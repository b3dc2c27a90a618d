/* SPDX-License-Identifier: MIT
 *
 * A store with choices, ratings and a conversation, exported in every format and read by
 * the datasets package of PyPI: SHERD_LIVE_DATASETS names a python that has it. Part of
 * make live; skipped when it is not set. Prints that script's TAP.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/store_rig.h"

static const char awkward[] = "Two\nlines, \"quotes\", 日本語 and \\ \t";

static struct id add(struct store_rig *rig, const char *prompt, const char *response,
                     const struct id *parent, const char *messages)
{
    struct record record;
    store_rig_fill(rig, &record, prompt, response, parent);
    record.completion.sampling.system_prompt = messages ? xstrdup("Be kind.") : NULL;
    record.completion.messages = messages ? xstrdup(messages) : NULL;
    return store_rig_keep(rig, &record);
}

static void pick(struct store_rig *rig, int64_t chosen, int64_t other, int strength)
{
    const struct pick pick = {.rows = {chosen, other}, .count = 2, .strength = strength};
    store_rig_ok(rig, store_put_pick(rig->store, &pick, &rig->err));
}

static void fill(struct store_rig *rig)
{
    static const char talk[] = "[{\"role\":\"user\",\"content\":\"Hi\"},"
                               "{\"role\":\"assistant\",\"content\":\"Hello.\"},"
                               "{\"role\":\"user\",\"content\":\"Bye\"}]";
    static const char transcript[] = "User: Hi\n\nAssistant: Hello.\n\nUser: Bye";
    struct id first = add(rig, "Why?", "Because.", NULL, NULL);
    add(rig, "Why?", awkward, &first, NULL);
    pick(rig, 2, 1, 3);
    struct id talked = add(rig, transcript, "Good night.", NULL, talk);
    add(rig, transcript, "Off you go.", &talked, talk);
    pick(rig, 3, 4, 0);
    struct id rated = add(rig, "Rate me", "well", NULL, NULL);
    struct id worse = add(rig, "Rate me", "badly", &rated, NULL);
    store_rig_put(rig, &rated, RESPONSE_SUBMITTED, 4, "fine, \"really\"", CHANGE_SUBMIT,
                  0);
    store_rig_put(rig, &worse, RESPONSE_SUBMITTED, 2, NULL, CHANGE_SUBMIT, 0);
    add(rig, "Left out", "of what trainers get", NULL, NULL);
}

/* Runs it with its output on ours; false when it did not end well. */
static bool run(const char *const *words)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execv(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    int how = 0;
    return child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) &&
           WEXITSTATUS(how) == 0;
}

static bool export_all(const struct store_rig *rig, const char *program)
{
    static const char *const formats[] = {
        "jsonl",     "csv", "trl-preference", "trl-unpaired", "trl-prompt-completion",
        "openai-dpo"};
    bool is_done = true;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        char *file = xasprintf("%s/%s.%s", rig->dir, formats[i],
                               strcmp(formats[i], "csv") == 0 ? "csv" : "jsonl");
        const char *const words[] = {program,    "export",  "live",     "--local",
                                     "--store",  rig->path, "--format", formats[i],
                                     "--output", file,      NULL};
        is_done = is_done && run(words);
        free(file);
    }
    return is_done;
}

int main(void)
{
    const char *python = getenv("SHERD_LIVE_DATASETS"), *program = getenv("SHERD_BIN");
    struct store_rig rig = {0};
    if (!python || !*python || !program) {
        printf("1..0 # SKIP SHERD_LIVE_DATASETS names no python with the datasets "
               "package\n");
        return 0;
    }
    store_rig_start(&rig);
    store_rig_put_dataset(&rig, "live", "");
    fill(&rig);
    store_rig_close(&rig);
    const char *const words[] = {python, TOP_SRCDIR "/tests/live/load_export.py", rig.dir,
                                 NULL};
    bool is_done = export_all(&rig, program) && run(words);
    const char *const tidy[] = {"/bin/rm", "-rf", rig.dir, NULL};
    run(tidy);
    loop_free(rig.loop);
    return !is_done;
}
