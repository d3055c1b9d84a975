/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_cells.h: one word for what a Python object in a cell, or a label, holds. */
#ifndef CLUTCH_PYTHON_DATAFRAME_CELLS_H
#define CLUTCH_PYTHON_DATAFRAME_CELLS_H

#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

/* Once, before any other: fetches datetime's types. Leaves no exception set. */
void dataframe_cells_prepare(void);

/* By value for strings, numbers, dates and other plain values of exact types, numpy's scalars, and
 * tuples, lists, dicts, sets, bytearrays and arrays of such, a few levels deep; by identity for all
 * else. Runs no user code. cell may be NULL, which numpy takes for None. *mutable is set, never
 * cleared, if the object can change in place in a way that the word would show. */
uint64_t dataframe_cells_word(PyObject *cell, bool *mutable);

#endif
