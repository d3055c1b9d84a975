/* SPDX-License-Identifier: Apache-2.0 */
/* process.h: what the host holds of one sandbox's process. */
#ifndef CLUTCH_HOST_PROCESS_H
#define CLUTCH_HOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/template.h"
#include "wire/channel.h"

/* Moved as a whole when a sandbox goes on in another process. Descriptors are -1 when there is none. */
struct process {
    uint64_t generation; /* of the template whose child it is */
    pid_t pid;           /* as the host sees it; 0: there is no process */
    uint32_t birth;      /* of a copy; 0: the template has forked it */
    int pidfd;
    struct door *door; /* by which it can be copied, shared with its copies; NULL where it cannot */
    struct channel channel;
};

/* Nothing in it; process_end may be called on it. */
void process_init(struct process *process);

/* Sends SIGKILL, if there is a process. */
void process_kill(const struct process *process);

/* Whether there is none or it has ended; does not block. */
bool process_is_dead(const struct process *process);

/* Kills, waits for the end, bounded, and asks the template how it ended, as waitpid says it; false when
 * that is not known. Descriptors stay open. */
bool process_bury(struct process *process, struct template *template, int *status);

/* Has the template end it, and closes it: does not wait. */
void process_forget(struct process *process, struct template *template);

/* Closes what there is of it. */
void process_close(struct process *process);

#endif
