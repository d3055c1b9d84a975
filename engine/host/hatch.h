/* SPDX-License-Identifier: Apache-2.0 */
/* hatch.h: a sandbox's folders, and its process fresh from the template. */
#ifndef CLUTCH_HOST_HATCH_H
#define CLUTCH_HOST_HATCH_H

#include "host/sandbox.h"

/* Says where the sandbox's folders are, by its id. */
int hatch_name_folders(clutch_sandbox *sandbox, clutch_error *error);

/* Makes them; workdir is the host's own, or NULL. They may exist when it is done again. */
int hatch_folders(clutch_sandbox *sandbox, const char *workdir, bool again, clutch_error *error);

/* Removes what hatch_folders has made, with all that is in it. */
void hatch_remove_folders(clutch_sandbox *sandbox);

/* With the turn: forks the process, with the sandbox's limits, environment and permissions, and waits until
 * it is ready. On failure there is none. */
int hatch_process(clutch_sandbox *sandbox, clutch_error *error);

/* Where the working folder lives in memory: begins it with what is in the one on disk. */
int hatch_fill(clutch_sandbox *sandbox, clutch_error *error);

/* The timer that every sandbox with a process has. */
int hatch_timer(clutch_sandbox *sandbox, clutch_error *error);

/* Waits for the word of a new process that it is ready, and for the descriptor of its disk if it is
 * one in memory. */
int hatch_wait_ready(struct process *process, uint64_t timeout_ms, int *disk_fd, clutch_error *error);

#endif
