# The error is a fixed text and the exception's repr; type and message stand beside it.
1 / 0
# outcome: "exception"
# error: "executing Python code: ZeroDivisionError('division by zero')"
# type: "ZeroDivisionError"
# message: "division by zero"
# line: 2
# traceback: "Traceback (most recent call last):\n  File \"<execution 1>\", line 2, in <module>\n    1 / 0"
