# Backtracking happens in C under the GIL.
# option: {"wall_ms": 200, "grace_ms": 200}
import re

print("begun")
re.match(r"(a+)+$", "a" * 60 + "b")
# outcome: "timeout"
# limit: "wall_ms"
# ended: true
# error_contains: "did not yield: the sandbox was killed"
# output: ["begun"]
# within_ms: 2000
