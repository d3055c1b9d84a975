/* SPDX-License-Identifier: Apache-2.0 */
/* blocking.h: C library calls that wait, so that an interrupt can end them. */
#ifndef CLUTCH_WORKER_BLOCKING_H
#define CLUTCH_WORKER_BLOCKING_H

#include <stdbool.h>

/* On the thread that runs user code, in the template: its waits can be ended by an interrupt. */
void blocking_prepare(void);

/* Right after a call failed: whether an interrupt ended it; then errno is ECANCELED. */
bool blocking_was_ended(void);

#endif
