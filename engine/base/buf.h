/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h: a growing byte buffer with a hard maximum. */
#ifndef CLUTCH_BASE_BUF_H
#define CLUTCH_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialised it is empty and without a maximum. After a failed append `failed` stays set and
 * further appends do nothing, so that a caller may append many times and check once. */
struct buf {
    uint8_t *data;
    size_t length;
    size_t capacity;
    size_t maximum; /* 0: none */
    bool failed;
    bool secret; /* memory that it gives back is wiped */
};

/* Frees the contents; the buffer is empty and usable again, its maximum kept, and its secrecy. */
void buf_free(struct buf *buf);

/* Makes the buffer empty but keeps its memory. */
void buf_clear(struct buf *buf);

/* Room for size more bytes at the end. Returns their address, or NULL when memory or the maximum
 * does not allow it. The length is unchanged. */
uint8_t *buf_reserve(struct buf *buf, size_t size);

bool buf_append(struct buf *buf, const void *data, size_t size);

/* Removes size bytes, or all that there are, from the front. */
void buf_consume(struct buf *buf, size_t size);

#endif
