# print says so; the next execution has its streams.
import sys

del sys.stdout, sys.stderr
print("lost")
# error: "executing Python code: RuntimeError('lost sys.stdout')"
# ---
print("found")
print("both", file=sys.stderr)
# output: ["found", "both"]
