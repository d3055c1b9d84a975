/* SPDX-License-Identifier: Apache-2.0 */
/* archive_parts.h: what packing and unpacking share: the stream of compressed bytes below the tar. */
#ifndef CLUTCH_HOST_ARCHIVE_PARTS_H
#define CLUTCH_HOST_ARCHIVE_PARTS_H

#include <archive.h>
#include <stdbool.h>
#include <zstd.h>

#include "host/archive.h"

/* The frame before the content: zstd's magic number and length of a frame to skip, and our own text. */
#define ARCHIVE_LABEL "\x50\x2a\x4d\x18\x14\0\0\0" "clutch archive 0001\n"
#define ARCHIVE_LABEL_BYTES (sizeof ARCHIVE_LABEL - 1)

enum { ARCHIVE_CHUNK_BYTES = 1 << 18 };

/* What is read or written with zstd. The first fault is kept: libarchive only passes on that there is one. */
struct archive_stream {
    int fd;
    const char *name; /* of the file, for messages */
    ZSTD_CCtx *packer;
    ZSTD_DCtx *unpacker;
    char *raw, *packed; /* ARCHIVE_CHUNK_BYTES each */
    size_t packed_at, packed_length;
    uint64_t packed_bytes; /* in all */
    bool frame_ended;      /* its checksum was right */
    bool at_end;           /* nothing comes after it */
    int fault;             /* errno of a system call */
    const char *damage;    /* what is wrong with the content */
};

/* Both write the label, or read it: DAMAGED, NEWER. archive_parts_close goes with either. */
int archive_parts_begin_writing(struct archive_stream *stream, int fd, clutch_error *error);
int archive_parts_begin_reading(struct archive_stream *stream, int fd, const char *name,
                                clutch_error *error);
void archive_parts_close(struct archive_stream *stream);

/* Callbacks of libarchive; user is the stream. */
la_ssize_t archive_parts_write(struct archive *archive, void *user, const void *data, size_t length);
la_ssize_t archive_parts_read(struct archive *archive, void *user, const void **out);

/* Ends the frame and writes the rest. */
bool archive_parts_finish(struct archive_stream *stream);

#endif
