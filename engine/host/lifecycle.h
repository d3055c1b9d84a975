/* SPDX-License-Identifier: Apache-2.0 */
/* lifecycle.h: which change of state is allowed when, and the making of one. */
#ifndef CLUTCH_HOST_LIFECYCLE_H
#define CLUTCH_HOST_LIFECYCLE_H

#include "host/sandbox.h"

/* What can be asked of a sandbox, as bits. */
enum lifecycle_act {
    LIFECYCLE_START = 1,
    LIFECYCLE_STOP = 2,
    LIFECYCLE_PAUSE = 4,
    LIFECYCLE_RESUME = 8,
    LIFECYCLE_ARCHIVE = 16,
    LIFECYCLE_DELETE = 32,
    LIFECYCLE_COPY = 64, /* clone, snapshot */
    LIFECYCLE_UNDO = 128,
};

/* With the turn. Returns 0 when the act may go on, and the sandbox is in the state by which it passes; 1
 * when there is nothing to do; STATE with what is allowed instead, or DISK when that could not be
 * recorded. */
int lifecycle_begin(clutch_sandbox *sandbox, enum lifecycle_act act, const char *reason,
                    clutch_error *error);

/* With the turn. Changes the state, records it and tells the host. A change that cannot be recorded has
 * happened all the same: the next engine finds the passing state, and concludes the same. */
void lifecycle_move(clutch_sandbox *sandbox, uint32_t to, const char *reason, ...)
        __attribute__((format(printf, 3, 4)));

/* Tells the host of a change that was recorded otherwise: the state is what it is by now. */
void lifecycle_tell(clutch_sandbox *sandbox, uint32_t from, const char *reason, int64_t at_ms);

/* The same at the end of a stop or start, with what it has saved or brought back. Fails when that could
 * not be recorded; a sandbox to be stopped whose process has not ended yet is then left in the state by
 * which it passes. */
int lifecycle_settle(clutch_sandbox *sandbox, uint32_t to, const clutch_session_report *report,
                     const char *reason, clutch_error *error);

/* Whether a state is one that an act passes by. */
bool lifecycle_is_passing(uint32_t state);

/* With the turn: the process has ended by itself. Nothing happens to a sandbox that was not running. */
void lifecycle_ended(clutch_sandbox *sandbox, const char *reason);

#endif
