/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_memory.c: a frame's memory as pandas counts it: Series._memory_usage for each column
 * and Index.memory_usage, without making a Series of each column. What is not known here, pandas
 * is asked for. */
#include "python/dataframe_memory.h"

#include <stdlib.h>

#include "python/dataframe_array.h"

enum { DEPTH_MAX = 8 }; /* categories of categories */

/* Everything below adds to a count, which -1 has made useless for good. */
static void add(int64_t *total, int64_t bytes)
{
    if (*total >= 0)
        *total = bytes < 0 ? -1 : *total + bytes;
}

static void add_index(int64_t *total, PyObject *index, int depth);

static int64_t as_bytes(PyObject *number)
{
    int64_t bytes = number ? PyLong_AsLongLong(number) : -1;
    PyErr_Clear();
    return bytes < 0 ? -1 : bytes;
}

static int64_t attribute_bytes(PyObject *object, PyObject *name)
{
    DATAFRAME_HELD PyObject *number = PyObject_GetAttr(object, name);
    return as_bytes(number);
}

/* method(deep=True) */
static int64_t deep_bytes(PyObject *object, PyObject *method_name)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *keywords = PyTuple_Pack(1, pandas->names.deep);
    PyObject *arguments[] = {object, Py_True};
    DATAFRAME_HELD PyObject *number =
        keywords ? PyObject_VectorcallMethod(method_name, arguments, 1, keywords) : NULL;
    return as_bytes(number);
}

/* An integer, whatever its value, is a header and digits of PyLong_SHIFT bits. */
static int64_t integer_bytes(PyObject *object)
{
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    const long long base = 1LL << PyLong_SHIFT;
    if (overflow || value == 0 || value <= -base || value >= base)
        return -1;
    return PyLong_Type.tp_basicsize + PyLong_Type.tp_itemsize;
}

/* The size of an object itself, for the types where it can be told from here; -1 for others. */
static int64_t plain_bytes(PyObject *object)
{
    if (PyUnicode_CheckExact(object)) {
#if PY_VERSION_HEX < 0x030c0000
        if (((PyASCIIObject *)object)->wstr)
            return -1;
#endif
        return PyUnicode_IS_COMPACT_ASCII(object)
                   ? (int64_t)sizeof(PyASCIIObject) + PyUnicode_GET_LENGTH(object) + 1
                   : -1;
    }
    if (PyFloat_CheckExact(object) || PyRange_Check(object) || object == Py_None)
        return Py_TYPE(object)->tp_basicsize;
    return PyLong_CheckExact(object) ? integer_bytes(object) : -1;
}

/* sys.getsizeof(object, 24) */
static int64_t object_bytes(PyObject *object)
{
    int64_t bytes = plain_bytes(object);
    if (bytes >= 0)
        return bytes;
    PyObject *getsizeof = PySys_GetObject("getsizeof");
    DATAFRAME_HELD PyObject *number =
        getsizeof ? PyObject_CallFunction(getsizeof, "Oi", object, 24) : NULL;
    return as_bytes(number);
}

/* What pandas itself says of objects: whether it counts the collector's header depends on its
 * version. Takes the references. */
static int64_t asked_bytes(PyObject **objects, size_t count)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    struct dataframe_array array;
    DATAFRAME_HELD PyObject *copy =
        pandas->array_empty && pandas->objects_size
            ? PyObject_CallFunction(pandas->array_empty, "ns", (Py_ssize_t)count, "O")
            : NULL;
    bool fine = copy && dataframe_array_read(copy, &array) && array.objects &&
                array.count == count && array.contiguous;
    for (size_t i = 0; i < count; i++) {
        if (fine)
            Py_XSETREF(((PyObject **)array.data)[i], objects[i]);
        else
            Py_DECREF(objects[i]);
    }
    DATAFRAME_HELD PyObject *number = fine ? PyObject_CallOneArg(pandas->objects_size, copy) : NULL;
    return as_bytes(number);
}

