# Python switches it off by itself.
import sys


def trace(frame, event, argument):
    raise RuntimeError("traced")


def f():
    return 1


sys.settrace(trace)
f()
# error: "executing Python code: RuntimeError('traced')"
# ---
print(f())
# output: ["1"]
