# The GIL is given away without being taken back: a crash of the sandbox's own.
# option: {"wall_ms": 3000}
import ctypes

print("before")
ctypes.PyDLL(None).PyEval_SaveThread()
print("after")
# ended: true
# error_contains: ""
# ---
print("fresh")
# output: ["fresh"]
