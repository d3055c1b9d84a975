# must_fail: ["traceback"]
1 / 0
# error_contains: "ZeroDivisionError"
# traceback: "1 / 0"
# traceback: "line 3"
