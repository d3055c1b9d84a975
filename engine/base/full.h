/* SPDX-License-Identifier: Apache-2.0 */
/* full.h: all of it, or an error. */
#ifndef CLUTCH_BASE_FULL_H
#define CLUTCH_BASE_FULL_H

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/* Returns 0, or -1 with errno; then some of it may be written. */
static inline int full_pwrite(int fd, const char *data, size_t length, off_t at)
{
    while (length > 0) {
        ssize_t written = pwrite(fd, data, length, at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        data += written;
        at += written;
        length -= (size_t)written;
    }
    return 0;
}

#endif
