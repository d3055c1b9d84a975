/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_array.c: numpy arrays seen as memory, and digests of what is in it. */
#include "python/dataframe_array.h"

#include <string.h>

#include "python/dataframe_cells.h"
#include "python/dataframe_digest.h"
#include "python/dataframe_pandas.h"

/* numpy's PyArrayInterface, from its documentation ("The array interface protocol"). */
struct interface {
    int two; /* a sanity check: 2 */
    int dimensions;
    char kind;
    int item_bytes;
    int flags;
    Py_ssize_t *shape;
    Py_ssize_t *strides;
    void *data;
    PyObject *description;
};

enum { FLAG_C_CONTIGUOUS = 0x1, FLAG_F_CONTIGUOUS = 0x2, FLAG_ALIGNED = 0x100 };

static bool interface_read(const struct interface *from, struct dataframe_array *out)
{
    if (from->two != 2 || from->dimensions > 2 || from->dimensions < 0 || from->item_bytes < 0)
        return false;
    *out = (struct dataframe_array){
        .data = from->data,
        .item_bytes = from->item_bytes,
        .shape = {1, 1},
        .strides = {from->item_bytes, from->item_bytes},
        .dimensions = from->dimensions == 2 ? 2 : 1,
        .objects = from->kind == 'O',
        .contiguous = (from->flags & (FLAG_C_CONTIGUOUS | FLAG_F_CONTIGUOUS)) != 0,
    };
    for (int i = 0; i < from->dimensions; i++) {
        out->shape[i] = from->shape[i];
        out->strides[i] = from->strides[i];
    }
    out->count = (size_t)out->shape[0] * (size_t)out->shape[1];
    out->bytes = out->count * (size_t)out->item_bytes;
    /* Pointers that do not lie at pointers' addresses are only looked at as bytes. */
    if (out->objects && (!(from->flags & FLAG_ALIGNED) || out->item_bytes != sizeof(PyObject *)))
        out->objects = false;
    return true;
}

bool dataframe_array_read(PyObject *object, struct dataframe_array *out)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (!pandas || !dataframe_pandas_is(object, pandas->ndarray))
        return false;
    PyObject *descriptor = pandas->array_struct;
    DATAFRAME_HELD PyObject *capsule = Py_TYPE(descriptor)->tp_descr_get(
        descriptor, object, (PyObject *)Py_TYPE(object));
    const struct interface *interface =
        capsule && PyCapsule_CheckExact(capsule) ? PyCapsule_GetPointer(capsule, NULL) : NULL;
    bool read = interface && interface_read(interface, out);
    PyErr_Clear();
    return read;
}

uint64_t dataframe_array_dtype(PyObject *object)
{
    PyObject *descriptor = dataframe_pandas_get()->array_dtype;
    DATAFRAME_HELD PyObject *dtype = Py_TYPE(descriptor)->tp_descr_get(
        descriptor, object, (PyObject *)Py_TYPE(object));
    Py_hash_t hash = dtype ? PyObject_Hash(dtype) : -1;
    PyErr_Clear();
    return (uint64_t)hash;
}

size_t dataframe_array_span(const struct dataframe_array *array, const char **ret_start)
{
    const char *low = array->data, *high = array->data + array->item_bytes;
    *ret_start = low;
    if (array->count == 0)
        return 0;
    for (int i = 0; i < 2; i++) {
        Py_ssize_t reach = (array->shape[i] - 1) * array->strides[i];
        *(reach < 0 ? &low : &high) += reach;
    }
    *ret_start = low;
    return (size_t)(high - low);
}

/* Elements of a piece: as many as fit, at least one. */
static size_t piece_items(const struct dataframe_array *array)
{
    size_t item_bytes = array->item_bytes > 0 ? (size_t)array->item_bytes : 1;
    size_t items = DATAFRAME_ARRAY_PIECE_BYTES / item_bytes;
    return items ? items : 1;
}

/* With the sizes known at compile time each case becomes a plain loop of loads and stores. */
static void gather(char *to, const char *from, Py_ssize_t step, size_t items, size_t item_bytes)
{
#define GATHER(size)                                                            \
    case size:                                                                  \
        for (size_t i = 0; i < items; i++, to += size, from += step)            \
            memcpy(to, from, size);                                             \
        return
    switch (item_bytes) {
        GATHER(1);
        GATHER(2);
        GATHER(4);
        GATHER(8);
        GATHER(16);
    default:
        for (size_t i = 0; i < items; i++, to += item_bytes, from += step)
            memcpy(to, from, item_bytes);
    }
#undef GATHER
}

