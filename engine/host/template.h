/* SPDX-License-Identifier: Apache-2.0 */
/* template.h: the host's end of the channel to the template process. */
#ifndef CLUTCH_HOST_TEMPLATE_H
#define CLUTCH_HOST_TEMPLATE_H

#include <pthread.h>
#include <stdint.h>

#include "clutch.h"
#include "host/spawn.h"
#include "wire/channel.h"

struct template_options {
    const char *worker_path; /* NULL: the embedded one */
    const char *environment;
    const char *const *preload;
    const char *state_dir;
    bool remove_state_dir; /* when the host has died */
    const char *const *require, *const *disable; /* words of facilities */
    const char *cgroup; /* "": none */
    uint64_t timeout_ms;
};

struct template_facility {
    char name[40], detail[200];
};

/* Guarded by its own lock, which is held for one question and its answer. */
struct template {
    pthread_mutex_t lock;
    bool running;
    uint64_t generation; /* counts the starts */
    _Atomic uint32_t births; /* counts the copies */
    struct spawned process;
    struct channel channel;
    char python_version[64], pandas_version[64], numpy_version[64];
    size_t facility_count;
    clutch_facility facilities[LIMIT_FACILITIES];
    struct template_facility facility_texts[LIMIT_FACILITIES];
};

/* What a fork gives; descriptors owned by the caller. */
struct template_fork {
    uint64_t generation; /* of the template */
    pid_t pid;           /* as the template sees it */
    int pidfd;
};

void template_init(struct template *template);

/* Starts the process and waits until it is warm. Called without the lock, by one thread at a time. */
int template_start(struct template *template, const struct template_options *options,
                   clutch_error *error);

/* False when it has not been started or has died, which is noticed here. Any thread. */
bool template_is_running(struct template *template);

/* Ends it, and with it all sandboxes, and waits until it is gone. */
void template_stop(struct template *template);

/* Sends a FORK frame with the sandbox's end of its channel. TEMPLATE when the process has died: it is
 * stopped then and may be started again. When it fails with *out's pid set, there is such a process and
 * no descriptor of it. Any thread. */
int template_fork(struct template *template, const struct buf *frame, int sandbox_fd,
                  struct template_fork *out, clutch_error *error);

/* A number for a copy that is made, never 0, which a sandbox that was forked has: the template knows it by
 * its process id and this, as a process id that a sandbox tells may be any. Any thread. */
uint32_t template_next_birth(struct template *template);

/* Tells it of a copy that has been made of origin, which is one of its sandboxes, and has its folders: it
 * makes it a sandbox of its own. Does not wait; what cannot be one it ends if it is its child, and else has
 * nothing to do with it. Any thread. */
void template_park(struct template *template, uint64_t generation, pid_t copy, uint32_t birth, pid_t origin);

/* Tells it of a copy with folders of its own that will be made: it gets them ready. template_adopt or
 * template_expect_none must follow. The latter also ends copies of which the origin has told nobody. Any
 * thread. */
void template_expect(struct template *template, uint64_t generation, pid_t origin, const char *workdir,
                     const char *tmpdir);
void template_expect_none(struct template *template, uint64_t generation, pid_t origin);

/* Has that copy made a sandbox of its own. What can be done while the template is at it, meanwhile does,
 * until answer_fd is readable; it returns 0 or an error code, which is ours then. UNSUPPORTED when the
 * machine does not allow it, PROTOCOL when the copy is no child of the template's. Any thread. */
int template_adopt(struct template *template, uint64_t generation, pid_t copy, uint32_t birth, pid_t origin,
                   int (*meanwhile)(void *user, int answer_fd), void *user, clutch_error *error);

/* Asks how a sandbox ended that has ended. Returns true and sets *status, as waitpid does; false when
 * that cannot be known, because it was forked by an earlier start, say. Any thread. */
bool template_reap(struct template *template, uint64_t generation, pid_t pid, uint32_t birth, int *status);

/* Has one of its sandboxes ended, whose status nobody will ask for. Does not wait. Any thread. */
void template_forget(struct template *template, uint64_t generation, pid_t pid, uint32_t birth);

#endif
