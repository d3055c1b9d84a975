/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxes.h: making, starting and finding sandboxes, within an organisation's limits. In the pool. */
#ifndef HTTP_SANDBOXES_H
#define HTTP_SANDBOXES_H

#include <stdbool.h>

#include "clutch.h"

struct request;

/* Each: false when the reply is made, which says why not. */

/* Creates one; of the options the server sets owner, limits, network and processes, and the id when the
 * request has an Idempotency-Key: the same key then finds the same sandbox again. With limits given, their
 * memory and the network given hold if they are less than the server's. The handle is owned, release it. */
bool sandboxes_create(struct request *request, clutch_sandbox_options *options, clutch_sandbox **out);

/* The same with clutch_sandbox_ensure. *report is owned. */
bool sandboxes_ensure(struct request *request, clutch_sandbox_options *options, clutch_sandbox **out,
                      clutch_session_report **report);

/* The same for a sandbox that has another owner, yet counts as one of the organisation's. */
bool sandboxes_help(struct request *request, const char *owner, clutch_sandbox_options *options,
                    clutch_sandbox **out);

/* As clutch_sandbox_clone; of the options the server sets the owner, and the id as above. */
bool sandboxes_clone(struct request *request, clutch_sandbox *origin, clutch_sandbox_options *options,
                     clutch_sandbox **out);

/* One of the caller's organisation. The handle is owned, release it. */
bool sandboxes_open(struct request *request, const char *id_or_name, clutch_sandbox **out);

/* As clutch_sandbox_start; one that runs is left alone. */
bool sandboxes_start(struct request *request, clutch_sandbox *sandbox);

bool sandboxes_describe(struct request *request, clutch_sandbox *sandbox, clutch_sandbox_info **out);

#endif
