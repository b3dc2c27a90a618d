/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fault_memory.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <sqlite3.h>

/* Worker threads and the loop come here at once. */
static struct {
    sqlite3_mem_methods real;
    atomic_long left; /* allocations until one fails; 0 = none will */
    atomic_bool struck;
} memory;

static bool strikes(void)
{
    if (atomic_load(&memory.left) == 0 || atomic_fetch_sub(&memory.left, 1) != 1)
        return false;
    atomic_store(&memory.struck, true);
    return true;
}

static void *faulty_malloc(int size)
{
    return strikes() ? NULL : memory.real.xMalloc(size);
}

static void *faulty_realloc(void *old, int size)
{
    return strikes() ? NULL : memory.real.xRealloc(old, size);
}

void fault_memory_register(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real);
    sqlite3_mem_methods faulty = memory.real;
    faulty.xMalloc = faulty_malloc;
    faulty.xRealloc = faulty_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty) != SQLITE_OK)
        abort();
}

void fault_memory_arm(long n)
{
    atomic_store(&memory.left, n);
    atomic_store(&memory.struck, false);
}

bool fault_memory_struck(void)
{
    return atomic_load(&memory.struck);
}
