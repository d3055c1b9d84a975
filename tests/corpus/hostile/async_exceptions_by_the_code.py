# PyThreadState_SetAsyncExc on the own thread is only an exception.
import ctypes
import threading


class Own(Exception):
    pass


ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.get_ident()), ctypes.py_object(Own))
for _ in range(1000):
    pass
# error: "executing Python code: Own()"
# ---
print("usable")
# output: ["usable"]
