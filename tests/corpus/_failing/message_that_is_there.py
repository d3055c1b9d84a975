# must_fail: ["message"]
1 / 0
# error_contains: "ZeroDivisionError"
# message: null
