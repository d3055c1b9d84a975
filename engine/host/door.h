/* SPDX-License-Identifier: Apache-2.0 */
/* door.h: the listener by which a sandbox's process can be copied; see base/door.h. */
#ifndef CLUTCH_HOST_DOOR_H
#define CLUTCH_HOST_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One for a process and all its copies, of which one at a time is copied: who holds the lock hears what any
 * of them asks for. */
struct door;

/* Takes the descriptor. NULL when memory ran out; it is closed then. */
struct door *door_new(int fd);
struct door *door_retain(struct door *door);

/* How many hold it. */
unsigned door_references(const struct door *door);

/* NULL is allowed. */
void door_release(struct door *door);

/* Waits for the lock until a point in time; false when it was not had. */
bool door_lock(struct door *door, uint64_t deadline_ns);
void door_unlock(struct door *door);

/* A call that waits for an answer. */
struct door_call {
    uint64_t id;
    pid_t pid;       /* of the calling thread, as this process sees it; 0 when it does not */
    uint32_t flags;  /* DOOR_SAME, DOOR_APART, DOOR_ANNOUNCE; 0: one that gives something up */
    uint64_t number;
};

/* With the lock, as is all below. Readable when a call may wait. */
int door_fd(const struct door *door);

/* The next call that waits; false when there is none. Does not block. */
bool door_hear(struct door *door, struct door_call *out);

/* Whether who called still waits: it is the process with that id, then, and no later one. */
bool door_waits(struct door *door, const struct door_call *call);

/* Four answers; false when nobody waits for it any more. One that is let go takes a while, in which the
 * caller of this has something else to do. */
bool door_let_pass(struct door *door, const struct door_call *call);
bool door_let_go(struct door *door, const struct door_call *call);
bool door_hand(struct door *door, const struct door_call *call, int fd); /* the number of a copy of fd */
bool door_refuse(struct door *door, const struct door_call *call);

#endif
