# What was printed, written and left unfinished before the kill.
# option: {"wall_ms": 300, "grace_ms": 200}
import os
import sys

print("printed")
sys.stderr.write("a line\n")
os.write(1, b"from a descriptor\n")
sum(range(10**15))
# outcome: "timeout"
# limit: "wall_ms"
# ended: true
# error_contains: "the sandbox was killed"
# output: ["printed", "a line", "from a descriptor"]
