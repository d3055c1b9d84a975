/* SPDX-License-Identifier: Apache-2.0 */
/* keeping.h: SAVE and RESTORE, in the sandbox. */
#ifndef CLUTCH_WORKER_KEEPING_H
#define CLUTCH_WORKER_KEEPING_H

#include <stdbool.h>

#include "wire/message.h"

/* Main thread, GIL held. The descriptor came with the message, or is -1 when this process had no room
 * for it; it is closed. False when the host is gone or has sent what is no such message. */
bool keeping_save(const struct wire_frame *frame, int fd);
bool keeping_restore(const struct wire_frame *frame, int fd);

#endif
