/* SPDX-License-Identifier: MIT
 * Records, responses, completions and sampling. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "model/record.h"

static void fields_keep_every_byte(void **state)
{
    (void)state;
    struct record record = {0};
    record_set_field(&record, "prompt", "a\0b\xff", 4);
    record_set_field(&record, "response", NULL, 0);
    assert_int_equal(record_field(&record, "prompt")->len, 4);
    assert_memory_equal(record_field(&record, "prompt")->text, "a\0b\xff", 5);
    assert_string_equal(record_field(&record, "response")->text, "");
    record_set_field(&record, "prompt", "new", 3);
    assert_int_equal(record.field_count, 2);
    assert_string_equal(record_field(&record, "prompt")->text, "new");
    record_set_field(&record, "prompt", record_field(&record, "prompt")->text + 1, 2);
    assert_string_equal(record_field(&record, "prompt")->text, "ew");
    assert_null(record_field(&record, "none"));
    record_clear(&record);
    record_clear(&record);
}

static void a_copy_has_everything_and_is_its_own(void **state)
{
    (void)state;
    struct record from = {.row = 3, .dataset_row = 4, .inserted_ms = 5}, to = {0};
    id_random(&from.id);
    struct id id = from.id;
    from.external_id = xstrdup("e");
    from.metadata_json = xstrdup("{}");
    record_set_field(&from, "prompt", "p", 1);
    record_set_field(&to, "old", "o", 1);
    from.suggestions = xcalloc(1, sizeof *from.suggestions);
    from.suggestion_count = 1;
    from.suggestions[0] = (struct suggestion){
        .value = {.question = xstrdup("q"), .type = QUESTION_TEXT, .text = xstrdup("t")},
        .agent = xstrdup("a"),
        .score = -1};
    from.has_completion = true;
    completion_init(&from.completion);
    from.completion.error = xstrdup("no");
    from.completion.sampling.model = xstrdup("m");
    from.response.status = RESPONSE_DRAFT;
    values_set_rating(&from.response.values, "q", 2);
    from.response.is_changed = true;
    from.response.updated_ms = 7;
    from.response.viewing.paused_ms = 8;
    from.note = xstrdup("n");
    from.suggestions[0].type = xstrdup("model");
    from.suggestions[0].scores = xstrdup("[1]");
    from.theirs.status = RESPONSE_DISCARDED;
    values_set_text(&from.theirs.values, "q", QUESTION_TEXT, "theirs");
    from.peers = xcalloc(2, sizeof *from.peers);
    from.peer_count = 2;
    for (size_t i = 0; i < 2; i++) {
        from.peers[i].user = xstrdup(i ? "ben" : "ann");
        from.peers[i].name = i ? NULL : xstrdup("Ann");
        values_set_rating(&from.peers[i].response.values, "q", 4 + (int)i);
    }
    record_copy(&to, &from);
    record_copy(&to, &to);
    record_clear(&from);
    assert_true(id_equal(&to.id, &id));
    assert_int_equal(to.row, 3);
    assert_int_equal(to.dataset_row, 4);
    assert_int_equal(to.inserted_ms, 5);
    assert_string_equal(to.external_id, "e");
    assert_null(to.remote_id);
    assert_string_equal(to.metadata_json, "{}");
    assert_int_equal(to.field_count, 1);
    assert_string_equal(to.suggestions[0].value.text, "t");
    assert_string_equal(to.suggestions[0].agent, "a");
    assert_true(to.has_completion);
    assert_string_equal(to.completion.error, "no");
    assert_string_equal(to.completion.sampling.model, "m");
    assert_int_equal(to.response.status, RESPONSE_DRAFT);
    assert_int_equal(values_find(&to.response.values, "q")->rating, 2);
    assert_true(to.response.is_changed);
    assert_int_equal(to.response.updated_ms, 7);
    assert_int_equal(to.response.viewing.paused_ms, 8);
    assert_string_equal(to.note, "n");
    assert_string_equal(to.suggestions[0].type, "model");
    assert_string_equal(to.suggestions[0].scores, "[1]");
    assert_int_equal(to.theirs.status, RESPONSE_DISCARDED);
    assert_string_equal(values_find(&to.theirs.values, "q")->text, "theirs");
    assert_int_equal(to.peer_count, 2);
    assert_string_equal(to.peers[0].name, "Ann");
    assert_string_equal(to.peers[1].user, "ben");
    assert_null(to.peers[1].name);
    assert_int_equal(values_find(&to.peers[1].response.values, "q")->rating, 5);
    /* a question whose type has changed keeps nothing of its rating */
    values_set_text(&to.response.values, "q", QUESTION_TEXT, "w");
    assert_int_equal(values_find(&to.response.values, "q")->rating, 0);
    assert_string_equal(values_find(&to.response.values, "q")->text, "w");
    record_clear(&to);
}

