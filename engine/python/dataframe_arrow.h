/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_arrow.h: the arrays of Apache Arrow behind pandas' strings and Arrow dtypes.
 *
 * An Arrow array never changes, so which one it is says nearly all; but numbers may lie in memory
 * that it shares with a numpy array, and another array may hold the same. For that the elements
 * are read through Arrow's C stream interface, which needs none of its headers. GIL held; no
 * exception is left set. */
#ifndef CLUTCH_PYTHON_DATAFRAME_ARROW_H
#define CLUTCH_PYTHON_DATAFRAME_ARROW_H

#include <Python.h>

#include <stddef.h>
#include <stdint.h>

/* Its version, as dataframe_leaf.h has them, and its size as far as it is known. */
uint64_t dataframe_arrow_version(PyObject *array, size_t *ret_bytes);

/* A digest of its elements, the same for equal ones; its version instead, if it is big or holds
 * others than numbers, times, booleans and text. */
uint64_t dataframe_arrow_content(PyObject *array);

/* Ends a round. */
void dataframe_arrow_end(void);

#endif
