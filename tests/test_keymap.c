/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/keys.h"

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
        (struct key_binding){.key = key_named(key), .action = action};
}

static void every_action_has_a_key(void **state)
{
    (void)state;
    struct keymap keymap;
    keymap_init(&keymap, &(struct settings){0});
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
    keymap_init(&keymap, &(struct settings){0});
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
    keymap_init(&keymap, &settings);
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
    keymap_init(&keymap, &settings);
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
    keymap_init(&keymap, &settings);
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
    keymap_init(&keymap, &settings);
    assert_int_equal(find(&keymap, "s"), ACTION_DISCARD);
    assert_int_equal(find(&keymap, "d"), ACTION_DRAFT);
    keymap_clear(&keymap);
    free(settings.bindings);
}

/* Of every preset: no key twice, nothing rates by another key, own ones go over it. */
static void presets_lie_below_ones_own_keys(void **state)
{
    (void)state;
    static const struct {
        enum key_preset preset;
        const char *key;
        enum action action;
    } rows[] = {
        {PRESET_ARGILLA, "Backspace", ACTION_DISCARD},
        {PRESET_ARGILLA, "d", ACTION_NONE},
        {PRESET_ARGILLA, "Ctrl-S", ACTION_DRAFT},
        {PRESET_ARGILLA, "Shift-Enter", ACTION_FEEDBACK},
        {PRESET_ARGILLA, "Down", ACTION_NEXT_QUESTION},
        {PRESET_ARGILLA, "Right", ACTION_NEXT},
        {PRESET_ARGILLA, "3", ACTION_RATE_3},
        {PRESET_PRODIGY, "a", ACTION_SUBMIT},
        {PRESET_PRODIGY, "x", ACTION_DISCARD},
        {PRESET_PRODIGY, "Space", ACTION_NEXT},
        {PRESET_PRODIGY, "Delete", ACTION_UNDO},
        {PRESET_PRODIGY, "f", ACTION_FLAG},
        {PRESET_PRODIGY, "h", ACTION_GUIDELINES},
        {PRESET_PRODIGY, "Ctrl-A", ACTION_ASK_ON},
        {PRESET_PRODIGY, "1", ACTION_RATE_1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct settings settings = {.preset = rows[i].preset};
        struct keymap keymap;
        keymap_init(&keymap, &settings);
        assert_int_equal(find(&keymap, rows[i].key), rows[i].action);
        for (size_t k = 0; k < keymap.count; k++)
            for (size_t j = k + 1; j < keymap.count; j++)
                assert_false(key_equal(keymap.entries[k].key, keymap.entries[j].key));
        for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
            char keys[64];
            keymap_first_key(&keymap, (enum action)action, keys, sizeof keys);
            assert_true(keys[0] != '\0'); /* a preset takes no action's last key */
        }
        keymap_clear(&keymap);
    }
    struct settings settings = {.preset = PRESET_ARGILLA};
    struct keymap keymap;
    bind_from_config(&settings, "Ctrl-X", ACTION_DISCARD);
    bind_from_config(&settings, "Left", ACTION_FLAG);
    keymap_init(&keymap, &settings);
    assert_int_equal(find(&keymap, "Backspace"), ACTION_NONE);
    assert_int_equal(find(&keymap, "Ctrl-X"), ACTION_DISCARD);
    assert_int_equal(find(&keymap, "Left"), ACTION_FLAG);
    assert_int_equal(find(&keymap, "h"), ACTION_PREVIOUS);
    keymap_clear(&keymap);
    free(settings.bindings);
}

static void the_keys_of_an_action_are_cut_to_their_place(void **state)
{
    (void)state;
    struct keymap keymap;
    char keys[6];
    keymap_init(&keymap, &(struct settings){0});
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
        cmocka_unit_test(presets_lie_below_ones_own_keys),
        cmocka_unit_test(the_keys_of_an_action_are_cut_to_their_place),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
