/* SPDX-License-Identifier: MIT
 * Fills a local store with realistic records.
 * usage: bench_fill STORE DATASET COUNT [pairs] */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fill_store.h"

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: bench_fill STORE DATASET COUNT [pairs]\n");
        return 2;
    }
    size_t count = (size_t)strtol(argv[3], NULL, 10);
    if (argc == 5)
        fill_store_pairs(argv[1], argv[2], count);
    else
        fill_store(argv[1], argv[2], count);
    return 0;
}
