/* SPDX-License-Identifier: Apache-2.0 */
/* blocking.h: C library calls that wait, so that an interrupt can end them. */
#ifndef CLUTCH_WORKER_BLOCKING_H
#define CLUTCH_WORKER_BLOCKING_H

/* On the thread that runs user code, in the template: its waits can be ended by an interrupt. */
void blocking_prepare(void);

#endif
