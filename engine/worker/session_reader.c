/* SPDX-License-Identifier: Apache-2.0 */
/* session_reader.c: reads and checks the file that wire/session_format.h describes. The file may hold
 * anything: nothing is used before its checksum and its sizes were found right. */
#include "worker/session_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static enum session_read damaged(struct session_reader *reader, const char *what, uint64_t offset)
{
    snprintf(reader->message, sizeof reader->message, "%s, at byte %llu", what,
             (unsigned long long)offset);
    return SESSION_READ_DAMAGED;
}

static enum session_read failed(struct session_reader *reader, const char *what)
{
    int error = errno;
    snprintf(reader->message, sizeof reader->message, "%s: %s", what, strerror(error));
    errno = error;
    return SESSION_READ_FAILED;
}

/* Reads up to size bytes; fewer only at the file's end. -1 with errno. */
static ssize_t read_at(int fd, void *data, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(fd, (uint8_t *)data + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static enum session_read read_whole(struct session_reader *reader, void *data, size_t size,
                                    uint64_t offset)
{
    ssize_t got = read_at(reader->fd, data, size, offset);
    if (got < 0)
        return failed(reader, "the session's file cannot be read");
    return (size_t)got == size ? SESSION_READ_FINE : damaged(reader, "it ends too early", offset);
}

/* Whether the blocks are the stored bytes and make up the stream. */
static bool table_is_fine(const struct session_reader *reader)
{
    const struct session_header *header = &reader->header;
    uint64_t stored = sizeof *header, raw = 0, wanted = 0;
    for (uint64_t i = 0; i < header->block_count; i++) {
        const struct session_block *block = &reader->blocks[i];
        stored += block->stored_bytes;
        raw += block->raw_bytes;
        if (block->raw_bytes == 0 || block->raw_bytes > SESSION_BLOCK_BYTES ||
            block->stored_bytes == 0 || block->stored_bytes > block->raw_bytes || block->zero ||
            block->method > SESSION_ZSTD ||
            (block->method == SESSION_RAW && block->stored_bytes != block->raw_bytes))
            return false;
    }
    if (stored != header->table_offset || header->pickles_bytes > raw || header->manifest_bytes > raw)
        return false;
    wanted = header->pickles_bytes + header->manifest_bytes;
    for (uint64_t i = 0; i < header->buffer_count; i++) {
        if (reader->lengths[i] == 0 || reader->lengths[i] > raw || wanted > raw)
            return false;
        wanted += reader->lengths[i];
    }
    return wanted == raw;
}

enum session_read session_reader_open(struct session_reader *reader, int fd)
{
    struct stat about;
    const char *what;
    *reader = (struct session_reader){.fd = fd};
    if (fstat(fd, &about) != 0)
        return failed(reader, "the session's file");
    struct session_header *header = &reader->header;
    ssize_t got = read_at(fd, header, sizeof *header, 0);
    if (got < 0)
        return failed(reader, "the session's file cannot be read");
    enum session_fault fault =
        session_format_check(header, (size_t)got, (uint64_t)about.st_size, &what);
    if (fault == SESSION_NEWER) {
        snprintf(reader->message, sizeof reader->message, "it has format %u, and up to %u is known",
                 header->preamble.version, SESSION_VERSION);
        return SESSION_READ_NEWER;
    }
    if (fault != SESSION_FINE)
        return damaged(reader, what, 0);
    size_t size = header->file_bytes - header->table_offset;
    reader->blocks = malloc(size + 1);
    if (!reader->blocks)
        return failed(reader, "the session's table");
    enum session_read read = read_whole(reader, reader->blocks, size, header->table_offset);
    if (read != SESSION_READ_FINE)
        return read;
    if (session_format_checksum(reader->blocks, size) != header->table_checksum)
        return damaged(reader, "its table has a wrong checksum", header->table_offset);
    reader->lengths = (uint64_t *)(reader->blocks + header->block_count);
    if (!table_is_fine(reader))
        return damaged(reader, "its table contradicts itself", header->table_offset);
    return SESSION_READ_FINE;
}

void session_reader_free(struct session_reader *reader)
{
    free(reader->blocks);
    reader->blocks = NULL;
}

/* ---- The stream ---- */

/* Where in the caller's memory the stream has got to. */
struct cursor {
    uint8_t *const *parts;
    uint64_t part, at, part_bytes;
    uint64_t count;
    const struct session_reader *reader;
};

static uint64_t bytes_of_part(const struct session_reader *reader, uint64_t part)
{
    if (part < 2)
        return part == 0 ? reader->header.pickles_bytes : reader->header.manifest_bytes;
    return reader->lengths[part - 2];
}

/* Room for the next bytes in one piece; moves on from parts that are full. */
static size_t room(struct cursor *cursor)
{
    while (cursor->part < cursor->count && cursor->at == cursor->part_bytes) {
        cursor->part++;
        cursor->at = 0;
        if (cursor->part < cursor->count)
            cursor->part_bytes = bytes_of_part(cursor->reader, cursor->part);
    }
    return cursor->part < cursor->count ? cursor->part_bytes - cursor->at : 0;
}

static void scatter(struct cursor *cursor, const uint8_t *data, size_t size)
{
    size_t free_bytes;
    while (size > 0 && (free_bytes = room(cursor)) > 0) {
        size_t part = size < free_bytes ? size : free_bytes;
        memcpy(cursor->parts[cursor->part] + cursor->at, data, part);
        cursor->at += part;
        data += part;
        size -= part;
    }
}

/* Two blocks' worth of memory for what cannot be read where it is to be. */
struct scratch {
    uint8_t *stored, *raw;
    ZSTD_DCtx *zstd;
};

static enum session_read take_block(struct session_reader *reader, const struct session_block *block,
                                    uint64_t offset, struct cursor *cursor, struct scratch *scratch)
{
    bool in_place = room(cursor) >= block->raw_bytes;
    uint8_t *target = in_place ? cursor->parts[cursor->part] + cursor->at : scratch->raw;
    uint8_t *stored = block->method == SESSION_RAW ? target : scratch->stored;
    enum session_read read = read_whole(reader, stored, block->stored_bytes, offset);
    if (read != SESSION_READ_FINE)
        return read;
    if (session_format_checksum(stored, block->stored_bytes) != block->checksum)
        return damaged(reader, "a block has a wrong checksum", offset);
    if (block->method == SESSION_ZSTD) {
        size_t got = ZSTD_decompressDCtx(scratch->zstd, target, block->raw_bytes, stored,
                                         block->stored_bytes);
        if (got != block->raw_bytes)
            return damaged(reader, "a block cannot be decompressed", offset);
    }
    if (in_place)
        cursor->at += block->raw_bytes;
    else
        scatter(cursor, target, block->raw_bytes);
    return SESSION_READ_FINE;
}

enum session_read session_reader_fill(struct session_reader *reader, uint8_t *const *parts)
{
    struct cursor cursor = {.parts = parts,
                            .count = 2 + reader->header.buffer_count,
                            .part_bytes = reader->header.pickles_bytes,
                            .reader = reader};
    struct scratch scratch = {malloc(SESSION_BLOCK_BYTES), malloc(SESSION_BLOCK_BYTES),
                              ZSTD_createDCtx()};
    enum session_read read = SESSION_READ_FINE;
    if (!scratch.stored || !scratch.raw || !scratch.zstd)
        read = failed(reader, "memory for reading the session");
    uint64_t offset = sizeof reader->header;
    for (uint64_t i = 0; read == SESSION_READ_FINE && i < reader->header.block_count; i++) {
        read = take_block(reader, &reader->blocks[i], offset, &cursor, &scratch);
        offset += reader->blocks[i].stored_bytes;
    }
    free(scratch.stored);
    free(scratch.raw);
    ZSTD_freeDCtx(scratch.zstd);
    return read;
}
