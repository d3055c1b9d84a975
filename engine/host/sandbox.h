/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.h: what the host knows of a sandbox, for the other files of this folder. */
#ifndef CLUTCH_HOST_SANDBOX_H
#define CLUTCH_HOST_SANDBOX_H

#include <pthread.h>

#include "clutch.h"
#include "host/engine.h"
#include "host/process.h"

/* One execution or look at a time has the turn. Who has it uses the channel alone, without a lock;
 * the lock guards the fields named so. */
struct clutch_sandbox {
    clutch_engine *engine;
    struct clutch_sandbox *next, *previous; /* guarded by engine->lock */

    char id[37];
    char *name, *owner, *workdir, *tmpdir;
    char *home_dir; /* holds tmpdir, and workdir unless the host gave one; removed at the end */
    char **labels;
    clutch_limits limits;

    struct process process;
    int timer_fd, epoll_fd;
    int disk_fd; /* the working folder when it has a disk limit; the sandbox gave it, so it may be any */

    pthread_mutex_t lock;
    pthread_cond_t turn_free;
    bool busy;                  /* somebody has the turn; guarded */
    bool looking;               /* and it is a look; guarded */
    bool ended;                 /* written by who has the turn; guarded */
    uint64_t serial;            /* executions started; guarded */
    clutch_execution *current;  /* guarded, so that cancel finds it alive */
    clutch_status *last_look;   /* guarded; may be NULL */
};

/* What to do while an execution has the turn. A look is over in a moment: everybody waits for it. */
enum sandbox_turn { SANDBOX_WAIT, SANDBOX_REFUSE, SANDBOX_LOOK /* refuse, and look */ };

/* Takes the turn, or fails: BUSY when refused, ENDED when the sandbox has ended, CLOSED. */
int sandbox_take_turn(clutch_sandbox *sandbox, enum sandbox_turn how, clutch_error *error);
void sandbox_give_turn(clutch_sandbox *sandbox);

/* Sends SIGKILL. Any thread, also without the turn. */
void sandbox_kill(clutch_sandbox *sandbox);

/* With the turn: the process has ended or is being killed. Waits for it, bounded, and says how it
 * ended as waitpid does; false when that is not known. The sandbox is ended from here on. */
bool sandbox_bury(clutch_sandbox *sandbox, int *status);

/* The engine is closed: kills, and wakes who waits for a turn. With engine->lock. */
void sandbox_close(clutch_sandbox *sandbox);

/* Whether the process has ended; does not block. */
bool sandbox_is_dead(const clutch_sandbox *sandbox);

#endif
