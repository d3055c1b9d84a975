/* SPDX-License-Identifier: Apache-2.0 */
/* recoup_session.h: what the Recoup family calls a session, as a sandbox. In the pool. */
#ifndef HTTP_RECOUP_SESSION_H
#define HTTP_RECOUP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "clutch.h"

struct request;

enum { RECOUP_NAME = 256, RECOUP_MARGIN_MS = 10000 };

/* False, and the reply says so, for a session id that names no sandbox. */
bool recoup_check_session(struct request *request, const char *session);

/* The sandbox's name. */
void recoup_name(const char *session, char name[RECOUP_NAME]);

/* False when there is none; no reply is made. The handle is owned, release it. */
bool recoup_find(struct request *request, const char *session, clutch_sandbox **out);

/* Makes it run, and counts that when it did not. False when the reply is made. */
bool recoup_activate(struct request *request, clutch_sandbox *sandbox);

/* When a running one is stopped, whatever it does; milliseconds since 1970. */
int64_t recoup_expires(const clutch_sandbox_info *info);

#endif
