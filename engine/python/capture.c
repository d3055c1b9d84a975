/* SPDX-License-Identifier: Apache-2.0 */
/* capture.c: print, sys.stdout and sys.stderr of user code.
 *
 * Each call of print on one of our streams makes one element of the output; text that is written to
 * a stream makes one element a line. print is ours, because a stream cannot see where a print call
 * begins and ends. Everything here runs in the subinterpreter with the GIL held. */
#include <Python.h>

#include "python/capture.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "python/pristine.h"
#include "python/unicode.h"

/* The two streams are known by identity, so they carry no state that user code could change. */
static struct {
    const struct capture_sink *sink;
    PyObject *stream[3]; /* [CAPTURE_STDOUT], [CAPTURE_STDERR] */
    PyObject *buffer[3];
    PyObject *print_function, *input_function, *builtin_print;
} capture;

static uint32_t which(PyObject *const objects[3], PyObject *object)
{
    if (object == objects[CAPTURE_STDOUT])
        return CAPTURE_STDOUT;
    return object == objects[CAPTURE_STDERR] ? CAPTURE_STDERR : 0;
}

static void flush_if_wanted(void)
{
    if (capture.sink->wants_flush()) {
        Py_BEGIN_ALLOW_THREADS
        capture.sink->flush();
        Py_END_ALLOW_THREADS
    }
}

/* ---- print and input ---- */

struct print_options {
    PyObject *sep, *end, *file, *flush;
};

static bool parse_print_options(PyObject *const *values, PyObject *names, struct print_options *out)
{
    static const char *const known[] = {"sep", "end", "file", "flush"};
    PyObject **slots[] = {&out->sep, &out->end, &out->file, &out->flush};
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        size_t at = 0;
        while (at < 4 && PyUnicode_CompareWithASCIIString(name, known[at]) != 0)
            at++;
        if (at == 4) {
            PyErr_Format(PyExc_TypeError, "'%U' is an invalid keyword argument for print()", name);
            return false;
        }
        *slots[at] = values[i];
    }
    PyObject *texts[] = {out->sep, out->end};
    for (size_t i = 0; i < 2; i++) {
        if (texts[i] && texts[i] != Py_None && !PyUnicode_Check(texts[i])) {
            PyErr_Format(PyExc_TypeError, "%s must be None or a string, not %.200s", known[i],
                         Py_TYPE(texts[i])->tp_name);
            return false;
        }
    }
    return true;
}

static bool append_text(struct buf *out, PyObject *text)
{
    if (unicode_append(out, text))
        return true;
    if (!PyErr_Occurred())
        PyErr_NoMemory();
    return false;
}

static bool join_arguments(struct buf *out, PyObject *const *arguments, Py_ssize_t count,
                           PyObject *sep)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0 && sep && sep != Py_None) {
            if (!append_text(out, sep))
                return false;
        } else if (i > 0 && !buf_append(out, " ", 1)) {
            PyErr_NoMemory();
            return false;
        }
        PyObject *text = PyObject_Str(arguments[i]);
        bool fine = text && append_text(out, text);
        Py_XDECREF(text);
        if (!fine)
            return false;
    }
    return true;
}

static PyObject *capture_print(PyObject *module, PyObject *const *arguments, Py_ssize_t count,
                               PyObject *names)
{
    (void)module;
    struct print_options options = {0};
    if (!parse_print_options(arguments + count, names, &options))
        return NULL;
    PyObject *file = options.file;
    if (!file || file == Py_None) {
        file = PySys_GetObject("stdout");
        if (!file) {
            PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
            return NULL;
        }
    }
    uint32_t stream = which(capture.stream, file);
    if (!stream)
        return PyObject_Vectorcall(capture.builtin_print, arguments, (size_t)count, names);
    struct buf text = {0};
    bool fine = join_arguments(&text, arguments, count, options.sep);
    if (fine) {
        capture.sink->element(stream, text.length ? (const char *)text.data : "", text.length);
        flush_if_wanted();
    }
    buf_free(&text);
    return fine ? Py_NewRef(Py_None) : NULL;
}

static PyObject *capture_input(PyObject *module, PyObject *arguments)
{
    (void)module;
    (void)arguments;
    PyErr_SetString(PyExc_EOFError, "input() is not available in a sandbox: there is no standard "
                                    "input to read from; assign the value to a variable instead");
    return NULL;
}

static PyMethodDef print_method = {
    "print", (PyCFunction)(void (*)(void))capture_print, METH_FASTCALL | METH_KEYWORDS,
    "print($module, /, *args, sep=' ', end='\\n', file=None, flush=False)\n--\n\n"
    "Prints the values to a stream, or to sys.stdout by default. One call makes one element of the\n"
    "execution's output, without end."};

