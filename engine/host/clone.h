/* SPDX-License-Identifier: Apache-2.0 */
/* clone.h: copying a sandbox's process, memory included. */
#ifndef CLUTCH_HOST_CLONE_H
#define CLUTCH_HOST_CLONE_H

#include "host/engine.h"
#include "host/process.h"

enum clone_kind {
    CLONE_SAME = 1,  /* the copy has the same folders, and sleeps until clone_wake */
    CLONE_APART = 2, /* folders of its own, which it sees at the origin's paths */
};

struct clone_options {
    enum clone_kind kind;
    bool reseed;                  /* with other random numbers than the origin's */
    bool goes_on;                 /* apart: the origin runs code, too, and must not reach the copy */
    bool settles;                 /* it will be copied often, and takes memory of its own to have that fast */
    uint64_t threads;             /* how many a copy apart, or else its origin, may have from now on, if the
                                     origin may have more; 0: as many */
    const char *workdir, *tmpdir; /* apart: the folders, which exist */
    uint64_t timeout_ms;
    void (*before)(void *user);    /* called when the origin will be copied, just before the kernel does it */
    void (*meanwhile)(void *user); /* called, or not, while the kernel copies the process, which runs nothing;
                                      takes nothing of the time. Both may be NULL */
    void *user;
};

/* The caller has the origin's turn: it is idle and not paused. *out is filled; on failure there is none and
 * the origin goes on, but after PROTOCOL and TIMEOUT it must be ended. Expected errors: UNCLONABLE,
 * UNSUPPORTED. */
int clone_process(clutch_engine *engine, struct process *origin, const struct clone_options *options,
                  struct process *out, clutch_error *error);

/* Has a copy with the same folders set itself up, once. On failure it is of no use. */
int clone_wake(struct process *copy, clutch_error *error);

#endif