static void status_names_go_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < RESPONSE_STATUS_COUNT; i++) {
        enum response_status status = RESPONSE_PENDING;
        const char *name = response_status_name((enum response_status)i);
        assert_true(response_status_parse(name, &status));
        assert_int_equal(status, i);
    }
    enum response_status status = RESPONSE_DRAFT;
    assert_false(response_status_parse("Pending", &status));
    assert_int_equal(status, RESPONSE_DRAFT);
}

static void a_new_completion_claims_to_know_nothing(void **state)
{
    (void)state;
    struct completion completion, copy = {0};
    completion_init(&completion);
    assert_int_equal(completion.state, COMPLETION_RUNNING);
    assert_int_equal(completion.first_token_ms, -1);
    assert_int_equal(completion.total_ms, -1);
    assert_int_equal(completion.prompt_tokens, -1);
    assert_int_equal(completion.completion_tokens, -1);
    assert_int_equal(completion.attempts, 1);
    completion.reasoning = xstrdup("hm");
    completion.finish_reason = xstrdup("stop");
    completion_copy(&copy, &completion);
    completion_clear(&completion);
    assert_string_equal(copy.reasoning, "hm");
    assert_string_equal(copy.finish_reason, "stop");
    assert_int_equal(copy.total_ms, -1);
    completion_clear(&copy);
    assert_string_equal(completion_state_name(COMPLETION_CUT), "cut");
    assert_string_equal(completion_state_name(COMPLETION_DONE), "done");
}

static void sampling_fills_only_what_is_not_set(void **state)
{
    (void)state;
    struct sampling to = {.has_temperature = true, .temperature = 0},
                    from = {.has_temperature = true,
                            .temperature = 0.7,
                            .has_seed = true,
                            .seed = 42,
                            .max_tokens = 100};
    from.model = xstrdup("big");
    from.system_prompt = xstrdup("Be brief.");
    to.model = xstrdup("small");
    sampling_fill(&to, &from);
    assert_string_equal(to.model, "small");
    assert_string_equal(to.system_prompt, "Be brief.");
    assert_true(to.temperature < 0.1);
    assert_true(to.has_seed);
    assert_int_equal(to.seed, 42);
    assert_int_equal(to.max_tokens, 100);
    sampling_copy(&to, &from);
    assert_string_equal(to.model, "big");
    sampling_clear(&to);
    sampling_clear(&from);
}

static void a_step_has_one_of_four_kinds(void **state)
{
    (void)state;
    static const char *const names[] = {"thought", "call", "result", "end"};
    enum trace_kind kind;
    for (int i = 0; i < 4; i++) {
        assert_true(trace_kind_parse(names[i], &kind));
        assert_string_equal(trace_kind_name(kind), names[i]);
    }
    assert_false(trace_kind_parse("results", &kind));
    assert_false(trace_kind_parse("", &kind));
}

/* The reasons in backquotes before the second bar; returns how many. */
static int check_documented(char *line)
{
    int count = 0;
    char *effect = strchr(line + 1, '|');
    for (char *at = strchr(line, '`'); at && at < effect; at = strchr(at + 1, '`')) {
        char *reason = xmemdup0(at + 1, strcspn(at + 1, "`"));
        const struct finish *finish = finish_find(reason);
        const char *state = completion_state_name(finish->state);
        bool is_cut = finish->state == COMPLETION_FAILED; /* with text it is */
        assert_string_equal(finish->reason ? finish->reason : "unknown", reason);
        assert_memory_equal(effect + 3, is_cut ? "cut`" : state,
                            is_cut ? 4 : strlen(state));
        assert_int_equal(finish->is_limit,
                         strstr(effect, "token limit") || strstr(effect, "no more text"));
        if (strstr(effect, "`: the model") || strstr(effect, "`: a content"))
            assert_non_null(strstr(effect, finish->note));
        at = strchr(at + 1, '`');
        free(reason);
        count++;
    }
    return count;
}

static void every_finish_reason_is_what_the_docs_say(void **state)
{
    (void)state;
    char line[400];
    int documented = 0, known = 0;
    FILE *docs = fopen(TOP_SRCDIR "/docs/json.md", "r");
    assert_non_null(docs);
    while (fgets(line, sizeof line, docs) && strcmp(line, "| reason | state |\n") != 0)
        continue;
    while (fgets(line, sizeof line, docs) && *line == '|')
        documented += check_documented(line);
    fclose(docs);
    for (const struct finish *finish = finish_find("stop"); finish->reason; finish++)
        known++;
    assert_int_equal(documented, known);
    assert_int_equal(finish_find("eos")->state, COMPLETION_DONE);
    assert_int_equal(finish_find("SAFETY")->state, COMPLETION_CUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_keep_every_byte),
        cmocka_unit_test(a_copy_has_everything_and_is_its_own),
        cmocka_unit_test(status_names_go_both_ways),
        cmocka_unit_test(a_new_completion_claims_to_know_nothing),
        cmocka_unit_test(sampling_fills_only_what_is_not_set),
        cmocka_unit_test(a_step_has_one_of_four_kinds),
        cmocka_unit_test(every_finish_reason_is_what_the_docs_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
