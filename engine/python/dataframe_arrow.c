/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_arrow.c: versions and digests of Arrow arrays, through Arrow's C stream interface. */
#include "python/dataframe_arrow.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "python/dataframe_array.h"
#include "python/dataframe_content.h"
#include "python/dataframe_digest.h"
#include "python/dataframe_identity.h"
#include "python/dataframe_leaf.h"
#include "python/dataframe_pandas.h"

enum {
    ARROWS_MAX = 8192,  /* arrays beyond count by their address alone */
    SHARED_MAX = 256,   /* chunks of one whose memory is looked at */
    PROBE_BYTES = 256 * 1024,
    CONTENT_BYTES_MAX = 16 * 1024 * 1024, /* what is bigger is told apart by its version alone */
};

#define NULL_WORD UINT64_C(0x9d3b6f0c82e1a574) /* unlike numbers that there are many of */

/* The structs of Arrow's C data and C stream interfaces, which are fixed by their specification. */
struct schema {
    const char *format, *name, *metadata;
    int64_t flags, child_count;
    struct schema **children, *dictionary;
    void (*release)(struct schema *);
    void *private_data;
};

struct chunk {
    int64_t length, null_count, offset, buffer_count, child_count;
    const void **buffers;
    struct chunk **children, *dictionary;
    void (*release)(struct chunk *);
    void *private_data;
};

struct stream {
    int (*get_schema)(struct stream *, struct schema *);
    int (*get_next)(struct stream *, struct chunk *);
    const char *(*get_last_error)(struct stream *);
    void (*release)(struct stream *);
    void *private_data;
};

/* What the elements are: numbers of a width, bits, or text with offsets of a width. */
struct layout {
    enum { OTHER, NUMBERS, BITS, TEXT } kind;
    size_t width;
};

struct arrow {
    struct dataframe_identity identity;
    uint64_t version;  /* 0: new */
    uint64_t content;  /* digest of the elements; 0: not known */
    uint64_t examined; /* the identities' round */
    size_t bytes;
    size_t shared_count;
    struct dataframe_content *shared; /* memory that others may write to */
};

static void arrow_dispose(struct dataframe_identity *record)
{
    struct arrow *arrow = (struct arrow *)record;
    for (size_t i = 0; i < arrow->shared_count; i++)
        dataframe_content_free(&arrow->shared[i]);
    free(arrow->shared);
}

static struct dataframe_identities arrows = {
    .record_bytes = sizeof(struct arrow), .limit = ARROWS_MAX, .dispose = arrow_dispose};

void dataframe_arrow_end(void)
{
    dataframe_identity_expire(&arrows);
}

/* The format strings of the specification. */
static struct layout layout_of(const char *format)
{
    static const struct {
        const char *first;
        struct layout layout;
    } known[] = {
        {"b", {BITS, 0}},    {"c", {NUMBERS, 1}},   {"C", {NUMBERS, 1}},   {"s", {NUMBERS, 2}},
        {"S", {NUMBERS, 2}}, {"e", {NUMBERS, 2}},   {"i", {NUMBERS, 4}},   {"I", {NUMBERS, 4}},
        {"f", {NUMBERS, 4}}, {"l", {NUMBERS, 8}},   {"L", {NUMBERS, 8}},   {"g", {NUMBERS, 8}},
        {"u", {TEXT, 4}},    {"z", {TEXT, 4}},      {"U", {TEXT, 8}},      {"Z", {TEXT, 8}},
        {"tdD", {NUMBERS, 4}}, {"tdm", {NUMBERS, 8}}, {"tts", {NUMBERS, 4}}, {"ttm", {NUMBERS, 4}},
        {"ttu", {NUMBERS, 8}}, {"ttn", {NUMBERS, 8}}, {"tDs", {NUMBERS, 8}}, {"tDm", {NUMBERS, 8}},
        {"tDu", {NUMBERS, 8}}, {"tDn", {NUMBERS, 8}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(format, known[i].first))
            return known[i].layout;
    if (!strncmp(format, "ts", 2) && strlen(format) >= 4) /* unit, colon, time zone */
        return (struct layout){NUMBERS, 8};
    return (struct layout){OTHER, 0};
}

static struct dataframe_array memory(const void *data, size_t item_bytes, size_t count)
{
    return (struct dataframe_array){
        .data = data,
        .item_bytes = (Py_ssize_t)item_bytes,
        .shape = {(Py_ssize_t)count, 1},
        .strides = {(Py_ssize_t)item_bytes, (Py_ssize_t)item_bytes},
        .dimensions = 1,
        .contiguous = true,
        .count = count,
        .bytes = item_bytes * count,
    };
}

static uint64_t number_at(const void *numbers, size_t width, int64_t at)
{
    uint64_t number = 0;
    memcpy(&number, (const char *)numbers + (size_t)at * width, width);
    return number;
}

static bool bit_at(const void *bits, int64_t at)
{
    return ((const uint8_t *)bits)[at / 8] >> (at % 8) & 1;
}

/* Bytes that the text from one element to another takes; *ret_first is where it starts. */
static size_t text_bytes(const struct chunk *chunk, size_t width, int64_t from, int64_t to,
                         const char **ret_first)
{
    uint64_t first = number_at(chunk->buffers[1], width, from);
    *ret_first = (const char *)chunk->buffers[2] + first;
    return number_at(chunk->buffers[1], width, to) - first;
}

/* A word for one element; under a null there may be anything. */
static uint64_t element_word(const struct chunk *chunk, struct layout layout, int64_t at)
{
    const char *text;
    if (chunk->null_count != 0 && chunk->buffers[0] && !bit_at(chunk->buffers[0], at))
        return NULL_WORD;
    if (layout.kind == BITS)
        return bit_at(chunk->buffers[1], at);
    if (layout.kind == NUMBERS)
        return number_at(chunk->buffers[1], layout.width, at);
    size_t length = text_bytes(chunk, layout.width, at, at + 1, &text);
    return dataframe_digest_bytes(text, length);
}

static size_t chunk_bytes(const struct chunk *chunk, struct layout layout)
{
    const char *text;
    if (chunk->length == 0 || layout.kind == BITS)
        return (size_t)chunk->length / 8;
    size_t bytes = (size_t)chunk->length * layout.width;
    if (layout.kind == TEXT)
        bytes += text_bytes(chunk, layout.width, chunk->offset, chunk->offset + chunk->length,
                            &text);
    return bytes;
}

/* The interface aborts the process when Arrow has no memory for its few hundred bytes. What it gave
 * just now it will give again. */
static bool has_memory(const struct dataframe_pandas *pandas)
{
    DATAFRAME_HELD PyObject *buffer =
        pandas->arrow_buffer ? PyObject_CallFunction(pandas->arrow_buffer, "i", PROBE_BYTES) : NULL;
    PyErr_Clear();
    return buffer != NULL;
}

/* Calls each for every chunk. False if the array cannot be read so, or each says to stop. */
static bool for_each_chunk(PyObject *array, bool (*each)(void *, const struct chunk *,
                                                         struct layout), void *user)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    if (!pandas->chunked || Py_TYPE(array) != pandas->chunked || !has_memory(pandas))
        return false;
    DATAFRAME_HELD PyObject *capsule =
        PyObject_CallMethodNoArgs(array, pandas->names.arrow_stream);
    struct stream *stream =
        capsule && PyCapsule_CheckExact(capsule)
            ? PyCapsule_GetPointer(capsule, "arrow_array_stream")
            : NULL;
    struct schema schema = {0};
    PyErr_Clear();
    if (!stream || !stream->release || stream->get_schema(stream, &schema) != 0)
        return false;
    struct layout layout = layout_of(schema.format);
    schema.release(&schema);
    bool fine = layout.kind != OTHER;
    while (fine) {
        struct chunk chunk = {0};
        if (stream->get_next(stream, &chunk) != 0)
            return false;
        if (!chunk.release)
            break; /* the stream's end */
        fine = each(user, &chunk, layout);
        chunk.release(&chunk);
    }
    return fine;
}

