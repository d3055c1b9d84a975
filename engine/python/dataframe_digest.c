/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_digest.c: XXH3 behind three functions, so that its code is compiled in once. */
#include "python/dataframe_digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t dataframe_digest_bytes(const void *bytes, size_t length)
{
    return XXH3_64bits(bytes, length);
}

uint64_t dataframe_digest_fold(uint64_t state, uint64_t word)
{
    return XXH3_64bits_withSeed(&word, sizeof word, state);
}

uint64_t dataframe_digest_value(struct dataframe_digest *digest)
{
    if (digest->count)
        digest->state = XXH3_64bits_withSeed(digest->words, digest->count * sizeof *digest->words,
                                             digest->state);
    digest->count = 0;
    return digest->state;
}
