/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_object.h: a sandbox as the Daytona family shows it. In the pool. */
#ifndef HTTP_DAYTONA_OBJECT_H
#define HTTP_DAYTONA_OBJECT_H

#include <jansson.h>
#include <stdbool.h>

#include "clutch.h"

struct request;

#define DAYTONA_SNAPSHOT "default" /* what a sandbox is made of that came from no snapshot */

/* The Sandbox object; NULL when memory runs out. */
json_t *daytona_object(const struct request *request, const clutch_sandbox_info *info);

/* One of the caller's organisation, by the words of the route; false when the reply is made. */
bool daytona_open(struct request *request, clutch_sandbox **sandbox);

/* The body's name, which may be missing when it is not required: then *name is NULL. Borrowed from the body.
 * False when the reply is made. */
bool daytona_read_name(struct request *request, const json_t *body, bool required, const char **name);

/* Answers 200 with the sandbox as it is now. */
void daytona_answer(struct request *request, clutch_sandbox *sandbox);

#endif
