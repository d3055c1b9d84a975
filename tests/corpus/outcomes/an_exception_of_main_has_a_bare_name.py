# Classes of __main__ are named as tracebacks name them.
class MyError(Exception):
    pass


raise MyError("mine", 3)
# error: "executing Python code: MyError('mine', 3)"
# type: "MyError"
# message: "('mine', 3)"
# traceback: "\nMyError: ('mine', 3)\n"
