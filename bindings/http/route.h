/* SPDX-License-Identifier: Apache-2.0 */
/* route.h: which handler answers what. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"

struct request;

/* Whose manners the replies have: the shape of errors above all. */
enum family { FAMILY_PLAIN, FAMILY_TEXTQL, FAMILY_RECOUP, FAMILY_DAYTONA, FAMILY_TOOLBOX, FAMILIES };

/* What the key must allow; SCOPE_NONE needs no key, and SCOPE_LINK one that may read or a signed link. */
enum scope { SCOPE_NONE, SCOPE_READ, SCOPE_WRITE, SCOPE_METRICS, SCOPE_LINK };

/* Where the handler runs: on the loop, where nothing may block, or on a thread of the pool. A handler on
 * the loop may go on elsewhere (request_later, execution_begin); one in the pool makes its reply. */
enum place { ON_LOOP, IN_POOL };

enum { ROUTE_PARAMETERS_MAX = 4 };

struct route {
    const char *method;
    const char *pattern; /* "/a/{id}/b"; {rest...} at the end takes all words that are left */
    enum family family;
    enum scope scope;
    enum place place;
    void (*handle)(struct request *request);
    bool upload; /* its body may be as large as an upload's */
};

/* What the words of a pattern in braces stand for. */
struct route_match {
    const char *parameters[ROUTE_PARAMETERS_MAX];
    char *rest; /* owned; one of the parameters, if the pattern has {rest...} */
};

/* Whose manners a request is likely to want, by how its path begins. */
enum family route_family(const struct address *address);

/* NULL when there is none. Then methods has those that the path allows ("GET, POST"; "" for a path that
 * is none), and family whose manners it is likely to want. */
const struct route *route_find(const char *method, const struct address *address, struct route_match *match,
                               char *methods, size_t size, enum family *family);

#endif
