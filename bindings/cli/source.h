/* SPDX-License-Identifier: Apache-2.0 */
/* source.h: the pieces of code that `clutch run` is given: text, files or standard input. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that one execution may take; the library's own upper limit. */
#define SOURCE_BYTES_MAX (UINT64_C(64) << 20)

struct source {
    const char *path; /* file, or "-" for standard input; NULL: the code came with -c */
    char *name;       /* how tracebacks and notices call it */
    char *code;       /* may hold NUL bytes and anything that is no UTF-8: the library judges it */
    size_t length;
};

/* Reads a source with a path. False after one line that says why it cannot be read. */
bool source_read(struct source *source);

void source_clear(struct source *source);

#endif
