/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/argilla_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "net/url.h"
#include "json/json.h"

void argilla_call_init(struct argilla_call *call, const char *url, const char *key)
{
    argilla_call_init_on(call, loop_new(), url, key);
    call->owns_loop = true;
}

void argilla_call_init_on(struct argilla_call *call, struct loop *loop, const char *url,
                          const char *key)
{
    *call = (struct argilla_call){.loop = loop};
    secret_set(&call->key, key);
    call->http = http_new(call->loop);
    call->argilla = argilla_new(call->http, call->loop, url, &call->key, false);
}

static void forget(struct argilla_call *call)
{
    for (size_t i = 0; call->records && i < call->count; i++)
        record_clear(&call->records[i]);
    for (size_t i = 0; call->results && i < call->count; i++)
        response_clear(&call->results[i].response);
    for (size_t i = 0; call->found && i < call->count; i++)
        response_clear(&call->found[i].response);
    free(call->found);
    call->found = NULL;
    free(call->records);
    free(call->results);
    free(call->names);
    call->records = NULL;
    call->results = NULL;
    call->names = NULL;
    call->count = 0;
    call->is_done = false;
    err_clear(&call->err);
}

void argilla_call_clear(struct argilla_call *call)
{
    forget(call);
    dataset_clear(&call->dataset);
    argilla_free(call->argilla);
    http_free(call->http);
    secret_clear(&call->key);
    if (call->owns_loop)
        loop_free(call->loop);
}

static enum status run(struct argilla_call *call)
{
    while (!call->is_done && loop_turn(call->loop))
        continue;
    if (!call->is_done)
        fail_msg("%s", "a call never ended");
    return call->err.code;
}

static void done(struct argilla_call *call, const struct err *err)
{
    call->is_done = true;
    call->err = *err;
}

static void on_connect(void *ctx, const struct argilla_identity *identity,
                       const struct err *err)
{
    struct argilla_call *call = ctx;
    if (identity)
        call->identity = *identity;
    done(call, err);
}

enum status call_connect(struct argilla_call *call)
{
    forget(call);
    argilla_connect(call->argilla, on_connect, call);
    return run(call);
}

static void on_datasets(void *ctx, const struct dataset *datasets, size_t count,
                        const struct err *err)
{
    struct argilla_call *call = ctx;
    struct buf all = {0};
    for (size_t i = 0; i < count; i++)
        buf_addf(&all, "%s%s/%s", i ? " " : "", datasets[i].workspace, datasets[i].name);
    call->names = buf_take(&all);
    call->count = count;
    done(call, err);
}

enum status call_list_datasets(struct argilla_call *call)
{
    forget(call);
    argilla_list_datasets(call->argilla, on_datasets, call);
    return run(call);
}

static void on_dataset(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct argilla_call *call = ctx;
    if (dataset) {
        dataset_clear(&call->dataset);
        dataset_copy(&call->dataset, dataset);
    }
    done(call, err);
}

enum status call_open(struct argilla_call *call, const char *name, const char *workspace)
{
    forget(call);
    argilla_open_dataset(call->argilla, name, workspace, on_dataset, call);
    return run(call);
}

enum status call_create(struct argilla_call *call, const struct dataset *template)
{
    forget(call);
    argilla_create_dataset(call->argilla, template, on_dataset, call);
    return run(call);
}

static void on_push(void *ctx, const struct argilla_push_result *results, size_t count,
                    const struct err *err)
{
    struct argilla_call *call = ctx;
    call->results = xcalloc(count + 1, sizeof *results);
    for (size_t i = 0; i < count; i++) {
        call->results[i] = results[i];
        call->results[i].response = (struct response){0};
        response_copy(&call->results[i].response, &results[i].response);
    }
    call->count = count;
    done(call, err);
}

