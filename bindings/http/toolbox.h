/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox.h: what the Daytona family's toolbox has in common: the sandbox that a request is about, and
 * helpers of it: sandboxes that share its folder and its environment, but no variables. In the pool. */
#ifndef HTTP_TOOLBOX_H
#define HTTP_TOOLBOX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "clutch.h"

struct request;

/* The sandbox of the route's first parameter, which must be started: one whose process has died by itself is
 * started again. False when the reply is made. */
bool toolbox_open(struct request *request, clutch_sandbox **sandbox);

enum { TOOLBOX_OWNER = 512 };

/* Helpers belong to the sandbox, not to the organisation, which does not see them. NULL when the text is too
 * long, which it never is. */
const char *toolbox_owner(const struct request *request, const char *id, char owner[TOOLBOX_OWNER]);

/* Creates a helper of the sandbox. envs, an object of texts or NULL, is added to its environment. The helper
 * counts as one of the organisation's. False when the reply is made. */
bool toolbox_help(struct request *request, clutch_sandbox *sandbox, const json_t *envs,
                  const char *const *labels, const clutch_intervals *intervals, clutch_sandbox **helper);

/* Deletes all of the sandbox's helpers. */
void toolbox_leave(struct request *request, const char *id);

/* An object of texts, or NULL when the body has none. False when the reply is made. */
bool toolbox_read_envs(struct request *request, const json_t *body, const json_t **envs);

/* Seconds as milliseconds: what the body's timeout says, usual_s without, and at most what the server allows,
 * for which 0 stands too. False when the reply is made. */
bool toolbox_read_timeout(struct request *request, const json_t *body, uint64_t usual_s, uint64_t *wall_ms);

/* The text as what Python reads as a text again, after `before` and before `after`. Free it with free; NULL
 * when memory runs out. */
char *toolbox_code(const char *before, const char *text, const char *after);

#endif
