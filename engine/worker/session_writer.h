/* SPDX-License-Identifier: Apache-2.0 */
/* session_writer.h: writes the file that wire/session_format.h describes. */
#ifndef CLUTCH_WORKER_SESSION_WRITER_H
#define CLUTCH_WORKER_SESSION_WRITER_H

#include <stdbool.h>

#include "base/buf.h"
#include "wire/session_format.h"

struct session_writer {
    int fd;
    int level; /* zstd's, of the buffers; 0: as they are */
    uint64_t offset;      /* in the file */
    uint64_t stream;      /* bytes of the stream taken so far */
    uint8_t *pending;     /* of the block that is being filled */
    size_t pending_bytes;
    uint8_t *packed;
    size_t packed_room;
    struct ZSTD_CCtx_s *zstd;
    struct buf blocks, lengths; /* of the table */
    int error; /* errno of the first failure; nothing is written after it */
};

/* Nothing has been written to fd yet. False when there is no memory. End it with session_writer_free. */
bool session_writer_init(struct session_writer *writer, int fd, int level);
void session_writer_free(struct session_writer *writer);

/* Takes bytes of the stream, and collects them to whole blocks. */
bool session_writer_take(struct session_writer *writer, const void *data, size_t length);

/* Takes a buffer, which is written from where it lies. */
bool session_writer_buffer(struct session_writer *writer, const void *data, size_t length);

/* Writes the table and then the header, which says how the stream is divided and what it is. */
bool session_writer_finish(struct session_writer *writer, struct session_header *header);

#endif
