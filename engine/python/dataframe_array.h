/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_array.h: numpy arrays seen as memory, and digests of what is in it.
 *
 * They are read through __array_struct__, numpy's documented C struct: it costs as little as the
 * buffer protocol, knows dates, and needs none of numpy's headers, so that one worker runs with
 * every numpy. GIL held; no exception is left set. */
#ifndef CLUTCH_PYTHON_DATAFRAME_ARRAY_H
#define CLUTCH_PYTHON_DATAFRAME_ARRAY_H

#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dataframe_array {
    const char *data; /* the first element */
    Py_ssize_t item_bytes;
    Py_ssize_t shape[2]; /* with one dimension, {length, 1} */
    Py_ssize_t strides[2];
    int dimensions; /* 1 or 2 */
    bool objects;   /* the elements are PyObject pointers */
    bool contiguous; /* in either order, so that data to data + bytes is all there is */
    size_t count;
    size_t bytes;
};

/* Digests are of pieces of this size, so that a change makes only its piece be read again. */
enum { DATAFRAME_ARRAY_PIECE_BYTES = 16 * 1024 };

/* False if the object is no array, or one of more dimensions than pandas has. */
bool dataframe_array_read(PyObject *object, struct dataframe_array *out);

/* A word that tells the array's dtype from others. */
uint64_t dataframe_array_dtype(PyObject *object);

/* The memory from the array's lowest byte on. */
size_t dataframe_array_span(const struct dataframe_array *array, const char **ret_start);

/* Pieces of a contiguous array; the digest of one. *mutable is set, never cleared, if an element
 * can change without the array's memory being written. */
size_t dataframe_array_piece_count(const struct dataframe_array *array);
size_t dataframe_array_piece_bytes(const struct dataframe_array *array);
uint64_t dataframe_array_piece(const struct dataframe_array *array, size_t piece, bool *mutable);

/* The digest of all elements: of a contiguous array in memory's order, else row by row. */
uint64_t dataframe_array_digest(const struct dataframe_array *array, bool *mutable);

/* The digest of each row (a frame's column), the same for the same elements in any layout:
 * shape[0] of them, or one if the array has one dimension. */
void dataframe_array_columns(const struct dataframe_array *array, uint64_t *ret_columns);

#endif
