# errstate and seterrcall.
import numpy as np

with np.errstate(divide="ignore"):
    print(np.array([1.0]) / 0)
np.seterrcall(lambda kind, flag: print("called:", kind))
with np.errstate(all="call"):
    print(np.array([1.0]) / 0)
with np.errstate(all="print"):
    np.array([1.0]) / 0
with np.errstate(all="raise"):
    np.array([1.0]) / 0
# output_contains: ["[inf]", "called: divide by zero", "[inf]", "Warning: divide by zero encountered in"]
# type: "FloatingPointError"
# error_contains: "FloatingPointError('divide by zero encountered in"
# line: 12
