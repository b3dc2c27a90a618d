/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fault_vfs.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include <sqlite3.h>

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real; /* right behind this struct */
};

/* Worker threads and the loop come here at once. */
static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
    atomic_uint kinds;
    atomic_long left; /* operations until one fails; 0 = none will */
    atomic_bool goes_on;
    atomic_bool struck;
} fault;

static bool strikes(enum fault_kind kind)
{
    if (!(atomic_load(&fault.kinds) & kind))
        return false;
    if (atomic_load(&fault.struck))
        return atomic_load(&fault.goes_on);
    if (atomic_load(&fault.left) == 0 || atomic_fetch_sub(&fault.left, 1) != 1)
        return false;
    atomic_store(&fault.struck, true);
    return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)(void *)file)->real;
}

static int close_file(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 at)
{
    if (strikes(FAULT_READ))
        return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, at);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    if (strikes(FAULT_WRITE))
        return atomic_load(&fault.goes_on) ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return real_of(file)->pMethods->xWrite(real_of(file), bytes, count, at);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    if (strikes(FAULT_TRUNCATE))
        return SQLITE_IOERR_TRUNCATE;
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int sync_file(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return strikes(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int lock_file(sqlite3_file *file, int level)
{
    if (strikes(FAULT_LOCK))
        return SQLITE_IOERR_LOCK;
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int check_reserved(sqlite3_file *file, int *answer)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), answer);
}

static int control_file(sqlite3_file *file, int op, void *arg)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int map_shared(sqlite3_file *file, int page, int size, int extend,
                      void volatile **out)
{
    if (strikes(FAULT_MAP))
        return SQLITE_IOERR_SHMMAP;
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void barrier_shared(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int unmap_shared(sqlite3_file *file, int delete)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    (void)vfs;
    struct faulty_file *faulty = (void *)file;
    faulty->base.pMethods = NULL;
    faulty->real = (sqlite3_file *)(void *)(faulty + 1);
    faulty->real->pMethods = NULL;
    if (strikes(FAULT_OPEN))
        return SQLITE_CANTOPEN;
    int code = fault.real->xOpen(fault.real, name, faulty->real, flags, out_flags);
    if (faulty->real->pMethods)
        faulty->base.pMethods = &fault.methods;
    return code;
}

void fault_vfs_register(void)
{
    if (fault.real)
        return;
    fault.real = sqlite3_vfs_find(NULL);
    fault.methods = (sqlite3_io_methods){.iVersion = 2,
                                         .xClose = close_file,
                                         .xRead = read_file,
                                         .xWrite = write_file,
                                         .xTruncate = truncate_file,
                                         .xSync = sync_file,
                                         .xFileSize = file_size,
                                         .xLock = lock_file,
                                         .xUnlock = unlock_file,
                                         .xCheckReservedLock = check_reserved,
                                         .xFileControl = control_file,
                                         .xSectorSize = sector_size,
                                         .xDeviceCharacteristics = characteristics,
                                         .xShmMap = map_shared,
                                         .xShmLock = lock_shared,
                                         .xShmBarrier = barrier_shared,
                                         .xShmUnmap = unmap_shared};
    fault.vfs = *fault.real;
    fault.vfs.zName = "fault";
    fault.vfs.pNext = NULL;
    fault.vfs.szOsFile = (int)sizeof(struct faulty_file) + fault.real->szOsFile;
    fault.vfs.xOpen = open_file;
    sqlite3_vfs_register(&fault.vfs, 0);
}

void fault_vfs_arm(unsigned kinds, long n, bool goes_on)
{
    atomic_store(&fault.kinds, 0);
    atomic_store(&fault.left, n);
    atomic_store(&fault.goes_on, goes_on);
    atomic_store(&fault.struck, false);
    atomic_store(&fault.kinds, n ? kinds : 0);
}

bool fault_vfs_struck(void)
{
    return atomic_load(&fault.struck);
}
