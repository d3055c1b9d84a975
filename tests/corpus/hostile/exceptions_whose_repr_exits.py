# SystemExit out of a repr ends nothing.
import sys


class Evil(Exception):
    def __repr__(self):
        sys.exit(3)

    def __str__(self):
        sys.exit(4)


raise Evil
# outcome: "exception"
# exit: 0
# error: "executing Python code: <Evil object whose __repr__ raised SystemExit>"
# message: "<Evil object whose __str__ raised SystemExit>"
