/* SPDX-License-Identifier: Apache-2.0 */
/* ending.h: from the end of an execution to its result or error. */
#ifndef CLUTCH_HOST_ENDING_H
#define CLUTCH_HOST_ENDING_H

#include "host/execution.h"

/* Each ends the execution and gives the sandbox's turn back. */

/* The worker said how its code ended; texts and lists are in the result already. */
void ending_done(clutch_execution *execution, const struct wire_done *done);

/* The process has ended without saying so, or was killed. */
void ending_dead(clutch_execution *execution);

/* The worker did what no worker of ours does; it is killed. */
void ending_broken(clutch_execution *execution, const char *how);

/* The host has no memory left for the result; the sandbox is killed. */
void ending_out_of_memory(clutch_execution *execution);

/* execution->error tells why there is no result. */
void ending_error(clutch_execution *execution);

/* The caller gave the execution up; the sandbox is killed. open: the engine is, and the caller inside. */
void ending_abandoned(clutch_execution *execution, bool open);

#endif
