# Wrappers around the byte buffer, as libraries make them.
import codecs
import io
import sys

codecs.getwriter("utf-8")(sys.stdout.buffer).write("writer ✓\n")
wrapper = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", line_buffering=True)
print("wrapped", "text", file=wrapper)
wrapper.write("half")
wrapper.flush()
print(" line", file=wrapper)
del wrapper
print("print")
# output: ["writer ✓", "wrapped text", "half line", "print"]
# ---
print("still")
# output: ["still"]
