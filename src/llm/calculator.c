/* SPDX-License-Identifier: MIT
 *
 * calculator - arithmetic as people and models write it: + - * / % ^ ( ), a few
 * functions, pi and e. Nothing else can be said in it.
 */
#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llm/tool_parts.h"

enum { MAX_DEPTH = 100 };

struct reading {
    const char *at;
    int depth;
    struct err *err;
};

static double read_sum(struct reading *reading);

static void skip_blanks(struct reading *reading)
{
    while (isspace((unsigned char)*reading->at))
        reading->at++;
}

/* Whether this sign, in one of its writings (divided by '|'), comes next; takes it. */
static bool take(struct reading *reading, const char *signs)
{
    skip_blanks(reading);
    while (*signs) {
        size_t len = strcspn(signs, "|");
        if (!strncmp(reading->at, signs, len)) {
            reading->at += len;
            return true;
        }
        signs += len + (signs[len] == '|');
    }
    return false;
}

static double refuse(struct reading *reading, const char *what)
{
    char place[40];
    snprintf(place, sizeof place, "%.30s", reading->at);
    err_set(reading->err, STATUS_USAGE, "%s%s%s%s.", what, *place ? " at \"" : "", place,
            *place ? "\"" : "");
    return 0;
}

static double read_call(struct reading *reading, const char *name)
{
    static const struct {
        const char *name;
        double (*one)(double);
        double (*two)(double, double);
    } rows[] = {{"sqrt", sqrt, NULL},   {"cbrt", cbrt, NULL},   {"abs", fabs, NULL},
                {"round", round, NULL}, {"floor", floor, NULL}, {"ceil", ceil, NULL},
                {"exp", exp, NULL},     {"ln", log, NULL},      {"log10", log10, NULL},
                {"log2", log2, NULL},   {"log", log, NULL},     {"sin", sin, NULL},
                {"cos", cos, NULL},     {"tan", tan, NULL},     {"asin", asin, NULL},
                {"acos", acos, NULL},   {"atan", atan, NULL},   {"pow", NULL, pow},
                {"min", NULL, fmin},    {"max", NULL, fmax},    {"mod", NULL, fmod}};
    size_t row = 0;
    while (row < sizeof rows / sizeof *rows && strcmp(rows[row].name, name) != 0)
        row++;
    if (row == sizeof rows / sizeof *rows)
        return refuse(reading, "This name is not known");
    if (!take(reading, "("))
        return refuse(reading, "A ( is missing");
    double first = read_sum(reading), second = 0;
    if (rows[row].two && !take(reading, ","))
        return refuse(reading, "A second number is missing");
    if (rows[row].two)
        second = read_sum(reading);
    if (!take(reading, ")"))
        return refuse(reading, "A ) is missing");
    return rows[row].two ? rows[row].two(first, second) : rows[row].one(first);
}

static double read_name(struct reading *reading)
{
    char name[16];
    size_t len = 0;
    const char *start = reading->at;
    while (isalnum((unsigned char)*reading->at) && len + 1 < sizeof name)
        name[len++] = (char)tolower((unsigned char)*reading->at++);
    name[len] = '\0';
    if (!strcmp(name, "pi"))
        return acos(-1);
    if (!strcmp(name, "e"))
        return exp(1);
    const char *behind = reading->at;
    reading->at = start; /* for the sentence */
    if (!len)
        return refuse(reading, "A number is missing");
    reading->at = behind;
    return read_call(reading, name);
}

/* 1,234,567.8: commas in front of three digits are not read as those between numbers. */
static double read_number(struct reading *reading)
{
    char digits[64];
    size_t len = 0;
    for (const char *at = reading->at; len + 1 < sizeof digits; at++) {
        bool is_group = *at == ',' && len && isdigit((unsigned char)at[-1]) &&
                        isdigit((unsigned char)at[1]) && isdigit((unsigned char)at[2]) &&
                        isdigit((unsigned char)at[3]) && !isdigit((unsigned char)at[4]) &&
                        reading->depth <= 1;
        bool is_sign = (*at == '-' || *at == '+') && len &&
                       (at[-1] == 'e' || at[-1] == 'E') && isdigit((unsigned char)at[1]);
        bool is_power =
            (*at == 'e' || *at == 'E') && len &&
            (isdigit((unsigned char)at[1]) ||
             ((at[1] == '-' || at[1] == '+') && isdigit((unsigned char)at[2])));
        if (!isdigit((unsigned char)*at) && *at != '.' && !is_group && !is_sign &&
            !is_power)
            break;
        if (!is_group)
            digits[len++] = *at;
        reading->at = at + 1;
    }
    digits[len] = '\0';
    char *end;
    double number = strtod(digits, &end);
    return *end ? refuse(reading, "A number is not one") : number;
}

static double read_value(struct reading *reading)
{
    skip_blanks(reading);
    if (reading->err->code)
        return 0;
    if (++reading->depth > MAX_DEPTH)
        return refuse(reading, "This is nested too deep");
    double value;
    if (take(reading, "-|\xe2\x88\x92")) {
        value = -read_value(reading);
        if (take(reading, "**|^")) /* -2^2 is -(2^2) */
            value = -pow(-value, read_value(reading));
    } else if (take(reading, "+")) {
        value = read_value(reading);
    } else if (take(reading, "(")) {
        value = read_sum(reading);
        if (!take(reading, ")"))
            refuse(reading, "A ) is missing");
    } else if (isdigit((unsigned char)*reading->at) || *reading->at == '.') {
        value = read_number(reading);
    } else {
        value = read_name(reading);
    }
    reading->depth--;
    return value;
}

/* Powers bind from right to left. */
static double read_power(struct reading *reading)
{
    double value = read_value(reading);
    if (reading->err->code || !take(reading, "**|^"))
        return value;
    if (++reading->depth > MAX_DEPTH)
        return refuse(reading, "This is nested too deep");
    double power = read_power(reading);
    reading->depth--;
    return pow(value, power);
}

static double read_product(struct reading *reading)
{
    double value = read_power(reading);
    while (!reading->err->code) {
        if (take(reading, "*|\xc3\x97|\xc2\xb7")) {
            value *= read_power(reading);
        } else if (take(reading, "/|\xc3\xb7")) {
            value /= read_power(reading);
        } else if (take(reading, "%")) { /* behind a number alone: a hundredth */
            skip_blanks(reading);
            bool is_percent = !*reading->at || strchr("+-*/%),", *reading->at);
            value = is_percent ? value / 100 : fmod(value, read_power(reading));
        } else {
            return value;
        }
    }
    return value;
}

static double read_sum(struct reading *reading)
{
    double value = read_product(reading);
    while (!reading->err->code) {
        if (take(reading, "+"))
            value += read_product(reading);
        else if (take(reading, "-|\xe2\x88\x92"))
            value -= read_product(reading);
        else
            return value;
    }
    return value;
}

enum status calculator_run(const char *expression, char *out, size_t size,
                           struct err *err)
{
    struct err why = {0};
    struct reading reading = {.at = expression, .err = &why};
    double value = read_sum(&reading);
    take(&reading, "=");
    skip_blanks(&reading);
    if (!why.code && *reading.at)
        refuse(&reading, "This cannot be computed");
    if (!why.code && !isfinite(value))
        err_set(&why, STATUS_USAGE, "The result is no number (a division by zero?).");
    if (why.code)
        return err_set(err, why.code, "%s", why.text);
    snprintf(out, size, "%.15g", value);
    return STATUS_OK;
}
