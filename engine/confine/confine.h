/* SPDX-License-Identifier: Apache-2.0 */
/* confine.h: what the kernel holds for a sandbox; two steps, prepare in the template and enter in
 * the sandbox. Knows nothing of Python or of sockets of ours. */
#ifndef CLUTCH_CONFINE_H
#define CLUTCH_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Resource limits of one sandbox; 0 and UINT64_MAX are no limit. */
struct confine_limits {
    uint64_t memory_bytes; /* address space beyond what the process maps on entry */
    uint64_t file_bytes;   /* size of any one file that it writes; EFBIG beyond */
    uint64_t open_files;   /* descriptors open at once; EMFILE beyond */
    uint64_t stack_bytes;  /* growth of the first thread's stack */
};

/* Applies the resource limits to the calling process, which is a fresh sandbox and has one thread.
 * Returns 0, or -1 with errno set and *what naming the facility. */
int confine_limits_apply(const struct confine_limits *limits, const char **what);

#endif
