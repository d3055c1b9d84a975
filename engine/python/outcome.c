/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.c: what ended user code, as texts. */
#include "python/outcome.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "python/capture.h"
#include "python/interpreter.h"
#include "python/interrupt.h"
#include "python/unicode.h"

#define ERROR_PREFIX "executing Python code: "

void outcome_free(struct outcome *outcome)
{
    buf_free(&outcome->error);
    buf_free(&outcome->type);
    buf_free(&outcome->message);
    buf_free(&outcome->traceback);
    buf_free(&outcome->value);
    *outcome = (struct outcome){0};
}

static void append_string(struct buf *out, const char *string)
{
    buf_append(out, string, strlen(string));
}

/* ---- Names and texts that user code may have tampered with ---- */

/* "module.Name", without the module for builtins and __main__, as tracebacks have it. Read from the
 * type itself, past any metaclass. */
static void append_type_name(struct buf *out, PyTypeObject *type)
{
    PyObject *module = NULL;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        PyObject *dict = type->tp_dict;
        module = dict ? PyDict_GetItemString(dict, "__module__") : NULL;
        if (module && PyUnicode_Check(module) &&
            PyUnicode_CompareWithASCIIString(module, "builtins") != 0 &&
            PyUnicode_CompareWithASCIIString(module, "__main__") != 0) {
            unicode_append_string(out, module, LIMIT_NAME_BYTES);
            append_string(out, ".");
        }
        PyObject *name = ((PyHeapTypeObject *)type)->ht_qualname;
        if (name && PyUnicode_Check(name))
            unicode_append_string(out, name, LIMIT_NAME_BYTES);
    } else {
        text_append_clean(out, type->tp_name, strlen(type->tp_name));
    }
    PyErr_Clear();
}

/* The current exception has ended the description of the outcome. When it is the host's interrupt, that
 * is what has ended the execution. */
static void note_interrupt(struct outcome *outcome)
{
    if (interrupt_was_late() && PyErr_Occurred() == PyExc_KeyboardInterrupt)
        outcome->ending = OUTCOME_INTERRUPT;
}

/* What stands in for an object whose own repr or str does not work; the exception that it raised is
 * set, or none when memory ran out elsewhere. */
static void append_unprintable(struct outcome *outcome, struct buf *out, PyObject *object,
                               const char *method)
{
    PyObject *type, *error, *traceback;
    note_interrupt(outcome);
    PyErr_Fetch(&type, &error, &traceback);
    append_string(out, "<");
    append_type_name(out, Py_TYPE(object));
    append_string(out, " object whose ");
    append_string(out, method);
    append_string(out, " raised ");
    append_type_name(out, type && PyType_Check(type) ? (PyTypeObject *)type
                                                     : (PyTypeObject *)PyExc_MemoryError);
    append_string(out, ">");
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
    PyErr_Clear();
}

static void append_shown(struct outcome *outcome, struct buf *out, PyObject *object,
                         PyObject *(*show)(PyObject *), const char *method, size_t maximum)
{
    PyObject *text = show(object);
    if (!text || !unicode_append_string(out, text, maximum))
        append_unprintable(outcome, out, object, method);
    Py_XDECREF(text);
    PyErr_Clear();
}

/* ---- Parts ---- */

/* Keeps head and tail of a long traceback: the place where it began and the place where it ended. */
static void keep_ends(struct buf *text, size_t maximum)
{
    static const char mark[] = "\n  [... cut ...]\n";
    if (text->length <= maximum)
        return;
    const char *data = (const char *)text->data;
    size_t head = text_cut(data, text->length, maximum / 2);
    size_t tail = text->length - (maximum / 2 - sizeof mark);
    while (tail < text->length && ((unsigned char)data[tail] & 0xc0) == 0x80)
        tail++;
    struct buf kept = {0};
    buf_append(&kept, data, head);
    buf_append(&kept, mark, sizeof mark - 1);
    buf_append(&kept, data + tail, text->length - tail);
    buf_free(text);
    *text = kept;
}

static void take_traceback(struct outcome *outcome, PyObject *error)
{
    PyObject *format = interpreter_prelude("format_exception");
    PyObject *text = format ? PyObject_CallOneArg(format, error) : NULL;
    if (text && PyUnicode_Check(text) && unicode_append_string(&outcome->traceback, text, SIZE_MAX)) {
        keep_ends(&outcome->traceback, LIMIT_TRACEBACK_BYTES);
    } else {
        /* User code broke the traceback module or ran out of memory. */
        note_interrupt(outcome);
        PyErr_Clear();
        buf_clear(&outcome->traceback);
        append_string(&outcome->traceback, "Traceback (most recent call last) cannot be shown\n");
        buf_append(&outcome->traceback, outcome->type.data, outcome->type.length);
        append_string(&outcome->traceback, ": ");
        buf_append(&outcome->traceback, outcome->message.data, outcome->message.length);
        append_string(&outcome->traceback, "\n");
    }
    Py_XDECREF(text);
    PyErr_Clear();
}

static uint32_t line_of_attribute(PyObject *error, const char *name)
{
    PyObject *line = PyObject_GetAttrString(error, name);
    long number = line && PyLong_Check(line) ? PyLong_AsLong(line) : 0;
    Py_XDECREF(line);
    PyErr_Clear();
    return number > 0 && number < INT32_MAX ? (uint32_t)number : 0;
}

