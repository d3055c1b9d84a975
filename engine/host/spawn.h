/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.h: starting programs that the host never hears of. */
#ifndef CLUTCH_HOST_SPAWN_H
#define CLUTCH_HOST_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPAWN_FDS = 4 };

/* What a program starts with: nothing but this, and default signal dispositions. Borrowed. */
struct spawn_image {
    int program_fd;
    const char *const *arguments, *const *env;
    const char *folder;   /* its working directory */
    int fds[SPAWN_FDS];   /* become 0 to 3; -1: /dev/null, but none as 3 */
    uint64_t file_bytes;  /* of any one file; 0: no limit */
    uint64_t data_bytes;  /* of its own memory; 0: no limit */
};

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

/* A program that is kept: somebody stays beside it until it and all that it started are gone. */
struct spawn_kept {
    _Atomic bool stopped;
    int keeper_fd; /* a pidfd, owned by whoever called spawn_and_keep; -1 before there is one */
    int status;    /* of the program, as waitpid has it, once spawn_and_keep has returned 0 */
};

#define SPAWN_KEPT_INIT {false, -1, 0}

/* Runs a program, as little heard of as the one above, in a session of its own, and returns once it
 * and its descendants have ended. All of them are killed as soon as the program itself ends, when
 * spawn_stop is called, and when this process or the calling thread ends. Returns 0 or an errno. The
 * calling thread stands still the whole time and gets no signal, so it has to be one made for this,
 * with all signals blocked. */
int spawn_and_keep(const struct spawn_image *image, struct spawn_kept *kept);

/* Ends it, also before it has begun. Any other thread, until keeper_fd is closed. */
void spawn_stop(struct spawn_kept *kept);

#endif
