# Each frame names its execution and shows its line.
def divide(a, b):
    return a / b
# ---
result = divide(1, 0)
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 1
# traceback: "  File \"<execution 2>\", line 1, in <module>\n    result = divide(1, 0)\n"
# traceback: "  File \"<execution 1>\", line 3, in divide\n    return a / b\n"
# traceback: "Traceback (most recent call last):\n"
# traceback: "ZeroDivisionError: division by zero\n"
