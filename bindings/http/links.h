/* SPDX-License-Identifier: Apache-2.0 */
/* links.h: links to files that need no key: signed, and good for a while. Any thread. */
#ifndef HTTP_LINKS_H
#define HTTP_LINKS_H

#include <jansson.h>
#include <stdbool.h>

struct request;

/* The URL of a sandbox's file as a JSON text; NULL when memory runs out. The id is none of its names, which
 * another organisation's sandbox may have as well. */
json_t *links_make(const struct request *request, const char *id, const char *name);

/* Whether the request came by such a link, for the id and the path that are its first two parameters. False,
 * and the reply says so, when the signature is another or the time has passed. */
bool links_check(struct request *request);

#endif
