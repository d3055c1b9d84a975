/* SPDX-License-Identifier: Apache-2.0 */
/* pause.h: a sandbox that keeps its memory and uses no processor. */
#ifndef CLUTCH_HOST_PAUSE_H
#define CLUTCH_HOST_PAUSE_H

#include "host/sandbox.h"

/* As clutch_sandbox_pause, inside a call. */
int pause_sandbox(clutch_sandbox *sandbox, const char *reason, clutch_error *error);

/* With the turn: lets the process go on if it is paused. */
int pause_wake(clutch_sandbox *sandbox, const char *reason, clutch_error *error);

/* The same without a change of state, for one that is about to be in another. */
int pause_continue(clutch_sandbox *sandbox, clutch_error *error);

#endif
