/* SPDX-License-Identifier: Apache-2.0 */
/* execute.c: running user code in __main__.
 *
 * Everything runs on the sandbox's main thread with the GIL held. User code can reach and replace all
 * that Python knows; so before each execution the parts on which the engine or the next execution
 * relies are put back, from references that only this file holds. */
#include <Python.h>

#include "python/execute.h"

#include <string.h>
#include <sys/mman.h>

#include "python/capture.h"
#include "python/interpreter.h"
#include "python/interrupt.h"
#include "python/pristine.h"

#define SWITCH_INTERVAL_S 0.005 /* CPython's default */

enum { RESERVE_BYTES_MAX = 8 * 1024 * 1024, RESERVE_BYTES_MIN = 256 * 1024 };

static struct {
    PyObject *main_module, *globals;
    PyObject *builtins_module;
    PyObject *name, *main_name; /* "__name__" and "__main__" */
    PyObject *sys_module, *modules;
    PyObject *compile_function, *expression_statement, *expression_root; /* of the ast module */
    PyObject *remember_source;
    PyObject *switch_interval, *set_switch_interval; /* functions of sys */
    PyObject *filename; /* of the execution that runs or ran last */
    int future_flags; /* `from __future__` lasts from one execution to the next */
} pristine;

/* Names that user code adds stay. print, input and the streams are capture.c's. */
static bool keep_entries(void)
{
    return pristine_keep_all(PyModule_GetDict(pristine.builtins_module)) &&
           pristine_keep(pristine.modules, "__main__", pristine.main_module) &&
           pristine_keep(pristine.modules, "sys", pristine.sys_module) &&
           pristine_keep(pristine.modules, "builtins", pristine.builtins_module) &&
           pristine_keep(PyModule_GetDict(pristine.sys_module), "modules", pristine.modules) &&
           pristine_keep(pristine.globals, "__builtins__", pristine.builtins_module);
}

bool execute_prepare(void)
{
    pristine.modules = PyImport_GetModuleDict();
    pristine.name = PyUnicode_InternFromString("__name__");
    pristine.main_name = PyUnicode_InternFromString("__main__");
    pristine.main_module = Py_XNewRef(PyImport_AddModule("__main__"));
    pristine.sys_module = PyImport_ImportModule("sys");
    pristine.builtins_module = PyImport_ImportModule("builtins");
    PyObject *ast = PyImport_ImportModule("_ast");
    if (!pristine.name || !pristine.main_name || !pristine.main_module || !pristine.sys_module ||
        !pristine.builtins_module || !ast)
        return false;
    pristine.globals = PyModule_GetDict(pristine.main_module);
    pristine.compile_function = PyObject_GetAttrString(pristine.builtins_module, "compile");
    pristine.expression_statement = PyObject_GetAttrString(ast, "Expr");
    pristine.expression_root = PyObject_GetAttrString(ast, "Expression");
    pristine.switch_interval = Py_XNewRef(PySys_GetObject("getswitchinterval"));
    pristine.set_switch_interval = Py_XNewRef(PySys_GetObject("setswitchinterval"));
    pristine.remember_source = Py_XNewRef(interpreter_prelude("remember_source"));
    Py_DECREF(ast);
    return pristine.compile_function && pristine.expression_statement &&
           pristine.expression_root && pristine.remember_source && pristine.switch_interval &&
           pristine.set_switch_interval && keep_entries();
}

PyObject *execute_globals(void)
{
    return pristine.globals;
}

/* ---- Before ---- */

/* A thread that keeps the GIL for longer cannot be interrupted in time. */
static void restore_switch_interval(void)
{
    PyObject *interval_s = PyObject_CallNoArgs(pristine.switch_interval);
    if (interval_s && PyFloat_AsDouble(interval_s) > SWITCH_INTERVAL_S) {
        PyObject *done = PyObject_CallFunction(pristine.set_switch_interval, "d", SWITCH_INTERVAL_S);
        Py_XDECREF(done);
    }
    Py_XDECREF(interval_s);
}

