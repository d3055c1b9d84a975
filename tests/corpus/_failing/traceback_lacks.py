# must_fail: ["traceback_lacks"]
1 / 0
# error_contains: "ZeroDivisionError"
# traceback_lacks: "line 3"
# traceback_lacks: "line 2"