/* Numbers of a numpy array may be used as they lie there, and so be written through it. What is
 * mapped from a file is Arrow's own, and may be bigger than memory. */
static bool add_chunk(void *user, const struct chunk *chunk, struct layout layout)
{
    struct arrow *arrow = user;
    arrow->bytes += chunk_bytes(chunk, layout);
    if (layout.kind != NUMBERS || chunk->length == 0 || arrow->shared_count == SHARED_MAX)
        return true;
    const char *data = (const char *)chunk->buffers[1] + (size_t)chunk->offset * layout.width;
    struct dataframe_array array = memory(data, layout.width, (size_t)chunk->length);
    (void)*(const volatile char *)data; /* a page never read is not known to be a file's */
    if (pages_is_shared(array.data, array.bytes))
        return true;
    struct dataframe_content *grown =
        realloc(arrow->shared, (arrow->shared_count + 1) * sizeof *grown);
    if (!grown)
        return false;
    arrow->shared = grown;
    arrow->shared_count += dataframe_content_start(&grown[arrow->shared_count], &array);
    return true;
}

static struct arrow *examine(PyObject *array)
{
    struct arrow *arrow = dataframe_identity_find(&arrows, array);
    if (!arrow && (arrow = dataframe_identity_add(&arrows, array)))
        (void)for_each_chunk(array, add_chunk, arrow);
    if (!arrow)
        return NULL;
    bool changed = arrow->version == 0;
    if (!changed && arrow->examined != arrows.round)
        for (size_t i = 0; i < arrow->shared_count; i++)
            changed |= dataframe_content_changed(&arrow->shared[i]);
    arrow->examined = arrows.round;
    if (changed) {
        arrow->version = dataframe_leaf_new_version();
        arrow->content = 0;
    }
    return arrow;
}

uint64_t dataframe_arrow_version(PyObject *array, size_t *ret_bytes)
{
    const struct arrow *arrow = examine(array);
    *ret_bytes = arrow ? arrow->bytes : 0;
    return arrow ? arrow->version : (uint64_t)(uintptr_t)array;
}

static bool digest_chunk(void *user, const struct chunk *chunk, struct layout layout)
{
    for (int64_t i = 0; i < chunk->length; i++)
        dataframe_digest_add(user, element_word(chunk, layout, chunk->offset + i));
    return true;
}

uint64_t dataframe_arrow_content(PyObject *array)
{
    struct arrow *arrow = examine(array);
    struct dataframe_digest digest = {.state = 1};
    if (!arrow)
        return (uint64_t)(uintptr_t)array;
    if (!arrow->content) {
        arrow->content = arrow->version;
        if (arrow->bytes <= CONTENT_BYTES_MAX && for_each_chunk(array, digest_chunk, &digest))
            arrow->content = dataframe_digest_value(&digest);
    }
    return arrow->content;
}
