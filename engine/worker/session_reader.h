/* SPDX-License-Identifier: Apache-2.0 */
/* session_reader.h: reads and checks the file that wire/session_format.h describes. */
#ifndef CLUTCH_WORKER_SESSION_READER_H
#define CLUTCH_WORKER_SESSION_READER_H

#include <stdbool.h>

#include "wire/session_format.h"

enum session_read {
    SESSION_READ_FINE = 0,
    SESSION_READ_DAMAGED = 1,
    SESSION_READ_NEWER = 2,
    SESSION_READ_FAILED = 3, /* errno */
};

struct session_reader {
    int fd;
    struct session_header header;
    struct session_block *blocks;
    uint64_t *lengths; /* of the buffers, header.buffer_count of them */
    char message[256]; /* what is wrong and where, after a failure */
};

/* Reads header and table; every number in them fits every other. End it with session_reader_free. */
enum session_read session_reader_open(struct session_reader *reader, int fd);
void session_reader_free(struct session_reader *reader);

/* Reads and checks the whole stream, part by part into memory of the caller's: pickles, manifest, and
 * each buffer. */
enum session_read session_reader_fill(struct session_reader *reader, uint8_t *const *parts);

#endif
