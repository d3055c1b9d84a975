/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_walk.h: turns arrays, pandas' extension arrays, indexes and dtypes into words of a
 * digest. GIL held; no exception is left set. */
#ifndef CLUTCH_PYTHON_DATAFRAME_WALK_H
#define CLUTCH_PYTHON_DATAFRAME_WALK_H

#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "python/dataframe_digest.h"

struct dataframe_walk {
    struct dataframe_digest digest;
    bool content; /* leave out how things lie in memory */
    size_t bytes; /* of the arrays seen */
    int depth, parts; /* left of the value being walked */
};

/* What a block's values are: one of numpy's or pandas' arrays. */
void dataframe_walk_values(struct dataframe_walk *walk, PyObject *values);

/* Labels, names and frequency. */
void dataframe_walk_index(struct dataframe_walk *walk, PyObject *index);

/* A block's places among the columns: a slice or an array. */
void dataframe_walk_place(struct dataframe_walk *walk, PyObject *place);

/* The i-th of them; -1 if there is none. */
Py_ssize_t dataframe_walk_place_item(PyObject *place, size_t i);

/* A word for the dtype of values, whose elements lie in array. */
uint64_t dataframe_walk_kind(PyObject *values, PyObject *array);

#endif
