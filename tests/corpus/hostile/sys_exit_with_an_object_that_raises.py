# Its text cannot be had; the status is 1.
import sys


class Evil:
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


sys.exit(Evil())
# outcome: "exit"
# exit: 1
# stderr: ["<Evil object whose __str__ raised RuntimeError>"]
# error_contains: "executing Python code: "
