# must_fail: ["engine_error"]
# option: {"code": [["#", 20000000]]}
x = 1
# engine_error: "BUSY"
