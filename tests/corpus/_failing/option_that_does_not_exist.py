# must_fail: ["option"]
# option: {"wall_s": 3}
x = 1