static PyMethodDef input_method = {"input", capture_input, METH_VARARGS,
                                   "input($module, prompt='', /)\n--\n\nRaises EOFError: a sandbox "
                                   "has no standard input."};

/* ---- The streams ---- */

/* The number of a stream or of its buffer. User code can make other objects of these types, which lead
 * nowhere: then 0 with an exception set. */
static uint32_t number_of(PyObject *self)
{
    uint32_t stream = which(capture.stream, self);
    if (!stream)
        stream = which(capture.buffer, self);
    if (!stream)
        PyErr_SetString(PyExc_ValueError, "this is not one of the sandbox's output streams");
    return stream;
}

static PyObject *stream_write(PyObject *self, PyObject *text)
{
    uint32_t stream = number_of(self);
    if (!stream)
        return NULL;
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "write() argument must be str, not %.200s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    struct buf utf8 = {0};
    bool fine = append_text(&utf8, text);
    if (fine && utf8.length) {
        capture.sink->write(stream, (const char *)utf8.data, utf8.length);
        flush_if_wanted();
    }
    buf_free(&utf8);
    return fine ? PyLong_FromSsize_t(PyUnicode_GET_LENGTH(text)) : NULL;
}

static PyObject *buffer_write(PyObject *self, PyObject *bytes)
{
    Py_buffer view;
    uint32_t stream = number_of(self);
    if (!stream || PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE) != 0)
        return NULL;
    capture.sink->bytes(stream, view.buf, (size_t)view.len);
    PyObject *length = PyLong_FromSsize_t(view.len);
    PyBuffer_Release(&view);
    flush_if_wanted();
    return length;
}

static PyObject *do_nothing(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    Py_RETURN_NONE;
}

static PyObject *do_nothing_at_all(PyObject *self, PyObject *arguments, PyObject *names)
{
    (void)names;
    return do_nothing(self, arguments);
}

static PyObject *answer_true(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    Py_RETURN_TRUE;
}

static PyObject *answer_false(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    Py_RETURN_FALSE;
}

static PyObject *stream_fileno(PyObject *self, PyObject *unused)
{
    (void)unused;
    uint32_t stream = number_of(self);
    return stream ? PyLong_FromUnsignedLong(stream) : NULL;
}

static PyObject *get_name(PyObject *self, void *unused)
{
    (void)unused;
    uint32_t stream = number_of(self);
    if (!stream)
        return NULL;
    return PyUnicode_FromString(stream == CAPTURE_STDOUT ? "<stdout>" : "<stderr>");
}

static PyObject *stream_repr(PyObject *self)
{
    PyObject *name = get_name(self, NULL);
    PyObject *text =
        name ? PyUnicode_FromFormat("<clutch.Output name='%U' encoding='utf-8'>", name) : NULL;
    Py_XDECREF(name);
    return text;
}

static PyObject *get_text(PyObject *self, void *text)
{
    (void)self;
    return PyUnicode_FromString(text);
}

static PyObject *get_true(PyObject *self, void *unused)
{
    return answer_true(self, unused);
}

static PyObject *get_buffer(PyObject *self, void *unused)
{
    (void)unused;
    uint32_t stream = number_of(self);
    return stream ? Py_NewRef(capture.buffer[stream]) : NULL;
}

#define COMMON_METHODS                                                                             \
    {"flush", do_nothing, METH_NOARGS, NULL}, {"close", do_nothing, METH_NOARGS, NULL},            \
        {"isatty", answer_false, METH_NOARGS, NULL}, {"fileno", stream_fileno, METH_NOARGS, NULL}, \
        {"writable", answer_true, METH_NOARGS, NULL}, {"readable", answer_false, METH_NOARGS, NULL}, \
    {                                                                                              \
        "seekable", answer_false, METH_NOARGS, NULL                                                \
    }

static PyMethodDef stream_methods[] = {
    {"write", stream_write, METH_O, NULL},
    {"reconfigure", (PyCFunction)(void (*)(void))do_nothing_at_all, METH_VARARGS | METH_KEYWORDS,
     NULL},
    COMMON_METHODS,
    {0}};

static PyGetSetDef stream_getset[] = {{"encoding", get_text, NULL, NULL, (void *)"utf-8"},
                                      {"errors", get_text, NULL, NULL, (void *)"replace"},
                                      {"mode", get_text, NULL, NULL, (void *)"w"},
                                      {"name", get_name, NULL, NULL, NULL},
                                      {"line_buffering", get_true, NULL, NULL, NULL},
                                      {"buffer", get_buffer, NULL, NULL, NULL},
                                      {0}};

