/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_leaf.h: versions of what is too big, or too costly, to be taken apart every time.
 *
 * A version is a number that stays while the content stays. Big arrays are shared between frames
 * (views, aliases, a common index), so versions belong to the array, which is examined once a
 * round. GIL held; no exception is left set. */
#ifndef CLUTCH_PYTHON_DATAFRAME_LEAF_H
#define CLUTCH_PYTHON_DATAFRAME_LEAF_H

#include <Python.h>

#include <stdint.h>

#include "python/dataframe_array.h"
#include "python/dataframe_content.h"

/* Arrays from this size on are leaves. */
enum { DATAFRAME_LEAF_BYTES = DATAFRAME_CONTENT_TRACKED_BYTES };

/* Begins and ends a round. */
void dataframe_leaf_begin(void);
void dataframe_leaf_end(void);

/* A version that no leaf has had. */
uint64_t dataframe_leaf_new_version(void);

/* The array's version, never 0; 0 if it cannot be remembered, and the caller must read it. */
uint64_t dataframe_leaf_version(PyObject *object, const struct dataframe_array *array);

/* What dataframe_array_columns gives, remembered with the version. */
void dataframe_leaf_columns(PyObject *object, const struct dataframe_array *array,
                            uint64_t *ret_columns);

/* For an object that never changes: a number of its own, another one for every other object. */
uint64_t dataframe_leaf_constant(PyObject *object);

/* A word for a pandas dtype, from its text; remembered, as making the text runs Python code. */
uint64_t dataframe_leaf_dtype(PyObject *dtype);

#endif
