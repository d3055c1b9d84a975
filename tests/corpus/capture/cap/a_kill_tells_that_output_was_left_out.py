# option: {"wall_ms": 300, "grace_ms": 100, "output_bytes": 10}
print("x" * 20)
sum(range(10**15))
# outcome: "timeout"
# ended: true
# error_contains: "killed"
# omitted: [10, 1]
# limit: "wall_ms"
