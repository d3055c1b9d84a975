# must_fail: ["option"]
# option: {"wall_ms": "3"}
x = 1
