# What the code puts there gets the prints, until the next execution.
import io
import sys

sys.stdout = kept = io.StringIO()
print("to the string")
sys.stderr = None
# output: []
# ---
print(repr(kept.getvalue()))
print("works", file=sys.stderr)
# output: ["'to the string\\n'", "works"]
