# SPDX-License-Identifier: Apache-2.0
"""What of the engine is written in Python. The template runs it once, in the subinterpreter.

C code calls these functions by name. They live in a dict of their own, which is no module. User code
that digs them out can only spoil what they do for its own sandbox.
"""

import _thread
import faulthandler
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import linecache
import os
import random
import sys
import threading
import time
import traceback
import warnings

# numpy is right in general, but this process has exactly one interpreter that ever imports it.
warnings.filterwarnings("ignore", message="NumPy was imported from a Python sub-interpreter")

# CPython 3.11 leaves subinterpreters without the bound on digits that keeps int() and str() fast.
sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)

_sources = linecache.cache  # file name -> (size, mtime, lines, name); user code may rebind the attribute


def preload(name):
    """Imports a module in the template. Raises what the import raises."""
    importlib.import_module(name)


def rehearse(times):
    """Does what most sessions begin with. The template thereby imports and caches what that needs, and has
    its code adapted by CPython, before it is copied; a sandbox copies the memory that it writes to."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for _ in range(times):
                frame = pandas.DataFrame({"key": ["a", "b", "a"], "number": [1, 2, 1],
                                          "value": [0.5, 1.5, 2.5]})
                str(frame), str(frame.groupby("key")["value"].sum())
                str(frame.groupby("number").value.mean())
                str(frame[frame.value > 1].sort_values("value"))
                frame["sum"] = frame.number + frame.value
                str(frame.describe())
        except Exception:
            pass  # another pandas than those known here: it is only slower


def settle():
    """What every sandbox is to find done. Leaves the collector off and with nothing to look at; enter.c
    switches it on."""
    reseed()  # no half-used values are left in the generators, whose states are all that enter.c sets
    sys.argv[:] = [""]
    faulthandler.enable(file=2)
    gc.collect()
    gc.freeze()
    gc.disable()


def paths():
    """The folders that Python reads, by the names that it uses and, where links are in them, by those
    that they lead to; what is inside another one is left out."""
    names = {os.path.abspath(path) for path in
             [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *sys.path] if path}
    wanted = {path for path in names.union(map(os.path.realpath, names)) if os.path.exists(path)} - {"/"}
    return [path for path in sorted(wanted)
            if not any(path.startswith(other + "/") for other in wanted)]


def reseed():
    """Makes a copied process differ from its siblings."""
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy.random" in sys.modules:
        numpy.random.seed()
    uuid = sys.modules.get("uuid")
    if uuid is not None and (uuid._last_timestamp, uuid._node) != (None, None):
        uuid._last_timestamp = None
        uuid._node = None


def threads():
    """The threads that user code has left running: their names, and how many have none."""
    own = threading.get_ident()
    names = [str(thread.name) for ident, thread in list(threading._active.items()) if ident != own]
    return names, max(0, _thread._count() - len(names))


def entrance():
    """What enter.c works on."""
    numpy = sys.modules.get("numpy")
    seeds_numpy = numpy is not None and "numpy.random" in sys.modules
    return (os.environ._data, sys.path, threading.main_thread(),
            super(random.Random, random._inst).seed) + ((numpy.random.seed,) if seeds_numpy else ())


def remember_source(filename, code):
    """Lets tracebacks and inspect show the code of an execution."""
    _sources[filename] = (len(code), None, code.splitlines(True), filename)
    if linecache.cache is not _sources:
        linecache.cache = _sources


def forget_source(filename):
    _sources.pop(filename, None)


def format_exception(error):
    """The text that Python itself prints for an exception, without frames of this file."""
    shown = traceback.TracebackException(type(error), error, error.__traceback__)
    waiting = [shown]
    while waiting:
        part = waiting.pop()
        if part.stack is not None:
            part.stack[:] = [frame for frame in part.stack if frame.filename != "<clutch>"]
        waiting += [other for other in (part.__cause__, part.__context__) if other is not None]
        waiting += part.exceptions or ()
    return "".join(shown.format())


# CPython 3.13 takes the thread that initialised Python, which has ended, for the main thread; and it
# waits for a thread's end in a C loop that no interrupt can leave.

if sys.version_info >= (3, 13):
    _main = threading.main_thread()
    threading._active.pop(_main._ident, None)
    _main._ident = threading.get_ident()
    _main._handle = threading._make_thread_handle(_main._ident)
    threading._active[_main._ident] = _main
    _join = threading.Thread.join
    _JOIN_S = 0.02  # between two moments in which an interrupt can be raised

    @functools.wraps(_join)
    def join(self, timeout=None):
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _JOIN_S if until is None else until - time.monotonic()
            _join(self, min(left, _JOIN_S))
            if left < _JOIN_S or not self.is_alive():
                return

    threading.Thread.join = join


# inspect.getsource finds a class through its module's __file__, which __main__ does not have here.

_getfile = inspect.getfile


def _defining_file(cls):
    """The execution that defined a class of __main__, newest first; None when it is not found."""
    for value in vars(cls).values():
        code = getattr(getattr(value, "__wrapped__", value), "__code__", None)
        if code is not None and code.co_filename in _sources:
            if code.co_qualname.startswith(cls.__qualname__ + "."):
                return code.co_filename
    header = "class " + cls.__qualname__.rpartition(".")[2]
    for filename, (_, mtime, lines, _) in reversed(_sources.items()):
        if mtime is None and any(line.lstrip().startswith(header) for line in lines):
            return filename
    return None


def getfile(object):
    if inspect.isclass(object) and object.__module__ == "__main__":
        filename = _defining_file(object)
        if filename is not None:
            return filename
    return _getfile(object)


inspect.getfile = getfile


# A matplotlib backend that saves figures. matplotlib imports it by the name in MPLBACKEND.

_figures_source = '''
"""matplotlib backend of clutch: show() saves each open figure as a PNG in the working folder."""
import os
import weakref

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

_workdir = os.environ["CLUTCH_WORKDIR"]


def _free_name():
    number = 1
    while os.path.lexists(os.path.join(_workdir, f"figure-{number}.png")):
        number += 1
    return os.path.join(_workdir, f"figure-{number}.png")


def show(*args, **kwargs):
    for manager in Gcf.get_all_fig_managers():
        manager.canvas.figure.savefig(_free_name(), format="png")
        Gcf.destroy(manager.num)


_seen = weakref.WeakSet()


def show_open(*args, **kwargs):
    """Of Agg, which closes nothing: a figure is saved when it is new or has changed."""
    for manager in Gcf.get_all_fig_managers():
        figure = manager.canvas.figure
        if figure.stale or figure not in _seen:
            figure.savefig(_free_name(), format="png")
            figure.stale = False
            _seen.add(figure)


class FigureManager(FigureManagerBase):
    def show(self):
        self.canvas.figure.savefig(_free_name(), format="png")

    @classmethod
    def pyplot_show(cls, *args, **kwargs):
        show()


class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager
'''


def _show_open(*args, **kwargs):
    importlib.import_module("clutch_figures").show_open(*args, **kwargs)


class _FiguresFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    name = "clutch_figures"
    agg = "matplotlib.backends.backend_agg"  # whose own show() does nothing, and code likes to choose it

    def find_spec(self, fullname, path=None, target=None):
        if fullname == self.name:
            return importlib.util.spec_from_loader(fullname, self)
        return self.find_agg(path) if fullname == self.agg else None

    def find_agg(self, path):
        spec = importlib.machinery.PathFinder.find_spec(self.agg, path)
        if spec is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                module.show = _show_open

            spec.loader.exec_module = exec_module
        return spec

    def exec_module(self, module):
        exec(compile(_figures_source, "<clutch figures>", "exec"), module.__dict__)


sys.meta_path.insert(0, _FiguresFinder())
