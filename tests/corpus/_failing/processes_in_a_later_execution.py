# must_fail: ["option"]
x = 1
# ---
# option: {"processes": true}
x = 2
