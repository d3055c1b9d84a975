# must_fail: ["option"]
x = 1
# ---
# option: {"memory_bytes": 100000000}
x = 2
