# Py_Exit takes Python down first.
import ctypes

print("before")
ctypes.pythonapi.Py_Exit(4)
# ended: true
# outcome_in: ["exit", "crashed"]
# output_contains: ["before"]
