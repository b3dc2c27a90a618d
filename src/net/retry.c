/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/retry.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

const struct retry_policy retry_model = {
    .max_attempts = 4, .base_ms = 500, .max_ms = 8000, .max_server_ms = 120000};
const struct retry_policy retry_server = {
    .max_attempts = INT_MAX, .base_ms = 1000, .max_ms = 60000, .max_server_ms = 3600000};

bool retry_is_transient(const struct http_reply *reply)
{
    if (reply->status == STATUS_NETWORK || reply->status == STATUS_TIMEOUT)
        return true;
    if (reply->status != STATUS_OK || reply->code < 400)
        return false;
    if (reply->retry_hint != HTTP_RETRY_UNSAID)
        return reply->retry_hint == HTTP_RETRY_YES;
    long code = reply->code;
    return code == 408 || code == 429 || code == 498 || (code >= 500 && code <= 599);
}

int64_t retry_delay(const struct retry_policy *policy, int attempt,
                    const struct http_reply *reply, double random01)
{
    if (attempt >= policy->max_attempts || !retry_is_transient(reply))
        return -1;
    if (reply->retry_after_ms > policy->max_server_ms)
        return -1;
    if (reply->retry_after_ms > 0)
        return reply->retry_after_ms;
    int64_t delay = policy->base_ms;
    for (int i = 1; i < attempt && delay < policy->max_ms; i++)
        delay *= 2;
    delay = delay < policy->max_ms ? delay : policy->max_ms;
    /* up to a quarter less, so that many clients do not come back at once */
    return delay - (int64_t)((double)delay * 0.25 * random01);
}

/* "12" or "1.5" at *text times scale, which is stepped over; -1 when there is no such
 * number. Not strtod: that reads the decimal point of the locale. */
static int64_t read_decimal(const char **at, int64_t scale)
{
    enum { MOST = 1000000000 };
    const char *text = *at;
    int64_t value = 0;
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits; i++)
        value = value < MOST ? value * 10 + (text[i] - '0') : MOST;
    value *= scale;

    const char *rest = text + digits;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
            scale /= 10;
            value += (*rest - '0') * scale;
        }
    *at = rest;
    return digits ? value : -1;
}

static int64_t parse_decimal(const char *text, int64_t scale)
{
    int64_t value = read_decimal(&text, scale);
    return text[strspn(text, " \t")] ? -1 : value;
}

int64_t retry_duration(const char *text)
{
    /* longer names first: "ms" is not "m" */
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"milliseconds", 1}, {"ms", 1},          {"minute", 60000},
                 {"min", 60000},      {"m", 60000},       {"second", 1000},
                 {"sec", 1000},       {"s", 1000},        {"hour", 3600000},
                 {"h", 3600000},      {"days", 86400000}, {"day", 86400000},
                 {"d", 86400000}};
    enum { UNITS = sizeof units / sizeof *units };
    int64_t total = -1;
    for (;;) {
        int64_t thousandths = read_decimal(&text, 1000);
        size_t unit = 0;
        text += *text == ' ';
        while (unit < UNITS &&
               strncasecmp(text, units[unit].name, strlen(units[unit].name)) != 0)
            unit++;
        if (thousandths < 0 || unit == UNITS)
            return total;
        text += strlen(units[unit].name);
        total = (total < 0 ? 0 : total) + thousandths * units[unit].ms / 1000;
    }
}

int64_t retry_wait_in_text(const char *text)
{
    static const char *const words[] = {"retry after ", "retry in ", "try again in ",
                                        "try again after "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strcasestr(text, words[i]);
        int64_t wait = at ? retry_duration(at + strlen(words[i])) : -1;
        if (wait >= 0)
            return wait;
    }
    return -1;
}

int64_t retry_after_parse(const char *ms_value, const char *value, int64_t now_wall_ms)
{
    int64_t ms = ms_value ? parse_decimal(ms_value, 1) : -1;
    if (ms < 0 && value)
        ms = parse_decimal(value, 1000);
    if (ms >= 0 || !value)
        return ms;
    time_t at = curl_getdate(value, NULL);
    if (at == (time_t)-1)
        return -1;
    int64_t wait = (int64_t)at * 1000 - now_wall_ms;
    return wait > 0 ? wait : 0;
}
