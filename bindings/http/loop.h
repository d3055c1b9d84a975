/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h: one thread that waits for descriptors, and what other threads hand to it. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct watch;

/* Called on the loop's thread with the EPOLL* events that have come. */
typedef void loop_ready_fn(void *user, uint32_t events);

/* Something to call on the loop's thread. It belongs to the caller and must last until the call. */
struct loop_call {
    struct loop_call *next;
    void (*run)(void *user);
    void *user;
};

/* NULL, with errno set, when descriptors or memory run out. */
struct loop *loop_new(void);

/* All watches must be gone. NULL is allowed. */
void loop_free(struct loop *loop);

/* Watches a descriptor, which stays the caller's. NULL, with errno set, on failure. The loop's thread
 * only, as everything here but loop_post. */
struct watch *loop_watch(struct loop *loop, int fd, uint32_t events, loop_ready_fn *ready, void *user);

/* Other events for a watch; false, with errno set, on failure. */
bool loop_rewatch(struct watch *watch, uint32_t events);

/* Must come before the descriptor is closed. Nothing is called for it any more, even when events of it
 * are already there. NULL is allowed. */
void loop_unwatch(struct watch *watch);

/* Any thread. Calls come in the order in which they were posted. */
void loop_post(struct loop *loop, struct loop_call *call);

/* One turn: waits at most timeout_ms (-1: without end) and calls all that is due. */
void loop_turn(struct loop *loop, int timeout_ms);

#endif
