/* SPDX-License-Identifier: Apache-2.0 */
/* repository.h: a working folder from a git repository. */
#ifndef CLUTCH_HOST_REPOSITORY_H
#define CLUTCH_HOST_REPOSITORY_H

#include <stdint.h>

#include "clutch.h"

enum { REPOSITORY_BRANCH_BYTES = 256 };

struct repository_options {
    const char *url;       /* https://, or http:// */
    const char *branch;    /* NULL: the remote's default */
    const char *username, *password; /* for this call only, kept nowhere; may be NULL */
    const char *ca_file;   /* certificates to trust instead of the system's; NULL: the system's */
    const char *cache_dir; /* bare copies; made when missing, private to this user */
    const char *workdir;   /* an existing, empty folder */
    uint64_t timeout_ms;   /* for everything together */
    uint64_t size_max_bytes; /* of the copy, and of the working folder */
};

/* Checks out a branch into workdir and writes its name to branch; where the remote's HEAD is on no
 * branch, the commit's first 12 digits. The folder is a repository of its own, which shares nothing
 * with the cache. On failure workdir is empty again.
 * Codes: INVALID for the arguments; REPOSITORY for what the remote or its contents are at fault for,
 * access included; TIMEOUT; TOO_LARGE; DISK; UNSUPPORTED without git; SYSTEM, MEMORY.
 * Any thread, also several for the same repository; blocks for timeout_ms at most and for as long as
 * clearing up takes. */
int repository_check_out(const struct repository_options *options,
                         char branch[REPOSITORY_BRANCH_BYTES], clutch_error *error);

#endif
