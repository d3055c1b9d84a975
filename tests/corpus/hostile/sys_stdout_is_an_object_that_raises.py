# Its write is the user's problem, the end of the execution is not.
import sys


class Evil:
    def write(self, text):
        raise RuntimeError("no")

    def __getattr__(self, name):
        raise RuntimeError("nothing")


sys.stdout = sys.stderr = Evil()
print("x")
# error: "executing Python code: RuntimeError('no')"
# ---
print("fine")
# output: ["fine"]
