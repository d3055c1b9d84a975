/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_content.h: remembers what a stretch of memory held, and tells whether it still does:
 * from the written pages where the kernel tells them (base/pages.h), else by reading all of it.
 * GIL held. Called between dataframe_content_begin and _end, at most once a round for each. */
#ifndef CLUTCH_PYTHON_DATAFRAME_CONTENT_H
#define CLUTCH_PYTHON_DATAFRAME_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "python/dataframe_array.h"

/* From this size on pages are asked for; below, reading costs less than asking. */
enum { DATAFRAME_CONTENT_TRACKED_BYTES = 128 * 1024 };

struct dataframe_content {
    struct dataframe_array array; /* where it lies */
    bool mutable;                 /* objects in it change without its memory being written */
    size_t piece_count;
    uint64_t *pieces; /* digests; one for all of an array that is not contiguous */
};

/* Begins and ends a round. */
void dataframe_content_begin(void);
void dataframe_content_end(void);

/* Takes what the array holds now. False without memory, and nothing is held. */
bool dataframe_content_start(struct dataframe_content *content,
                             const struct dataframe_array *array);

/* True if it holds something else now, which is what counts from here on. */
bool dataframe_content_changed(struct dataframe_content *content);

void dataframe_content_free(struct dataframe_content *content);

#endif
