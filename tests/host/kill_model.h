/* SPDX-License-Identifier: Apache-2.0 */
/* kill_model.h: what a host that is killed has told of its sandboxes, and what must therefore be true.
 *
 * A host tells each act twice, before the call and after it has returned: what was only begun may or may
 * not have happened, what is done has. A sandbox's state is one number, the variable n, which its file n
 * in the working folder holds too. */
#ifndef CLUTCH_TESTS_KILL_MODEL_H
#define CLUTCH_TESTS_KILL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "clutch.h"

enum {
    MODEL_SANDBOXES = 20000,
    MODEL_RUNS = 120, /* in one sandbox: all of its log is one page */
};

enum model_act { ACT_CREATE = 1, ACT_RUN, ACT_STOP, ACT_START, ACT_ARCHIVE, ACT_DELETE, ACT_MISS, ACT_READY };

/* Written to a pipe at once. */
struct told {
    uint32_t number; /* of the sandbox */
    uint16_t act, done;
    uint32_t value; /* of n */
};

enum model_presence { NOWHERE, PERHAPS, HERE, GONE };

struct known {
    uint8_t presence;
    uint8_t state;            /* CLUTCH_STATE_*; 0 when an act was begun that changes it */
    uint8_t acked[MODEL_RUNS]; /* by their value: executions that are done */
    uint32_t now;             /* n in the process, of which a kill leaves nothing */
    uint32_t saved, saving;   /* n on the disk, or perhaps this */
    uint32_t file, writing;   /* the same of the file */
};

struct model {
    uint32_t end; /* numbers up to here were used */
    unsigned told, acts[ACT_READY + 1];
    struct known known[MODEL_SANDBOXES];
};

static inline void model_begun(struct known *known, const struct told *told)
{
    switch (told->act) {
    case ACT_CREATE:
        known->presence = PERHAPS;
        break;
    case ACT_DELETE:
        known->presence = PERHAPS;
        known->state = 0;
        break;
    case ACT_RUN:
        known->writing = told->value;
        break;
    case ACT_STOP:
        known->saving = told->value;
        known->state = 0;
        break;
    default:
        known->state = 0;
    }
}

static inline void model_done(struct known *known, const struct told *told)
{
    switch (told->act) {
    case ACT_CREATE:
        known->presence = HERE;
        known->state = CLUTCH_STATE_RUNNING;
        break;
    case ACT_RUN:
        known->acked[told->value] = 1;
        known->now = known->file = known->writing = told->value;
        break;
    case ACT_STOP:
        known->saved = known->saving = told->value;
        known->state = CLUTCH_STATE_STOPPED;
        break;
    case ACT_START: /* found there, with this value */
        known->presence = HERE;
        known->now = known->saved = known->saving = told->value;
        known->state = CLUTCH_STATE_RUNNING;
        break;
    case ACT_ARCHIVE:
        known->state = CLUTCH_STATE_ARCHIVED;
        break;
    default: /* deleted, or looked for and not found */
        known->presence = GONE;
        known->state = 0;
    }
}

static inline void model_learn(struct model *model, const struct told *told)
{
    model->told++;
    model->acts[told->act] += told->done;
    if (told->act == ACT_READY)
        return;
    struct known *known = &model->known[told->number];
    if (told->number >= model->end)
        model->end = told->number + 1;
    if (told->done)
        model_done(known, told);
    else
        model_begun(known, told);
}

#endif
