/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.h: starting a program that the host never hears of. */
#ifndef CLUTCH_HOST_SPAWN_H
#define CLUTCH_HOST_SPAWN_H

#include <sys/types.h>

struct spawned {
    pid_t pid;
    int pidfd; /* owned by the caller */
};

/* Starts the program behind program_fd with wire_fd as its descriptor 3, /dev/null as 0, 1 and 2, no
 * other descriptor, an environment of its own, and default signal dispositions. It is not the
 * caller's child: its end raises no SIGCHLD and no wait function of the host sees it. Returns 0 or
 * an errno. Any thread; the calling thread stands still until the program has begun. */
int spawn_program(int program_fd, int wire_fd, const char *const env[], struct spawned *out);

/* Reaps the program if this process has become its parent after all, as a subreaper or as process 1
 * does. */
void spawn_reap(int pidfd);

#endif
