/* SPDX-License-Identifier: Apache-2.0 */
/* output.h: the output of the execution that runs, from all its sources, on its way to the host. */
#ifndef CLUTCH_WORKER_OUTPUT_H
#define CLUTCH_WORKER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "python/capture.h"

/* In a sandbox, once: frames go to wire_fd; pipes[0] and pipes[1] are the read ends of what
 * descriptors 1 and 2 are, non-blocking. */
void output_prepare(int wire_fd, const int pipes[2]);

/* The sink for engine/python/capture.c. */
extern const struct capture_sink output_sink;

/* Begins an execution: output beyond maximum bytes is counted and dropped. Output that came since the
 * last one belongs to this one. Main thread. */
void output_begin(uint64_t maximum);

struct output_omitted {
    uint64_t bytes, elements;
};

/* Ends an execution: unfinished lines become elements, and output_send sends them. Says what was left
 * out. What comes from here on belongs to the next execution. Main thread. */
struct output_omitted output_end(void);

/* Sends the rest of an execution's output, if one has just ended, and then frame, in one go. Main
 * thread, without the GIL. False when the host is gone. */
bool output_send(const struct buf *frame);

/* Sends what waits. Any thread, without the GIL. */
void output_flush(void);

/* Takes what C code or child processes wrote to descriptors 1 and 2. Any thread. */
void output_drain(void);

/* What a process does last, in a signal handler or in _exit: sends what there is, within a second,
 * without allocating memory. The locks stay locked: nothing may follow but the end. */
void output_last_words(void);

#endif
