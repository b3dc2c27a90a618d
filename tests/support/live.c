/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/live.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static const char *variable(const char *name)
{
    const char *text = getenv(name);
    return text ? text : "";
}

const char *live_argilla_key(void)
{
    return variable("SHERD_LIVE_ARGILLA_KEY");
}

const char *live_model(void)
{
    return variable("SHERD_LIVE_MODEL");
}

int live_skip_all(const char *why)
{
    printf("1..0 # SKIP %s\n", why);
    return 0;
}

int live_each_argilla(int (*fn)(const char *url))
{
    char *servers = xstrdup(variable("SHERD_LIVE_ARGILLA"));
    int count = 0, failed = 0;
    bool has_key = *live_argilla_key();
    for (char *rest = servers, *url; has_key && (url = strsep(&rest, " "));) {
        if (!*url)
            continue;
        failed += fn(url);
        count++;
    }
    free(servers);
    return count ? failed
                 : live_skip_all("SHERD_LIVE_ARGILLA or SHERD_LIVE_ARGILLA_KEY is not "
                                 "set");
}
