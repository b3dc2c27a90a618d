/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fault_vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* One write or (bytes NULL) truncation that was not synced yet. */
struct pending {
    sqlite3_int64 at;
    char *bytes;
    size_t len;
};

/* A file as the disk knows it. */
struct disk {
    char *path;
    struct buf durable;
    struct pending *pending;
    size_t count;
    uint64_t synced; /* operations before those that are pending */
    struct disk *next;
};

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real; /* right behind this struct */
    struct disk *disk;  /* NULL = not tracked */
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
    atomic_long sync_us;
    atomic_long syncs;
    atomic_long synced;
    atomic_long syncs_here;
    pthread_t here;
    atomic_bool refuses_locks;
    atomic_bool is_lost; /* the power */
    bool is_tracked;
    pthread_mutex_t lock; /* over the disks */
    struct disk *disks;
} fault = {.lock = PTHREAD_MUTEX_INITIALIZER};

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

static struct disk *disk_of(sqlite3_file *file)
{
    return ((struct faulty_file *)(void *)file)->disk;
}

/* ---- what is durable ---- */

static void apply(struct buf *image, const struct pending *op)
{
    size_t at = (size_t)op->at, end = at + op->len;
    if (!op->bytes) { /* a truncation never makes it longer */
        if (at < image->len)
            image->len = at;
        return;
    }
    while (image->len < end)
        buf_add_byte(image, 0);
    memcpy(image->data + at, op->bytes, op->len);
}

/* With the lock held, over the operation itself too: no write is under way when the power
 * goes. */
static void note_pending(struct disk *disk, sqlite3_int64 at, const void *bytes,
                         size_t len)
{
    disk->pending = xreallocarray(disk->pending, disk->count + 1, sizeof *disk->pending);
    disk->pending[disk->count++] = (struct pending){
        .at = at, .bytes = bytes ? xmemdup0(bytes, len) : NULL, .len = len};
}

static void drop_pending(struct disk *disk)
{
    for (size_t i = 0; i < disk->count; i++)
        free(disk->pending[i].bytes);
    free(disk->pending);
    disk->pending = NULL;
    disk->synced += disk->count;
    disk->count = 0;
}

/* All operations up to this number have reached the disk. */
static void make_durable(struct disk *disk, uint64_t number)
{
    size_t count = number > disk->synced ? (size_t)(number - disk->synced) : 0;
    if (fault.is_lost)
        return;
    for (size_t i = 0; i < count; i++) {
        apply(&disk->durable, &disk->pending[i]);
        free(disk->pending[i].bytes);
    }
    disk->synced += count;
    disk->count -= count;
    if (disk->count)
        memmove(disk->pending, disk->pending + count,
                disk->count * sizeof *disk->pending);
}

static void read_image(struct disk *disk)
{
    char bytes[4096];
    int fd = open(disk->path, O_RDONLY | O_CLOEXEC);
    for (ssize_t got = fd < 0 ? 0 : read(fd, bytes, sizeof bytes); got > 0;
         got = read(fd, bytes, sizeof bytes))
        buf_add(&disk->durable, bytes, (size_t)got);
    if (fd >= 0)
        close(fd);
}

static struct disk *find_disk(const char *path)
{
    pthread_mutex_lock(&fault.lock);
    struct disk *disk = fault.disks;
    while (disk && strcmp(disk->path, path) != 0)
        disk = disk->next;
    if (!disk) {
        disk = xcalloc(1, sizeof *disk);
        disk->path = xstrdup(path);
        disk->next = fault.disks;
        fault.disks = disk;
        read_image(disk);
    }
    pthread_mutex_unlock(&fault.lock);
    return disk;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int syncs_directory)
{
    (void)vfs;
    if (fault.is_lost)
        return SQLITE_IOERR_DELETE;
    pthread_mutex_lock(&fault.lock);
    for (struct disk *disk = fault.disks; disk; disk = disk->next)
        if (strcmp(disk->path, name) == 0) {
            drop_pending(disk);
            disk->durable.len = 0;
        }
    pthread_mutex_unlock(&fault.lock);
    return fault.real->xDelete(fault.real, name, syncs_directory);
}

