/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/action.h"
#include "event/event.h"

static void every_action_is_found_by_its_name(void **state)
{
    (void)state;
    for (int action = 1; action < ACTION_COUNT; action++) {
        const char *name = action_name((enum action)action);
        assert_true(name[0]);
        assert_true(action_text((enum action)action)[0]);
        assert_int_equal(action_parse(name), action);
    }
}

static void an_unknown_name_is_no_action(void **state)
{
    (void)state;
    assert_int_equal(action_parse("rate-6"), ACTION_NONE);
    assert_int_equal(action_parse(""), ACTION_NONE);
    assert_int_equal(action_parse("none"), ACTION_NONE);
    assert_int_equal(action_parse("Submit"), ACTION_NONE);
}

/* Calls fn for each default key of each action. */
static size_t collect_keys(struct key *keys, enum action *actions, size_t max)
{
    size_t count = 0;
    for (int action = 1; action < ACTION_COUNT; action++) {
        const char *at = action_default_keys((enum action)action);
        while (*at) {
            char word[32];
            size_t len = strcspn(at, " ");
            assert_true(len < sizeof word && count < max);
            memcpy(word, at, len);
            word[len] = '\0';
            if (!key_parse(word, &keys[count]))
                fail_msg("%s is no key", word);
            actions[count++] = (enum action)action;
            at += len + (at[len] == ' ');
        }
    }
    return count;
}

static void default_keys_are_keys_and_clash_nowhere(void **state)
{
    (void)state;
    struct key keys[200];
    enum action actions[200];
    size_t count = collect_keys(keys, actions, 200);
    assert_true(count >= ACTION_COUNT / 2);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            if (key_equal(keys[i], keys[j]))
                fail_msg("%s and %s share a key", action_name(actions[i]),
                         action_name(actions[j]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_found_by_its_name),
        cmocka_unit_test(an_unknown_name_is_no_action),
        cmocka_unit_test(default_keys_are_keys_and_clash_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
