/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/keymap.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"

static struct key key_named(const char *name)
{
    struct key key = {0};
    assert_true(key_parse(name, &key));
    return key;
}

static enum action find(const struct keymap *keymap, const char *name)
{
    return keymap_find(keymap, key_named(name));
}

/* As the settings' reader gives what the config's [keys] say. */
static void bind_from_config(struct settings *settings, const char *key,
                             enum action action)
{
    settings->bindings = xreallocarray(settings->bindings, settings->binding_count + 1,
                                       sizeof *settings->bindings);
    settings->bindings[settings->binding_count++] =
        (struct key_binding){key_named(key), action};
}

static void every_action_has_a_key(void **state)
{
    (void)state;
    struct keymap keymap;
    keymap_init(&keymap, NULL, 0);
    for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        char keys[64];
        keymap_keys(&keymap, (enum action)action, keys, sizeof keys);
        assert_string_equal(keys, action_default_keys((enum action)action));
    }
    keymap_clear(&keymap);
}

static void no_default_key_stands_twice(void **state)
{
    (void)state;
    struct keymap keymap;
    keymap_init(&keymap, NULL, 0);
    for (size_t i = 0; i < keymap.count; i++)
        for (size_t j = i + 1; j < keymap.count; j++)
            assert_false(key_equal(keymap.entries[i].key, keymap.entries[j].key));
    assert_int_equal(find(&keymap, "4"), ACTION_RATE_4);
    assert_int_equal(find(&keymap, "Enter"), ACTION_SUBMIT);
    assert_int_equal(find(&keymap, "Ctrl-R"), ACTION_REDO);
    assert_int_equal(find(&keymap, "z"), ACTION_NONE);
    keymap_clear(&keymap);
}

static void a_bound_action_has_its_new_keys_only(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct keymap keymap;
    char keys[64];
    bind_from_config(&settings, "F5", ACTION_SUBMIT);
    bind_from_config(&settings, "w", ACTION_SUBMIT);
    keymap_init(&keymap, settings.bindings, settings.binding_count);
    keymap_keys(&keymap, ACTION_SUBMIT, keys, sizeof keys);
    assert_string_equal(keys, "F5 w");
    assert_int_equal(find(&keymap, "Enter"), ACTION_NONE);
    keymap_clear(&keymap);
    free(settings.bindings);
}

static void a_key_taken_by_another_action_leaves_its_own(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct keymap keymap;
    char keys[64];
    bind_from_config(&settings, "l", ACTION_DRAFT);
    keymap_init(&keymap, settings.bindings, settings.binding_count);
    assert_int_equal(find(&keymap, "l"), ACTION_DRAFT);
    keymap_keys(&keymap, ACTION_NEXT, keys, sizeof keys);
    assert_string_equal(keys, "Right");
    keymap_clear(&keymap);
    free(settings.bindings);
}

static void a_key_can_be_bound_to_nothing(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct keymap keymap;
    char keys[64] = "x";
    bind_from_config(&settings, "d", ACTION_NONE);
    keymap_init(&keymap, settings.bindings, settings.binding_count);
    assert_int_equal(find(&keymap, "d"), ACTION_NONE);
    keymap_first_key(&keymap, ACTION_DISCARD, keys, sizeof keys);
    assert_string_equal(keys, "");
    keymap_clear(&keymap);
    free(settings.bindings);
}

static void two_actions_can_swap_their_keys(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct keymap keymap;
    bind_from_config(&settings, "s", ACTION_DISCARD);
    bind_from_config(&settings, "d", ACTION_DRAFT);
    keymap_init(&keymap, settings.bindings, settings.binding_count);
    assert_int_equal(find(&keymap, "s"), ACTION_DISCARD);
    assert_int_equal(find(&keymap, "d"), ACTION_DRAFT);
    keymap_clear(&keymap);
    free(settings.bindings);
}

static void the_keys_of_an_action_are_cut_to_their_place(void **state)
{
    (void)state;
    struct keymap keymap;
    char keys[6];
    keymap_init(&keymap, NULL, 0);
    keymap_keys(&keymap, ACTION_PAGE_DOWN, keys, sizeof keys);
    assert_string_equal(keys, "Space");
    keymap_clear(&keymap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_has_a_key),
        cmocka_unit_test(no_default_key_stands_twice),
        cmocka_unit_test(a_bound_action_has_its_new_keys_only),
        cmocka_unit_test(a_key_taken_by_another_action_leaves_its_own),
        cmocka_unit_test(a_key_can_be_bound_to_nothing),
        cmocka_unit_test(two_actions_can_swap_their_keys),
        cmocka_unit_test(the_keys_of_an_action_are_cut_to_their_place),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
