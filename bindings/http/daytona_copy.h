/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_copy.h: the Daytona family: copies of sandboxes, and what is known of their descent. */
#ifndef HTTP_DAYTONA_COPY_H
#define HTTP_DAYTONA_COPY_H

#include <stdbool.h>

#include "clutch.h"

struct request;

void daytona_fork(struct request *request);      /* POST /sandbox/{idOrName}/fork */
void daytona_snapshot(struct request *request);  /* POST /sandbox/{idOrName}/snapshot */
void daytona_forks(struct request *request);     /* GET /sandbox/{idOrName}/forks */
void daytona_parent(struct request *request);    /* GET /sandbox/{idOrName}/parent */
void daytona_ancestors(struct request *request); /* GET /sandbox/{idOrName}/ancestors */

/* False when it has some that live, and the reply says so. In the pool. */
bool daytona_has_no_forks(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info);

#endif