void execute_restore(void)
{
    PyEval_SetTrace(NULL, NULL);
    PyEval_SetProfile(NULL, NULL);
    restore_switch_interval();
    if (!PyDict_GetItemWithError(pristine.globals, pristine.name))
        PyDict_SetItem(pristine.globals, pristine.name, pristine.main_name);
    pristine_restore();
    capture_clear();
    PyErr_Clear();
}

/* ---- Compiling ---- */

/* What was compiled: statements, and the last one apart when it is a bare expression. */
struct program {
    PyObject *statements, *expression;
};

static void free_program(struct program *program)
{
    Py_CLEAR(program->statements);
    Py_CLEAR(program->expression);
}

static PyObject *compile_tree(PyObject *tree, PyObject *filename, const char *mode)
{
    return PyObject_CallFunction(pristine.compile_function, "OOsii", tree, filename, mode,
                                 pristine.future_flags, 1);
}

static PyObject *parse(const struct execute_request *request, PyObject *filename)
{
    if (memchr(request->code, 0, request->length)) {
        PyErr_SetString(PyExc_SyntaxError, "source code string cannot contain null bytes");
        return NULL;
    }
    const char *code = request->code;
    if (strncmp(code, "\xef\xbb\xbf", 3) == 0)
        code += 3;
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_ONLY_AST | PyCF_SOURCE_IS_UTF8 | PyCF_IGNORE_COOKIE | pristine.future_flags;
    if (request->allow_incomplete)
        flags.cf_flags |= PyCF_ALLOW_INCOMPLETE_INPUT | PyCF_DONT_IMPLY_DEDENT;
    return Py_CompileStringObject(code, filename, Py_file_input, &flags, -1);
}

/* Takes the last statement off the tree when it is an expression. Returns a new reference to the
 * expression's own tree, or NULL, with an exception set only when something went wrong. */
static PyObject *split_expression(PyObject *tree)
{
    PyObject *body = PyObject_GetAttrString(tree, "body");
    PyObject *root = NULL;
    Py_ssize_t count = body && PyList_Check(body) ? PyList_GET_SIZE(body) : 0;
    PyObject *last = count ? PyList_GET_ITEM(body, count - 1) : NULL;
    if (last && (PyObject *)Py_TYPE(last) == pristine.expression_statement) {
        PyObject *value = PyObject_GetAttrString(last, "value");
        if (value && PyList_SetSlice(body, count - 1, count, NULL) == 0)
            root = PyObject_CallOneArg(pristine.expression_root, value);
        Py_XDECREF(value);
    }
    Py_XDECREF(body);
    return root;
}

/* False with an exception set. */
static bool compile_program(const struct execute_request *request, PyObject *filename,
                            struct program *out)
{
    PyObject *tree = parse(request, filename);
    if (!tree)
        return false;
    PyObject *root = split_expression(tree);
    if (!PyErr_Occurred())
        out->statements = compile_tree(tree, filename, "exec");
    if (root && out->statements)
        out->expression = compile_tree(root, filename, "eval");
    bool fine = out->statements && (out->expression || !root);
    Py_DECREF(tree);
    Py_XDECREF(root);
    if (!fine) {
        free_program(out);
        return false;
    }
    pristine.future_flags |= ((PyCodeObject *)out->statements)->co_flags & PyCF_MASK;
    return true;
}

/* ---- Running ---- */

static void remember_source(const struct execute_request *request, PyObject *filename)
{
    PyObject *code = PyUnicode_DecodeUTF8(request->code, (Py_ssize_t)request->length, "replace");
    PyObject *done =
        code ? PyObject_CallFunctionObjArgs(pristine.remember_source, filename, code, NULL) : NULL;
    Py_XDECREF(code);
    Py_XDECREF(done);
    PyErr_Clear();
}

