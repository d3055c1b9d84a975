# A class that writes to the real stream and keeps a copy.
import sys


class Tee:
    def __init__(self, stream):
        self.stream, self.copy = stream, []

    def write(self, text):
        self.copy.append(text)
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()


sys.stdout = tee = Tee(sys.stdout)
print("one", "line")
print("another", end="")
# output: ["one line", "another"]
# ---
print(tee.copy)
# output: ["['one', ' ', 'line', '\\n', 'another', '']"]
