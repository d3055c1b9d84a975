/* SPDX-License-Identifier: Apache-2.0 */
/* crash.h: output that is still on its way when the process ends by itself. */
#ifndef CLUTCH_WORKER_CRASH_H
#define CLUTCH_WORKER_CRASH_H

/* In a sandbox, on the main thread: fatal signals and _exit send what output there is before they do
 * what they always do. */
void crash_prepare(void);

/* In a copy of a sandbox's process. */
void crash_know_own_pid(void);

#endif
