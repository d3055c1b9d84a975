/* SPDX-License-Identifier: Apache-2.0 */
/* keeping.c: SAVE and RESTORE, in the sandbox: between the file, the pickles and the host.
 *
 * User code runs meanwhile. What it prints goes to the host, which drops it; it can be interrupted like
 * an execution. Nothing of a file reaches the unpickler before all of the file was found right. */
#include "worker/keeping.h"

#include <Python.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "python/dataframes.h"
#include "python/execute.h"
#include "python/interrupt.h"
#include "python/session.h"
#include "wire/codec.h"
#include "worker/attendant.h"
#include "worker/output.h"
#include "worker/session_reader.h"
#include "worker/session_writer.h"

enum { HUGE_FROM_BYTES = 4 << 20 }; /* as numpy has it for memory of its own */

/* ---- Answers ---- */

struct answer {
    struct buf rows;
    uint32_t count;
    bool truncated;
    uint64_t variables, size_bytes, serial;
    char python[16];
    uint32_t fault, error; /* when there is none of the above */
    char message[512];
};

static void put_text(struct buf *out, const char *text)
{
    struct buf clean = {0};
    text_append_clean(&clean, text, strlen(text));
    const char *data = clean.data ? (const char *)clean.data : "";
    codec_put_text(out, data, text_cut(data, clean.length, LIMIT_LEFT_OUT_TEXT));
    buf_free(&clean);
}

static void put_row(void *user, const char *name, const char *type, const char *reason)
{
    struct answer *answer = user;
    if (answer->count == LIMIT_LEFT_OUT) {
        answer->truncated = true;
        return;
    }
    answer->count++;
    put_text(&answer->rows, name);
    put_text(&answer->rows, type);
    put_text(&answer->rows, reason);
}

static void fail(struct answer *answer, enum wire_keep_fault fault, int error, const char *message)
{
    answer->fault = fault;
    answer->error = (uint32_t)error;
    snprintf(answer->message, sizeof answer->message, "%s", message);
}

static bool send_answer(struct answer *answer, enum wire_kind fine, enum wire_kind not_fine)
{
    struct buf frame = {0};
    size_t begun = codec_begin(&frame, answer->fault ? not_fine : fine);
    if (answer->fault) {
        codec_put_u32(&frame, answer->fault);
        codec_put_u32(&frame, answer->error);
        put_text(&frame, answer->message);
    } else {
        codec_put_u64(&frame, answer->variables);
        codec_put_u64(&frame, answer->size_bytes);
        codec_put_u64(&frame, answer->serial);
        codec_put_u32(&frame, answer->truncated);
        codec_put_string(&frame, answer->python);
        size_t list = codec_list_begin(&frame);
        buf_append(&frame, answer->rows.data, answer->rows.length);
        codec_list_end(&frame, list, answer->count);
    }
    codec_end(&frame, begun);
    PyThreadState *state = PyEval_SaveThread();
    bool sent = !frame.failed && !answer->rows.failed && output_send(&frame);
    PyEval_RestoreThread(state);
    buf_free(&frame);
    buf_free(&answer->rows);
    return sent;
}

static void fail_of(struct answer *answer, enum session_end end)
{
    if (end == SESSION_INTERRUPTED)
        fail(answer, WIRE_KEEP_INTERRUPTED, 0, "it took longer than it may");
    else if (end == SESSION_NO_MEMORY)
        fail(answer, WIRE_KEEP_MEMORY, ENOMEM, "the sandbox has no memory left");
    else
        fail(answer, WIRE_KEEP_DAMAGED, 0, "its manifest makes no sense");
}

static void begin(void)
{
    output_begin(0);
    attendant_forget();
    interrupt_begin_aside(WIRE_KEEP_SERIAL);
}

/* User code has ended, whatever comes of it. */
static void end(void)
{
    interrupt_end();
    attendant_forget();
    PyErr_Clear();
    output_end();
}

/* ---- Saving ---- */

static bool take(void *user, const void *data, size_t length)
{
    return session_writer_take(user, data, length);
}

