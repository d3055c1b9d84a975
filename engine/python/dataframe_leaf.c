/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_leaf.c: versions of big arrays, of constants and of dtypes. */
#include "python/dataframe_leaf.h"

#include <stdlib.h>
#include <string.h>

#include "python/dataframe_arrow.h"
#include "python/dataframe_digest.h"
#include "python/dataframe_identity.h"
#include "python/dataframe_pandas.h"

enum {
    LEAVES_MAX = 4096,    /* arrays beyond are read at every execution */
    CONSTANTS_MAX = 8192, /* objects beyond count by their address alone */
    COLUMNS_MAX = 65536,  /* rows of an array whose digests are remembered */
};

struct leaf {
    struct dataframe_identity identity;
    struct dataframe_content content;
    uint64_t version;  /* 0: new */
    uint64_t examined; /* the round of the last examination */
    uint64_t *columns; /* digests of the rows for this version, or NULL */
};

struct constant {
    struct dataframe_identity identity;
    uint64_t word;
};

static void leaf_dispose(struct dataframe_identity *record)
{
    struct leaf *leaf = (struct leaf *)record;
    dataframe_content_free(&leaf->content);
    free(leaf->columns);
}

static struct dataframe_identities leaves = {
    .record_bytes = sizeof(struct leaf), .limit = LEAVES_MAX, .dispose = leaf_dispose};
static struct dataframe_identities constants = {
    .record_bytes = sizeof(struct constant), .limit = CONSTANTS_MAX};
static struct dataframe_identities dtypes = {
    .record_bytes = sizeof(struct constant), .limit = CONSTANTS_MAX};
static uint64_t last_version, round_number;

void dataframe_leaf_begin(void)
{
    round_number++;
    dataframe_content_begin();
}

void dataframe_leaf_end(void)
{
    dataframe_identity_expire(&leaves);
    dataframe_identity_expire(&constants);
    dataframe_identity_expire(&dtypes);
    dataframe_arrow_end();
    dataframe_content_end();
}

uint64_t dataframe_leaf_new_version(void)
{
    return ++last_version;
}

static void renew(struct leaf *leaf)
{
    free(leaf->columns);
    leaf->columns = NULL;
    leaf->version = dataframe_leaf_new_version();
}

static bool same_place(const struct dataframe_array *a, const struct dataframe_array *b)
{
    return a->data == b->data && a->item_bytes == b->item_bytes && a->objects == b->objects &&
           a->dimensions == b->dimensions && a->contiguous == b->contiguous &&
           !memcmp(a->shape, b->shape, sizeof a->shape) &&
           !memcmp(a->strides, b->strides, sizeof a->strides);
}

/* The array's leaf, examined in this round; NULL if it cannot be remembered. */
static struct leaf *examine(PyObject *object, const struct dataframe_array *array)
{
    struct leaf *leaf = dataframe_identity_find(&leaves, object);
    if (!leaf)
        leaf = dataframe_identity_add(&leaves, object);
    if (!leaf)
        return NULL;
    bool known = leaf->version && same_place(&leaf->content.array, array);
    if (known && leaf->examined == round_number)
        return leaf;
    leaf->examined = round_number;
    if (known) {
        if (dataframe_content_changed(&leaf->content))
            renew(leaf);
        return leaf;
    }
    dataframe_content_free(&leaf->content);
    renew(leaf);
    if (dataframe_content_start(&leaf->content, array))
        return leaf;
    leaf->version = 0;
    return NULL;
}

uint64_t dataframe_leaf_version(PyObject *object, const struct dataframe_array *array)
{
    struct leaf *leaf = examine(object, array);
    return leaf ? leaf->version : 0;
}

/* Of one row in one piece of memory the digests are there already. */
static void fill_columns(struct leaf *leaf, size_t rows)
{
    const struct dataframe_content *content = &leaf->content;
    leaf->columns = calloc(rows, sizeof *leaf->columns);
    if (!leaf->columns)
        return;
    if (rows > 1 || !content->array.contiguous) {
        dataframe_array_columns(&content->array, leaf->columns);
        return;
    }
    for (size_t i = 0; i < content->piece_count; i++)
        *leaf->columns = dataframe_digest_fold(*leaf->columns, content->pieces[i]);
}

void dataframe_leaf_columns(PyObject *object, const struct dataframe_array *array,
                            uint64_t *ret_columns)
{
    size_t rows = array->dimensions == 1 ? 1 : (size_t)array->shape[0];
    struct leaf *leaf =
        array->bytes >= DATAFRAME_LEAF_BYTES && rows <= COLUMNS_MAX ? examine(object, array) : NULL;
    if (leaf && !leaf->columns)
        fill_columns(leaf, rows);
    if (leaf && leaf->columns)
        memcpy(ret_columns, leaf->columns, rows * sizeof *ret_columns);
    else
        dataframe_array_columns(array, ret_columns);
}

uint64_t dataframe_leaf_constant(PyObject *object)
{
    struct constant *constant = dataframe_identity_find(&constants, object);
    if (!constant && (constant = dataframe_identity_add(&constants, object)))
        constant->word = dataframe_leaf_new_version();
    return constant ? constant->word : (uint64_t)(uintptr_t)object;
}

uint64_t dataframe_leaf_dtype(PyObject *dtype)
{
    struct constant *known = dataframe_identity_find(&dtypes, dtype);
    if (known)
        return known->word;
    DATAFRAME_HELD PyObject *text = PyObject_Str(dtype);
    Py_hash_t hash = text ? PyObject_Hash(text) : -1;
    PyErr_Clear();
    uint64_t word = dataframe_digest_fold((uint64_t)hash, (uintptr_t)Py_TYPE(dtype));
    known = dataframe_identity_add(&dtypes, dtype);
    if (known)
        known->word = word;
    return word;
}
