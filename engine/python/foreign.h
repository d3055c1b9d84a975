/* SPDX-License-Identifier: Apache-2.0 */
/* foreign.h: Python code on threads that C code has started. */
#ifndef CLUTCH_PYTHON_FOREIGN_H
#define CLUTCH_PYTHON_FOREIGN_H

#include <Python.h>

/* From now on Python code on threads that CPython did not start runs in this interpreter. With the GIL
 * held, before there are such threads. */
void foreign_threads_to(PyInterpreterState *interpreter);

#endif
