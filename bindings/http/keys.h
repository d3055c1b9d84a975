/* SPDX-License-Identifier: Apache-2.0 */
/* keys.h: who may call: a file of hashed keys, one line each:
 *
 *     ID ORGANISATION SCOPES SHA256 [rate=N] [burst=N] [sandboxes=N] [running=N]
 *
 * SCOPES are read, write and metrics, with commas; SHA256 that of the key's text, in hexadecimal. A key
 * is 256 random bits, so that a plain hash does not give it away. All of this on the loop's thread. */
#ifndef HTTP_KEYS_H
#define HTTP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "digest.h"

/* Tokens for requests: `rate` come in a second, at most `burst` are there. */
struct bucket {
    double tokens;
    int64_t filled_ns;
};

struct key {
    unsigned references;
    char *id, *organisation; /* the organisation is the library's owner */
    bool may_read, may_write, may_measure;
    unsigned char hash[DIGEST_BYTES];
    uint64_t rate, burst, sandboxes, running;
    struct bucket bucket;
    uint64_t body_bytes; /* of requests that are under way */
};

struct keys;

/* Reads the file. NULL after one line about what is wrong, with the line's number. Buckets of keys with
 * the same id are taken over from before, which may be NULL and stays the caller's. */
struct keys *keys_read(const char *path, const struct config *config, const struct keys *before,
                       char *message, size_t size);

/* NULL is allowed; keys that are still referred to live on. */
void keys_free(struct keys *keys);

size_t keys_count(const struct keys *keys);

/* The key of that text, or NULL. Takes the same time wherever texts differ. */
struct key *keys_find(const struct keys *keys, const char *text);

struct key *keys_hold(struct key *key);
void keys_release(struct key *key); /* NULL is allowed */

/* Takes a token. Returns 0, or the seconds after which there is one again. */
unsigned keys_spend(struct key *key, int64_t now_ns);

enum { KEYS_TEXT = 80 };

/* Makes a new key and appends its line to the file, which is made if it is missing. text is the key, for
 * whoever asked: it is kept nowhere. False after one line about what is wrong. */
bool keys_add(const char *path, const char *organisation, const char *scopes, char text[KEYS_TEXT],
              char *message, size_t size);

#endif
