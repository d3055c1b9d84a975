/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.h: what ended user code, as texts. */
#ifndef CLUTCH_PYTHON_OUTCOME_H
#define CLUTCH_PYTHON_OUTCOME_H

#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum outcome_ending {
    OUTCOME_OK = 0,
    OUTCOME_EXCEPTION = 1,
    OUTCOME_EXIT = 2,
    OUTCOME_MEMORY = 3,
    OUTCOME_INTERRUPT = 4,
    OUTCOME_INCOMPLETE = 5,
};

/* Limits that the kernel holds and that reach Python as an exception; the numbers are CLUTCH_LIMIT_'s. */
enum outcome_limit {
    OUTCOME_LIMIT_MEMORY = 3,
    OUTCOME_LIMIT_FILE = 5,
    OUTCOME_LIMIT_OPEN_FILES = 6,
    OUTCOME_LIMIT_THREADS = 7,
    OUTCOME_LIMIT_DISK = 8,
};

/* Zero-initialised it means OK. Texts are UTF-8 within the limits of base/limits.h. */
struct outcome {
    uint32_t ending;
    int32_t exit_status;
    uint32_t limit; /* an outcome_limit that the exception tells of, or 0 */
    uint32_t line;
    bool has_error, has_value;
    struct buf error, type, message, traceback, value;
};

void outcome_free(struct outcome *outcome);

/* Takes the current exception, which is set, and describes it. filename is the str under which the
 * code was compiled. User code may run in here (__repr__, __str__, __del__); whatever it does, the
 * outcome is filled and no exception is left. GIL held. */
void outcome_of_exception(struct outcome *outcome, PyObject *filename);

/* Takes the repr of a value, not None. Same conditions. */
void outcome_of_value(struct outcome *outcome, PyObject *value);

#endif
