# sys.excepthook and displayhook are for interactive use; the result tells.
import sys

sys.excepthook = lambda *_: print("hooked")
sys.displayhook = lambda value: print("displayed")
sys.unraisablehook = lambda info: print("unraisable")
# ---
1 / 0
# error: "executing Python code: ZeroDivisionError('division by zero')"
# output: []
# ---
"value"
# value: "'value'"
# output: []
