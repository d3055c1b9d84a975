/* SPDX-License-Identifier: Apache-2.0 */
/* own.h: descriptors and memory that are released when their variable goes out of scope. */
#ifndef CLUTCH_BASE_OWN_H
#define CLUTCH_BASE_OWN_H

#include <stdlib.h>
#include <unistd.h>

static inline void own_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void own_free(void *pointer)
{
    free(*(void **)pointer);
}

/* Takes a descriptor out of its owner, which is left with none. */
static inline int own_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

#define OWN_FD __attribute__((cleanup(own_close)))
#define OWN_MEMORY __attribute__((cleanup(own_free)))

#endif
