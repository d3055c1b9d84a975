/* SPDX-License-Identifier: Apache-2.0 */
/* session_writer.c: writes the file that wire/session_format.h describes.
 *
 * What does not compress is written as it is: a sample of each block decides, so that random numbers
 * cost a checksum and no more. */
#include "worker/session_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum {
    PICKLES_LEVEL = 1, /* they are text for the most part, and few */
    SAMPLE_BYTES = 32 * 1024,
    SAMPLED_FROM_BYTES = 128 * 1024, /* a smaller block is compressed to see */
};

bool session_writer_init(struct session_writer *writer, int fd, int level)
{
    *writer = (struct session_writer){.fd = fd, .level = level, .offset = sizeof(struct session_header)};
    writer->pending = malloc(SESSION_BLOCK_BYTES);
    if (!writer->pending)
        return false;
    writer->packed_room = ZSTD_compressBound(SESSION_BLOCK_BYTES);
    writer->packed = malloc(writer->packed_room);
    writer->zstd = ZSTD_createCCtx();
    if (!writer->packed || !writer->zstd)
        return false;
    ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel,
                           level ? level : PICKLES_LEVEL);
    ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);
    return true;
}

void session_writer_free(struct session_writer *writer)
{
    free(writer->pending);
    free(writer->packed);
    ZSTD_freeCCtx(writer->zstd);
    buf_free(&writer->blocks);
    buf_free(&writer->lengths);
}

static bool write_at(struct session_writer *writer, const void *data, size_t size, uint64_t offset)
{
    const uint8_t *at = data;
    while (size > 0) {
        ssize_t wrote = pwrite(writer->fd, at, size, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            writer->error = wrote < 0 ? errno : ENOSPC;
            return false;
        }
        at += wrote;
        offset += (uint64_t)wrote;
        size -= (size_t)wrote;
    }
    return true;
}

/* The size of the zstd frame in packed, or 0 when it is not worth it. */
static size_t pack(struct session_writer *writer, const uint8_t *data, size_t size)
{
    if (size >= SAMPLED_FROM_BYTES) {
        const uint8_t *sample = data + (size - SAMPLE_BYTES) / 2;
        size_t packed = ZSTD_compress2(writer->zstd, writer->packed, writer->packed_room, sample,
                                       SAMPLE_BYTES);
        if (ZSTD_isError(packed) || packed > SAMPLE_BYTES - SAMPLE_BYTES / 8)
            return 0;
    }
    size_t packed = ZSTD_compress2(writer->zstd, writer->packed, writer->packed_room, data, size);
    return ZSTD_isError(packed) || packed >= size - size / 16 ? 0 : packed;
}

static bool put_block(struct session_writer *writer, const uint8_t *data, size_t size, bool packs)
{
    if (writer->error)
        return false;
    size_t packed = packs ? pack(writer, data, size) : 0;
    const void *stored = packed ? writer->packed : data;
    size_t stored_bytes = packed ? packed : size;
    struct session_block block = {.checksum = session_format_checksum(stored, stored_bytes),
                                  .stored_bytes = (uint32_t)stored_bytes,
                                  .raw_bytes = (uint32_t)size,
                                  .method = packed ? SESSION_ZSTD : SESSION_RAW};
    if (!write_at(writer, stored, stored_bytes, writer->offset))
        return false;
    writer->offset += stored_bytes;
    buf_append(&writer->blocks, &block, sizeof block);
    return true;
}

static bool flush(struct session_writer *writer)
{
    size_t size = writer->pending_bytes;
    writer->pending_bytes = 0;
    return size == 0 || put_block(writer, writer->pending, size, true);
}

bool session_writer_take(struct session_writer *writer, const void *data, size_t length)
{
    const uint8_t *at = data;
    while (length > 0) {
        size_t room = SESSION_BLOCK_BYTES - writer->pending_bytes;
        size_t part = length < room ? length : room;
        memcpy(writer->pending + writer->pending_bytes, at, part);
        writer->pending_bytes += part;
        writer->stream += part;
        at += part;
        length -= part;
        if (writer->pending_bytes == SESSION_BLOCK_BYTES && !flush(writer))
            return false;
    }
    return true;
}

bool session_writer_buffer(struct session_writer *writer, const void *data, size_t length)
{
    uint64_t size = length;
    buf_append(&writer->lengths, &size, sizeof size);
    writer->stream += length;
    if (!flush(writer))
        return false;
    for (size_t at = 0; at < length; at += SESSION_BLOCK_BYTES) {
        size_t part = length - at < SESSION_BLOCK_BYTES ? length - at : SESSION_BLOCK_BYTES;
        if (!put_block(writer, (const uint8_t *)data + at, part, writer->level != 0))
            return false;
    }
    return true;
}

bool session_writer_finish(struct session_writer *writer, struct session_header *header)
{
    if (!flush(writer))
        return false;
    header->block_count = writer->blocks.length / sizeof(struct session_block);
    header->buffer_count = writer->lengths.length / sizeof(uint64_t);
    buf_append(&writer->blocks, writer->lengths.data, writer->lengths.length);
    if (writer->blocks.failed || writer->lengths.failed) {
        writer->error = ENOMEM;
        return false;
    }
    header->table_offset = writer->offset;
    header->table_checksum = session_format_checksum(writer->blocks.data, writer->blocks.length);
    header->file_bytes = writer->offset + writer->blocks.length;
    session_format_seal(header);
    return write_at(writer, writer->blocks.data, writer->blocks.length, writer->offset) &&
           write_at(writer, header, sizeof *header, 0);
}
