# must_fail: ["engine_error"]
x = 1
# engine_error: "PROTOCOL"
