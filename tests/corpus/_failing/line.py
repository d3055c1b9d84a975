# must_fail: ["line"]
1 / 0
# error_contains: "ZeroDivisionError"
# line: 3
