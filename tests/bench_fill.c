/* SPDX-License-Identifier: MIT
 * Fills a local store with realistic records. usage: bench_fill STORE DATASET COUNT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fill_store.h"

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_fill STORE DATASET COUNT\n");
        return 2;
    }
    fill_store(argv[1], argv[2], (size_t)strtol(argv[3], NULL, 10));
    return 0;
}
