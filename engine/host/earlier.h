/* SPDX-License-Identifier: Apache-2.0 */
/* earlier.h: saved variables that a later stop has replaced, and going back to them. */
#ifndef CLUTCH_HOST_EARLIER_H
#define CLUTCH_HOST_EARLIER_H

#include "host/sandbox.h"

/* All with the turn. */

/* Before a stop replaces what is saved: keeps that, if executions since were to be taken back. One that
 * cannot be kept is logged; what was kept before goes when it would no longer be the one before. */
void earlier_keep(clutch_sandbox *sandbox);

/* After it: files of the working folder that the first checkpoint since the start has kept. */
void earlier_keep_files(clutch_sandbox *sandbox);

/* Of a stopped sandbox: puts in the place of what is saved what was saved so many stops before.
 * NOT_FOUND when less is kept, DISK. On failure nothing has changed. */
int earlier_go_back(clutch_sandbox *sandbox, uint32_t steps, clutch_undone *out, clutch_error *error);

#endif
