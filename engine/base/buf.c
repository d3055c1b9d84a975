/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c: a growing byte buffer with a hard maximum. */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

enum { BUF_CAPACITY_MIN = 256 };

void buf_free(struct buf *buf)
{
    if (buf->secret && buf->data)
        explicit_bzero(buf->data, buf->capacity);
    free(buf->data);
    *buf = (struct buf){.maximum = buf->maximum, .secret = buf->secret};
}

/* As realloc does. */
static uint8_t *resize(const struct buf *buf, size_t capacity)
{
    if (!buf->secret || !buf->data)
        return realloc(buf->data, capacity);
    uint8_t *data = malloc(capacity);
    if (!data)
        return NULL;
    memcpy(data, buf->data, buf->length);
    explicit_bzero(buf->data, buf->capacity);
    free(buf->data);
    return data;
}

void buf_clear(struct buf *buf)
{
    buf->length = 0;
    buf->failed = false;
}

uint8_t *buf_reserve(struct buf *buf, size_t size)
{
    if (buf->failed)
        return NULL;
    size_t maximum = buf->maximum ? buf->maximum : SIZE_MAX / 4;
    if (size > maximum || buf->length > maximum - size) {
        buf->failed = true;
        return NULL;
    }
    size_t wanted = buf->length + size;
    if (wanted > buf->capacity || !buf->data) {
        size_t capacity = buf->capacity ? buf->capacity : BUF_CAPACITY_MIN;
        while (capacity < wanted)
            capacity *= 2;
        if (capacity > maximum)
            capacity = maximum;
        uint8_t *data = resize(buf, capacity);
        if (!data) {
            buf->failed = true;
            return NULL;
        }
        buf->data = data;
        buf->capacity = capacity;
    }
    return buf->data + buf->length;
}

bool buf_append(struct buf *buf, const void *data, size_t size)
{
    uint8_t *room = buf_reserve(buf, size);
    if (!room)
        return false;
    if (size)
        memcpy(room, data, size);
    buf->length += size;
    return true;
}

void buf_consume(struct buf *buf, size_t size)
{
    if (size > buf->length)
        size = buf->length;
    buf->length -= size;
    if (buf->length)
        memmove(buf->data, buf->data + size, buf->length);
}
