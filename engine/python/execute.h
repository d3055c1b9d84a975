/* SPDX-License-Identifier: Apache-2.0 */
/* execute.h: running user code in __main__. */
#ifndef CLUTCH_PYTHON_EXECUTE_H
#define CLUTCH_PYTHON_EXECUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "python/dataframes.h"
#include "python/outcome.h"

struct execute_request {
    uint64_t serial;
    const char *code; /* UTF-8 as the user wrote it, checked here; length bytes, then a NUL */
    size_t length;
    const char *filename; /* ended by NUL */
    bool allow_incomplete;
};

/* In the template, GIL held, after the preloads: remembers what a pristine interpreter looks like.
 * False with an exception set. */
bool execute_prepare(void);

/* In a sandbox on its main thread, GIL held: runs the code and fills the outcome. User code may do
 * anything in here, and leaves no exception. The caller ends it with execute_end. */
void execute_run(const struct execute_request *request, struct outcome *outcome);

/* After execute_run, and after the caller has looked at the globals: no more interrupts from here. */
void execute_end(struct outcome *outcome);

/* Puts back what of Python the engine relies on, whatever user code has made of it. Before execute_run
 * it is not needed. GIL held; leaves no exception set. */
void execute_restore(void);

/* In the template, when all is prepared: runs what ends well and what fails so often that CPython has adapted
 * the code on the way, and leaves no trace of it. GIL held. */
void execute_rehearse(unsigned times);

/* The compiler's flags that `from __future__` has set, which last from one execution to the next. */
int execute_future_flags(void);
void execute_set_future_flags(int flags);

/* Whether a code object's file name, a str, is that of an execution. GIL held. */
bool execute_is_running(PyObject *filename);

/* The globals of user code. Borrowed. */
PyObject *execute_globals(void);

#endif
