/* SPDX-License-Identifier: MIT
 *
 * fill_store - many realistic records at once, for benchmarks.
 */
#ifndef TESTS_SUPPORT_FILL_STORE_H
#define TESTS_SUPPORT_FILL_STORE_H

#include <stddef.h>

/* Adds count records to the local dataset (made if need be) of the store at path: prompts
 * of 20 to 300 bytes, answers of 100 to 3,000, about a third answered. The same every
 * time. Ends the program with a sentence when it cannot. */
void fill_store(const char *path, const char *dataset, size_t count);
/* The same texts as finished pairs without an answer, as `sherd run` leaves them: all of
 * them go to a server once the dataset is linked to one. With server (its address; NULL =
 * none) the dataset is one of its, which the store has. */
void fill_store_pairs(const char *path, const char *dataset, const char *server,
                      size_t count);

#endif
