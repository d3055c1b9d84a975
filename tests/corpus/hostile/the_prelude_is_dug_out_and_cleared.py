# Functions of the engine in Python can be found; broken, they spoil what they do and no more.
import inspect

inspect.getfile.__globals__.clear()
# ---
print("alive")
# output: ["alive"]
# ---
1 / 0
# error: "executing Python code: ZeroDivisionError('division by zero')"
# type: "ZeroDivisionError"
# line: 1
