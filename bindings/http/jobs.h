/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.h: threads for calls that block, whose ends come back to the loop.
 *
 * What blocks may do so because a client wants it to. So no group of jobs has more than three quarters of the
 * threads and of the places to wait, and the next job is one of the group that has the fewest threads. */
#ifndef HTTP_JOBS_H
#define HTTP_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop.h"

struct jobs;

/* work runs on one of the threads, then done on the loop's. It belongs to the caller and must last
 * until done is called. */
struct job {
    struct job *next;
    struct loop_call call;
    void (*work)(void *user);
    void (*done)(void *user);
    void *user;
    uint64_t group; /* such as a client's; 0: the server's own, without a limit */
};

/* NULL, with errno set, on failure. */
struct jobs *jobs_new(struct loop *loop, size_t threads, size_t queue_max);

/* False when too many jobs wait already, of all groups or of this one, or when the threads are ending. */
bool jobs_add(struct jobs *jobs, struct job *job);

/* Those that wait or are being worked on. Any thread. */
size_t jobs_count(struct jobs *jobs);

/* Lets what is queued be worked off, then ends the threads; what is done is posted to the loop, which
 * needs a turn after it. NULL is allowed. */
void jobs_free(struct jobs *jobs);

#endif
