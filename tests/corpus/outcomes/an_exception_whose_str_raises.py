# The message is told about, and the traceback is what Python itself prints.
class Evil(Exception):
    def __str__(self):
        raise RuntimeError("never")


raise Evil("text")
# error: "executing Python code: Evil('text')"
# message: "<Evil object whose __str__ raised RuntimeError>"
# traceback: "Evil: <exception str() failed>"
