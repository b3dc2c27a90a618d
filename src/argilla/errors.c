/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/client.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/sanitise.h"
#include "base/xalloc.h"

enum { MAX_ITEMS = 3, DETAIL_SIZE = 320 };

static void add_items(struct buf *out, const json_t *items)
{
    size_t count = json_array_size(items);
    for (size_t i = 0; i < count && i < MAX_ITEMS; i++) {
        if (i > 0)
            buf_add_text(out, "; ");
        const json_t *item = json_array_get(items, i);
        static const char python_word[] = "Value error, ";
        const char *message = json_get_text(item, "msg", NULL);
        /* "fields.prompt" or "items[3].fields.response" of ["body","items",3,…]. */
        const json_t *loc = json_object_get(item, "loc");
        size_t index;
        const json_t *part;
        size_t start = out->len;
        for (index = 0; index < json_array_size(loc); index++) {
            part = json_array_get(loc, index);
            const char *name = json_string_value(part);
            if (json_is_integer(part))
                buf_addf(out, "[%lld]", (long long)json_integer_value(part));
            else if (name && (index > 0 || strcmp(name, "body") != 0))
                buf_addf(out, "%s%s", out->len > start ? "." : "", name);
        }
        if (out->len > start)
            buf_add_text(out, ": ");
        if (!message)
            message = "not valid";
        if (strncmp(message, python_word, sizeof python_word - 1) == 0)
            message += sizeof python_word - 1;
        buf_add_text(out, message);
    }
    if (count > MAX_ITEMS)
        buf_addf(out, "; and %zu more", count - MAX_ITEMS);
}

/* What a database complains of holds its SQL, and that the texts of the records: only the
 * complaint's name is for showing. */
static bool is_of_database(const char *text)
{
    return strstr(text, "[SQL") || strstr(text, "sqlalchemy") || strstr(text, "sqlite3.");
}

static void add_database_trouble(struct buf *out, const char *text)
{
    static const char *const kinds[] = {"IntegrityError", "OperationalError",
                                        "TimeoutError", "DataError", "DBAPIError"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strstr(text, kinds[i])) {
            buf_addf(out, "its database failed (%s)", kinds[i]);
            return;
        }
    buf_add_text(out, "its database failed");
}

/* {"code": "argilla.api.errors::Class", "params": {…}} */
static void add_coded(struct buf *out, const json_t *detail)
{
    const json_t *params = json_object_get(detail, "params");
    const json_t *items = json_object_get(params, "errors");
    if (json_is_array(items)) {
        add_items(out, items);
        return;
    }
    const char *type = json_get_text(params, "type", NULL);
    if (type && is_of_database(type)) {
        add_database_trouble(out, type);
        return;
    }
    static const char *const keys[] = {"detail", "message", "name"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *text = json_get_text(params, keys[i], NULL);
        if (text && *text) {
            buf_add_text(out, text);
            return;
        }
    }
    const char *code = json_get_text(detail, "code", NULL);
    const char *class = code ? strstr(code, "::") : NULL;
    if (code)
        buf_add_text(out, class ? class + 2 : code);
}

/* Secrets are taken out first: half of one would not be found any more. */
static void put_line(const struct argilla *argilla, const char *text, size_t len,
                     char *out, size_t size)
{
    char *copy = xmemdup0(text, len);
    len = secret_redact(&argilla->key, copy, len);
    len = http_connection_redact(&argilla->connection, copy, len);
    sanitise_line(copy, len, out, size);
    free(copy);
}

/* Where needle (lower case) starts in text, any case; len when it does not. */
static size_t find_word(const char *text, size_t len, const char *needle)
{
    size_t needle_len = strlen(needle);
    for (size_t at = 0; at + needle_len <= len; at++)
        if (strncasecmp(text + at, needle, needle_len) == 0)
            return at;
    return len;
}

bool reply_is_page(const struct http_reply *reply)
{
    size_t blank = 0;
    while (blank < reply->body_len && strchr(" \t\r\n", reply->body[blank]))
        blank++;
    return find_word(reply->content_type, strlen(reply->content_type), "html") <
               strlen(reply->content_type) ||
           (blank < reply->body_len && reply->body[blank] == '<');
}

/* What came instead of JSON: 'a web page ("Sign in")', "an empty answer", … */
static void describe_body(const struct argilla *argilla, const struct http_reply *reply,
                          char *out, size_t size)
{
    char shown[100];
    size_t len = reply->body_len < 500 ? reply->body_len : 500;
    bool is_page = reply->body_len && reply_is_page(reply);
    const char *text =
        is_page ? http_page_title(reply->body, reply->body_len, &len) : reply->body;
    put_line(argilla, text, len, shown, sizeof shown);
    if (is_page)
        snprintf(out, size, *shown ? "a web page (\"%s\")" : "a web page%s", shown);
    else
        snprintf(out, size, reply->body_len ? "\"%s\"" : "an empty answer%s", shown);
}

