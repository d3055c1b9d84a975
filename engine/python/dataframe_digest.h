/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_digest.h: 64-bit digests of bytes and of sequences of words; not against an adversary,
 * who could only deceive himself about his own frames. */
#ifndef CLUTCH_PYTHON_DATAFRAME_DIGEST_H
#define CLUTCH_PYTHON_DATAFRAME_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct dataframe_digest {
    uint64_t state;
    size_t count;
    uint64_t words[32];
};

uint64_t dataframe_digest_bytes(const void *bytes, size_t length);

/* The next state of a sequence that holds one word more; the first state is 0. */
uint64_t dataframe_digest_fold(uint64_t state, uint64_t word);

/* What the sequence's words came to; it may go on. */
uint64_t dataframe_digest_value(struct dataframe_digest *digest);

static inline void dataframe_digest_add(struct dataframe_digest *digest, uint64_t word)
{
    if (digest->count == sizeof digest->words / sizeof *digest->words)
        dataframe_digest_value(digest);
    digest->words[digest->count++] = word;
}

#endif
