/* SPDX-License-Identifier: Apache-2.0 */
/* contexts.h: the Daytona family's interpreter contexts: each has variables of its own, and the sandbox's
 * files. The default context is the sandbox itself; each other one is a helper of it. */
#ifndef HTTP_CONTEXTS_H
#define HTTP_CONTEXTS_H

#include <stdbool.h>

struct request;

void contexts_create(struct request *request); /* POST /toolbox/{id}/process/interpreter/context */
void contexts_list(struct request *request);   /* GET /toolbox/{id}/process/interpreter/context */
void contexts_delete(struct request *request); /* DELETE /toolbox/{id}/process/interpreter/context/{..} */

enum { CONTEXT_ID = 64 };

/* Makes the context of that id, of a sandbox, run: as it was before it was idle for long, or empty after its
 * process has died. False when the reply is made. In the pool. */
bool contexts_ready(struct request *request, const char *sandbox, const char *id);

#endif
