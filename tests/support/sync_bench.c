/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/sync_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "json/json.h"

static int set_up_version(void **state, const char *version)
{
    struct bench *bench = xcalloc(1, sizeof *bench);
    bench->fake = fake_argilla_new(version);
    sync_rig_start(&bench->rig, fake_argilla_url(bench->fake), "guide");
    *state = bench;
    return 0;
}

int bench_set_up(void **state)
{
    return set_up_version(state, "2.8.0");
}

int bench_set_up_old(void **state)
{
    return set_up_version(state, "1.29.1");
}

int bench_tear_down(void **state)
{
    struct bench *bench = *state;
    sync_rig_end(&bench->rig);
    fake_argilla_free(bench->fake);
    free(bench);
    return 0;
}

static void assert_answer(const json_t *record, const char *status, int rating)
{
    const json_t *responses = json_object_get(record, "responses");
    assert_int_equal(json_array_size(responses), status ? 1 : 0);
    const json_t *response = json_array_get(responses, 0);
    const json_t *values = json_object_get(response, "values");
    const json_t *value = json_object_get(values, "response-rating");
    if (status)
        assert_string_equal(json_get_text(response, "status", NULL), status);
    assert_int_equal(json_integer_value(json_object_get(value, "value")), rating);
}

void assert_sent_once(const json_t *records, const struct id *id, const char *status,
                      int rating)
{
    char text[ID_TEXT];
    id_format(id, text);
    size_t i, found = 0;
    const json_t *record;
    json_array_foreach(records, i, record)
    {
        const char *external_id = json_get_text(record, "external_id", NULL);
        if (!external_id || strcmp(external_id, text) != 0)
            continue;
        found++;
        assert_answer(record, status, rating);
    }
    assert_int_equal(found, 1);
}

void assert_on_server(struct bench *bench, const struct id *id, const char *status,
                      int rating)
{
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    assert_sent_once(json_object_get(whole, "records"), id, status, rating);
    json_decref(whole);
}

size_t records_on_server(struct bench *bench)
{
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    size_t count = json_array_size(json_object_get(whole, "records"));
    json_decref(whole);
    return count;
}