static uint64_t tell(void *user)
{
    return ((struct session_writer *)user)->stream;
}

/* The GIL is given up meanwhile, so that an interrupt finds its way. */
static bool write_buffers(struct session_writer *writer, PyObject *buffers)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(buffers) && !interrupt_was_raised(); i++) {
        Py_buffer view;
        if (PyObject_GetBuffer(PyList_GET_ITEM(buffers, i), &view, PyBUF_SIMPLE) != 0)
            return false;
        PyThreadState *state = PyEval_SaveThread();
        bool fine = session_writer_buffer(writer, view.buf, (size_t)view.len);
        PyEval_RestoreThread(state);
        PyBuffer_Release(&view);
        if (!fine)
            return false;
    }
    return !interrupt_was_raised();
}

static bool write_rest(struct session_writer *writer, const struct session_saved *saved,
                       struct session_header *header)
{
    header->pickles_bytes = writer->stream;
    header->manifest_bytes = (uint64_t)PyBytes_GET_SIZE(saved->manifest);
    return session_writer_take(writer, PyBytes_AS_STRING(saved->manifest), header->manifest_bytes) &&
           write_buffers(writer, saved->buffers) && session_writer_finish(writer, header);
}

static void fail_writing(struct answer *answer, int error)
{
    if (interrupt_was_raised())
        fail_of(answer, SESSION_INTERRUPTED);
    else if (error == EFBIG)
        fail(answer, WIRE_KEEP_SYSTEM, error,
             "the session is larger than a file of the sandbox may be: raise the file limit");
    else if (error)
        fail(answer, WIRE_KEEP_SYSTEM, error, "the session's file cannot be written");
    else
        fail_of(answer, SESSION_NO_MEMORY);
}

static void save(const struct wire_save *request, int fd, struct answer *answer)
{
    struct session_header header = {.serial = request->serial};
    snprintf(header.python, sizeof header.python, "%d.%d.%d", PY_MAJOR_VERSION, PY_MINOR_VERSION,
             PY_MICRO_VERSION);
    struct session_writer writer;
    struct session_saved saved = {0};
    if (!session_writer_init(&writer, fd, request->level)) {
        fail_of(answer, SESSION_NO_MEMORY);
    } else {
        struct session_sink sink = {take, tell, &writer};
        enum session_end ended = session_save(&sink, request->serial, put_row, answer, &saved);
        header.variables = answer->variables = saved.variables;
        if (ended == SESSION_STOPPED || (ended == SESSION_DONE && !write_rest(&writer, &saved, &header)))
            fail_writing(answer, writer.error);
        else if (ended == SESSION_UNREADABLE)
            fail(answer, WIRE_KEEP_SYSTEM, 0, "its code has broken what saves it");
        else if (ended != SESSION_DONE)
            fail_of(answer, ended);
    }
    PyErr_Clear();
    session_saved_release(&saved);
    session_writer_free(&writer);
    answer->size_bytes = header.file_bytes;
    answer->serial = header.serial;
    memcpy(answer->python, header.python, sizeof answer->python);
}

bool keeping_save(const struct wire_frame *frame, int fd)
{
    struct answer answer = {0};
    struct wire_save request;
    if (!codec_save(frame, &request))
        return false;
    begin();
    if (fd < 0)
        fail(&answer, WIRE_KEEP_SYSTEM, EMFILE, "the sandbox has no descriptor left for its session");
    else
        save(&request, fd, &answer);
    end();
    if (fd >= 0)
        close(fd);
    return send_answer(&answer, WIRE_SAVED, WIRE_NOT_SAVED);
}

/* ---- Restoring ---- */

static void fail_reading(struct answer *answer, const struct session_reader *reader,
                         enum session_read read, int error)
{
    if (read == SESSION_READ_FAILED && error == ENOMEM)
        fail_of(answer, SESSION_NO_MEMORY);
    else
        fail(answer, read == SESSION_READ_DAMAGED ? WIRE_KEEP_DAMAGED
                     : read == SESSION_READ_NEWER ? WIRE_KEEP_NEWER : WIRE_KEEP_SYSTEM,
             read == SESSION_READ_FAILED ? error : 0, reader->message);
}

