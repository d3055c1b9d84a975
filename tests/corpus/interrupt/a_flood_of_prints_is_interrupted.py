# Printing is interrupted like computing, and what was printed is kept.
# option: {"wall_ms": 200, "output_bytes": 100000000}
while True:
    print("")
# outcome: "timeout"
# limit: "wall_ms"
# error_contains: "wall time limit"
# within_ms: 1500
# ---
print("usable")
# output: ["usable"]
