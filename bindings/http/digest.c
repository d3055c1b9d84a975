/* SPDX-License-Identifier: Apache-2.0 */
/* digest.c: hashes, signatures and random bytes. */
#include "digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <string.h>

void digest_hex(const void *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    for (size_t i = 0; i < count; i++) {
        *out++ = digits[from[i] >> 4];
        *out++ = digits[from[i] & 15];
    }
    *out = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digest_unhex(const char *text, void *out, size_t count)
{
    unsigned char *to = out;
    if (strlen(text) != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

bool digest_hash(const void *data, size_t length, unsigned char out[DIGEST_BYTES])
{
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, data, length, out) == 0;
}

bool digest_sign(const unsigned char secret[DIGEST_BYTES], const char *const *parts, size_t count,
                 unsigned char out[DIGEST_BYTES])
{
    gnutls_hmac_hd_t state;
    if (gnutls_hmac_init(&state, GNUTLS_MAC_SHA256, secret, DIGEST_BYTES) != 0)
        return false;
    bool fine = true;
    for (size_t i = 0; i < count && fine; i++) {
        uint64_t length = strlen(parts[i]);
        fine = gnutls_hmac(state, &length, sizeof length) == 0 &&
               gnutls_hmac(state, parts[i], (size_t)length) == 0;
    }
    gnutls_hmac_deinit(state, out);
    return fine;
}

bool digest_random(void *out, size_t count)
{
    return gnutls_rnd(GNUTLS_RND_KEY, out, count) == 0;
}

bool digest_equal(const void *a, const void *b, size_t count)
{
    return gnutls_memcmp(a, b, count) == 0;
}