/* The buffers, which become the memory of arrays, with their addresses behind the first two parts. */
static PyObject *make_buffers(const struct session_reader *reader, uint8_t **parts)
{
    PyObject *list = PyList_New(0);
    for (uint64_t i = 0; list && i < reader->header.buffer_count; i++) {
        PyObject *item = NULL;
        if (reader->lengths[i] < PY_SSIZE_T_MAX)
            item = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)reader->lengths[i]);
        if (!item || PyList_Append(list, item) != 0) {
            Py_CLEAR(list);
        } else {
            parts[2 + i] = (uint8_t *)PyByteArray_AS_STRING(item);
            uintptr_t first = ((uintptr_t)parts[2 + i] + 4095) & ~(uintptr_t)4095;
            uintptr_t last = ((uintptr_t)parts[2 + i] + reader->lengths[i]) & ~(uintptr_t)4095;
            if (reader->lengths[i] >= HUGE_FROM_BYTES)
                madvise((void *)first, last - first, MADV_HUGEPAGE);
        }
        Py_XDECREF(item);
    }
    PyErr_Clear();
    return list;
}

static void load(struct session_reader *reader, uint8_t **parts, struct answer *answer)
{
    PyObject *buffers = make_buffers(reader, parts);
    if (!buffers || !parts[0]) {
        fail_of(answer, SESSION_NO_MEMORY);
        Py_XDECREF(buffers);
        return;
    }
    PyThreadState *state = PyEval_SaveThread();
    enum session_read read = session_reader_fill(reader, parts);
    int error = errno;
    PyEval_RestoreThread(state);
    if (read != SESSION_READ_FINE) {
        fail_reading(answer, reader, read, error);
    } else {
        struct session_stored stored = {parts[0], parts[1], reader->header.pickles_bytes,
                                        reader->header.manifest_bytes, buffers, reader->header.python};
        enum session_end ended = session_load(&stored, put_row, answer, &answer->variables);
        if (ended != SESSION_DONE)
            fail_of(answer, ended);
    }
    Py_DECREF(buffers);
}

static void restore(int fd, struct answer *answer)
{
    struct session_reader reader;
    enum session_read read = session_reader_open(&reader, fd);
    int error = errno;
    const struct session_header *header = &reader.header;
    if (read != SESSION_READ_FINE) {
        fail_reading(answer, &reader, read, error);
    } else {
        uint8_t **parts = calloc(2 + header->buffer_count, sizeof *parts);
        uint8_t *texts = malloc(header->pickles_bytes + header->manifest_bytes + 1);
        if (parts && texts) {
            parts[0] = texts;
            parts[1] = texts + header->pickles_bytes;
            load(&reader, parts, answer);
        } else {
            fail_of(answer, SESSION_NO_MEMORY);
        }
        free(texts);
        free(parts);
        answer->size_bytes = header->file_bytes;
        answer->serial = header->serial;
        memcpy(answer->python, header->python, sizeof answer->python);
    }
    session_reader_free(&reader);
}

static void ignore_frame(void *user, const char *name, size_t length, int64_t rows, int64_t columns,
                         int64_t memory_bytes)
{
    (void)user, (void)name, (void)length, (void)rows, (void)columns, (void)memory_bytes;
}

bool keeping_restore(const struct wire_frame *frame, int fd)
{
    struct answer answer = {0};
    if (frame->length != 0)
        return false;
    begin();
    if (fd < 0)
        fail(&answer, WIRE_KEEP_SYSTEM, EMFILE, "the sandbox has no descriptor left for its session");
    else
        restore(fd, &answer);
    /* What came back is no change that the next execution has made. */
    dataframes_changed(execute_globals(), 0, ignore_frame, NULL);
    end();
    if (fd >= 0)
        close(fd);
    return send_answer(&answer, WIRE_RESTORED, WIRE_NOT_RESTORED);
}
