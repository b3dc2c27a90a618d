/* SPDX-License-Identifier: MIT
 *
 * Two machines of one user, on the fake server of either version.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/machines.h"

struct bench {
    const struct machines_case *machines_case;
    const char *version;
};

static void run_case(void **state)
{
    const struct bench *bench = *state;
    struct fake_argilla *fake = fake_argilla_new(bench->version);
    struct machines machines;
    machines_start(&machines, fake_argilla_url(fake), FAKE_ARGILLA_KEY);
    bench->machines_case->run(&machines);
    machines_end(&machines);
    fake_argilla_free(fake);
}

int main(void)
{
    static const char *const versions[] = {"2.8.0", "1.29.1"};
    size_t count = 2 * machines_case_count;
    struct CMUnitTest *tests = xcalloc(count, sizeof *tests);
    struct bench *benches = xcalloc(count, sizeof *benches);
    for (size_t i = 0; i < count; i++) {
        const struct machines_case *one = &machines_cases[i / 2];
        benches[i] = (struct bench){one, versions[i % 2]};
        tests[i] = (struct CMUnitTest){xasprintf("%s on %s", one->name, versions[i % 2]),
                                       run_case, NULL, NULL, &benches[i]};
    }
    int failed = _cmocka_run_group_tests("sync_machines", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        free((char *)(uintptr_t)tests[i].name);
    free(tests);
    free(benches);
    return failed;
}
