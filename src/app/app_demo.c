/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app_parts.h"
#include "base/paths.h"
#include "base/xalloc.h"

enum status app_demo_open(struct app *app, int64_t token_ms, struct err *err)
{
    const char *temp = getenv("TMPDIR");
    char *dir = paths_join(temp && temp[0] == '/' ? temp : "/tmp", "sherd-demo-XXXXXX");
    if (!mkdtemp(dir)) {
        err_set(err, STATUS_IO, "A directory for the demo cannot be made as %s: %s.", dir,
                strerror(errno));
        free(dir);
        return err->code;
    }
    app->demo_dir = dir;
    endpoint_init(&app->endpoint);
    endpoint_set_demo(&app->endpoint);
    if (token_ms >= 0)
        app->endpoint.token_ms = token_ms;
    app->session.is_demo = true;
    return STATUS_OK;
}

void app_demo_fill(struct app *app)
{
    const struct dataset *dataset = &app->session.dataset;
    size_t count = 0;
    struct err err = {0};
    const struct llm_demo_pair *pairs = llm_demo_pairs(&count);
    struct record *records = xcalloc(count, sizeof *records);
    for (size_t i = 0; i < count; i++) {
        struct record *record = &records[i];
        struct completion *completion = &record->completion;
        record->dataset_row = dataset->row;
        record->has_completion = true;
        id_random(&record->id);
        record->inserted_ms = clock_wall_ms(app->clock);
        completion_init(completion);
        completion->state = COMPLETION_DONE;
        completion->endpoint = xstrdup("demo");
        completion->model_used = xstrdup("demo");
        completion->started_ms = record->inserted_ms;
        record_set_field(record, "prompt", pairs[i].prompt, strlen(pairs[i].prompt));
        record_set_field(record, "response", pairs[i].response,
                         strlen(pairs[i].response));
    }
    if (store_add_records(app->store, records, count, &err) != STATUS_OK)
        app_notify(app, NOTICE_ERROR, "The demo is not whole: %s", err.text);
    for (size_t i = 0; i < count; i++)
        record_clear(&records[i]);
    free(records);
}

/* Only our own files are in it: the store and what SQLite keeps beside it. */
static void remove_directory(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char *file = paths_join(path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(file);
        free(file);
    }
    closedir(dir);
    rmdir(path);
}

void app_demo_close(struct app *app)
{
    if (app->demo_dir)
        remove_directory(app->demo_dir);
    free(app->demo_dir);
    app->demo_dir = NULL;
}
