/* SPDX-License-Identifier: Apache-2.0 */
/* enter.h: the first steps of a forked child in Python. */
#ifndef CLUTCH_PYTHON_ENTER_H
#define CLUTCH_PYTHON_ENTER_H

#include <Python.h>

#include <stdbool.h>
#include <stddef.h>

/* In the template, when all else is prepared. GIL held; false with an exception set. */
bool enter_prepare(void);

/* In a fresh sandbox, GIL held: gives the child its own random states, thread id and environment. env holds
 * count "KEY=VALUE" strings. False, without an exception, when memory ran out. */
bool enter(const char *const *env, size_t count, const char *workdir);

/* In a copy of a process that has run user code, GIL held: gives it other random states than its origin's. */
void enter_copy(void);

#endif