static unsigned next_random(unsigned *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

void fault_vfs_lose_power(unsigned seed)
{
    unsigned state = seed * 2654435761u + 1;
    pthread_mutex_lock(&fault.lock);
    atomic_store(&fault.is_lost, true);
    for (struct disk *disk = fault.disks; disk; disk = disk->next) {
        unsigned way = next_random(&state) % 3; /* nothing, the first ones, or any */
        size_t first = disk->count ? next_random(&state) % (disk->count + 1) : 0;
        for (size_t i = 0; way && i < disk->count; i++)
            if (way == 1 ? i < first : next_random(&state) % 2)
                apply(&disk->durable, &disk->pending[i]);
        if (access(disk->path, F_OK) != 0)
            continue; /* deleted */
        int fd = open(disk->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        if (fd < 0 ||
            (disk->durable.len && write(fd, disk->durable.data, disk->durable.len) !=
                                      (ssize_t)disk->durable.len))
            abort();
        close(fd);
    }
    pthread_mutex_unlock(&fault.lock);
}

/* ---- the file layer ---- */

static int close_file(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 at)
{
    if (strikes(FAULT_READ) || fault.is_lost)
        return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, at);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    if (strikes(FAULT_WRITE))
        return atomic_load(&fault.goes_on) ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    struct disk *disk = disk_of(file);
    if (!disk)
        return real_of(file)->pMethods->xWrite(real_of(file), bytes, count, at);
    pthread_mutex_lock(&fault.lock);
    int code = SQLITE_IOERR_WRITE;
    if (!fault.is_lost) {
        note_pending(disk, at, bytes, (size_t)count);
        code = real_of(file)->pMethods->xWrite(real_of(file), bytes, count, at);
    }
    pthread_mutex_unlock(&fault.lock);
    return code;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    if (strikes(FAULT_TRUNCATE))
        return SQLITE_IOERR_TRUNCATE;
    struct disk *disk = disk_of(file);
    if (!disk)
        return real_of(file)->pMethods->xTruncate(real_of(file), size);
    pthread_mutex_lock(&fault.lock);
    int code = SQLITE_IOERR_TRUNCATE;
    if (!fault.is_lost) {
        note_pending(disk, size, NULL, 0);
        code = real_of(file)->pMethods->xTruncate(real_of(file), size);
    }
    pthread_mutex_unlock(&fault.lock);
    return code;
}

static int sync_file(sqlite3_file *file, int flags)
{
    (void)flags;
    struct disk *disk = disk_of(file);
    pthread_mutex_lock(&fault.lock);
    /* What was written before; later writes need not be included. */
    uint64_t number = disk ? disk->synced + disk->count : 0;
    pthread_mutex_unlock(&fault.lock);
    atomic_fetch_add(&fault.syncs, 1);
    if (pthread_equal(pthread_self(), fault.here))
        atomic_fetch_add(&fault.syncs_here, 1);
    long us = atomic_load(&fault.sync_us);
    const struct timespec pause = {.tv_sec = us / 1000000,
                                   .tv_nsec = us % 1000000 * 1000};
    if (us)
        nanosleep(&pause, NULL);
    atomic_fetch_add(&fault.synced, 1);
    bool fails = strikes(FAULT_SYNC);
    pthread_mutex_lock(&fault.lock);
    if (fails && disk && !fault.is_lost)
        drop_pending(disk); /* as Linux: the next sync knows nothing of them */
    else if (disk)
        make_durable(disk, number);
    bool is_lost = fault.is_lost;
    pthread_mutex_unlock(&fault.lock);
    return fails || is_lost ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int lock_file(sqlite3_file *file, int level)
{
    if (strikes(FAULT_LOCK))
        return SQLITE_IOERR_LOCK;
    if (fault.refuses_locks)
        return SQLITE_BUSY;
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
    if (strikes(FAULT_SPACE)) {
        errno = ENOSPC;
        return SQLITE_IOERR_SHMSIZE;
    }
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
    faulty->disk = NULL;
    if (strikes(FAULT_OPEN))
        return SQLITE_CANTOPEN;
    int code = fault.real->xOpen(fault.real, name, faulty->real, flags, out_flags);
    if (faulty->real->pMethods)
        faulty->base.pMethods = &fault.methods;
    if (fault.is_tracked && code == SQLITE_OK && name)
        faulty->disk = find_disk(name);
    return code;
}

void fault_vfs_register(void)
{
    if (fault.real)
        return;
    fault.real = sqlite3_vfs_find(NULL);
    fault.here = pthread_self();
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
    fault.vfs.xDelete = delete_file;
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

long fault_vfs_left(void)
{
    return atomic_load(&fault.left);
}

void fault_vfs_slow(long sync_us)
{
    atomic_store(&fault.sync_us, sync_us);
}

long fault_vfs_syncs(void)
{
    return atomic_load(&fault.syncs);
}

long fault_vfs_synced(void)
{
    return atomic_load(&fault.synced);
}

long fault_vfs_syncs_here(void)
{
    return atomic_load(&fault.syncs_here);
}

void fault_vfs_track(void)
{
    fault.is_tracked = true;
}

void fault_vfs_refuse_locks(bool refuses)
{
    atomic_store(&fault.refuses_locks, refuses);
}
