# The state is kept.
before = "kept"


def deeper(n):
    return deeper(n + 1)


deeper(0)
# outcome: "exception"
# type: "RecursionError"
# error_contains: "RecursionError('maximum recursion depth exceeded"
# line: 6
# traceback: "[Previous line repeated "
# ---
print(before)
# output: ["kept"]
