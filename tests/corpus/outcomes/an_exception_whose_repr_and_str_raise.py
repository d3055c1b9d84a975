# Nothing of it can be shown but its type.
class Evil(Exception):
    def __str__(self):
        raise RuntimeError("never")

    __repr__ = __str__


raise Evil("text")
# error: "executing Python code: <Evil object whose __repr__ raised RuntimeError>"
# message: "<Evil object whose __str__ raised RuntimeError>"
# type: "Evil"
# line: 9
