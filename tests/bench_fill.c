/* SPDX-License-Identifier: MIT
 * Fills a store with realistic records; with SERVER a dataset that is in it already.
 * usage: bench_fill STORE DATASET COUNT [pairs [SERVER]] */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fill_store.h"

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 6) {
        fprintf(stderr, "usage: bench_fill STORE DATASET COUNT [pairs [SERVER]]\n");
        return 2;
    }
    size_t count = (size_t)strtol(argv[3], NULL, 10);
    if (argc >= 5)
        fill_store_pairs(argv[1], argv[2], argv[5], count);
    else
        fill_store(argv[1], argv[2], count);
    return 0;
}
