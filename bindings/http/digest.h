/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h: hashes, signatures and random bytes, as lower-case hexadecimal text. */
#ifndef HTTP_DIGEST_H
#define HTTP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_BYTES = 32, DIGEST_TEXT = 2 * DIGEST_BYTES + 1 };

void digest_hex(const void *bytes, size_t count, char *out); /* out has 2 * count + 1 bytes */

/* False unless text is exactly count bytes in hexadecimal. */
bool digest_unhex(const char *text, void *out, size_t count);

/* SHA-256. Each: false when the cryptographic library fails. */
bool digest_hash(const void *data, size_t length, unsigned char out[DIGEST_BYTES]);

/* HMAC-SHA-256 of the parts, each with its length before it so that none can run into the next. */
bool digest_sign(const unsigned char secret[DIGEST_BYTES], const char *const *parts, size_t count,
                 unsigned char out[DIGEST_BYTES]);

bool digest_random(void *out, size_t count);

/* In a time that does not depend on the content. */
bool digest_equal(const void *a, const void *b, size_t count);

#endif
