/* SPDX-License-Identifier: Apache-2.0 */
/* copy.h: copying a folder that a sandbox fills, sharing the disk's blocks where that can be done. */
#ifndef CLUTCH_HOST_COPY_H
#define CLUTCH_HOST_COPY_H

#include "host/walk.h"

struct copy_report {
    uint64_t files, folders, links;
    uint64_t bytes; /* copied; shared ones do not count */
    bool cheap;     /* all files were shared, or empty */
    struct walk_left_out left_out; /* free with walk_left_out_free */
};

/* Whether files in this folder can share their blocks. Makes a file without a name and drops it. */
bool copy_is_cheap(int folder);

/* Copies what is in the folder `from` into the folder `to`, which is empty and nobody else's: files with
 * holes, modes and times, folders, symbolic links as they are. All else is left out. TOO_LARGE when more
 * than maximum bytes would have to be copied; 0 allows only sharing. *report is filled also on failure,
 * after which `to` holds a part for the caller to remove. Blocks for the disk. */
int copy_tree(int from, int to, uint64_t maximum, struct copy_report *report, clutch_error *error);

#endif
