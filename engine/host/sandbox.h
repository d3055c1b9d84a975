/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.h: what the host knows of a sandbox, for the other files of this folder. */
#ifndef CLUTCH_HOST_SANDBOX_H
#define CLUTCH_HOST_SANDBOX_H

#include <pthread.h>

#include "clutch.h"
#include "host/engine.h"
#include "host/process.h"

/* A parked copy of the process as it was before an execution, and of its files if they could be kept. */
struct checkpoint {
    struct process process;
    char *files_dir; /* copy of the working folder, or NULL */
    bool no_files;   /* it was empty: no copy is needed */
    uint64_t serial; /* of the last execution before it */
};

struct snapshot;

/* One execution, look or change of state at a time has the turn. Who has it uses the process alone,
 * without a lock; the lock guards the fields named so. */
struct clutch_sandbox {
    clutch_engine *engine;
    struct clutch_sandbox *next, *previous; /* guarded by engine->lock */
    unsigned handles;                       /* of the host; guarded by engine->lock */
    bool kept;                              /* in the engine's books; guarded by engine->lock */

    char id[37];
    char *name, *owner;
    char *home_dir, *workdir, *tmpdir; /* home_dir holds tmpdir, and workdir unless the host gave one */
    bool has_home;      /* home_dir exists */
    bool keeps_workdir; /* the host gave it */
    char **labels;      /* guarded */
    char **env;
    clutch_limits limits;
    uint32_t network;
    bool processes;
    bool rehearses; /* its process does what sessions begin with before it is ready */
    uint32_t undo_depth, rollback;
    char *origin, *repository_url, *current_branch; /* never NULL */

    struct process process;
    int timer_fd, epoll_fd;
    int disk_fd; /* the working folder when it has a disk limit; the sandbox gave it, so it may be any */
    struct checkpoint *checkpoints; /* the oldest first; with the turn */
    size_t checkpoint_count;
    uint64_t saved_serial; /* of the last execution in the variables that are saved; with the turn */

    pthread_mutex_t lock;
    pthread_cond_t turn_free;
    bool busy;                  /* somebody has the turn; guarded */
    bool looking;               /* and it is a look; guarded */
    bool changing;              /* and it is a change of state; guarded */
    bool ended;                 /* there is no process; written by who has the turn; guarded */
    uint32_t state;             /* CLUTCH_STATE_*; written by who has the turn; guarded */
    clutch_intervals intervals; /* guarded */
    uint64_t active_ns, started_ns; /* of the clock that nobody can set; guarded */
    uint64_t serial;            /* executions started; guarded */
    clutch_execution *current;  /* guarded, so that cancel finds it alive */
    clutch_status *last_look;   /* guarded; may be NULL */
    uint64_t counted_ns;        /* when its memory was counted; guarded */
};

/* What to do while an execution has the turn. A look is over in a moment: everybody waits for it. */
enum sandbox_turn {
    SANDBOX_WAIT,
    SANDBOX_REFUSE,
    SANDBOX_LOOK,   /* refuse, and look */
    SANDBOX_CHANGE, /* refuse, and change the state, whatever it is */
};

/* Takes the turn, or fails: BUSY when refused, ENDED when the sandbox has ended, CLOSED. */
int sandbox_take_turn(clutch_sandbox *sandbox, enum sandbox_turn how, clutch_error *error);
void sandbox_give_turn(clutch_sandbox *sandbox);

/* Sends SIGKILL. Any thread, also without the turn. */
void sandbox_kill(clutch_sandbox *sandbox);

/* With the turn: the process has ended or is being killed. Waits for it, bounded, and says how it
 * ended as waitpid does; false when that is not known. The sandbox is ended from here on. */
bool sandbox_bury(clutch_sandbox *sandbox, int *status);

/* With the turn, without an execution: kills and buries the process if there is one, and closes what is
 * left of it. */
void sandbox_part(clutch_sandbox *sandbox);

/* Takes the turn for a change of state even from an execution: that is interrupted, and killed when it does
 * not yield within its grace; with kill at once. It is brought to its end here if nobody else does it. */
int sandbox_seize_turn(clutch_sandbox *sandbox, bool kill, clutch_error *error);

/* The canonical form of an id, in lower case; INVALID when it is none. */
int sandbox_take_id(char out[37], const char *id, clutch_error *error);

/* INVALID when it is no name, or no owner, as `what` calls it. */
int sandbox_check_name(const char *name, const char *what, clutch_error *error);

/* A new object with one handle, in no book; out of options that are checked here. */
int sandbox_new(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                clutch_error *error);

/* Replaces one of its texts by a copy of another; false when memory ran out. */
bool sandbox_set_text(char **text, const char *to);

/* Frees an object that is in no book; neither process nor folders are there any more, or they are left. */
void sandbox_discard(clutch_sandbox *sandbox);

/* Puts the process, which is moved, in place of the one there was, which is buried and gets closed. With
 * the turn. */
int sandbox_adopt(clutch_sandbox *sandbox, struct process *process, clutch_error *error);

/* The engine is closed: kills, and wakes who waits for a turn. With engine->lock. */
void sandbox_close(clutch_sandbox *sandbox);

/* Whether the process has ended; does not block. */
bool sandbox_is_dead(const clutch_sandbox *sandbox);

#endif
