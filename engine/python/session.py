# SPDX-License-Identifier: Apache-2.0
"""Saving what a session holds and bringing it back. The template runs this once, after the preloads.

A session is a row of frames, one pickle per name, written by one pickler and read by one unpickler: they
share the memo, so an object that several names lead to stays one object. A frame that cannot be written
or read is taken out of the memo again, and costs no other name more than what it took from it. Large
buffers travel beside the pickles. Index 0 of the memo is the dict of __main__ itself: whatever refers to
it, functions before all, refers to the living one afterwards.

C code calls enter(), save() and load(). User code runs in the midst of them, as pickles do.
"""

import copyreg
import functools
import importlib
import io
import json
import os
import pickle
import random
import re
import socket
import sys
import threading
import types
import warnings
import weakref

_NEVER = {"__name__", "__builtins__", "__loader__", "__spec__", "__package__"}
_BUFFER_BYTES = 1 << 16  # a smaller one stays in its pickle
_PLAIN = ("numpy.", "pandas.", "datetime.", "decimal.")
_RECURSION = 2500  # C code recurses with the pickler; deeper than that the stack of CPython 3.11 ends
_REASON_CHARACTERS = 400
_SOURCES_CHARACTERS = 16 << 20
_STATE = "\0state"  # names of frames that are no variables; user code has no such names

_base = {}  # what a fresh sandbox has, to tell what user code has changed


class Stop(BaseException):
    """Ends the saving or loading as a whole; C code knows why."""


class _Lost:
    """Stands in a memo for what a frame that failed would have put there."""

    def __init__(self, reason):
        self.reason = reason


_LOST = _Lost("it shares a part with a name that could not be restored")


class Refused(Exception):
    """This name cannot be kept; the text is the reason."""


# ---- cloudpickle, under a name of its own so that the user's, whatever its version, is another ----

_cloud = types.ModuleType("clutch_cloudpickle")
_cloud.__builtins__ = sys.modules["builtins"]


def prepare(source):
    sys.modules[_cloud.__name__] = _cloud  # dataclasses look their module up
    exec(compile(source, "<cloudpickle>", "exec"), _cloud.__dict__)
    del sys.modules[_cloud.__name__]
    _define_pickler()
    # Here and not in the sandbox, where counting references to all names would copy their pages.
    main = sys.modules["__main__"].__dict__
    _base.update(modules=frozenset(sys.modules), filters=list(warnings.filters), path=list(sys.path),
                 environ=dict(os.environ), main=dict(main), recursion=sys.getrecursionlimit(),
                 seeds=_seeds(main))  # the sandbox adds: workdir, env


def _base_path():
    return [_base["workdir"], *_base["path"]]


def _base_environ():
    pairs = (item.partition("=") for item in _base["env"])
    return {**_base["environ"], **{key: value for key, _, value in pairs}}


def _seeds(main):
    """What every process has its own of: the first entries of both memos, always as many."""
    seeds = [main, sys.modules["__main__"], sys.modules, os.environ, sys.modules["builtins"].__dict__,
             sys.stdout, sys.stderr, sys.stdin]
    return [object() if any(seed is other for other in seeds[:at]) else seed
            for at, seed in enumerate(seeds)]


# ---- Why something cannot be kept -----------------------------------------------------------------

_lock_types = (type(threading.Lock()), type(threading.RLock()), threading.Condition,
               threading.Semaphore, threading.Event, threading.Barrier)
_REASONS = [
    (threading.Thread, "a thread cannot be kept"),
    (_lock_types, "a lock cannot be kept"),
    (io.IOBase, "an open file cannot be kept: open it again"),
    (socket.socket, "a socket cannot be kept: connect again"),
    (types.GeneratorType, "a generator cannot be kept: make it again"),
    ((types.CoroutineType, types.AsyncGeneratorType), "a coroutine cannot be kept"),
    (types.FrameType, "a frame cannot be kept"),
    (types.TracebackType, "a traceback cannot be kept"),
    ((weakref.ReferenceType, *weakref.ProxyTypes), "a weak reference cannot be kept"),
]
_cannot = re.compile(r"cannot pickle '?([\w.]+)'? object")


def _type_name(value):
    kind = type(value)
    module, name = kind.__module__, kind.__qualname__
    return name if module in ("builtins", "__main__") else "%s.%s" % (module, name)