static PyMethodDef buffer_methods[] = {
    {"write", buffer_write, METH_O, NULL}, COMMON_METHODS, {0}};

static PyGetSetDef buffer_getset[] = {{"mode", get_text, NULL, NULL, (void *)"wb"},
                                      {"name", get_name, NULL, NULL, NULL},
                                      {0}};

static PyType_Slot stream_slots[] = {{Py_tp_methods, stream_methods},
                                     {Py_tp_getset, stream_getset},
                                     {Py_tp_repr, stream_repr},
                                     {0, NULL}};
static PyType_Slot buffer_slots[] = {{Py_tp_methods, buffer_methods},
                                     {Py_tp_getset, buffer_getset},
                                     {Py_tp_repr, stream_repr},
                                     {0, NULL}};

enum { STREAM_FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE };
static PyType_Spec stream_spec = {"clutch.Output", 0, 0, STREAM_FLAGS, stream_slots};
static PyType_Spec buffer_spec = {"clutch.OutputBuffer", 0, 0, STREAM_FLAGS, buffer_slots};

/* ---- Putting it in place ---- */

/* The bases are the C ones, as an immutable type's have to be; the abstract class of the io module, by
 * which libraries know streams, is told of the type. */
static bool make_pair(PyType_Spec *spec, const char *base_name, const char *abstract_name,
                      PyObject *out[3])
{
    PyObject *io = PyImport_ImportModule("io"), *inner = PyImport_ImportModule("_io");
    PyObject *base = inner ? PyObject_GetAttrString(inner, base_name) : NULL;
    PyObject *abstract = io ? PyObject_GetAttrString(io, abstract_name) : NULL;
    PyObject *type = base && abstract ? PyType_FromSpecWithBases(spec, base) : NULL;
    PyObject *told = type ? PyObject_CallMethod(abstract, "register", "O", type) : NULL;
    out[CAPTURE_STDOUT] = told ? PyObject_CallNoArgs(type) : NULL;
    out[CAPTURE_STDERR] = told ? PyObject_CallNoArgs(type) : NULL;
    Py_XDECREF(io);
    Py_XDECREF(inner);
    Py_XDECREF(base);
    Py_XDECREF(abstract);
    Py_XDECREF(type);
    Py_XDECREF(told);
    return out[CAPTURE_STDOUT] && out[CAPTURE_STDERR];
}

static bool keep_streams(void)
{
    PyObject *sys = PyImport_ImportModule("sys"), *out = capture.stream[CAPTURE_STDOUT];
    PyObject *err = capture.stream[CAPTURE_STDERR], *names = sys ? PyModule_GetDict(sys) : NULL;
    Py_XDECREF(sys);
    return names && pristine_keep(names, "stdout", out) && pristine_keep(names, "stderr", err) &&
           pristine_keep(names, "__stdout__", out) && pristine_keep(names, "__stderr__", err);
}

bool capture_prepare(const struct capture_sink *sink)
{
    capture.sink = sink;
    PyObject *builtins = PyEval_GetBuiltins(), *name = PyUnicode_FromString("builtins");
    capture.builtin_print = Py_XNewRef(PyDict_GetItemString(builtins, "print"));
    capture.print_function = PyCFunction_NewEx(&print_method, NULL, name);
    capture.input_function = PyCFunction_NewEx(&input_method, NULL, name);
    Py_XDECREF(name);
    return capture.builtin_print && capture.print_function && capture.input_function &&
           make_pair(&stream_spec, "_TextIOBase", "TextIOBase", capture.stream) &&
           make_pair(&buffer_spec, "_BufferedIOBase", "BufferedIOBase", capture.buffer) &&
           pristine_keep(builtins, "print", capture.print_function) &&
           pristine_keep(builtins, "input", capture.input_function) && keep_streams();
}

/* What user code has set on a stream, such as a write of its own. */
static void clear_attributes(PyObject *stream)
{
    PyObject **attributes = _PyObject_GetDictPtr(stream);
    if (attributes && *attributes && PyDict_GET_SIZE(*attributes))
        PyDict_Clear(*attributes);
}

void capture_clear(void)
{
    for (uint32_t stream = CAPTURE_STDOUT; stream <= CAPTURE_STDERR; stream++) {
        clear_attributes(capture.stream[stream]);
        clear_attributes(capture.buffer[stream]);
    }
}

void capture_put(uint32_t stream, const char *text, size_t length)
{
    capture.sink->element(stream, length ? text : "", length);
}
