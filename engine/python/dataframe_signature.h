/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_signature.h: what a frame's values, index, columns and dtypes come to, in one word.
 *
 * Two words for two purposes. The layout word is of the frame as it lies in memory, block by block:
 * cheap, and equal as long as nothing was touched. The content word is of its columns one by one,
 * whatever block they lie in: it stays the same when a read makes pandas join blocks, or when equal
 * columns take the place of others; it costs reading everything, so it is taken only when the frame
 * is first seen or its layout word has changed. GIL held; no exception is left set. */
#ifndef CLUTCH_PYTHON_DATAFRAME_SIGNATURE_H
#define CLUTCH_PYTHON_DATAFRAME_SIGNATURE_H

#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "python/dataframe_pandas.h"

struct dataframe_signature_layout {
    uint64_t word;
    bool wants_content; /* worth a content word: small, or of blocks that a read may join */
};

/* False if the frame's inside cannot be examined. */
bool dataframe_signature_layout_get(const struct dataframe_pandas_parts *parts,
                                    struct dataframe_signature_layout *out);

bool dataframe_signature_content_get(const struct dataframe_pandas_parts *parts,
                                     uint64_t *ret_word);

#endif
