/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.h: a forked child's life. */
#ifndef CLUTCH_WORKER_SANDBOX_H
#define CLUTCH_WORKER_SANDBOX_H

#include "confine/confine.h"
#include "wire/message.h"

/* Before the first fork, in the template: what sandboxes share. Returns 0, or -1 with one line in
 * message. */
int sandbox_prepare(char *message, size_t size);

/* In a child that confine_fork has just made: becomes the sandbox that fork and policy describe, with
 * wire_fd as its channel to the host. Never returns. */
_Noreturn void sandbox_main(int wire_fd, const struct wire_fork *fork, struct confine_policy *policy);

enum { SANDBOX_WIRE_FD = 3 };

/* Makes descriptors 1 and 2 pipes; out are their read ends. Returns 0, or -1 with errno. */
int sandbox_take_pipes(int out[2]);

#endif
