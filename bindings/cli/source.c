/* SPDX-License-Identifier: Apache-2.0 */
/* source.c: the pieces of code that `clutch run` is given: text, files or standard input. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "print.h"

/* Returns 0 or an errno; EFBIG beyond SOURCE_BYTES_MAX. */
static int read_all(int fd, struct source *source)
{
    size_t capacity = 0;
    for (;;) {
        if (source->length == capacity) {
            capacity = capacity == 0 ? 64 * 1024 : 2 * capacity;
            source->code = memory_grow(source->code, capacity);
        }
        ssize_t got = read(fd, source->code + source->length, capacity - source->length);
        if (got == 0)
            return 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        source->length += (size_t)got;
        if (source->length > SOURCE_BYTES_MAX)
            return EFBIG;
    }
}

bool source_read(struct source *source)
{
    bool standard_input = strcmp(source->path, "-") == 0;
    const char *called = standard_input ? "standard input" : source->path;
    int fd = standard_input ? STDIN_FILENO : open(source->path, O_RDONLY | O_CLOEXEC);
    int failure = fd < 0 ? errno : read_all(fd, source);
    if (fd >= 0 && !standard_input)
        close(fd);
    if (failure == EFBIG)
        print_notice("%s: longer than 64 MiB, the most that one execution takes", called);
    else if (failure != 0)
        print_notice("%s: %s", called, strerror(failure));
    return failure == 0;
}

void source_clear(struct source *source)
{
    free(source->name);
    free(source->code);
    *source = (struct source){NULL, NULL, NULL, 0};
}