/* The digest of up to one piece of elements that lie step bytes apart. */
static uint64_t digest_items(const struct dataframe_array *array, const char *data,
                             Py_ssize_t step, size_t items, bool *mutable)
{
    size_t item_bytes = (size_t)array->item_bytes;
    if (array->objects) {
        uint64_t words[DATAFRAME_ARRAY_PIECE_BYTES / sizeof(uint64_t)];
        for (size_t i = 0; i < items; i++)
            words[i] = dataframe_cells_word(*(PyObject *const *)(data + (Py_ssize_t)i * step),
                                            mutable);
        return dataframe_digest_bytes(words, items * sizeof *words);
    }
    if (items == 1 || step == array->item_bytes)
        return dataframe_digest_bytes(data, items * item_bytes);
    char gathered[DATAFRAME_ARRAY_PIECE_BYTES];
    gather(gathered, data, step, items, item_bytes);
    return dataframe_digest_bytes(gathered, items * item_bytes);
}

static uint64_t digest_line(const struct dataframe_array *array, const char *data,
                            Py_ssize_t step, size_t count, bool *mutable)
{
    size_t items = piece_items(array);
    uint64_t state = 0;
    for (size_t done = 0; done < count; done += items) {
        size_t now = count - done < items ? count - done : items;
        state = dataframe_digest_fold(
            state, digest_items(array, data + (Py_ssize_t)done * step, step, now, mutable));
    }
    return state;
}

size_t dataframe_array_piece_count(const struct dataframe_array *array)
{
    size_t items = piece_items(array);
    return array->count / items + (array->count % items != 0);
}

size_t dataframe_array_piece_bytes(const struct dataframe_array *array)
{
    return piece_items(array) * (size_t)array->item_bytes;
}

uint64_t dataframe_array_piece(const struct dataframe_array *array, size_t piece, bool *mutable)
{
    size_t items = piece_items(array), first = piece * items;
    size_t now = array->count - first < items ? array->count - first : items;
    const char *start = array->data + first * (size_t)array->item_bytes;
    return digest_items(array, start, array->item_bytes, now, mutable);
}

uint64_t dataframe_array_digest(const struct dataframe_array *array, bool *mutable)
{
    if (array->contiguous)
        return digest_line(array, array->data, array->item_bytes, array->count, mutable);
    /* Along the shorter steps, so that memory is read about once. */
    Py_ssize_t outer_step = array->strides[0], inner_step = array->strides[1];
    bool turned = array->dimensions == 1 || llabs(inner_step) > llabs(outer_step);
    const Py_ssize_t *strides = array->strides, *shape = array->shape;
    uint64_t state = 0;
    for (Py_ssize_t i = 0; i < shape[turned]; i++)
        state = dataframe_digest_fold(
            state, digest_line(array, array->data + i * strides[turned], strides[!turned],
                               (size_t)shape[!turned], mutable));
    return state;
}

/* Piece by piece through all rows: where the rows are interwoven, one stretch of memory is then
 * read for all of them while it is in the cache. */
void dataframe_array_columns(const struct dataframe_array *array, uint64_t *ret_columns)
{
    bool line = array->dimensions == 1, mutable = false;
    size_t rows = line ? 1 : (size_t)array->shape[0];
    size_t count = (size_t)array->shape[line ? 0 : 1], items = piece_items(array);
    Py_ssize_t step = array->strides[line ? 0 : 1], row_step = line ? 0 : array->strides[0];
    memset(ret_columns, 0, rows * sizeof *ret_columns);
    for (size_t done = 0; done < count; done += items) {
        size_t now = count - done < items ? count - done : items;
        const char *start = array->data + (Py_ssize_t)done * step;
        for (size_t row = 0; row < rows; row++) {
            uint64_t digest =
                digest_items(array, start + (Py_ssize_t)row * row_step, step, now, &mutable);
            ret_columns[row] = dataframe_digest_fold(ret_columns[row], digest);
        }
    }
}
