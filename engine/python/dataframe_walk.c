/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_walk.c: turns arrays, extension arrays, indexes and dtypes into words of a digest.
 *
 * Known containers are taken apart by their own fields, so that nothing of pandas runs; what is not
 * known is taken apart by what its instance dict holds. */
#include "python/dataframe_walk.h"

#include <string.h>

#include "python/dataframe_array.h"
#include "python/dataframe_arrow.h"
#include "python/dataframe_cells.h"
#include "python/dataframe_leaf.h"
#include "python/dataframe_pandas.h"

/* Marks in the sequence, so that parts of different kinds are not taken for each other. */
enum { MARK_MISSING = 1, MARK_ARRAY, MARK_ATOM, MARK_TOO_DEEP, MARK_INDEX };

/* A frame's index may be a MultiIndex with a level of categories that are intervals of dates; but
 * user code may nest arrays without end, or in a circle. */
enum { DEPTH_MAX = 12, PARTS_MAX = 4096 };

static void walk_values(struct dataframe_walk *walk, PyObject *values);
static void walk_index(struct dataframe_walk *walk, PyObject *index);

static void add(struct dataframe_walk *walk, uint64_t word)
{
    dataframe_digest_add(&walk->digest, word);
}

static void add_atom(struct dataframe_walk *walk, PyObject *object)
{
    bool mutable = false;
    add(walk, object ? dataframe_cells_word(object, &mutable) : MARK_MISSING);
}

static void add_array(struct dataframe_walk *walk, PyObject *object,
                      const struct dataframe_array *array)
{
    bool mutable = false;
    add(walk, MARK_ARRAY);
    add(walk, dataframe_array_dtype(object));
    add(walk, (uint64_t)array->shape[0]);
    walk->bytes += array->bytes;
    if (array->dimensions == 2)
        add(walk, (uint64_t)array->shape[1]);
    if (walk->content && array->dimensions == 1) {
        uint64_t column;
        dataframe_leaf_columns(object, array, &column);
        add(walk, column);
        return;
    }
    if (array->dimensions == 2) {
        add(walk, (uint64_t)array->strides[0]);
        add(walk, (uint64_t)array->strides[1]);
    }
    uint64_t version =
        array->bytes >= DATAFRAME_LEAF_BYTES ? dataframe_leaf_version(object, array) : 0;
    add(walk, version ? version : dataframe_array_digest(array, &mutable));
}

static uint64_t dtype_word(PyObject *dtype)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (!dataframe_pandas_is(dtype, pandas->dtype))
        return dataframe_leaf_dtype(dtype);
    Py_hash_t hash = PyObject_Hash(dtype); /* by content, in C */
    PyErr_Clear();
    return (uint64_t)hash;
}

static void add_dtype(struct dataframe_walk *walk, PyObject *values)
{
    DATAFRAME_HELD PyObject *dtype =
        dataframe_pandas_read(values, dataframe_pandas_get()->names.own_dtype);
    add(walk, dtype ? dtype_word(dtype) : MARK_MISSING);
}

/* A part may be an array, an index, an extension array, or any plain value. */
static void add_part(struct dataframe_walk *walk, PyObject *part)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (!part)
        add(walk, MARK_MISSING);
    else if (dataframe_pandas_is(part, pandas->index))
        walk_index(walk, part);
    else
        walk_values(walk, part);
}

static void add_field(struct dataframe_walk *walk, PyObject *object, PyObject *name)
{
    DATAFRAME_HELD PyObject *part = dataframe_pandas_read(object, name);
    add_part(walk, part);
}

static void add_categories(struct dataframe_walk *walk, PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *dtype = dataframe_pandas_read(values, pandas->names.own_dtype);
    DATAFRAME_HELD PyObject *ordered =
        dtype ? dataframe_pandas_read(dtype, pandas->names.ordered) : NULL;
    add_atom(walk, ordered);
    if (dtype)
        add_field(walk, dtype, pandas->names.categories);
}

/* Before pandas 2 its name was _data. */
static void add_arrow(struct dataframe_walk *walk, PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *array = dataframe_pandas_read(values, pandas->names.pa_array);
    if (!array)
        array = dataframe_pandas_read(values, pandas->names.data);
    if (array) {
        size_t bytes;
        uint64_t version = dataframe_arrow_version(array, &bytes);
        add(walk, walk->content ? dataframe_arrow_content(array) : version);
        walk->bytes += bytes;
    }
    add_dtype(walk, values);
}

