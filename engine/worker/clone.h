/* SPDX-License-Identifier: Apache-2.0 */
/* clone.h: copying this process when the host asks for it. */
#ifndef CLUTCH_WORKER_CLONE_H
#define CLUTCH_WORKER_CLONE_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/channel.h"

/* In the template: notes where the C library keeps the thread's id. */
void clone_note(void);

/* In a sandbox, before user code. False when memory ran out. */
bool clone_prepare(const char *workdir);

/* Answers a CLONE. Returns twice: in the origin, and in the copy, where channel has become that of the
 * copy. The GIL is held. False when the host is gone. */
bool clone_serve(const struct wire_frame *frame, struct channel *channel);

/* When nobody asks for anything: does what makes the next copy faster, if one is likely. */
void clone_be_ready(const struct channel *channel);

#endif
