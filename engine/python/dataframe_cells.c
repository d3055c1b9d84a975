/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_cells.c: one word for what a Python object in a cell holds.
 *
 * Nothing here may run user code: the caller is walking an array's memory, which user code could
 * free under it. So only types whose slots are known to be C are asked for a hash. */
#include "python/dataframe_cells.h"

#include <datetime.h>
#include <string.h>

#include "python/dataframe_array.h"
#include "python/dataframe_digest.h"
#include "python/dataframe_pandas.h"

/* Bounds of one cell that holds a container: beyond them its parts count by identity. */
enum { DEPTH_MAX = 4, PARTS_MAX = 10000, ARRAY_BYTES_MAX = 1024 * 1024 };

/* Keeps a number, a hash and an address of equal value apart. */
#define TAG_STRING UINT64_C(0x8f3b1d6c52e7a941)
#define TAG_INTEGER UINT64_C(0x3c9e5a70f184d62b)
#define TAG_FLOAT UINT64_C(0xd1674e0b9a3c8f25)
#define TAG_HASH UINT64_C(0x6ab0f7d2381e4c59)
#define TAG_IDENTITY UINT64_C(0xf52c8e1947d06ba3)

struct cell_walk {
    bool *mutable;
    int parts_left;
    int depth;
};

static uint64_t word_of(PyObject *cell, struct cell_walk *walk);

void dataframe_cells_prepare(void)
{
    PyDateTime_IMPORT;
    PyErr_Clear();
}

static uint64_t identity(const PyObject *cell)
{
    return (uint64_t)(uintptr_t)cell ^ TAG_IDENTITY;
}

static uint64_t by_hash(PyObject *cell, uint64_t tag)
{
    Py_hash_t hash = PyObject_Hash(cell);
    if (hash != -1)
        return (uint64_t)hash ^ tag;
    PyErr_Clear(); /* a signalling NaN */
    return identity(cell);
}

static uint64_t of_integer(PyObject *cell)
{
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(cell, &overflow);
    return overflow ? by_hash(cell, TAG_HASH) : (uint64_t)value ^ TAG_INTEGER;
}

static uint64_t of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ TAG_FLOAT;
}

/* What a subclass of datetime's types adds: pandas' own their full time, read by the slot of the C
 * class that user code cannot replace; of others only identity is known. */
static uint64_t of_subclass(PyObject *cell)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    PyObject *descriptor = NULL;
    if (pandas && dataframe_pandas_is(cell, pandas->timestamp))
        descriptor = pandas->timestamp_value;
    else if (pandas && dataframe_pandas_is(cell, pandas->timedelta))
        descriptor = pandas->timedelta_value;
    DATAFRAME_HELD PyObject *value =
        descriptor ? Py_TYPE(descriptor)->tp_descr_get(descriptor, cell, (PyObject *)Py_TYPE(cell))
                   : NULL;
    PyErr_Clear();
    return value && PyLong_CheckExact(value) ? of_integer(value) : identity(cell);
}

/* The fields as datetime.h declares them, not through its hash, which may ask a user's tzinfo. */
static bool of_time(PyObject *cell, uint64_t *out)
{
    struct dataframe_digest digest = {0};
    if (!PyDateTimeAPI)
        return false;
    if (PyDateTime_Check(cell)) {
        const PyDateTime_DateTime *time = (PyDateTime_DateTime *)cell;
        dataframe_digest_add(&digest, dataframe_digest_bytes(time->data, sizeof time->data));
        dataframe_digest_add(&digest, time->hastzinfo ? (uintptr_t)time->tzinfo : time->fold);
    } else if (PyDate_Check(cell)) {
        const PyDateTime_Date *date = (PyDateTime_Date *)cell;
        dataframe_digest_add(&digest, dataframe_digest_bytes(date->data, sizeof date->data));
    } else if (PyTime_Check(cell)) {
        const PyDateTime_Time *time = (PyDateTime_Time *)cell;
        dataframe_digest_add(&digest, dataframe_digest_bytes(time->data, sizeof time->data));
        dataframe_digest_add(&digest, time->hastzinfo ? (uintptr_t)time->tzinfo : time->fold);
    } else if (PyDelta_Check(cell)) {
        const PyDateTime_Delta *delta = (PyDateTime_Delta *)cell;
        dataframe_digest_add(&digest, (uint64_t)delta->days);
        dataframe_digest_add(&digest, (uint64_t)delta->seconds);
        dataframe_digest_add(&digest, (uint64_t)delta->microseconds);
    } else {
        return false;
    }
    PyTypeObject *type = Py_TYPE(cell);
    bool exact = type == PyDateTimeAPI->DateTimeType || type == PyDateTimeAPI->DateType ||
                 type == PyDateTimeAPI->TimeType || type == PyDateTimeAPI->DeltaType;
    dataframe_digest_add(&digest, (uintptr_t)type);
    dataframe_digest_add(&digest, exact ? 0 : of_subclass(cell));
    *out = dataframe_digest_value(&digest);
    return true;
}