/* The index of a sparse array holds positions, or starts and lengths of blocks. */
static void add_sparse(struct dataframe_walk *walk, PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *index = dataframe_pandas_read(values, pandas->names.sparse_index);
    add_field(walk, values, pandas->names.sparse_values);
    add_dtype(walk, values);
    if (!index)
        return;
    DATAFRAME_HELD PyObject *indices = dataframe_pandas_read(index, pandas->names.indices);
    if (indices) {
        add_part(walk, indices);
    } else {
        add_field(walk, index, pandas->names.blocs);
        add_field(walk, index, pandas->names.blengths);
    }
}

/* Of an array that is not known: what its instance dict holds, without pandas' cache; and without
 * one, which object it is. */
static void add_unknown(struct dataframe_walk *walk, PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *own = PyObject_GenericGetDict(values, NULL);
    PyErr_Clear();
    if (!own || !PyDict_Check(own)) {
        add(walk, dataframe_leaf_constant(values));
        return;
    }
    DATAFRAME_HELD PyObject *fields = PyDict_Copy(own); /* user code may run meanwhile */
    PyErr_Clear();
    PyObject *name, *part;
    Py_ssize_t at = 0;
    while (fields && walk->parts > 0 && PyDict_Next(fields, &at, &name, &part)) {
        if (PyUnicode_CheckExact(name) && PyUnicode_Compare(name, pandas->names.cache) == 0)
            continue;
        add_atom(walk, name);
        add_part(walk, part);
    }
}

/* Plain values are no arrays; what pandas has no length for is none either. */
static bool is_atom(PyObject *object)
{
    return !Py_TYPE(object)->tp_as_sequence || !Py_TYPE(object)->tp_as_sequence->sq_length ||
           PyUnicode_Check(object) || PyTuple_Check(object) || PyList_Check(object) ||
           PyDict_Check(object);
}

static void add_extension(struct dataframe_walk *walk, PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (dataframe_pandas_is(values, pandas->backed)) {
        add_dtype(walk, values);
        add_field(walk, values, pandas->names.ndarray);
        if (dataframe_pandas_is(values, pandas->categorical))
            add_categories(walk, values);
    } else if (dataframe_pandas_is(values, pandas->masked)) {
        add_field(walk, values, pandas->names.data);
        add_field(walk, values, pandas->names.mask);
    } else if (dataframe_pandas_is(values, pandas->arrow)) {
        add_arrow(walk, values);
    } else if (dataframe_pandas_is(values, pandas->interval)) {
        add_dtype(walk, values);
        add_field(walk, values, pandas->names.left);
        add_field(walk, values, pandas->names.right);
    } else if (dataframe_pandas_is(values, pandas->sparse)) {
        add_sparse(walk, values);
    } else {
        add_unknown(walk, values);
    }
}

static void walk_values(struct dataframe_walk *walk, PyObject *values)
{
    struct dataframe_array array;
    walk->parts--;
    if (dataframe_array_read(values, &array)) {
        add_array(walk, values, &array);
    } else if (is_atom(values)) {
        add(walk, MARK_ATOM);
        add_atom(walk, values);
    } else if (walk->depth == 0 || walk->parts <= 0) {
        add(walk, MARK_TOO_DEEP);
        add(walk, dataframe_leaf_constant(values));
    } else {
        walk->depth--;
        add(walk, (uintptr_t)Py_TYPE(values));
        add_extension(walk, values);
        walk->depth++;
    }
}

/* Its length, and as much as makes a difference: empty ranges are all the same. */
static void add_range(struct dataframe_walk *walk, PyObject *index)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *range = dataframe_pandas_read(index, pandas->names.range);
    Py_ssize_t length = range && PyRange_Check(range) ? PyObject_Size(range) : -1;
    PyErr_Clear();
    DATAFRAME_HELD PyObject *start =
        length > 0 ? dataframe_pandas_read(range, pandas->names.start) : NULL;
    DATAFRAME_HELD PyObject *step =
        length > 1 ? dataframe_pandas_read(range, pandas->names.step) : NULL;
    add(walk, (uint64_t)length);
    add_atom(walk, start);
    add_atom(walk, step);
}

static void add_labels(struct dataframe_walk *walk, PyObject *index);

/* The levels' own names count for nothing: pandas reads them from the MultiIndex. */
static void add_level_or_part(struct dataframe_walk *walk, PyObject *item)
{
    if (dataframe_pandas_is(item, dataframe_pandas_get()->index))
        add_labels(walk, item);
    else
        add_part(walk, item);
}