enum status call_push(struct argilla_call *call, const struct record *records,
                      size_t count)
{
    forget(call);
    const struct record **list = xcalloc(count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = &records[i];
    argilla_push_records(call->argilla, &call->dataset, list, count, true, on_push, call);
    free(list);
    return run(call);
}

static void on_found(void *ctx, const struct argilla_own_response *found, size_t count,
                     const struct err *err)
{
    struct argilla_call *call = ctx;
    call->found = xcalloc(count + 1, sizeof *call->found);
    for (size_t i = 0; i < count; i++) {
        call->found[i] = found[i];
        call->found[i].response = (struct response){0};
        response_copy(&call->found[i].response, &found[i].response);
    }
    call->count = count;
    done(call, err);
}

enum status call_read(struct argilla_call *call, const struct record *records,
                      size_t count)
{
    forget(call);
    const char **ids = xcalloc(count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = records[i].remote_id;
    argilla_read_responses(call->argilla, &call->dataset, ids, count, on_found, call);
    free(ids);
    return run(call);
}

enum status call_respond(struct argilla_call *call, const struct record *records,
                         size_t count)
{
    if (call_read(call, records, count) != STATUS_OK)
        return call->err.code;
    struct argilla_response *ours = xcalloc(count + 1, sizeof *ours);
    char(*ids)[ID_TEXT] = xcalloc(count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        memcpy(ids[i], call->found[i].response_id, ID_TEXT);
        ours[i] = (struct argilla_response){.remote_id = records[i].remote_id,
                                            .response_id = ids[i],
                                            .response = &records[i].response};
    }
    forget(call);
    argilla_push_responses(call->argilla, &call->dataset, ours, count, on_push, call);
    enum status status = run(call);
    free(ours);
    free(ids);
    return status;
}

static void on_page(void *ctx, struct argilla_page *page, const struct err *err)
{
    struct argilla_call *call = ctx;
    if (page) {
        call->records = xreallocarray(call->records, call->count + page->count + 1,
                                      sizeof *call->records);
        for (size_t i = 0; i < page->count; i++) {
            call->records[call->count++] = page->records[i];
            page->records[i] = (struct record){0};
        }
        call->page = *page;
        call->page.records = NULL;
    }
    done(call, err);
}

enum status call_page(struct argilla_call *call, const struct argilla_place *place,
                      size_t limit)
{
    struct argilla_place from = *place;
    forget(call);
    argilla_pull_records(call->argilla, &call->dataset, &from, limit, on_page, call);
    return run(call);
}

enum status call_pull(struct argilla_call *call, size_t limit)
{
    struct argilla_place place = {0};
    forget(call);
    call->page = (struct argilla_page){0};
    do {
        call->is_done = false;
        argilla_pull_records(call->argilla, &call->dataset, &place, limit, on_page, call);
        if (run(call) != STATUS_OK)
            return call->err.code;
        place = call->page.next;
    } while (!call->page.is_last);
    return STATUS_OK;
}

static void on_raw(void *ctx, const struct http_reply *reply)
{
    struct argilla_call *call = ctx;
    call->raw_code = reply->code;
    call->raw = json_parse(reply->body, reply->body_len, NULL);
    done(call, &reply->err);
}

json_t *call_raw(struct argilla_call *call, const char *method, const char *path,
                 const char *body, long *code)
{
    forget(call);
    char *url = url_join(argilla_url(call->argilla), path);
    struct http_request request = {.method = method,
                                   .url = url,
                                   .body = body,
                                   .body_len = body ? strlen(body) : 0,
                                   .key_header = "X-Argilla-Api-Key",
                                   .key_prefix = "",
                                   .key = &call->key};
    struct http_handler handler = {.on_done = on_raw, .ctx = call};
    http_send(call->http, &request, &handler);
    free(url);
    run(call);
    if (code)
        *code = call->raw_code;
    return call->raw;
}

void make_pair(struct record *record, const char *prompt, const char *response)
{
    *record = (struct record){0};
    id_random(&record->id);
    record_set_field(record, "prompt", prompt, strlen(prompt));
    record_set_field(record, "response", response, strlen(response));
}