/* Asking an object may run user code, which may free the array: the objects that have to be asked
 * are first collected. */
static void add_objects(int64_t *total, const struct dataframe_array *array)
{
    size_t asked_count = 0;
    PyObject **asked = malloc((array->count + 1) * sizeof *asked);
    for (Py_ssize_t i = 0; asked && i < array->shape[0]; i++) {
        for (Py_ssize_t j = 0; j < array->shape[1]; j++) {
            PyObject *object = *(PyObject *const *)(array->data + i * array->strides[0] +
                                                    j * array->strides[1]);
            int64_t bytes = plain_bytes(object ? object : Py_None);
            if (bytes >= 0)
                add(total, bytes);
            else
                asked[asked_count++] = Py_NewRef(object);
        }
    }
    if (!asked || asked_count)
        add(total, asked ? asked_bytes(asked, asked_count) : -1);
    free(asked);
}

static void add_array(int64_t *total, PyObject *object)
{
    struct dataframe_array array;
    if (!object || !dataframe_array_read(object, &array)) {
        add(total, -1);
        return;
    }
    add(total, (int64_t)array.bytes);
    if (array.objects)
        add_objects(total, &array);
}

static void add_array_field(int64_t *total, PyObject *object, PyObject *name)
{
    DATAFRAME_HELD PyObject *array = dataframe_pandas_read(object, name);
    add_array(total, array);
}

static void add_categorical(int64_t *total, PyObject *values, int depth)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *dtype = dataframe_pandas_read(values, pandas->names.own_dtype);
    DATAFRAME_HELD PyObject *categories =
        dtype ? dataframe_pandas_read(dtype, pandas->names.categories) : NULL;
    add_array_field(total, values, pandas->names.ndarray);
    if (categories && dataframe_pandas_is(categories, pandas->index))
        add_index(total, categories, depth);
    else
        add(total, -1);
}

static void add_arrow(int64_t *total, PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *array = dataframe_pandas_read(values, pandas->names.pa_array);
    add(total, attribute_bytes(array ? array : values, pandas->names.nbytes));
}

static bool holds_objects(PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *dtype = PyObject_GetAttr(values, pandas->names.dtype);
    DATAFRAME_HELD PyObject *kind = dtype ? PyObject_GetAttr(dtype, pandas->names.kind) : NULL;
    PyErr_Clear();
    return kind && kind == (PyObject *)pandas->object_scalar;
}

/* An array that has a memory_usage is asked for it, else for its nbytes; then objects in it are
 * counted apart (a sparse array of them before pandas 3). */
static void add_unknown(int64_t *total, PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (PyObject_HasAttr(values, pandas->names.memory_usage)) {
        add(total, deep_bytes(values, pandas->names.memory_usage));
        return;
    }
    add(total, attribute_bytes(values, pandas->names.nbytes));
    if (!holds_objects(values))
        return;
    DATAFRAME_HELD PyObject *number =
        pandas->objects_size ? PyObject_CallOneArg(pandas->objects_size, values) : NULL;
    add(total, as_bytes(number));
}

static void add_values(int64_t *total, PyObject *values, int depth)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (dataframe_pandas_is(values, pandas->ndarray)) {
        add_array(total, values);
    } else if (dataframe_pandas_is(values, pandas->datetimelike)) {
        add_array_field(total, values, pandas->names.ndarray);
    } else if (dataframe_pandas_is(values, pandas->categorical)) {
        add_categorical(total, values, depth);
    } else if (dataframe_pandas_is(values, pandas->masked)) {
        add_array_field(total, values, pandas->names.data);
        add_array_field(total, values, pandas->names.mask);
    } else if (dataframe_pandas_is(values, pandas->arrow)) {
        add_arrow(total, values);
    } else {
        add_unknown(total, values);
    }
}

