/* SPDX-License-Identifier: Apache-2.0 */
/* archive_stream.c: the compressed bytes of an archive's file. zstd is driven here and not by libarchive,
 * which writes no checksum of the content and looks at nothing behind its last member. */
#include "host/archive_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/error.h"

enum { LEVEL = 3, WINDOW_LOG_MAX = 27 };

static bool get_room(struct archive_stream *stream)
{
    stream->raw = malloc(ARCHIVE_CHUNK_BYTES);
    stream->packed = malloc(ARCHIVE_CHUNK_BYTES);
    return stream->raw && stream->packed;
}

void archive_parts_close(struct archive_stream *stream)
{
    ZSTD_freeCCtx(stream->packer);
    ZSTD_freeDCtx(stream->unpacker);
    free(stream->raw);
    free(stream->packed);
    *stream = (struct archive_stream){.fd = -1};
}

/* ---- Writing ---- */

static bool put(struct archive_stream *stream, const char *data, size_t length)
{
    stream->packed_bytes += length;
    while (length > 0) {
        ssize_t written = write(stream->fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            stream->fault = written < 0 ? errno : EIO;
            return false;
        }
        data += written;
        length -= (size_t)written;
    }
    return true;
}

int archive_parts_begin_writing(struct archive_stream *stream, int fd, clutch_error *error)
{
    *stream = (struct archive_stream){.fd = fd, .name = "the archive", .packer = ZSTD_createCCtx()};
    if (!stream->packer || !get_room(stream) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(stream->packer, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(stream->packer, ZSTD_c_checksumFlag, 1)))
        return error_memory(error);
    if (!put(stream, ARCHIVE_LABEL, ARCHIVE_LABEL_BYTES))
        return walk_fail(error, stream->fault, "writing", stream->name);
    return 0;
}

static bool compress(struct archive_stream *stream, const void *data, size_t length, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {data, length, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {stream->packed, ARCHIVE_CHUNK_BYTES, 0};
        left = ZSTD_compressStream2(stream->packer, &out, &in, how);
        if (ZSTD_isError(left)) {
            stream->fault = ENOMEM;
            return false;
        }
        if (!put(stream, stream->packed, out.pos))
            return false;
    } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return true;
}

la_ssize_t archive_parts_write(struct archive *archive, void *user, const void *data, size_t length)
{
    struct archive_stream *stream = user;
    if (!stream->fault && compress(stream, data, length, ZSTD_e_continue))
        return (la_ssize_t)length;
    archive_set_error(archive, stream->fault, "the file cannot be written");
    return -1;
}

bool archive_parts_finish(struct archive_stream *stream)
{
    return compress(stream, NULL, 0, ZSTD_e_end);
}

/* ---- Reading ---- */

/* The next bytes of the file; false at its end and on an error, which sets fault. */
static bool fill(struct archive_stream *stream)
{
    ssize_t got;
    do
        got = read(stream->fd, stream->packed, ARCHIVE_CHUNK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        stream->fault = errno;
    stream->packed_at = 0;
    stream->packed_length = got > 0 ? (size_t)got : 0;
    stream->packed_bytes += stream->packed_length;
    return got > 0;
}

static int read_label(struct archive_stream *stream, clutch_error *error)
{
    char label[ARCHIVE_LABEL_BYTES + 1] = "";
    size_t held = 0, number = ARCHIVE_LABEL_BYTES - 5; /* where the version begins */
    while (held < ARCHIVE_LABEL_BYTES) {
        ssize_t got = read(stream->fd, label + held, ARCHIVE_LABEL_BYTES - held);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return walk_fail(error, errno, "reading", stream->name);
        if (got == 0)
            break;
        held += (size_t)got;
    }
    stream->packed_bytes = held;
    if (held == ARCHIVE_LABEL_BYTES && memcmp(label, ARCHIVE_LABEL, ARCHIVE_LABEL_BYTES) == 0)
        return 0;
    if (held == ARCHIVE_LABEL_BYTES && memcmp(label, ARCHIVE_LABEL, number) == 0 &&
        strspn(label + number, "0123456789") == 4 && label[ARCHIVE_LABEL_BYTES - 1] == '\n' &&
        atoi(label + number) > 1)
        return error_set(error, CLUTCH_E_NEWER, 0,
                         "the archive %.200s has format %d and this clutch knows 1: use a newer clutch",
                         stream->name, atoi(label + number));
    return error_set(error, CLUTCH_E_DAMAGED, 0, "the archive %.200s is damaged: %s", stream->name,
                     held < ARCHIVE_LABEL_BYTES ? "it is cut off" : "it does not begin as one");
}

int archive_parts_begin_reading(struct archive_stream *stream, int fd, const char *name,
                                clutch_error *error)
{
    *stream = (struct archive_stream){.fd = fd, .name = name, .unpacker = ZSTD_createDCtx()};
    if (!stream->unpacker || !get_room(stream) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(stream->unpacker, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        return error_memory(error);
    return read_label(stream, error);
}

static la_ssize_t damaged(struct archive *archive, struct archive_stream *stream, const char *damage)
{
    stream->damage = damage;
    archive_set_error(archive, EILSEQ, "%s", damage);
    return -1;
}

/* There is one frame, and nothing after it. */
static la_ssize_t read_end(struct archive *archive, struct archive_stream *stream)
{
    if (stream->at_end)
        return 0;
    if (stream->packed_at < stream->packed_length || fill(stream))
        return damaged(archive, stream, "something follows its end");
    if (stream->fault) {
        archive_set_error(archive, stream->fault, "the file cannot be read");
        return -1;
    }
    stream->at_end = true;
    return 0;
}

la_ssize_t archive_parts_read(struct archive *archive, void *user, const void **data)
{
    struct archive_stream *stream = user;
    ZSTD_outBuffer out = {stream->raw, ARCHIVE_CHUNK_BYTES, 0};
    while (out.pos == 0) {
        if (stream->frame_ended)
            return read_end(archive, stream);
        if (stream->packed_at == stream->packed_length && !fill(stream)) {
            if (!stream->fault)
                return damaged(archive, stream, "it is cut off");
            archive_set_error(archive, stream->fault, "the file cannot be read");
            return -1;
        }
        ZSTD_inBuffer in = {stream->packed, stream->packed_length, stream->packed_at};
        size_t left = ZSTD_decompressStream(stream->unpacker, &out, &in);
        if (ZSTD_isError(left))
            return damaged(archive, stream, ZSTD_getErrorName(left));
        stream->packed_at = in.pos;
        stream->frame_ended = left == 0;
    }
    *data = stream->raw;
    return (la_ssize_t)out.pos;
}
