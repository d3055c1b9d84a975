/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_signature.c: what a frame comes to in one word, by its layout and by its content. */
#include "python/dataframe_signature.h"

#include <stdlib.h>

#include "python/dataframe_array.h"
#include "python/dataframe_leaf.h"
#include "python/dataframe_walk.h"

enum {
    COLUMNS_MAX = 1024 * 1024,              /* frames with more columns get no content word */
    CONTENT_BYTES_MAX = 16 * 1024 * 1024,   /* nor, unless a read may join blocks, bigger ones */
    KINDS_MAX = 32,                         /* dtypes of blocks told apart */
};

/* The dtypes of the blocks that pandas may join: those of two dimensions. */
struct block_kinds {
    uint64_t words[KINDS_MAX];
    size_t count;
    bool repeated;
};

static void kind_add(struct block_kinds *kinds, uint64_t word)
{
    for (size_t i = 0; i < kinds->count; i++)
        kinds->repeated |= kinds->words[i] == word;
    if (kinds->count == KINDS_MAX)
        kinds->repeated = true;
    else
        kinds->words[kinds->count++] = word;
}

/* The array behind a block's values, if they are one of numpy's or wrap one; a new reference. */
static PyObject *block_array(PyObject *values)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (dataframe_pandas_is(values, pandas->ndarray))
        return Py_NewRef(values);
    if (dataframe_pandas_is(values, pandas->backed))
        return dataframe_pandas_read(values, pandas->names.ndarray);
    return NULL;
}

static PyObject *block_place(PyObject *block)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *places = dataframe_pandas_read(block, pandas->names.places);
    return places ? dataframe_pandas_read(places, pandas->names.indexer) : NULL;
}

static bool layout_block(struct dataframe_walk *walk, PyObject *block, struct block_kinds *kinds)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *place = block_place(block);
    DATAFRAME_HELD PyObject *values = dataframe_pandas_read(block, pandas->names.values);
    struct dataframe_array array;
    if (!place || !values)
        return false;
    dataframe_walk_place(walk, place);
    dataframe_walk_values(walk, values);
    DATAFRAME_HELD PyObject *behind = block_array(values);
    if (behind && dataframe_array_read(behind, &array) && array.dimensions == 2)
        kind_add(kinds, dataframe_walk_kind(values, behind));
    return true;
}

bool dataframe_signature_layout_get(const struct dataframe_pandas_parts *parts,
                                    struct dataframe_signature_layout *out)
{
    struct dataframe_walk walk = {0};
    struct block_kinds kinds = {0};
    if (!parts->blocks)
        return false;
    dataframe_walk_index(&walk, parts->columns);
    dataframe_walk_index(&walk, parts->index);
    Py_ssize_t count = PyTuple_GET_SIZE(parts->blocks);
    for (Py_ssize_t i = 0; i < count; i++)
        if (!layout_block(&walk, PyTuple_GET_ITEM(parts->blocks, i), &kinds))
            return false;
    out->word = dataframe_digest_value(&walk.digest);
    out->wants_content = kinds.repeated || walk.bytes <= CONTENT_BYTES_MAX;
    return true;
}

/* A word for each column of one block, put where the block says that they belong. */
static bool content_block(PyObject *block, uint64_t *columns, size_t column_count)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    DATAFRAME_HELD PyObject *place = block_place(block);
    DATAFRAME_HELD PyObject *values = dataframe_pandas_read(block, pandas->names.values);
    DATAFRAME_HELD PyObject *behind = values ? block_array(values) : NULL;
    struct dataframe_array array;
    if (!place || !values)
        return false;
    bool joined = behind && dataframe_array_read(behind, &array) && array.dimensions == 2;
    size_t count = joined ? (size_t)array.shape[0] : 1;
    uint64_t *words = calloc(count ? count : 1, sizeof *words);
    bool fine = words && count <= column_count;
    if (fine && joined) {
        dataframe_leaf_columns(behind, &array, words);
        uint64_t kind = dataframe_walk_kind(values, behind);
        for (size_t i = 0; i < count; i++)
            words[i] = dataframe_digest_fold(kind, words[i]);
    } else if (fine) {
        struct dataframe_walk walk = {.content = true};
        dataframe_walk_values(&walk, values);
        words[0] = dataframe_digest_value(&walk.digest);
    }
    for (size_t i = 0; fine && i < count; i++) {
        Py_ssize_t at = dataframe_walk_place_item(place, i);
        fine = at >= 0 && (size_t)at < column_count;
        if (fine)
            columns[at] = words[i];
    }
    free(words);
    return fine;
}

bool dataframe_signature_content_get(const struct dataframe_pandas_parts *parts,
                                     uint64_t *ret_word)
{
    struct dataframe_walk walk = {.content = true};
    Py_ssize_t column_count = dataframe_pandas_length(parts->columns);
    if (!parts->blocks || column_count < 0 || column_count > COLUMNS_MAX)
        return false;
    uint64_t *columns = calloc((size_t)column_count + 1, sizeof *columns);
    bool fine = columns != NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(parts->blocks);
    for (Py_ssize_t i = 0; fine && i < count; i++)
        fine = content_block(PyTuple_GET_ITEM(parts->blocks, i), columns, (size_t)column_count);
    if (fine) {
        dataframe_walk_index(&walk, parts->columns);
        dataframe_walk_index(&walk, parts->index);
        for (Py_ssize_t i = 0; i < column_count; i++)
            dataframe_digest_add(&walk.digest, columns[i]);
        *ret_word = dataframe_digest_value(&walk.digest);
    }
    free(columns);
    return fine;
}