struct reason {
    const struct complaint *complaint;
    const struct http_reply *reply;
    const char *host, *goal;
    char said[DETAIL_SIZE]; /* the server's own words, or what its body is */
    bool is_json;           /* said is an error body in one of Argilla's shapes */
};

static void say_unauthorized(const struct reason *reason, struct err *err)
{
    const struct argilla *argilla = reason->complaint->argilla;
    const char *place = argilla->key_place;
    if (!reason->is_json)
        err_set(err, STATUS_AUTH,
                "Something before Argilla at %s wants a login: it sent %s. Check the "
                "address, or ask who runs the proxy.",
                reason->host, reason->said);
    else if (!secret_is_set(&argilla->key) && place && !*place)
        err_set(err, STATUS_AUTH,
                "The Argilla server at %s wants an API key, and ARGILLA_API_KEY is for "
                "that of ARGILLA_API_URL or the chosen one. Give it one in a [server "
                "NAME] of the configuration (url, api_key_file), or set both.",
                reason->host);
    else if (!secret_is_set(&argilla->key))
        err_set(err, STATUS_AUTH,
                "The Argilla server at %s wants an API key. Set ARGILLA_API_KEY.",
                reason->host);
    else
        err_set(err, STATUS_AUTH,
                "The Argilla server at %s does not accept the API key. Compare %.200s "
                "with the key on the server's \"My settings\" page.",
                reason->host, place ? place : "ARGILLA_API_KEY");
}

static void say_forbidden(const struct reason *reason, struct err *err)
{
    const struct argilla *argilla = reason->complaint->argilla;
    static const char *const open[] = {"read", "search", "store responses"};
    bool is_open = false; /* to annotators, too */
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        is_open |= !strncmp(reason->goal, open[i], strlen(open[i]));
    if (!reason->is_json)
        err_set(err, STATUS_AUTH,
                "Access to %s was denied by something before Argilla: it sent %s. Check "
                "the address, or ask who runs the proxy.",
                reason->host, reason->said);
    else if (argilla->is_connected && is_open)
        err_set(err, STATUS_AUTH,
                "%.64s may not %s on %s: the dataset's workspace is not yours any more. "
                "Ask an owner to add you to it; what is here is kept.",
                argilla->identity.username, reason->goal, argilla->host);
    else if (argilla->is_connected && argilla->identity.role == ARGILLA_ANNOTATOR)
        err_set(err, STATUS_AUTH,
                "%.64s is an annotator on %s and may not %s. Use the key of an owner or "
                "an admin for that; rating and reviewing work with this one.",
                argilla->identity.username, argilla->host, reason->goal);
    else
        err_set(err, STATUS_AUTH,
                "The Argilla server at %s does not let this key %s. Use an owner's key, "
                "or ask to be added to the workspace.",
                reason->host, reason->goal);
}

static void say_not_found(const struct reason *reason, struct err *err)
{
    if (reason->is_json && strcmp(reason->said, "Not Found") != 0)
        err_set(err, STATUS_NOT_FOUND,
                "The Argilla server at %s could not %s: %s. It may have been deleted "
                "there.",
                reason->host, reason->goal, reason->said);
    else
        err_set(err, STATUS_PROTOCOL,
                "%s answers, but not as an Argilla server (404, %s). Check the address "
                "in %s.",
                reason->host, reason->is_json ? "not found" : reason->said,
                reason->complaint->argilla->url_place);
}

static void say_broken(const struct reason *reason, struct err *err)
{
    long code = reason->reply->code;
    if (reason->is_json)
        err_set(err, STATUS_BUSY,
                "The Argilla server at %s failed (%ld: %s). Nothing is lost here; its "
                "log says more.",
                reason->host, code, reason->said);
    else
        err_set(err, STATUS_BUSY,
                "The Argilla server at %s is not working (%ld, %s). Nothing is lost "
                "here; try again later.",
                reason->host, code, reason->said);
}

