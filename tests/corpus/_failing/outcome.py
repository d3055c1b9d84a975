# must_fail: ["outcome"]
1 / 0
# error_contains: "ZeroDivisionError"
# outcome: "memory"
