/* SPDX-License-Identifier: Apache-2.0 */
/* facilities.h: confinement as the host asks for it and is told of it. */
#ifndef CLUTCH_WORKER_FACILITIES_H
#define CLUTCH_WORKER_FACILITIES_H

#include "confine/confine.h"
#include "wire/message.h"

/* In the warm template, once: tries the machine out and prepares confinement. GIL held. Returns 0, or
 * -1 with one line in message. */
int facilities_prepare(const struct wire_warm *warm, char *message, size_t size);

/* Appends the list for WARMED. */
void facilities_put(struct buf *out);

/* Whether sandboxes may track written pages. */
bool facilities_tracking(void);

/* What a sandbox is confined by; borrows the folders. */
struct confine_policy facilities_policy(const struct wire_fork *fork, const char *workdir,
                                        const char *tmpdir);

#endif