/* numpy's own scalar types are static and hash in C; a record's fields may be anything. */
static bool of_scalar(PyObject *cell, uint64_t *out)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    PyTypeObject *type = Py_TYPE(cell);
    if (!pandas)
        return false;
    bool scalar = !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) && type->tp_as_sequence == NULL &&
                  dataframe_pandas_is(cell, pandas->scalar);
    bool decimal = type == pandas->decimal && type->tp_hash == pandas->decimal_hash;
    if (scalar || decimal)
        *out = by_hash(cell, TAG_HASH ^ (uintptr_t)type);
    return scalar || decimal;
}

static uint64_t of_sequence(PyObject *const *items, Py_ssize_t count, struct cell_walk *walk)
{
    uint64_t state = (uint64_t)count;
    for (Py_ssize_t i = 0; i < count && walk->parts_left > 0; i++)
        state = dataframe_digest_fold(state, word_of(items[i], walk));
    return state;
}

static uint64_t of_dict(PyObject *cell, struct cell_walk *walk)
{
    uint64_t state = (uint64_t)PyDict_GET_SIZE(cell);
    PyObject *key, *value;
    for (Py_ssize_t at = 0; walk->parts_left > 0 && PyDict_Next(cell, &at, &key, &value);) {
        state = dataframe_digest_fold(state, word_of(key, walk));
        state = dataframe_digest_fold(state, word_of(value, walk));
    }
    return state;
}

/* Equal sets may come in different orders. */
static uint64_t of_set(PyObject *cell, struct cell_walk *walk)
{
    DATAFRAME_HELD PyObject *iterator = PyObject_GetIter(cell);
    uint64_t sum = (uint64_t)PySet_GET_SIZE(cell);
    while (iterator && walk->parts_left > 0) {
        DATAFRAME_HELD PyObject *item = PyIter_Next(iterator);
        if (!item)
            break;
        sum += dataframe_digest_fold(0, word_of(item, walk));
    }
    PyErr_Clear();
    return sum;
}

static uint64_t of_array(PyObject *cell, struct cell_walk *walk)
{
    struct dataframe_array array;
    if (!dataframe_array_read(cell, &array) || array.bytes > ARRAY_BYTES_MAX ||
        (array.objects && !array.contiguous))
        return identity(cell);
    uint64_t state = dataframe_digest_fold(dataframe_array_dtype(cell), (uint64_t)array.shape[0]);
    state = dataframe_digest_fold(state, (uint64_t)array.shape[1]);
    if (array.objects)
        return state ^ of_sequence((PyObject *const *)array.data, (Py_ssize_t)array.count, walk);
    return state ^ dataframe_array_digest(&array, walk->mutable);
}

static bool of_container(PyObject *cell, struct cell_walk *walk, uint64_t *out)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    PyTypeObject *type = Py_TYPE(cell);
    bool fixed = type == &PyTuple_Type || type == &PyFrozenSet_Type;
    bool array = pandas && type == pandas->ndarray;
    if (!fixed && !array && type != &PyList_Type && type != &PyDict_Type && type != &PySet_Type &&
        type != &PyByteArray_Type)
        return false;
    *out = identity(cell);
    if (walk->depth == 0 || walk->parts_left <= 0)
        return true;
    *walk->mutable |= !fixed;
    walk->depth--;
    if (type == &PyTuple_Type)
        *out = of_sequence(((PyTupleObject *)cell)->ob_item, PyTuple_GET_SIZE(cell), walk);
    else if (type == &PyList_Type)
        *out = of_sequence(((PyListObject *)cell)->ob_item, PyList_GET_SIZE(cell), walk);
    else if (type == &PyDict_Type)
        *out = of_dict(cell, walk);
    else if (array)
        *out = of_array(cell, walk);
    else if (type == &PyByteArray_Type)
        *out = dataframe_digest_bytes(PyByteArray_AS_STRING(cell),
                                      (size_t)PyByteArray_GET_SIZE(cell));
    else
        *out = of_set(cell, walk);
    walk->depth++;
    *out = dataframe_digest_fold(*out, (uintptr_t)type);
    return true;
}

static uint64_t word_of(PyObject *cell, struct cell_walk *walk)
{
    uint64_t word;
    walk->parts_left--;
    if (!cell)
        return identity(Py_None);
    if (PyUnicode_CheckExact(cell))
        return by_hash(cell, TAG_STRING);
    if (PyFloat_CheckExact(cell))
        return of_double(PyFloat_AS_DOUBLE(cell));
    if (PyLong_CheckExact(cell))
        return of_integer(cell);
    if (cell == Py_None || PyBool_Check(cell))
        return identity(cell);
    if (PyBytes_CheckExact(cell) || PyComplex_CheckExact(cell))
        return by_hash(cell, TAG_HASH ^ (uintptr_t)Py_TYPE(cell));
    if (of_time(cell, &word) || of_scalar(cell, &word) || of_container(cell, walk, &word))
        return word;
    return identity(cell);
}

uint64_t dataframe_cells_word(PyObject *cell, bool *mutable)
{
    struct cell_walk walk = {.mutable = mutable, .parts_left = PARTS_MAX, .depth = DEPTH_MAX};
    return word_of(cell, &walk);
}
