/* SPDX-License-Identifier: MIT
 *
 * The first requests to a server: its version, then who we are. Which paths a version
 * has: argilla-api.md §3, §4.3.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "argilla/job.h"
#include "base/xalloc.h"
#include "text/sanitise.h"
#include "json/json.h"

enum { OLDEST_MAJOR = 1, OLDEST_MINOR = 28 };

static void copy_line(const json_t *object, const char *key, char *out, size_t size)
{
    size_t len = 0;
    const char *text = json_get_text(object, key, &len);
    sanitise_line(text ? text : "", len, out, size);
}

static enum argilla_role parse_role(const char *name)
{
    if (name && strcmp(name, "owner") == 0)
        return ARGILLA_OWNER;
    return name && strcmp(name, "admin") == 0 ? ARGILLA_ADMIN : ARGILLA_ANNOTATOR;
}

static void got_identity(struct job *job, const struct answer *answer)
{
    struct argilla *argilla = job->argilla;
    if (job_has_failed(job, answer))
        return;
    struct argilla_identity *identity = &argilla->identity;
    copy_line(answer->json, "id", identity->user_id, sizeof identity->user_id);
    copy_line(answer->json, "username", identity->username, sizeof identity->username);
    identity->role = parse_role(json_get_text(answer->json, "role", NULL));
    if (!identity->user_id[0]) {
        struct err err = {0};
        err_set(&err, STATUS_PROTOCOL,
                "%s did not say who this key belongs to. Check the address in "
                "ARGILLA_API_URL.",
                argilla->host);
        job_fail(job, &err);
        return;
    }
    argilla->is_connected = true;
    job->first(job);
}

static bool is_before(const struct argilla_identity *identity, int major, int minor)
{
    return identity->version_major < major ||
           (identity->version_major == major && identity->version_minor < minor);
}

/* "2.8.0", "1.29.0-dev", "2.3.0dev0" */
static bool read_version(struct argilla_identity *identity, const json_t *json)
{
    copy_line(json, "version", identity->version, sizeof identity->version);
    char *end = NULL;
    identity->version_major = (int)strtol(identity->version, &end, 10);
    bool has_minor = end > identity->version && *end == '.';
    identity->version_minor = has_minor ? (int)strtol(end + 1, NULL, 10) : 0;
    return end > identity->version;
}

static void fail_as_too_old(struct job *job)
{
    struct err err = {0};
    err_set(&err, STATUS_REFUSED,
            "The Argilla server at %s is version %s; sherd needs %d.%d or newer. Ask "
            "for an upgrade of the server.",
            job->argilla->host, job->argilla->identity.version, OLDEST_MAJOR,
            OLDEST_MINOR);
    job_fail(job, &err);
}

static void ask_identity(struct job *job)
{
    const struct argilla_identity *identity = &job->argilla->identity;
    if (is_before(identity, OLDEST_MAJOR, OLDEST_MINOR))
        fail_as_too_old(job);
    else
        job_get(job, is_before(identity, 1, 29) ? "/api/me" : "/api/v1/me", got_identity);
}

static void got_old_version(struct job *job, const struct answer *answer)
{
    if (read_version(&job->argilla->identity, answer->json)) {
        ask_identity(job);
        return;
    }
    struct err err = answer->err;
    err_set(&err, STATUS_PROTOCOL,
            "%s answers, but not as an Argilla server. Check the address in "
            "ARGILLA_API_URL.",
            job->argilla->host);
    job_fail(job, &err);
}

static void ask_old_version(struct job *job)
{
    struct job_request request = {
        .method = "GET", .path = "/api/_info", .is_public = true};
    job_send(job, &request, got_old_version);
}

static void got_version(struct job *job, const struct answer *answer)
{
    enum status code = answer->err.code;
    if (code == STATUS_OK && read_version(&job->argilla->identity, answer->json))
        ask_identity(job);
    /* before 1.29 the path does not exist: 404, or the web page with 200 */
    else if (code == STATUS_OK || code == STATUS_NOT_FOUND || code == STATUS_PROTOCOL)
        ask_old_version(job);
    else
        job_fail(job, &answer->err);
}

void job_connect(struct job *job)
{
    struct job_request request = {
        .method = "GET", .path = "/api/v1/version", .is_public = true};
    job_send(job, &request, got_version);
}

struct connect_job {
    struct job job;
    argilla_connect_fn fn;
};

static void connect_failed(struct job *job, const struct err *err)
{
    struct connect_job *connect = (struct connect_job *)job;
    connect->fn(job->ctx, NULL, err);
}

static void connect_done(struct job *job)
{
    struct connect_job *connect = (struct connect_job *)job;
    struct err none = {0};
    job_end(job);
    connect->fn(job->ctx, &job->argilla->identity, &none);
}

void argilla_connect(struct argilla *argilla, argilla_connect_fn fn, void *ctx)
{
    struct connect_job *connect = job_new(argilla, sizeof *connect);
    connect->job.goal = xstrdup("tell who we are");
    connect->job.first = connect_done;
    connect->job.fail = connect_failed;
    connect->fn = fn;
    connect->job.ctx = ctx;
    /* asked for again on purpose: a server may have been upgraded, a key changed */
    job_connect(&connect->job);
}

const struct argilla_identity *argilla_identity(const struct argilla *argilla)
{
    return argilla->is_connected ? &argilla->identity : NULL;
}
