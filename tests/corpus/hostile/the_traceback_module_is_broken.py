# The error is whole; the traceback is told in short.
import traceback

traceback.TracebackException = None
traceback.print_exc = None
# ---
1 / 0
# error: "executing Python code: ZeroDivisionError('division by zero')"
# type: "ZeroDivisionError"
# line: 1
# traceback: "ZeroDivisionError: division by zero\n"