/* The parser says that it met the end of the input within something. */
static bool is_incomplete(void)
{
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    bool incomplete = false;
    if (error && PyErr_GivenExceptionMatches(error, PyExc_SyntaxError)) {
        PyObject *message = PyObject_GetAttrString(error, "msg");
        incomplete = message && PyUnicode_Check(message) &&
                     PyUnicode_CompareWithASCIIString(message, "incomplete input") == 0;
        Py_XDECREF(message);
        PyErr_Clear();
    }
    PyErr_Restore(type, error, traceback);
    return incomplete;
}

/* Address space that user code cannot use up: what it leaves behind can be described, and the next
 * execution can be taken in, even when all the rest is gone. Its pages are never touched. */
struct reserve {
    void *pages;
    size_t bytes;
};

static struct reserve take_reserve(void)
{
    for (size_t bytes = RESERVE_BYTES_MAX; bytes >= RESERVE_BYTES_MIN; bytes /= 2) {
        void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages != MAP_FAILED)
            return (struct reserve){pages, bytes};
    }
    return (struct reserve){0};
}

static void run_program(const struct program *program, struct outcome *outcome, PyObject *filename)
{
    struct reserve reserve = take_reserve();
    PyObject *value = PyEval_EvalCode(program->statements, pristine.globals, pristine.globals);
    if (value && program->expression)
        Py_SETREF(value, PyEval_EvalCode(program->expression, pristine.globals, pristine.globals));
    interrupt_report();
    if (reserve.bytes)
        munmap(reserve.pages, reserve.bytes);
    if (!value)
        outcome_of_exception(outcome, filename);
    else if (program->expression && value != Py_None)
        outcome_of_value(outcome, value);
    Py_XDECREF(value);
    PyErr_Clear();
}

void execute_run(const struct execute_request *request, struct outcome *outcome)
{
    execute_restore();
    PyObject *filename = PyUnicode_DecodeUTF8(request->filename,
                                              (Py_ssize_t)strlen(request->filename), "replace");
    Py_XSETREF(pristine.filename, filename);
    struct program program = {0};
    remember_source(request, filename);
    interrupt_begin(request->serial);
    if (filename && compile_program(request, filename, &program))
        run_program(&program, outcome, filename);
    else if (request->allow_incomplete && is_incomplete())
        outcome->ending = OUTCOME_INCOMPLETE;
    else
        outcome_of_exception(outcome, filename);
    PyEval_SetTrace(NULL, NULL);
    PyEval_SetProfile(NULL, NULL);
    free_program(&program);
    PyErr_Clear();
}

void execute_rehearse(unsigned times)
{
    static const char *const codes[] = {"value = 1\nvalue + 1", "1 / 0"};
    static const char filename[] = "<execution 0>";
    for (size_t i = 0; i < times * 2; i++) {
        const char *code = codes[i % 2];
        struct execute_request request = {.code = code, .length = strlen(code), .filename = filename};
        struct outcome outcome = {0};
        execute_run(&request, &outcome);
        execute_end(&outcome);
        outcome_free(&outcome);
    }
    PyObject *done = PyObject_CallFunction(interpreter_prelude("forget_source"), "s", filename);
    Py_XDECREF(done);
    if (PyDict_DelItemString(pristine.globals, "value") != 0 || !done)
        PyErr_Clear();
}

int execute_future_flags(void)
{
    return pristine.future_flags;
}

void execute_set_future_flags(int flags)
{
    pristine.future_flags = flags & PyCF_MASK;
}

bool execute_is_running(PyObject *filename)
{
    return filename && pristine.filename && PyUnicode_Check(filename) &&
           PyUnicode_Compare(filename, pristine.filename) == 0;
}

void execute_end(struct outcome *outcome)
{
    interrupt_end();
    /* An interrupt that hit the engine's own looking around ends the execution all the same. */
    if (interrupt_was_late() && outcome->ending == OUTCOME_OK)
        outcome->ending = OUTCOME_INTERRUPT;
    PyErr_Clear();
}
