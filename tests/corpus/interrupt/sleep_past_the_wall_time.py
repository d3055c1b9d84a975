# The timer of the host ends it too.
# option: {"wall_ms": 200}
import time

time.sleep(60)
# outcome: "timeout"
# limit: "wall_ms"
# error_contains: "wall time limit of 200 ms"
# within_ms: 1000
# ---
print("kept")
# output: ["kept"]
