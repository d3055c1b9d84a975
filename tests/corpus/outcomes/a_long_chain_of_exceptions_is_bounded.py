# Five thousand causes: the traceback is cut in its middle or shortened, never the error.
error = None
for number in range(5000):
    new = ValueError(number)
    new.__cause__ = error
    error = new
raise error
# error: "executing Python code: ValueError(4999)"
# outcome: "exception"
# type: "ValueError"
# line: 7
# within_ms: 5000
