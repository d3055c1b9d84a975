/* SPDX-License-Identifier: Apache-2.0 */
/* command.h: running another program to its end, within a time. */
#ifndef CLUTCH_HOST_COMMAND_H
#define CLUTCH_HOST_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "host/spawn.h"

enum { COMMAND_COMPLAINT_BYTES = 8192 };

struct command {
    struct spawn_image image;     /* its descriptors 1 and 2 are made here */
    uint64_t deadline_ns;
    struct buf *output;           /* gets what it prints, up to the buffer's maximum; NULL: dropped */
    bool (*goes_on)(void *user);  /* asked several times a second; false ends it; may be NULL */
    void *user;
};

enum command_ending {
    COMMAND_ENDED,    /* by itself, see status */
    COMMAND_TIMEOUT,  /* killed at the deadline */
    COMMAND_STOPPED,  /* goes_on did not want it any more */
    COMMAND_TOO_MUCH, /* it printed more than the buffer holds */
};

struct command_end {
    enum command_ending ending;
    int status; /* as waitpid has it */
    char complaint[COMMAND_COMPLAINT_BYTES + 1]; /* the last that it wrote to descriptor 2 */
};

/* Runs it; when this returns neither it nor any process that it started is left. The same holds when
 * the host is killed meanwhile. Returns 0 or an errno. Any thread; signals of the host are handled as
 * ever. */
int command_run(const struct command *command, struct command_end *out);

#endif
