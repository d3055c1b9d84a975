# The outcome is still the exception; its repr is told about.
class Evil(Exception):
    def __repr__(self):
        raise RuntimeError("never")


raise Evil("text")
# outcome: "exception"
# error: "executing Python code: <Evil object whose __repr__ raised RuntimeError>"
# type: "Evil"
# message: "text"
