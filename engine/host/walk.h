/* SPDX-License-Identifier: Apache-2.0 */
/* walk.h: going through a folder that a hostile sandbox fills, and may be changing meanwhile.
 *
 * Every name is resolved by the kernel beneath the folder that holds it, without following a link and
 * without crossing into another file system; what has been opened is then looked at, not its name. */
#ifndef CLUTCH_HOST_WALK_H
#define CLUTCH_HOST_WALK_H

#include <sys/stat.h>

#include "base/buf.h"
#include "clutch.h"

/* What could not be taken along: devices, sockets, pipes, files with a second name (which may be that of a
 * file outside), what is too deep, and what cannot be read. */
struct walk_left_out {
    size_t count;     /* all of them */
    size_t held;      /* those with a row, at most 1,000 */
    struct buf texts; /* of each row name, type and reason, each ended by NUL */
};

/* The rows, which point into the texts, in a block to free with free; NULL when there are none or memory
 * ran out. */
clutch_left_out *walk_left_out_rows(const struct walk_left_out *left_out);
void walk_left_out_free(struct walk_left_out *left_out);

struct walk_entry {
    const char *path; /* relative to where the walk began, at most WALK_PATH_BYTES */
    const char *name; /* its last part */
    size_t depth;     /* of the folder that holds it; 0 is where the walk began */
    int fd;           /* of a regular file or folder, open for reading, closed by the walk */
    struct stat about;
    const char *target; /* of a symbolic link */
};

enum { WALK_DEPTH = 128 };
#define WALK_PATH_BYTES ((size_t)WALK_DEPTH * 256)
#define WALK_ENTRIES ((size_t)10000000)

/* Each returns 0 or a code that ends the walk with it. */
struct walk_visitor {
    int (*enter)(const struct walk_entry *folder, void *user, clutch_error *error);
    int (*leave)(const struct walk_entry *folder, void *user, clutch_error *error); /* after what is in it */
    int (*file)(const struct walk_entry *file, void *user, clutch_error *error);
    int (*link)(const struct walk_entry *link, void *user, clutch_error *error);
    void *user;
    struct walk_left_out *left_out;
};

/* Visits everything below the folder root, each folder's entries in the order of their names. */
int walk_tree(int root, const struct walk_visitor *visitor, clutch_error *error);

/* Adds a row. */
void walk_leave_out(struct walk_left_out *left_out, const char *path, const char *type, const char *reason);

/* openat2 beneath a folder without following links; retried when something was renamed meanwhile. */
int walk_open(int folder, const char *name, uint64_t flags);

/* DISK for an errno that speaks of the disk, else SYSTEM. what is the fact in a few words. */
int walk_fail(clutch_error *error, int fault, const char *what, const char *name);

#endif
