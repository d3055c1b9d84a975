/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_pandas.h: the types and attributes of pandas and numpy that frames are made of, and how
 * to read them past what user code may have put in front of them. GIL held throughout. */
#ifndef CLUTCH_PYTHON_DATAFRAME_PANDAS_H
#define CLUTCH_PYTHON_DATAFRAME_PANDAS_H

#include <Python.h>

#include <stdbool.h>

/* Field, module, name in it, and whether frames can be examined without it. */
#define DATAFRAME_PANDAS_TYPES(TYPE)                                                       \
    TYPE(frame, "pandas.core.frame", "DataFrame", true)                                    \
    TYPE(manager, "pandas.core.internals.managers", "BlockManager", true)                  \
    TYPE(index, "pandas.core.indexes.base", "Index", true)                                 \
    TYPE(ndarray, "numpy", "ndarray", true)                                                \
    TYPE(dtype, "numpy", "dtype", true)                                                    \
    TYPE(scalar, "numpy", "generic", false)                                                \
    TYPE(object_scalar, "numpy", "object_", false)                                         \
    TYPE(range_index, "pandas.core.indexes.range", "RangeIndex", false)                    \
    TYPE(multi_index, "pandas.core.indexes.multi", "MultiIndex", false)                    \
    TYPE(interval_index, "pandas.core.indexes.interval", "IntervalIndex", false)           \
    TYPE(backed, "pandas._libs.arrays", "NDArrayBacked", false)                            \
    TYPE(categorical, "pandas.core.arrays.categorical", "Categorical", false)              \
    TYPE(datetimelike, "pandas.core.arrays.datetimelike", "DatetimeLikeArrayMixin", false) \
    TYPE(masked, "pandas.core.arrays.masked", "BaseMaskedArray", false)                    \
    TYPE(arrow, "pandas.core.arrays.arrow.array", "ArrowExtensionArray", false)            \
    TYPE(interval, "pandas.core.arrays.interval", "IntervalArray", false)                  \
    TYPE(sparse, "pandas.core.arrays.sparse.array", "SparseArray", false)                  \
    TYPE(chunked, "pyarrow.lib", "ChunkedArray", false)                                    \
    TYPE(timestamp, "pandas._libs.tslibs.timestamps", "_Timestamp", false)                 \
    TYPE(timedelta, "pandas._libs.tslibs.timedeltas", "_Timedelta", false)                 \
    TYPE(decimal, "decimal", "Decimal", false)

/* Field and attribute name, interned once. */
#define DATAFRAME_PANDAS_NAMES(NAME)                                                           \
    NAME(mgr, "_mgr") NAME(axes, "axes") NAME(blocks, "blocks") NAME(values, "values")         \
    NAME(places, "_mgr_locs") NAME(indexer, "indexer") NAME(data, "_data") NAME(name, "_name") \
    NAME(freq, "_freq") NAME(freqstr, "freqstr") NAME(cache, "_cache") NAME(engine, "_engine") \
    NAME(range, "_range") NAME(start, "start") NAME(stop, "stop") NAME(step, "step")           \
    NAME(levels, "_levels") NAME(codes, "_codes") NAME(names, "_names")                        \
    NAME(ndarray, "_ndarray") NAME(own_dtype, "_dtype") NAME(mask, "_mask")                    \
    NAME(pa_array, "_pa_array") NAME(left, "_left") NAME(right, "_right")                      \
    NAME(sparse_values, "_sparse_values") NAME(sparse_index, "_sparse_index")                  \
    NAME(indices, "indices") NAME(blocs, "blocs") NAME(blengths, "blengths")                   \
    NAME(categories, "_categories") NAME(ordered, "_ordered")                                  \
    NAME(memory_usage, "memory_usage") NAME(nbytes, "nbytes") NAME(deep, "deep")               \
    NAME(engine_size, "sizeof") NAME(kind, "type") NAME(array_struct, "__array_struct__")      \
    NAME(dtype, "dtype") NAME(arrow_stream, "__arrow_c_stream__") NAME(own_value, "_value")    \
    NAME(value, "value")

struct dataframe_pandas {
#define TYPE(field, module, name, needed) PyTypeObject *field;
    DATAFRAME_PANDAS_TYPES(TYPE)
#undef TYPE
#define NAME(field, name) PyObject *field;
    struct {
        DATAFRAME_PANDAS_NAMES(NAME)
    } names;
#undef NAME
    PyObject *objects_size; /* pandas._libs.lib.memory_usage_of_objects */
    PyObject *array_empty;  /* numpy.empty */
    PyObject *arrow_buffer; /* pyarrow.lib.allocate_buffer; NULL without pyarrow */
    PyObject *array_struct; /* numpy.ndarray's own descriptors, past its subclasses' */
    PyObject *array_dtype;
    PyObject *timestamp_value; /* the same of Timestamp and Timedelta: all of their time */
    PyObject *timedelta_value;
    hashfunc decimal_hash;
};

/* What is known of pandas, or NULL as long as it is not imported. Looks in sys.modules until it has
 * found it, and never again: replacing modules later changes nothing. */
const struct dataframe_pandas *dataframe_pandas_get(void);

/* Holds a reference until the variable goes out of scope. */
#define DATAFRAME_HELD __attribute__((cleanup(dataframe_pandas_release)))

static inline void dataframe_pandas_release(PyObject **held)
{
    Py_CLEAR(*held);
}

static inline bool dataframe_pandas_is(PyObject *object, PyTypeObject *type)
{
    return type && PyType_IsSubtype(Py_TYPE(object), type);
}

/* A new reference to an attribute, past __getattribute__ and __getattr__; NULL, and no exception
 * set, if there is none. A property of a user's class may still run. */
PyObject *dataframe_pandas_read(PyObject *object, PyObject *name);

/* The same from the instance's own dict alone: no code of the object's class runs. */
PyObject *dataframe_pandas_read_own(PyObject *object, PyObject *name);

/* What a frame is made of; references are held. */
struct dataframe_pandas_parts {
    PyObject *blocks;  /* a tuple; NULL if the frame's inside is not as pandas makes it */
    PyObject *columns; /* an Index */
    PyObject *index;   /* an Index */
};

/* False, with nothing held, if not even the axes can be found. */
bool dataframe_pandas_parts_get(PyObject *frame, struct dataframe_pandas_parts *out);
void dataframe_pandas_parts_release(struct dataframe_pandas_parts *parts);

/* Number of labels of an axis; -1, and no exception set, if it cannot be told. */
Py_ssize_t dataframe_pandas_length(PyObject *axis);

#endif
