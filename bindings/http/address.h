/* SPDX-License-Identifier: Apache-2.0 */
/* address.h: a request's target, decoded: the words of its path and the pairs of its query. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { ADDRESS_WORDS_MAX = 64, ADDRESS_PAIRS_MAX = 32 };

struct address {
    char *text; /* owned; all the rest points into it */
    const char *words[ADDRESS_WORDS_MAX];
    size_t word_count;
    struct {
        const char *name, *value;
    } pairs[ADDRESS_PAIRS_MAX];
    size_t pair_count;
};

/* Decodes a target as it came: a path, or a whole URL. A word may hold a slash that was encoded. False
 * for what cannot be decoded (a NUL, text that is not UTF-8, a percent sign without two digits), for too
 * many parts, and when memory runs out; address_clear is due in any case. */
bool address_read(struct address *address, const char *target);

void address_clear(struct address *address);

/* NULL when the query has no such name; the first when it has several. */
const char *address_query(const struct address *address, const char *name);

/* Whether all of it is valid UTF-8. */
bool address_is_utf8(const char *text);

#endif
