/* SPDX-License-Identifier: Apache-2.0 */
/* deadline.h: when an execution is interrupted, and when it is killed. */
#ifndef CLUTCH_HOST_DEADLINE_H
#define CLUTCH_HOST_DEADLINE_H

#include "host/execution.h"

/* At the start: sets the deadlines from the limits. */
void deadline_plan(clutch_execution *execution, uint64_t now_ns);

/* The next point at which deadline_watch has something to do; CLOCK_NEVER if none. */
uint64_t deadline_next_ns(const clutch_execution *execution);

/* Makes the sandbox's timer readable at a point of time; CLOCK_NEVER switches it off. Any thread. */
void deadline_set_timer(const clutch_sandbox *sandbox, uint64_t at_ns);

/* Sets the timer to the next deadline, for an event loop. A cancel that another thread asked for since
 * deadline_watch has set the timer as well; it is not overwritten. */
void deadline_rearm(const clutch_execution *execution);

/* Looks at cancellation and deadlines, and interrupts or kills. */
void deadline_watch(clutch_execution *execution);

/* Sets it to never unless an execution runs. */
void deadline_calm(clutch_sandbox *sandbox);

#endif
