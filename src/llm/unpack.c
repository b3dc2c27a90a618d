/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/llm_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/xalloc.h"

enum { BLOCK = 128 * 1024, GZIP_WINDOW = 15 + 16 };

enum packing { PACKED_NOT, PACKED_GZIP, PACKED_ZSTD };

struct unpack {
    int fd;
    off_t at; /* of the next block */
    const char *name;
    enum packing packing;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool has_begun;
    bool is_inside; /* a packed frame has begun and not ended */
    size_t packed_at, packed_len, plain_at, plain_len;
    size_t line;      /* of an array */
    size_t item_left; /* of the bytes that an item may have */
    struct err fault; /* of reading an array */
    unsigned char packed[BLOCK], plain[BLOCK];
};

struct unpack *unpack_new(int fd, const char *name)
{
    struct unpack *unpack = xcalloc(1, sizeof *unpack);
    unpack->fd = fd;
    unpack->name = name;
    return unpack;
}

void unpack_free(struct unpack *unpack)
{
    if (!unpack)
        return;
    if (unpack->packing == PACKED_GZIP)
        inflateEnd(&unpack->gzip);
    ZSTD_freeDStream(unpack->zstd);
    free(unpack);
}

static enum status read_block(struct unpack *unpack, struct err *err)
{
    ssize_t got;
    do
        got = pread(unpack->fd, unpack->packed, BLOCK, unpack->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set(err, STATUS_IO, "%s cannot be read: %s.", unpack->name,
                       strerror(errno));
    unpack->at += got;
    unpack->packed_at = 0;
    unpack->packed_len = (size_t)got;
    return STATUS_OK;
}

static enum status begin(struct unpack *unpack, struct err *err)
{
    static const unsigned char gzip[] = {0x1f, 0x8b}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    unpack->has_begun = true;
    if (read_block(unpack, err))
        return err->code;
    if (unpack->packed_len > 2 && !memcmp(unpack->packed, gzip, sizeof gzip)) {
        if (inflateInit2(&unpack->gzip, GZIP_WINDOW) != Z_OK)
            return err_set(err, STATUS_IO, "There is no memory to unpack %s.",
                           unpack->name);
        unpack->packing = PACKED_GZIP;
    } else if (unpack->packed_len > 4 && !memcmp(unpack->packed, zstd, sizeof zstd)) {
        unpack->zstd = ZSTD_createDStream();
        if (!unpack->zstd)
            return err_set(err, STATUS_IO, "There is no memory to unpack %s.",
                           unpack->name);
        unpack->packing = PACKED_ZSTD;
    }
    return STATUS_OK;
}

/* One step; false when the bytes are no such packing. */
static bool unpack_gzip(struct unpack *unpack)
{
    z_stream *gzip = &unpack->gzip;
    gzip->next_in = unpack->packed + unpack->packed_at;
    gzip->avail_in = (uInt)(unpack->packed_len - unpack->packed_at);
    gzip->next_out = unpack->plain;
    gzip->avail_out = BLOCK;
    int code = inflate(gzip, Z_NO_FLUSH);
    unpack->packed_at = unpack->packed_len - gzip->avail_in;
    unpack->plain_len = BLOCK - gzip->avail_out;
    unpack->is_inside = code != Z_STREAM_END;
    if (code == Z_STREAM_END)
        inflateReset(gzip); /* another may follow */
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
}

static bool unpack_zstd(struct unpack *unpack)
{
    ZSTD_inBuffer in = {unpack->packed, unpack->packed_len, unpack->packed_at};
    ZSTD_outBuffer out = {unpack->plain, BLOCK, 0};
    size_t left = ZSTD_decompressStream(unpack->zstd, &out, &in);
    unpack->packed_at = in.pos;
    unpack->plain_len = out.pos;
    unpack->is_inside = left != 0;
    return !ZSTD_isError(left);
}

/* The next plain bytes; none at the end. */
static enum status fill(struct unpack *unpack, struct err *err)
{
    unpack->plain_at = unpack->plain_len = 0;
    if (!unpack->has_begun && begin(unpack, err))
        return err->code;
    while (!unpack->plain_len) {
        if (unpack->packed_at == unpack->packed_len && read_block(unpack, err))
            return err->code;
        bool is_end = !unpack->packed_len;
        if (is_end && (unpack->packing == PACKED_NOT || !unpack->is_inside))
            return STATUS_OK;
        if (unpack->packing == PACKED_NOT) {
            memcpy(unpack->plain, unpack->packed, unpack->packed_len);
            unpack->plain_len = unpack->packed_len;
            unpack->packed_at = unpack->packed_len;
            return STATUS_OK;
        }
        bool is_good =
            unpack->packing == PACKED_GZIP ? unpack_gzip(unpack) : unpack_zstd(unpack);
        if (!is_good)
            return err_set(err, STATUS_IO, "%s is damaged: it cannot be unpacked here.",
                           unpack->name);
        if (is_end && !unpack->plain_len)
            return err_set(err, STATUS_IO, "%s ends in the middle: it is not whole.",
                           unpack->name);
    }
    return STATUS_OK;
}

enum status unpack_line(struct unpack *unpack, struct buf *line, struct err *err)
{
    bool has_any = false, fits = true;
    buf_reset(line);
    for (;;) {
        if (unpack->plain_at == unpack->plain_len && fill(unpack, err))
            return err->code;
        size_t len = unpack->plain_len - unpack->plain_at;
        if (!len)
            break;
        const unsigned char *from = unpack->plain + unpack->plain_at;
        const unsigned char *newline = memchr(from, '\n', len);
        if (newline)
            len = (size_t)(newline - from);
        has_any = true;
        fits = fits && buf_add(line, from, len);
        unpack->plain_at += len + (newline != NULL);
        if (newline)
            break;
    }
    if (!fits)
        return err_set(err, STATUS_FULL, "this line is longer than %zu MiB.",
                       line->max >> 20);
    return has_any ? STATUS_OK : STATUS_NOT_FOUND;
}

/* ---- a JSON array ---- */

/* Without taking it; -1 at the end, and with a fault. */
static int next_byte(struct unpack *unpack)
{
    if (unpack->plain_at == unpack->plain_len &&
        (unpack->fault.code || fill(unpack, &unpack->fault)))
        return -1;
    return unpack->plain_at < unpack->plain_len ? unpack->plain[unpack->plain_at] : -1;
}

/* Passes over all of these. */
static int skip_bytes(struct unpack *unpack, const char *these)
{
    int byte;
    while ((byte = next_byte(unpack)) > 0 && strchr(these, byte)) {
        unpack->plain_at++;
        unpack->line += byte == '\n';
    }
    return byte;
}

/* To jansson, one by one: what stands behind the item is left. */
static size_t give_byte(void *out, size_t size, void *ctx)
{
    struct unpack *unpack = ctx;
    int byte = next_byte(unpack);
    if (byte < 0 || !size || !unpack->item_left)
        return unpack->fault.code || !unpack->item_left ? (size_t)-1 : 0;
    unpack->plain_at++;
    unpack->item_left--;
    unpack->line += byte == '\n';
    *(char *)out = (char)byte;
    return 1;
}

bool unpack_begins_array(struct unpack *unpack)
{
    unpack->line = 1;
    if (skip_bytes(unpack, "\xef\xbb\xbf \t\r\n") != '[')
        return false;
    unpack->plain_at++;
    return true;
}

enum status unpack_item(struct unpack *unpack, size_t max, json_t **item, size_t *line,
                        struct err *err)
{
    json_error_t fault;
    int byte = skip_bytes(unpack, ", \t\r\n");
    *line = unpack->line;
    if (byte == ']')
        return STATUS_NOT_FOUND;
    unpack->item_left = max;
    *item = byte < 0
                ? NULL
                : json_load_callback(give_byte, unpack,
                                     JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &fault);
    if (json_is_object(*item))
        return STATUS_OK;
    json_decref(*item);
    *item = NULL;
    if (unpack->fault.code)
        return err_set(err, unpack->fault.code, "%s", unpack->fault.text);
    return err_set(err, STATUS_IO, "%s:%zu: %s; it cannot be read on from there.",
                   unpack->name, *line,
                   byte < 0                ? "the file ends in the middle of its array"
                   : !unpack->item_left    ? "this item of the array is too long"
                   : next_byte(unpack) < 0 ? "the file ends in this item of its array"
                                           : "this item of the array is no JSON object");
}
