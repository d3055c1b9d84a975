# The interpreter is taken apart: the sandbox ends, the engine does not.
import ctypes

print("before")
ctypes.pythonapi.Py_FinalizeEx()
# ended: true
# error_contains: ""
# stdout: ["before"]
# ---
print("fresh")
# output: ["fresh"]