/* A list, of which user code may change the length meanwhile. */
static void add_list(struct dataframe_walk *walk, PyObject *owner, PyObject *name)
{
    DATAFRAME_HELD PyObject *list = dataframe_pandas_read(owner, name);
    if (!list || !PyList_Check(list)) {
        add(walk, MARK_MISSING);
        return;
    }
    add(walk, (uint64_t)PyList_GET_SIZE(list));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list) && walk->parts > 0; i++) {
        DATAFRAME_HELD PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
        add_level_or_part(walk, item);
    }
}

/* The frequency belongs to the index, or before pandas 3 to its array. */
static void add_frequency(struct dataframe_walk *walk, PyObject *index, PyObject *labels)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (!labels || !dataframe_pandas_is(labels, pandas->datetimelike))
        return;
    DATAFRAME_HELD PyObject *frequency = dataframe_pandas_read(index, pandas->names.freq);
    if (!frequency)
        frequency = dataframe_pandas_read(labels, pandas->names.freq);
    if (!frequency || frequency == Py_None)
        return;
    DATAFRAME_HELD PyObject *text = PyObject_GetAttr(frequency, pandas->names.freqstr);
    PyErr_Clear();
    add_atom(walk, text);
}

/* All but the name. */
static void add_labels(struct dataframe_walk *walk, PyObject *index)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    add(walk, MARK_INDEX);
    add(walk, (uintptr_t)Py_TYPE(index));
    if (walk->depth == 0 || walk->parts-- <= 0) {
        add(walk, MARK_TOO_DEEP);
        return;
    }
    walk->depth--;
    if (dataframe_pandas_is(index, pandas->multi_index)) {
        add_list(walk, index, pandas->names.levels);
        add_list(walk, index, pandas->names.codes);
        add_list(walk, index, pandas->names.names);
    } else if (dataframe_pandas_is(index, pandas->range_index)) {
        add_range(walk, index);
    } else {
        DATAFRAME_HELD PyObject *labels = dataframe_pandas_read(index, pandas->names.data);
        add_part(walk, labels);
        add_frequency(walk, index, labels);
    }
    walk->depth++;
}

static void walk_index(struct dataframe_walk *walk, PyObject *index)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    add_labels(walk, index);
    if (dataframe_pandas_is(index, pandas->multi_index))
        return;
    DATAFRAME_HELD PyObject *name = dataframe_pandas_read(index, pandas->names.name);
    add_atom(walk, name);
}

void dataframe_walk_values(struct dataframe_walk *walk, PyObject *values)
{
    walk->depth = DEPTH_MAX;
    walk->parts = PARTS_MAX;
    walk_values(walk, values);
}

void dataframe_walk_index(struct dataframe_walk *walk, PyObject *index)
{
    walk->depth = DEPTH_MAX;
    walk->parts = PARTS_MAX;
    walk_index(walk, index);
}

static bool slice_bounds(PyObject *place, Py_ssize_t bounds[3])
{
    const PySliceObject *slice = (PySliceObject *)place;
    if (!PySlice_Check(place) || PySlice_Unpack(place, &bounds[0], &bounds[1], &bounds[2]) < 0) {
        PyErr_Clear();
        return false;
    }
    return PyLong_Check(slice->start) && PyLong_Check(slice->stop);
}

void dataframe_walk_place(struct dataframe_walk *walk, PyObject *place)
{
    Py_ssize_t bounds[3];
    if (!slice_bounds(place, bounds)) {
        add_part(walk, place);
        return;
    }
    for (int i = 0; i < 3; i++)
        add(walk, (uint64_t)bounds[i]);
}

Py_ssize_t dataframe_walk_place_item(PyObject *place, size_t i)
{
    Py_ssize_t bounds[3];
    struct dataframe_array array;
    if (slice_bounds(place, bounds))
        return bounds[0] + (Py_ssize_t)i * bounds[2];
    if (!dataframe_array_read(place, &array) || array.dimensions != 1 || array.item_bytes != 8 ||
        array.objects || i >= array.count)
        return -1;
    Py_ssize_t at;
    memcpy(&at, array.data + (Py_ssize_t)i * array.strides[0], sizeof at);
    return at;
}

uint64_t dataframe_walk_kind(PyObject *values, PyObject *array)
{
    uint64_t word = dataframe_array_dtype(array);
    if (values == array)
        return word;
    DATAFRAME_HELD PyObject *dtype =
        dataframe_pandas_read(values, dataframe_pandas_get()->names.own_dtype);
    word = dataframe_digest_fold(word, (uintptr_t)Py_TYPE(values));
    return dataframe_digest_fold(word, dtype ? dtype_word(dtype) : MARK_MISSING);
}
