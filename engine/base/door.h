/* SPDX-License-Identifier: Apache-2.0 */
/* door.h: the system calls by which a sandbox's process is copied, and asks who it is then; and those by
 * which both then give up what ties them together, which are refused otherwise: capset,
 * landlock_create_ruleset, landlock_restrict_self.
 *
 * The filter hands them to whoever has the filter's listener, which is the host; who makes them unasked is
 * refused. The filter looks at the registers only, and the host decides on nothing else. */
#ifndef CLUTCH_BASE_DOOR_H
#define CLUTCH_BASE_DOOR_H

#include <sched.h>
#include <signal.h>
#include <stdint.h>

/* First arguments of clone(2). A copy is the template's child, not its origin's. */
#define DOOR_SAME ((uint32_t)(CLONE_PARENT | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD))
#define DOOR_APART (DOOR_SAME | (uint32_t)(CLONE_NEWUSER | CLONE_NEWNS))

/* No clone at all: made by the copy; its answer is a descriptor of its own channel. */
#define DOOR_ANNOUNCE ((uint32_t)(CLONE_PARENT | CLONE_IO | SIGCHLD))

/* Where to look. The number is where none of these calls has an argument; its upper quarter tells them from
 * all others, and the rest is known to who is to be copied and to nobody else, so that no other process of
 * the family can pass for the copy. */
enum { DOOR_FLAGS = 0, DOOR_STACK = 1, DOOR_NUMBER = 5 };
#define DOOR_MARK UINT64_C(0xc1d0000000000000)
#define DOOR_MARK_MASK UINT64_C(0xffff000000000000)

#endif
