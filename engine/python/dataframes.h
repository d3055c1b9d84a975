/* SPDX-License-Identifier: Apache-2.0 */
/* dataframes.h: finds the pandas DataFrames in a dict of globals and tells which have changed. */
#ifndef CLUTCH_PYTHON_DATAFRAMES_H
#define CLUTCH_PYTHON_DATAFRAMES_H

#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Receives one row. The name is UTF-8 (lone surrogates replaced), borrowed until it returns.
 * memory_bytes is -1 where it is not counted. */
typedef void dataframes_row_fn(void *user, const char *name, size_t name_length, int64_t rows,
                               int64_t columns, int64_t memory_bytes);

/* All below: main thread of the subinterpreter, GIL held; they leave no exception set and never
 * fail towards the caller. A frame that cannot be examined is listed every time, or, if not even
 * its axes can be found, left out. User code may run inside them (an object's __sizeof__, a
 * property, __del__): they survive whatever it does, short of memory that it has overwritten. */

/* In the template, after the preloads: resolves pandas' types if pandas is imported. */
void dataframes_prepare(void);

/* In a sandbox, once, before user code and before a confinement that refuses userfaultfd(2): opens
 * the descriptors of base/pages.h. */
void dataframes_enter(void);

/* In a process forked from a sandbox between two executions (a clone), before user code: the frames
 * and what is known of them came along, the tracker's descriptors have to be made anew. */
void dataframes_resume(void);

/* After an execution: calls row for each DataFrame that is new under its name, rebound, or changed
 * in place since the last call, in the order of the globals, and takes the present as the new
 * baseline. Stops calling row after limit rows; returns the number it would have called. */
size_t dataframes_changed(PyObject *globals, size_t limit, dataframes_row_fn *row, void *user);

/* Lists all DataFrames with their memory as df.memory_usage(index=True, deep=True).sum() counts it.
 * Same return as above. */
size_t dataframes_list(PyObject *globals, size_t limit, dataframes_row_fn *row, void *user);

#endif
