# The next execution is compiled and described all the same.
import sys

sys.setrecursionlimit(30)
# ---
values = [[[[1]]]]


def f(n):
    return n if n == 0 else f(n - 1)


f(100)
# type: "RecursionError"
# error_contains: "maximum recursion depth exceeded"
# ---
raise ValueError("described")
# error: "executing Python code: ValueError('described')"
# ---
print("usable")
# output: ["usable"]