static void explain_code(const struct reason *reason, struct err *err)
{
    long code = reason->reply->code;
    const char *host = reason->host;
    if (code == 401 || code == 407)
        say_unauthorized(reason, err);
    else if (code == 403)
        say_forbidden(reason, err);
    else if (code == 404)
        say_not_found(reason, err);
    else if (code == 408 || code == 425 || code == 429)
        err_set(err, STATUS_BUSY,
                "The Argilla server at %s is busy (%ld). Try again later.", host, code);
    else if (code == 409)
        err_set(err, STATUS_EXISTS, "The Argilla server at %s could not %s: %s.", host,
                reason->goal, reason->is_json ? reason->said : "it exists already");
    else if (code == 413)
        err_set(err, STATUS_REFUSED,
                "It is too large for the server at %s or a proxy before it (413).", host);
    else if (code >= 400 && code <= 499)
        err_set(err, STATUS_REFUSED, "The Argilla server at %s refused to %s: %s.", host,
                reason->goal, reason->said);
    else if (code >= 500 && code <= 599)
        say_broken(reason, err);
    else if (code >= 300 && code <= 399)
        err_set(err, STATUS_PROTOCOL,
                "%s sends us on to another address (%ld), where a key must not follow. "
                "Put the server's own address into %s.",
                host, code, reason->complaint->argilla->url_place);
    else
        err_set(err, STATUS_PROTOCOL,
                "%s sent %s where Argilla's answer was expected. Check the address in "
                "%s; a proxy or a login page may stand before the server.",
                host, reason->said, reason->complaint->argilla->url_place);
}

void explain_reply(const struct complaint *complaint, const struct http_reply *reply,
                   const json_t *json, struct err *err)
{
    const char *host = complaint->argilla->host;
    if (reply->status != STATUS_OK) {
        if (strstr(reply->err.text, host))
            err_set(err, reply->status, "%s", reply->err.text);
        else
            err_set(err, reply->status, "%s (Argilla server at %s)", reply->err.text,
                    host);
        return;
    }
    bool is_fine = reply->code >= 200 && reply->code <= 299;
    bool is_value = json_is_object(json) || json_is_array(json);
    if (is_fine && (is_value || reply->code == 204))
        return;
    struct reason reason = {.complaint = complaint,
                            .reply = reply,
                            .host = host,
                            .goal = complaint->goal ? complaint->goal : "do this"};
    /* The human words inside an error body of any of the three shapes, safe to show,
     * without the server's SQL; "" when there are none. */
    struct buf text = {0};
    const json_t *detail = json_object_get(json, "detail");
    const char *message = json_get_text(json, "message", NULL);
    if (json_is_string(detail))
        buf_add_text(&text, json_string_value(detail));
    else if (json_is_array(detail))
        add_items(&text, detail);
    else if (json_is_object(detail))
        add_coded(&text, detail);
    else if (message)
        buf_add_text(&text, message);
    if (is_of_database(buf_text(&text))) {
        char *said = xstrdup(buf_text(&text));
        buf_reset(&text);
        add_database_trouble(&text, said);
        free(said);
    }
    while (text.len > 0 && strchr(". \n", text.data[text.len - 1]))
        text.data[--text.len] = '\0';
    put_line(complaint->argilla, buf_text(&text), text.len, reason.said,
             sizeof reason.said);
    buf_clear(&text);
    reason.is_json = reason.said[0] != '\0';
    if (!reason.is_json)
        describe_body(complaint->argilla, reply, reason.said, sizeof reason.said);
    explain_code(&reason, err);
}

/* Words of errors inside an item that are the server's own trouble, not the response's:
 * its search engine or its database did not answer. */
static bool is_passing_trouble(const char *detail)
{
    static const char *const words[] = {
        "Connection", "timed out", "Timeout", "Transport", "unavailable", "locked",
        "NoneType",   "database",  "index_",  "Conflict",  "conflict"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(detail, words[i]))
            return true;
    return is_of_database(detail);
}

void explain_item(const struct complaint *complaint, const char *detail, struct err *err)
{
    const char *host = complaint->argilla->host;
    char said[400];
    struct buf text = {0};
    if (is_of_database(detail))
        add_database_trouble(&text, detail);
    else
        buf_add_text(&text, detail);
    put_line(complaint->argilla, buf_text(&text), text.len, said, sizeof said);
    buf_clear(&text);
    if (strstr(detail, "ForbiddenOperationError"))
        err_set(err, STATUS_REFUSED,
                "The Argilla server at %s does not let this key answer in this "
                "workspace. Ask to be added to it.",
                host);
    else if (strncmp(detail, "Record with id", 14) == 0 && strstr(detail, "not found"))
        err_set(err, STATUS_NOT_FOUND,
                "The record is gone from the Argilla server at %s.", host);
    else if (is_passing_trouble(detail))
        err_set(err, STATUS_BUSY,
                "The Argilla server at %s could not store the answer now (%.300s).", host,
                said);
    else
        err_set(err, STATUS_REFUSED,
                "The Argilla server at %s refused the answer: %.300s.", host, said);
}
