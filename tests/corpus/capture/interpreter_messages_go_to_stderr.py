# What CPython itself prints in C: unraisable errors, thread failures, PySys_WriteStderr.
import ctypes

ctypes.pythonapi.PySys_WriteStderr(b"written by %s\n", b"C")
ctypes.pythonapi.PySys_WriteStdout(b"out\n")
callback = ctypes.CFUNCTYPE(None)(lambda: 1 / 0)
callback()
# stderr_contains: ["written by C", "ZeroDivisionError: division by zero"]
# stdout: ["out"]