def _in_memory(value):
    """Files that live in memory alone are values like others."""
    return type(value) in (io.BytesIO, io.StringIO)


def _reason(value, error):
    for kinds, reason in _REASONS:
        if isinstance(value, kinds) and not _in_memory(value):
            return reason
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, RecursionError) or isinstance(error.__cause__, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "the sandbox has no memory left for it"
    found = _cannot.search(str(error))
    if found:
        return "it holds a %s, which cannot be kept" % found.group(1)
    return "%s: %s" % (type(error).__name__, error)


def _text(make, *arguments):
    """The text that make returns, cut; objects of the user's may do anything meanwhile."""
    try:
        text = str(make(*arguments))
    except BaseException:
        return "?"
    text = " ".join(text.split())
    return text if len(text) <= _REASON_CHARACTERS else text[:_REASON_CHARACTERS] + "…"


def _row(name, value, error):
    return [name, _text(_type_name, value), _text(_reason, value, error)]


# ---- The pickler ----------------------------------------------------------------------------------

def _import(name):
    importlib.import_module(name)
    return sys.modules[name]


def _fill_cell(cell, contents):
    cell.cell_contents, = contents


def _reduce_cell(cell):
    """Filled after it is in the memo: functions go on sharing it, and it may lead back to itself."""
    try:
        return _cloud._make_empty_cell, (), (cell.cell_contents,), None, None, _fill_cell
    except ValueError:  # it is empty
        return _cloud._make_empty_cell, ()


def _reduce_class(cls):
    """cloudpickle makes the class first and fills it then, which is too late for slots."""
    reduced = _cloud._class_reduce(cls)
    if type(reduced) is tuple and reduced[0] is _cloud._make_skeleton_class and "__slots__" in vars(cls):
        reduced[1][3]["__slots__"] = vars(cls)["__slots__"]
    return reduced


def _cached(options, function):
    return functools.lru_cache(**options)(function)


def _reduce_cached(function):
    """What lru_cache has made: the function by value when it is so, with an empty cache."""
    if _cloud._lookup_module_and_qualname(function):
        return function.__qualname__
    return _cached, (function.cache_parameters(), function.__wrapped__)


for _function in (_import, _fill_cell, _cached):  # pickles find them there
    _function.__module__, _function.__qualname__ = _cloud.__name__, _function.__name__
    setattr(_cloud, _function.__name__, _function)


def _can_import(module):
    """Whether a later process finds it by its name: one that user code has made up has no spec, and a
    file may be gone."""
    spec = getattr(module, "__spec__", None)
    if spec is None:
        return False
    return not getattr(spec, "has_location", False) or os.path.exists(spec.origin)


def _reduce_module(module):
    name = module.__name__
    if sys.modules.get(name) is not module:
        return _cloud._module_reduce(module)
    if not _can_import(module):
        raise Refused("the module %s cannot be imported again" % name)
    return _import, (name,)


def _refuse_file(file):
    raise Refused("it holds an open file, which cannot be kept")


def _refuse_generator(generator):
    raise Refused("it holds a generator, which cannot be kept")


def _define_pickler():
    """Once cloudpickle is there."""
    global Pickler
    ours = {types.ModuleType: _reduce_module, types.GeneratorType: _refuse_generator,
            types.CellType: _reduce_cell, functools._lru_cache_wrapper: _reduce_cached}
    for kind in (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO):
        ours[kind] = _refuse_file
    any_type, function_type = type, types.FunctionType
    by_reference = _cloud._should_pickle_by_reference
    getstate, setstate, make = _cloud._function_getstate, _cloud._function_setstate, _cloud._make_function

    class Pickler(_cloud.Pickler):
        """cloudpickle's, but functions share the dict that they run in instead of taking parts of it."""

        def __init__(self, file, take_buffer, main):
            self.main = main
            self.dispatch_table = {**copyreg.dispatch_table, **_cloud.Pickler._dispatch_table, **ours}
            super().__init__(file, protocol=5, buffer_callback=take_buffer)

        def reducer_override(self, obj):
            kind = any_type(obj)
            if issubclass(kind, any_type):
                return _reduce_class(obj)
            if kind is function_type:
                return NotImplemented if by_reference(obj) else self.reduce_function(obj)
            return NotImplemented

        def reduce_function(self, func):
            if not self.shares_globals(func.__globals__):
                return self._dynamic_function_reduce(func)
            state = getstate(func)
            state[1]["__globals__"], state[1]["__closure__"] = {}, None
            return (make, (func.__code__, func.__globals__, None, None, func.__closure__), state, None,
                    None, setstate)

        def shares_globals(self, names):
            """Not with a module: its dict stays where it is."""
            if names is self.main:
                return True
            module = sys.modules.get(names.get("__name__"))
            return getattr(module, "__dict__", None) is not names and "__spec__" not in names


# ---- Saving ---------------------------------------------------------------------------------------

class _Saving:
    def __init__(self, write, tell, interrupted, main):
        self.write, self.tell, self.interrupted = write, tell, interrupted
        self.buffers, self.frames, self.left_out = [], [], []
        self.pickler = Pickler(self, self.take_buffer, main)
        self.pickler.memo = {id(seed): (at, seed) for at, seed in enumerate(_base["seeds"])}

    def take_buffer(self, buffer):
        """True leaves it in the pickle."""
        raw = buffer.raw()
        if raw.nbytes < _BUFFER_BYTES:
            return True
        self.buffers.append(raw)
        return False

    def check(self):
        if self.interrupted():
            raise Stop

    def frame(self, name, value):
        """Raises what the value's own code raises; then it is as if nothing had been tried."""
        start, first = self.tell(), len(self.buffers)
        wrapped = [value]  # lists enter the memo first: this one is where the frame begins in it
        wrapped.append(wrapped)  # and so the frame's end tells where that is; see _entry
        try:
            self.pickler.dump(wrapped)
        except BaseException:
            del self.buffers[first:]
            self.roll_back(wrapped)
            raise
        self.frames.append([name, start, self.tell() - start, first, _text(_type_name, value)])

    def roll_back(self, wrapped):
        memo = self.pickler.memo.copy()
        begin = memo.get(id(wrapped), (len(memo), None))[0]
        self.pickler.memo = {key: entry for key, entry in memo.items() if entry[0] < begin}

    def keep(self, name, value):
        self.check()
        try:
            self.frame(name, value)
        except Stop:
            raise
        except BaseException as error:
            self.check()
            self.left_out.append(_row(name, value, error))


def _rank(value):
    """Plain data first, then what it may be made of: a name that fails at the start takes fewer along."""
    kind = type(value)
    if issubclass(kind, types.ModuleType):
        return 0
    if issubclass(kind, (type, types.FunctionType)):
        return 2
    plain = _text(_type_name, value).startswith(_PLAIN) or kind in (int, float, complex, str, bytes, bool)
    return 1 if plain else 3


def _is_kept(name, value):
    if name == "__annotations__":
        return type(value) is not dict or len(value) > 0
    return name not in _NEVER and not (name in _base["main"] and _base["main"][name] is value)


def _paths():
    """sys.path: entries of a fresh sandbox by their place, others by name or below the working folder."""
    rows, workdir, base = [], _base["workdir"], _base_path()
    for path in sys.path:
        if not isinstance(path, str):
            continue
        if path in base:
            rows.append(["base", base.index(path)])
        elif path.startswith(workdir + "/"):
            rows.append(["work", path[len(workdir) + 1:]])
        else:
            rows.append(["path", path])
    return rows


def _current_folder():
    """Below the working folder, or None."""
    try:
        below = os.path.relpath(os.getcwd(), os.path.realpath(_base["workdir"]))
    except (OSError, ValueError):
        return None
    return None if below == ".." or below.startswith("../") else below


def _submodules(main):
    """Loaded parts of packages that a name of __main__ leads to, which the package does not load itself."""
    roots = tuple({value.__name__ + "." for value in main.values()
                   if type(value) is types.ModuleType and isinstance(value.__name__, str)})
    return [name for name in sys.modules
            if isinstance(name, str) and name not in _base["modules"] and name.startswith(roots)] \
        if roots else []


def _sources(cache):
    """The executions' code, newest first, as far as there is room: tracebacks show lines of it."""
    kept, room = {}, _SOURCES_CHARACTERS
    for name, entry in reversed(list(cache.items())):
        if len(entry) == 4 and entry[1] is None:
            room -= entry[0]
            if room < 0:
                break
            kept[name] = "".join(entry[2])
    return kept


def _numpy_state():
    numpy = sys.modules.get("numpy")
    return numpy.random.get_state() if numpy and "numpy.random" in sys.modules else None


def _filters():
    return None if warnings.filters == _base["filters"] else list(warnings.filters)


def _save_state(saving, sources):
    for name, make in (("sources", lambda: _sources(sources)), ("filters", _filters),
                       ("random", random.getstate), ("numpy", _numpy_state)):
        try:
            saving.frame(_STATE + name, make())
        except Stop:
            raise
        except BaseException:
            saving.check()


def save(write, tell, interrupted, main, sources, extra):
    """Returns (manifest, buffers, rows of what was left out, number of variables)."""
    limit = sys.getrecursionlimit()
    sys.modules[_cloud.__name__] = _cloud
    try:
        if limit > _RECURSION:
            sys.setrecursionlimit(_RECURSION)
        saving = _Saving(write, tell, interrupted, main)
        names = [(name, value) for name, value in list(main.items()) if isinstance(name, str)]
        names = [(name, value) for name, value in names if _is_kept(name, value)]
        for name, value in sorted(names, key=lambda item: _rank(item[1])):
            saving.keep(name, value)
        variables = len(saving.frames)
        _save_state(saving, sources)
        environ, base = dict(os.environ), _base_environ()
        order = {name: at for at, (name, value) in enumerate(names)}
        saving.left_out.sort(key=lambda row: order[row[0]])
        manifest = {
            "python": sys.version.split()[0], "names": [name for name, value in names],
            "frames": saving.frames, "left_out": saving.left_out, "workdir": _base["workdir"],
            "base_path": _base_path(), "path": _paths(), "folder": _current_folder(),
            "environ": {key: value for key, value in environ.items()
                        if base.get(key) != value},
            "removed_environ": [key for key in base if key not in environ],
            "submodules": _submodules(main), "recursion": None if limit == _base["recursion"] else limit,
            "extra": extra,
        }
        return json.dumps(manifest).encode(), saving.buffers, saving.left_out, variables
    finally:
        sys.modules.pop(_cloud.__name__, None)
        sys.setrecursionlimit(limit)


# ---- Loading --------------------------------------------------------------------------------------

class _Pickles:
    """All frames as one file. The unpickler reads from `at`."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def read(self, size):
        self.at += size
        return bytes(self.data[self.at - size:self.at])

    def readinto(self, target):
        size = len(target)
        target[:] = self.data[self.at:self.at + size]
        self.at += size
        return size

    def readline(self):
        end, start = self.at, self.at
        while end < len(self.data) and self.data[end] != 10:
            end += 1
        self.at = end + 1
        return bytes(self.data[start:self.at])


class _Buffers:
    def __init__(self, items):
        self.items, self.at = items, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.at >= len(self.items):
            raise StopIteration
        self.at += 1
        return self.items[self.at - 1]


def _find(unpickler, find_class, module, name):
    """Code is refused before it is made when it was another CPython's."""
    if module == _cloud.__name__:
        if unpickler.foreign and name == "_make_function":
            raise Refused(unpickler.foreign)
        if unpickler.foreign and name == "_builtin_type":
            return functools.partial(_foreign_type, unpickler.foreign)
        return getattr(_cloud, name)
    try:
        found = find_class(module, name)
    except ModuleNotFoundError:
        if not module.startswith("numpy._core"):
            raise
        found = find_class(module.replace("_core", "core", 1), name)  # its name before numpy 1.26
    if unpickler.foreign and found is types.CodeType:
        raise Refused(unpickler.foreign)
    return found


def _foreign_type(reason, name):
    if name == "CodeType":
        raise Refused(reason)
    return _cloud._builtin_type(name)


class _Unpickler(pickle.Unpickler):
    """CPython's setter of the memo takes no dict (up to 3.13 at least): a pickle of seeds is read."""

    def find_class(self, module, name):
        return _find(self, super().find_class, module, name)

    def persistent_load(self, at):
        return _base["seeds"][at]


def _seed_pickle():
    takes = b"".join(b"K%c" % at + pickle.BINPERSID + pickle.MEMOIZE + pickle.POP
                     for at in range(len(_base["seeds"])))
    return pickle.PROTO + b"\5" + takes + pickle.NONE + pickle.STOP


class _CarefulUnpickler(pickle._Unpickler):
    """In Python: slower, but its memo may have entries that are lost."""

    def find_class(self, module, name):
        return _find(self, super().find_class, module, name)

    def recall(self, entry):
        value = self.memo.get(entry, _LOST)
        if type(value) is _Lost:
            raise Refused(value.reason)
        self.stack.append(value)

    def load_binget(self):
        self.recall(self.read(1)[0])

    def load_long_binget(self):
        self.recall(int.from_bytes(self.read(4), "little"))

    def load_memoize(self):
        self.memo[self.next_entry] = self.stack[-1]
        self.next_entry += 1

    dispatch = {code: function for code, function in pickle._Unpickler.dispatch.items()
                if bytes([code]) not in (pickle.GET, pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT)}
    dispatch[pickle.BINGET[0]] = load_binget
    dispatch[pickle.LONG_BINGET[0]] = load_long_binget
    dispatch[pickle.MEMOIZE[0]] = load_memoize


class _Skimmer(_CarefulUnpickler):
    """Makes nothing but texts, numbers and what is found by name, which later frames share with a frame
    that failed as well. All else that the frame would have put into the memo is lost."""

    def find_class(self, module, name):
        try:
            return super().find_class(module, name)
        except BaseException as error:
            return _Lost(_text(_load_reason, error))

    def recall(self, entry):
        self.stack.append(self.memo.get(entry, _LOST))

    def push_lost(self):
        self.stack.append(_LOST)

    def lose_one(self):
        self.stack[-1] = _LOST

    def lose_two(self):
        del self.stack[-1]
        self.stack[-1] = _LOST

    def lose_three(self):
        del self.stack[-2:]
        self.stack[-1] = _LOST

    def lose_mark(self):
        self.pop_mark()
        self.stack[-1] = _LOST

    def lose_items(self):
        self.pop_mark()
        self.stack.append(_LOST)

    def lose_bytearray(self):
        self.load_bytearray8()
        self.stack[-1] = _LOST

    dispatch = dict(_CarefulUnpickler.dispatch)
    for _function, _codes in (
            (push_lost, (pickle.EMPTY_LIST, pickle.EMPTY_DICT, pickle.EMPTY_SET, pickle.NEXT_BUFFER)),
            (lose_one, (pickle.TUPLE1, pickle.READONLY_BUFFER)),
            (lose_two, (pickle.TUPLE2, pickle.REDUCE, pickle.NEWOBJ, pickle.BUILD, pickle.APPEND)),
            (lose_three, (pickle.TUPLE3, pickle.NEWOBJ_EX, pickle.SETITEM)),
            (lose_mark, (pickle.APPENDS, pickle.SETITEMS, pickle.ADDITEMS)),
            (lose_items, (pickle.TUPLE, pickle.FROZENSET)),
            (lose_bytearray, (pickle.BYTEARRAY8,))):
        for _code in _codes:
            dispatch[_code[0]] = _function


def _entry(frame):
    """Where in the memo a frame begins. It ends with a list that takes itself in: the entry in one byte
    or in four, then APPENDS and STOP. Entries begin past the seeds and end far before 2 ** 27, so the
    two cannot be mistaken for each other."""
    long = int.from_bytes(frame[-6:-2], "little")
    if len(frame) >= 7 and frame[-7] == pickle.LONG_BINGET[0] and 256 <= long < 1 << 27:
        return long
    if len(frame) >= 4 and frame[-4] == pickle.BINGET[0]:
        return frame[-3]
    raise Refused("its frame has no end")


class _Loading:
    def __init__(self, pickles, buffers, interrupted, main, foreign):
        self.file, self.buffers, self.interrupted = _Pickles(_seed_pickle()), _Buffers(buffers), interrupted
        self.main, self.foreign = main, foreign
        self.loaded, self.state, self.left_out = {}, {}, []
        self.unpickler = self.make(_Unpickler)
        self.unpickler.load()
        self.file.data = pickles

    def make(self, kind):
        unpickler = kind(self.file, buffers=self.buffers)
        unpickler.foreign = self.foreign
        return unpickler

    def frame(self, name, start, length, first):
        self.file.at, self.buffers.at = start, first
        if isinstance(self.unpickler, _CarefulUnpickler):
            self.unpickler.next_entry = _entry(self.file.data[start:start + length])
        wrapped = self.unpickler.load()
        value, _ = wrapped
        wrapped.clear()
        if name.startswith(_STATE):
            self.state[name[len(_STATE):]] = value
        else:
            self.loaded[name] = self.main[name] = value  # at once: code of the next ones may use it

    def be_careful(self, start, length, first):
        """After a failure: what the frame has made, whole or not, is lost."""
        if not isinstance(self.unpickler, _CarefulUnpickler):
            memo = self.unpickler.memo.copy()
            self.unpickler = self.make(_CarefulUnpickler)
            self.unpickler.memo = memo
        entry, memo = _entry(self.file.data[start:start + length]), self.unpickler.memo
        for key in [key for key in memo if key >= entry]:
            del memo[key]
        skimmer = self.make(_Skimmer)
        skimmer.memo, skimmer.next_entry = memo, entry
        self.file.at, self.buffers.at = start, first
        skimmer.load()

    def take(self, name, start, length, first, kind):
        if self.interrupted():
            raise Stop
        try:
            self.frame(name, start, length, first)
        except Stop:
            raise
        except BaseException as error:
            if self.interrupted():
                raise Stop
            self.left_out.append([name, kind, _text(_load_reason, error)])
            self.be_careful(start, length, first)


def _load_reason(error):
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return "the module %s is not there" % error.name
    if isinstance(error, MemoryError):
        return "the sandbox has no memory left for it"
    return "%s: %s" % (type(error).__name__, error)


def _set_path(manifest):
    """What user code put on sys.path before and behind what a fresh sandbox has there."""
    base = _base_path()
    same = manifest["base_path"][1:] == base[1:]
    begin, middle, end = [], None, []
    for kind, value in manifest["path"]:
        if kind == "base" and same:
            (begin if middle is None else end).append(base[value])
        elif kind == "base":
            middle = base
        else:
            path = os.path.join(_base["workdir"], value) if kind == "work" else value
            (begin if middle is None else end).append(path)
    sys.path[:] = begin + (middle or []) + end


def _set_up(manifest):
    """Before the variables: their code may need it."""
    _set_path(manifest)
    os.environ.update(manifest["environ"])
    for key in manifest["removed_environ"]:
        os.environ.pop(key, None)
    folder = manifest["folder"]
    if folder is not None and folder != ".":
        try:
            os.chdir(os.path.join(_base["workdir"], folder))
        except OSError:
            pass  # the folder is gone, which the files tell


def _import_submodules(names):
    for name in names:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except Exception:
                pass  # a package may have made it up at run time


def _set_state(state, remember_source):
    """After the variables: what loads them may draw random numbers and warn."""
    for filename, code in reversed(list((state.get("sources") or {}).items())):
        remember_source(filename, code)
    if state.get("filters") is not None:
        warnings.filters[:] = state["filters"]
        getattr(warnings, "_filters_mutated", lambda: None)()
    if state.get("random") is not None:
        random.setstate(state["random"])
    if state.get("numpy") is not None and "numpy.random" in sys.modules:
        sys.modules["numpy"].random.set_state(state["numpy"])


def _foreign(version):
    here, there = sys.version.split()[0].split(".")[:2], version.split(".")[:2]
    return None if here == there else "its code was made by Python %s and this is Python %s" % (
        ".".join(there), ".".join(here))


def load(pickles, manifest, buffers, interrupted, main, remember_source, version):
    """Returns (rows of what was left out then and now, number of variables, what save had as extra)."""
    manifest = json.loads(bytes(manifest))
    loading = _Loading(pickles, buffers, interrupted, main, _foreign(version))
    _set_up(manifest)
    for frame in manifest["frames"]:
        loading.take(*frame)
        if type(loading.loaded.get(frame[0])) is types.ModuleType:
            _import_submodules([name for name in manifest["submodules"]
                                if name.startswith(loading.loaded[frame[0]].__name__ + ".")])
    try:
        _set_state(loading.state, remember_source)
    except Exception as error:
        loading.left_out.append(["random state", "", _text(_load_reason, error)])
    order = {name: at for at, name in enumerate(manifest["names"])}
    for name in sorted(loading.loaded, key=order.__getitem__):
        if name in main:
            main[name] = main.pop(name)
    if manifest["recursion"]:
        sys.setrecursionlimit(manifest["recursion"])
    rows = [row for row in manifest["left_out"] + loading.left_out if not row[0].startswith(_STATE)]
    rows.sort(key=lambda row: order.get(row[0], len(order)))
    return rows, len(loading.loaded), manifest["extra"]
