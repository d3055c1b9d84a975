/* SPDX-License-Identifier: Apache-2.0 */
/* door.h: the two system calls by which a sandbox's process is copied, and asks who it is then.
 *
 * The filter hands both to whoever has the filter's listener, which is the host; all others that make them
 * are refused. The kernel looks at the registers only, and the host decides on nothing else. */
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

/* Which argument is what. The stack is 0. The number, where the kernel looks for nothing with these flags, is
 * one that the host gave to who is to be copied and to nobody else, so that no other process of the family
 * can pass for the copy. */
enum { DOOR_FLAGS = 0, DOOR_STACK = 1, DOOR_NUMBER = 2 };

#endif
