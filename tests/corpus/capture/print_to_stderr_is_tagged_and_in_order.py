# Both streams share one order; each element knows its stream.
import sys

print("first")
print("second", file=sys.stderr)
print("third", file=sys.stdout)
print("fourth", file=sys.stderr, sep="-", end="", flush=True)
print("fifth", file=None)
# output: ["first", "second", "third", "fourth", "fifth"]
# stdout: ["first", "third", "fifth"]
# stderr: ["second", "fourth"]