/* The hash table that lookups have built, if they have. Where there is no engine yet, pandas counts
 * nothing; before pandas 2 it made one to ask it, which is empty. */
static void add_engine(int64_t *total, PyObject *index)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *cache = dataframe_pandas_read(index, pandas->names.cache);
    PyObject *found = cache && PyDict_Check(cache)
                          ? PyDict_GetItemWithError(cache, pandas->names.engine)
                          : NULL;
    PyErr_Clear();
    DATAFRAME_HELD PyObject *engine = Py_XNewRef(found);
    if (engine)
        add(total, deep_bytes(engine, pandas->names.engine_size));
}

static void add_range(int64_t *total, PyObject *index)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *range = dataframe_pandas_read(index, pandas->names.range);
    if (!range || !PyRange_Check(range)) {
        add(total, -1);
        return;
    }
    add(total, object_bytes(range));
    PyObject *const names[] = {pandas->names.start, pandas->names.stop, pandas->names.step};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        DATAFRAME_HELD PyObject *bound = dataframe_pandas_read(range, names[i]);
        add(total, bound ? object_bytes(bound) : -1);
    }
}

enum part { PART_LEVEL, PART_CODES, PART_NAME };

static void add_list(int64_t *total, PyObject *index, PyObject *name, enum part part, int depth)
{
    DATAFRAME_HELD PyObject *list = dataframe_pandas_read(index, name);
    if (!list || !PyList_Check(list))
        add(total, -1);
    for (Py_ssize_t i = 0; *total >= 0 && i < PyList_GET_SIZE(list); i++) {
        DATAFRAME_HELD PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
        if (part == PART_LEVEL)
            add_index(total, item, depth);
        else if (part == PART_CODES)
            add_array(total, item);
        else
            add(total, object_bytes(item));
    }
}

/* Which function an index's class has for memory_usage says how it is counted. */
static bool counts_as(PyObject *index, PyTypeObject *type)
{
    PyObject *name = dataframe_pandas_get()->names.memory_usage;
    DATAFRAME_HELD PyObject *own = PyObject_GetAttr((PyObject *)Py_TYPE(index), name);
    DATAFRAME_HELD PyObject *known = type ? PyObject_GetAttr((PyObject *)type, name) : NULL;
    PyErr_Clear();
    return own && own == known && dataframe_pandas_is(index, type);
}

static void add_index(int64_t *total, PyObject *index, int depth)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (depth == 0) {
        add(total, -1);
    } else if (counts_as(index, pandas->range_index)) {
        add_range(total, index);
    } else if (counts_as(index, pandas->multi_index)) {
        add_list(total, index, pandas->names.levels, PART_LEVEL, depth - 1);
        add_list(total, index, pandas->names.codes, PART_CODES, depth - 1);
        add_list(total, index, pandas->names.names, PART_NAME, depth - 1);
        add_engine(total, index);
    } else if (counts_as(index, pandas->index)) {
        DATAFRAME_HELD PyObject *labels = dataframe_pandas_read(index, pandas->names.data);
        if (labels)
            add_values(total, labels, depth - 1);
        else
            add(total, -1);
        add_engine(total, index);
    } else {
        add(total, deep_bytes(index, pandas->names.memory_usage));
    }
}

int64_t dataframe_memory_bytes(const struct dataframe_pandas_parts *parts)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    int64_t total = parts->blocks ? 0 : -1;
    if (total < 0)
        return total;
    for (Py_ssize_t i = 0; total >= 0 && i < PyTuple_GET_SIZE(parts->blocks); i++) {
        DATAFRAME_HELD PyObject *values =
            dataframe_pandas_read(PyTuple_GET_ITEM(parts->blocks, i), pandas->names.values);
        if (values)
            add_values(&total, values, DEPTH_MAX);
        else
            total = -1;
    }
    add_index(&total, parts->index, DEPTH_MAX);
    return total;
}