/* The innermost line of the executed code itself, which called whatever raised the exception. */
static uint32_t line_of(PyObject *error, PyObject *filename)
{
    uint32_t line = 0;
    PyObject *traceback = PyException_GetTraceback(error);
    for (PyTracebackObject *at = (PyTracebackObject *)traceback; at && PyTraceBack_Check(at);
         at = at->tb_next) {
        PyCodeObject *code = PyFrame_GetCode(at->tb_frame);
        if (PyUnicode_Compare(code->co_filename, filename) == 0)
            line = line_of_attribute((PyObject *)at, "tb_lineno");
        Py_DECREF(code);
    }
    Py_XDECREF(traceback);
    PyErr_Clear();
    if (line == 0 && PyErr_GivenExceptionMatches(error, PyExc_SyntaxError)) {
        PyObject *place = PyObject_GetAttrString(error, "filename");
        if (place && PyUnicode_Check(place) && PyUnicode_Compare(place, filename) == 0)
            line = line_of_attribute(error, "lineno");
        Py_XDECREF(place);
        PyErr_Clear();
    }
    return line;
}

/* sys.exit(): None is 0, a number is itself, anything else is printed and gives 1, as in a script. So is
 * an exception whose code cannot be had. */
static void take_exit(struct outcome *outcome, PyObject *error)
{
    PyObject *code = PyObject_GetAttrString(error, "code");
    if (!code)
        code = Py_NewRef(error);
    PyErr_Clear();
    outcome->ending = OUTCOME_EXIT;
    if (code == Py_None) {
        outcome->exit_status = 0;
    } else if (PyLong_Check(code)) {
        long status = PyLong_AsLong(code);
        PyErr_Clear();
        outcome->exit_status = status >= INT32_MIN && status <= INT32_MAX ? (int32_t)status : -1;
    } else {
        outcome->exit_status = 1;
        struct buf text = {0};
        append_shown(outcome, &text, code, PyObject_Str, "__str__", LIMIT_ERROR_BYTES);
        capture_put(CAPTURE_STDERR, (const char *)text.data, text.length);
        buf_free(&text);
    }
    Py_DECREF(code);
    outcome->has_error = outcome->exit_status != 0;
}

/* The limit that an exception tells of: the kernel's refusals come as OSError with an errno, and a
 * thread that cannot be started as CPython's own RuntimeError. */
static uint32_t limit_of(PyObject *error)
{
    uint32_t limit = 0;
    if (PyErr_GivenExceptionMatches(error, PyExc_MemoryError))
        return OUTCOME_LIMIT_MEMORY;
    if (PyErr_GivenExceptionMatches(error, PyExc_OSError)) {
        PyObject *number = PyObject_GetAttrString(error, "errno");
        long code = number && PyLong_Check(number) ? PyLong_AsLong(number) : 0;
        limit = code == EFBIG    ? OUTCOME_LIMIT_FILE
                : code == EMFILE ? OUTCOME_LIMIT_OPEN_FILES
                : code == ENOSPC ? OUTCOME_LIMIT_DISK
                                 : 0;
        Py_XDECREF(number);
    } else if ((PyObject *)Py_TYPE(error) == PyExc_RuntimeError) {
        PyObject *text = PyObject_Str(error);
        if (text && PyUnicode_Check(text) &&
            PyUnicode_CompareWithASCIIString(text, "can't start new thread") == 0)
            limit = OUTCOME_LIMIT_THREADS;
        Py_XDECREF(text);
    }
    PyErr_Clear();
    return limit;
}

/* An interrupt that waits has ended a blocking call, which raised something of its own before it could
 * be delivered: puts a KeyboardInterrupt in the place of that. Steals error. */
static PyObject *deliver_interrupt(PyObject *error)
{
    interrupt_deliver();
    PyObject *interrupt = PyObject_CallNoArgs(PyExc_KeyboardInterrupt);
    PyObject *traceback = PyException_GetTraceback(error);
    if (interrupt && traceback)
        PyException_SetTraceback(interrupt, traceback);
    Py_XDECREF(traceback);
    PyErr_Clear();
    if (!interrupt)
        return error;
    Py_DECREF(error);
    return interrupt;
}

void outcome_of_exception(struct outcome *outcome, PyObject *filename)
{
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    if (error && traceback)
        PyException_SetTraceback(error, traceback);
    PyErr_Clear();
    outcome->ending = OUTCOME_EXCEPTION;
    outcome->has_error = true;
    if (error && PyExceptionInstance_Check(error)) {
        if (interrupt_was_raised() && interrupt_pending())
            error = deliver_interrupt(error);
        if (PyErr_GivenExceptionMatches(error, PyExc_SystemExit))
            take_exit(outcome, error);
        else if (PyErr_GivenExceptionMatches(error, PyExc_MemoryError))
            outcome->ending = OUTCOME_MEMORY;
        else if (interrupt_was_raised() && (PyObject *)Py_TYPE(error) == PyExc_KeyboardInterrupt)
            outcome->ending = OUTCOME_INTERRUPT;
        outcome->limit = limit_of(error);
        outcome->line = line_of(error, filename);
        append_string(&outcome->error, ERROR_PREFIX);
        append_shown(outcome, &outcome->error, error, PyObject_Repr, "__repr__",
                     LIMIT_ERROR_BYTES - sizeof ERROR_PREFIX);
        append_type_name(&outcome->type, Py_TYPE(error));
        append_shown(outcome, &outcome->message, error, PyObject_Str, "__str__", LIMIT_ERROR_BYTES);
        take_traceback(outcome, error);
    } else {
        append_string(&outcome->error, ERROR_PREFIX "an unknown exception");
    }
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
    PyErr_Clear();
}

void outcome_of_value(struct outcome *outcome, PyObject *value)
{
    outcome->has_value = true;
    append_shown(outcome, &outcome->value, value, PyObject_Repr, "__repr__", LIMIT_VALUE_BYTES);
}
