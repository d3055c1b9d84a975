/* SPDX-License-Identifier: Apache-2.0 */
/* attendant.h: the sandbox's second thread, which is there while user code keeps the first busy. */
#ifndef CLUTCH_WORKER_ATTENDANT_H
#define CLUTCH_WORKER_ATTENDANT_H

/* Starts it, in a sandbox that has one thread yet. pipes are the read ends of descriptors 1 and 2.
 * Returns 0, or -1 with errno. */
int attendant_start(const int pipes[2]);

/* All on the thread that runs user code. Ends it, so that the process can be copied: it has one thread less
 * then, and none that holds a lock. And starts it again, which does nothing when it runs. */
void attendant_stop(void);
int attendant_resume(void);

/* In a copy, before it is started again: its descriptors are the origin's, and it gets others. */
void attendant_forget_descriptors(void);
int attendant_prepare(const int pipes[2]);

/* No execution runs: a cancel that has come belongs to none. */
void attendant_forget(void);

/* Asks for output_flush in a millisecond. Any thread; cheap when asked before. */
void attendant_flush_soon(void);

#endif
