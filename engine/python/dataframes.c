/* SPDX-License-Identifier: Apache-2.0 */
/* dataframes.c: finds the pandas DataFrames in a dict of globals and tells which have changed.
 *
 * Theory of operation. Of each frame one record is kept, by identity, with two words for what it
 * holds (dataframe_signature.h); of each name, which record it meant. After an execution a name is
 * listed when it means another record than before, or when the layout word differs and the content
 * word does not say that this was only a matter of layout. Big arrays enter the layout word by a
 * version (dataframe_leaf.h), so an untouched one costs a question to the kernel. Nothing of a
 * frame is kept alive: records hang on weak references. */
#include "python/dataframes.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/pages.h"
#include "python/dataframe_cells.h"
#include "python/dataframe_identity.h"
#include "python/dataframe_leaf.h"
#include "python/dataframe_memory.h"
#include "python/dataframe_pandas.h"
#include "python/dataframe_signature.h"
#include "python/unicode.h"

enum { FRAMES_MAX = 4096 }; /* frames beyond are listed after every execution */

struct frame {
    struct dataframe_identity identity;
    uint64_t serial;   /* 0: new */
    uint64_t examined; /* the round of the last examination */
    bool changed;      /* what it found */
    bool has_content;
    uint64_t layout, content;
};

struct found {
    PyObject *name, *frame; /* held */
};

struct found_list {
    struct found *items;
    size_t count, room;
};

static struct dataframe_identities frames = {
    .record_bytes = sizeof(struct frame), .limit = FRAMES_MAX};
static PyObject *meanings; /* name: serial of the frame it meant at the last round */
static uint64_t last_serial, round_number;

void dataframes_prepare(void)
{
    dataframe_cells_prepare();
    (void)dataframe_pandas_get();
}

void dataframes_enter(void)
{
    (void)pages_open();
}

void dataframes_resume(void)
{
    pages_reopen();
}

/* Runs no code of the globals' owner: types are compared by their method resolution order alone. */
static bool is_frame(PyObject *object, const struct dataframe_pandas *pandas)
{
    return Py_TYPE(object) == pandas->frame || dataframe_pandas_is(object, pandas->frame);
}

static bool is_listed_name(PyObject *name)
{
    return PyUnicode_CheckExact(name) &&
           !(PyUnicode_GET_LENGTH(name) >= 2 && PyUnicode_READ_CHAR(name, 0) == '_' &&
             PyUnicode_READ_CHAR(name, 1) == '_');
}

static bool found_add(struct found_list *list, PyObject *name, PyObject *frame)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 64;
        struct found *grown = realloc(list->items, room * sizeof *grown);
        if (!grown)
            return false;
        list->items = grown;
        list->room = room;
    }
    list->items[list->count++] = (struct found){Py_NewRef(name), Py_NewRef(frame)};
    return true;
}

/* The frames are held from here on: while they are examined, user code may change the globals. */
static void find_all(PyObject *globals, struct found_list *list)
{
    const struct dataframe_pandas *pandas = dataframe_pandas_get();
    PyObject *name, *object;
    for (Py_ssize_t at = 0; pandas && PyDict_Next(globals, &at, &name, &object);)
        if (is_frame(object, pandas) && is_listed_name(name) && !found_add(list, name, object))
            break;
}

static void found_release(struct found_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        Py_DECREF(list->items[i].name);
        Py_DECREF(list->items[i].frame);
    }
    free(list->items);
}

struct row_sink {
    size_t limit, count;
    dataframes_row_fn *row;
    void *user;
};

static void emit(struct row_sink *sink, PyObject *name, const struct dataframe_pandas_parts *parts,
                 bool with_memory)
{
    int64_t rows = dataframe_pandas_length(parts->index);
    int64_t columns = dataframe_pandas_length(parts->columns);
    if (rows < 0 || columns < 0 || sink->count++ >= sink->limit)
        return;
    struct buf text = {0};
    int64_t memory_bytes = with_memory ? dataframe_memory_bytes(parts) : -1;
    if (unicode_append(&text, name))
        sink->row(sink->user, (const char *)text.data, text.length, rows, columns, memory_bytes);
    PyErr_Clear();
    buf_free(&text);
}

/* True if the frame holds something else than when it was last examined. Updates the record. */
static bool differs(struct frame *frame, const struct dataframe_pandas_parts *parts)
{
    struct dataframe_signature_layout layout;
    if (!dataframe_signature_layout_get(parts, &layout))
        return true;
    if (frame->serial && frame->layout == layout.word)
        return false;
    uint64_t content = 0;
    bool has_content = (frame->has_content || layout.wants_content) &&
                       dataframe_signature_content_get(parts, &content);
    bool same = frame->serial && frame->has_content && has_content && content == frame->content;
    frame->layout = layout.word;
    frame->content = content;
    frame->has_content = has_content && layout.wants_content;
    return !same;
}

/* The frame's record, examined in this round; NULL past the limit. */
static struct frame *examine(PyObject *object, const struct dataframe_pandas_parts *parts)
{
    struct frame *frame = dataframe_identity_find(&frames, object);
    if (!frame)
        frame = dataframe_identity_add(&frames, object);
    if (!frame || frame->examined == round_number)
        return frame;
    frame->examined = round_number;
    frame->changed = differs(frame, parts);
    if (!frame->serial)
        frame->serial = ++last_serial;
    return frame;
}

/* Notes what the name means now. True if it meant the same at the last round. */
static bool same_meaning(PyObject *name, const struct frame *frame, PyObject *now)
{
    DATAFRAME_HELD PyObject *serial = PyLong_FromUnsignedLongLong(frame->serial);
    PyObject *before = meanings ? PyDict_GetItemWithError(meanings, name) : NULL;
    bool same = before && PyLong_AsUnsignedLongLong(before) == frame->serial;
    if (serial && now && PyDict_SetItem(now, name, serial) < 0)
        same = false;
    PyErr_Clear();
    return same;
}

size_t dataframes_changed(PyObject *globals, size_t limit, dataframes_row_fn *row, void *user)
{
    struct row_sink sink = {.limit = limit, .row = row, .user = user};
    struct found_list list = {0};
    find_all(globals, &list);
    if (list.count == 0 && frames.count == 0)
        return 0;
    round_number++;
    dataframe_leaf_begin();
    PyObject *now = PyDict_New();
    for (size_t i = 0; i < list.count; i++) {
        struct dataframe_pandas_parts parts;
        if (!dataframe_pandas_parts_get(list.items[i].frame, &parts))
            continue;
        struct frame *frame = examine(list.items[i].frame, &parts);
        if (!frame || !same_meaning(list.items[i].name, frame, now) || frame->changed)
            emit(&sink, list.items[i].name, &parts, false);
        dataframe_pandas_parts_release(&parts);
    }
    PyErr_Clear();
    Py_XSETREF(meanings, now);
    found_release(&list);
    dataframe_identity_expire(&frames);
    dataframe_leaf_end();
    return sink.count;
}

size_t dataframes_list(PyObject *globals, size_t limit, dataframes_row_fn *row, void *user)
{
    struct row_sink sink = {.limit = limit, .row = row, .user = user};
    struct found_list list = {0};
    find_all(globals, &list);
    for (size_t i = 0; i < list.count; i++) {
        struct dataframe_pandas_parts parts;
        if (!dataframe_pandas_parts_get(list.items[i].frame, &parts))
            continue;
        emit(&sink, list.items[i].name, &parts, true);
        dataframe_pandas_parts_release(&parts);
    }
    found_release(&list);
    return sink.count;
}
