# A traceback without frames of the execution, or with endless ones.
error = ValueError("bare")
try:
    raise error
except ValueError:
    pass
error.__traceback__ = None
raise error.with_traceback(None)
# error: "executing Python code: ValueError('bare')"
# line: 8
# ---
import sys


def deep(n):
    if n:
        deep(n - 1)
    raise ValueError("deep")


sys.setrecursionlimit(5000)
deep(3000)
# error: "executing Python code: ValueError('deep')"
# line: 7
# traceback: "Previous line repeated"
