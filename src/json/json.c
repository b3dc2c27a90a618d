/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "json/mend.h"

static json_t *decode(const char *text, size_t len, json_error_t *error)
{
    return json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, error);
}

json_t *json_parse(const char *text, size_t len, struct err *err)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* a byte order mark, from Windows */
    if (len >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        len -= 3;
    }
    json_error_t error;
    json_t *json = decode(text, len, &error);
    if (json)
        return json;
    size_t mended_len = 0;
    char *mended = json_mend(text, len, &mended_len);
    json_error_t ignored;
    json = decode(mended, mended_len, &ignored);
    free(mended);
    if (json)
        return json;
    char why[128];
    sanitise_line(error.text, strlen(error.text), why, sizeof why);
    err_set(err, STATUS_PROTOCOL, "Not valid JSON at line %d, column %d: %s.", error.line,
            error.column, why);
    return NULL;
}

const char *json_get_text(const json_t *object, const char *key, size_t *len)
{
    const json_t *member = json_object_get(object, key);
    if (!json_is_string(member))
        return NULL;
    if (len)
        *len = json_string_length(member);
    return json_string_value(member);
}

char *json_dup_text(const json_t *object, const char *key)
{
    size_t len = 0;
    const char *text = json_get_text(object, key, &len);
    return text ? xmemdup0(text, len) : NULL;
}

json_t *json_new_text(const char *text, size_t len)
{
    json_t *json = json_stringn(text, len);
    if (json)
        return json;
    size_t clean_len = 0;
    char *clean = sanitise_utf8(text, len, &clean_len);
    json = json_stringn(clean, clean_len);
    free(clean);
    return json;
}

char *json_print(const json_t *json)
{
    /* 16 digits: 0.9 stays 0.9, and a time stamp in seconds keeps its microseconds */
    char *text =
        json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(16));
    return text ? text : xstrdup("null");
}

char *json_print_new(json_t *json)
{
    char *text = json_print(json);
    json_decref(json);
    return text;
}
