# Nothing works for the rest of that execution; the next one has everything.
__builtins__.__dict__.clear()
print("gone")
# error_contains: "NameError"
# outcome: "exception"
# ---
print(len([1, 2]), isinstance(1, int), ValueError("x"))
import os
# output: ["2 True x"]
