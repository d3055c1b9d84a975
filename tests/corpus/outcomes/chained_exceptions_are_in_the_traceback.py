# The cause and the context, each with its sentence; the error is the last one's.
try:
    {}["key"]
except KeyError as error:
    raise ValueError("caused") from error
# error: "executing Python code: ValueError('caused')"
# line: 5
# traceback: "KeyError: 'key'\n\nThe above exception was the direct cause of the following exception:\n\n"
# traceback: "ValueError: caused\n"
# ---
try:
    {}["key"]
except KeyError:
    undefined
# error: "executing Python code: NameError(\"name 'undefined' is not defined\")"
# line: 4
# traceback: "During handling of the above exception, another exception occurred:"
# ---
try:
    {}["key"]
except KeyError:
    raise ValueError("alone") from None
# error: "executing Python code: ValueError('alone')"
# traceback_lacks: "KeyError"
